"""Archives at rest are ciphertext: the link holds the key, and the database a hash of it.

AES-256-GCM under a key of its own for each archive. Each piece is bound to its archive, to its
number, and to whether it is the last: none can be changed, exchanged or left out unseen.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mailer.tokens import base36

SECRET_BYTES = 32
PIECE = 256_000  # bytes
TAG_BYTES = 16
NONCE_BYTES = 12
SHAPE = re.compile(r"([0-9a-z]{1,13})\.([A-Za-z0-9_-]{43})")


class Unopened(Exception):  # noqa: N818 - errors are named for the situation
    """A piece does not fit the key, or is not what was written."""


def spelled(number: int, secret: bytes) -> str:
    """Return what stands in the link: the archive's number and its secret."""
    return f"{base36(number)}.{urlsafe_b64encode(secret).decode().rstrip('=')}"


def read(text: str) -> tuple[int, bytes] | None:
    """Return the number and the secret of a link, or None for what is none."""
    found = SHAPE.fullmatch(text)
    return (int(found[1], 36), urlsafe_b64decode(f"{found[2]}=")) if found else None


def mark(secret: bytes) -> bytes:
    """Return the 32 bytes by which a secret is known again; they open nothing."""
    return hmac.digest(secret, b"mailer/archive/mark", "sha256")


def sealed(number: int, secret: bytes, content: bytes) -> Iterator[bytes]:
    """Yield an archive's pieces, encrypted."""
    cipher = cipher_of(secret)
    starts = range(0, len(content), PIECE)
    for at, start in enumerate(starts):
        about = label(number, at, is_last=at == len(starts) - 1)
        yield cipher.encrypt(nonce(at), content[start : start + PIECE], about)


def opened(number: int, secret: bytes, at: int, piece: bytes, *, is_last: bool) -> bytes:
    """Return a piece in the clear; raises Unopened."""
    try:
        return cipher_of(secret).decrypt(nonce(at), piece, label(number, at, is_last=is_last))
    except InvalidTag as error:
        raise Unopened from error


def cipher_of(secret: bytes) -> AESGCM:
    return AESGCM(hmac.digest(secret, b"mailer/archive/key", "sha256"))


def nonce(at: int) -> bytes:
    """Return a nonce that is used once: each archive, and each time it is made, has its own key."""
    return at.to_bytes(NONCE_BYTES)


def label(number: int, at: int, *, is_last: bool) -> bytes:
    return f"{number}/{at}/{'last' if is_last else 'more'}".encode()
