"""Signed tokens in readers' links, and the keyed fingerprints of addresses."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import SigningAlgorithm

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SHAPE = re.compile(r"[0-9a-z-]{1,100}\.[A-Za-z0-9_-]{24}")
# 144 bits: beyond guessing, and whole base64 characters, so that no character of a
# token has spare bits that could be changed unnoticed.
MAC_BYTES = 18


class Purpose(StrEnum):
    """What a token may be used for; each purpose has a key of its own."""

    unsubscribe = "unsubscribe"
    undo = "undo"
    confirm = "confirm"
    preferences = "preferences"
    sign_in = "sign-in"
    test = "test"
    reply_probe = "reply-probe"


class BadToken(Exception):  # noqa: N818 - errors are named for the situation
    """The token was not made here for this purpose, or it has been changed."""


class ExpiredToken(BadToken):
    """The token is ours, but its time is over."""


@dataclass(frozen=True)
class Keys:
    """The key ring. ``secrets`` newest first: the first signs, every one verifies."""

    secrets: tuple[str, ...] = field(repr=False)
    suppression: str = field(repr=False)

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Return one 32-byte key for each secret of the ring, for one use only."""
        return tuple(
            hmac.digest(secret.encode(), f"mailer/{purpose}".encode(), "sha256")
            for secret in self.secrets
        )


class ShortHmac(SigningAlgorithm):
    """HMAC-SHA-256 cut to MAC_BYTES (RFC 2104 section 5): links must fit into 76 characters."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")[:MAC_BYTES]


def signed(
    keys: Keys, purpose: Purpose, numbers: Sequence[int], *, expires: datetime | None = None
) -> str:
    """Return a token that carries the numbers (each >= 0) and, if given, its last second."""
    stamp = () if expires is None else (int(expires.timestamp()),)
    payload = "-".join(base36(number) for number in (*numbers, *stamp))
    return signer(keys, purpose).sign(payload).decode()


def read(
    keys: Keys, purpose: Purpose, token: str, *, now: datetime | None = None
) -> tuple[int, ...]:
    """Return the numbers of a token; with ``now``, its last number is a time that must be ahead.

    Raises BadToken when it is not ours, ExpiredToken when its time is over.
    """
    # Base64 decoding passes over foreign characters: a token with one more would still verify.
    if not SHAPE.fullmatch(token):
        raise BadToken
    try:
        payload = signer(keys, purpose).unsign(token).decode()
    except BadSignature as error:
        raise BadToken from error
    numbers = tuple(int(part, 36) for part in payload.split("-"))
    if now is None:
        return numbers
    if now.timestamp() > numbers[-1]:
        raise ExpiredToken
    return numbers[:-1]


def signer(keys: Keys, purpose: Purpose) -> Signer:
    ring = list(reversed(keys.derived(purpose)))  # itsdangerous signs with the last
    return Signer(ring, key_derivation="none", algorithm=ShortHmac(), sep=".")


def base36(number: int) -> str:
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
        if not number:
            return text


def fingerprint(keys: Keys, address: str) -> bytes:
    """Return the 32-byte keyed fingerprint of a normalised address.

    Keyed, because a plain hash of an address can be guessed; it stands for the person in
    suppressions and ledgers after everything else about her is erased.
    """
    return hmac.digest(keys.suppression.encode(), address.encode(), hashlib.sha256)
