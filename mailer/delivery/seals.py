"""DKIM signatures of a message that came back, verified with our own published halves."""

import base64
import binascii
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.compliance import dkim
from mailer.compliance.acts import Seal
from mailer.compliance.dkim import Signature
from mailer.compliance.message import Header
from mailer.compliance.mime import reading
from mailer.delivery import signing
from mailer.delivery.models import SigningKey

LINE_END = re.compile(rb"\r\n|\r|\n")
OWN_VALUE = re.compile(rb"((?:^|;)\s*b\s*=)[^;]*")
DIGITS = re.compile(r"[0-9]{1,9}")

Published = Mapping[str, str]


def published(session: Session, sender: Sender) -> dict[str, str]:
    """Return p= of each key of a sender by selector; retired ones may still be under way."""
    rows = sa.select(SigningKey.selector, SigningKey.public_key)
    mine = rows.where(SigningKey.sender_id == sender.id)
    return {selector: key for selector, key in session.execute(mine)}  # noqa: C416 - rows are no pairs to mypy


def seals(raw: bytes, domain: str, keys: Published) -> tuple[Seal, ...]:
    """Verify every signature of a message (RFC 6376 section 6.1).

    The hash of the body is checked for all; the signature itself only for those of ``domain`` made
    with one of ``keys``, since the others' halves would have to be asked of DNS.
    """
    whole = LINE_END.sub(b"\r\n", raw)
    read = reading.read(whole)
    _, _, body = whole.partition(b"\r\n\r\n")
    pairs = zip(dkim.signatures(read), read.named("DKIM-Signature"), strict=True)
    return tuple(seal(one, header, read.headers, body, domain, keys) for one, header in pairs)


def seal(
    one: Signature,
    header: Header,
    headers: Iterable[Header],
    body: bytes,
    domain: str,
    keys: Published,
) -> Seal:
    selector = one.tags.get("s", "")
    key = keys.get(selector) if one.domain == domain else None
    holds = None if key is None else is_ours(one, header, headers, key)
    return Seal(one.domain, selector, body_holds=is_body_whole(one, body), holds=holds)


def is_body_whole(one: Signature, body: bytes) -> bool:
    _, _, canon = one.tags.get("c", "simple/simple").lower().partition("/")
    canonical = signing.relaxed_body(body) if canon.strip() == "relaxed" else simple_body(body)
    length = one.tags.get("l", "")
    if DIGITS.fullmatch(length):
        canonical = canonical[: int(length)]
    digest = base64.b64encode(hashlib.sha256(canonical).digest()).decode()
    return digest == "".join(one.tags.get("bh", "").split())


def simple_body(body: bytes) -> bytes:
    """RFC 6376 section 3.4.3."""
    return body.rstrip(b"\r\n") + b"\r\n"


def is_ours(one: Signature, own: Header, headers: Iterable[Header], key: str) -> bool:
    """Tell whether a signature of ours, relaxed as ours all are, fits its key."""
    names = "".join(one.tags.get("h", "").split()).lower().split(":")
    blank = relaxed("dkim-signature", OWN_VALUE.sub(rb"\1", own.body))
    data = b"".join(covered(names, headers)) + blank
    try:
        value = base64.b64decode("".join(one.tags.get("b", "").split()), validate=True)
        verify(base64.b64decode(key), value, data)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def covered(names: Iterable[str], headers: Iterable[Header]) -> Iterator[bytes]:
    """RFC 6376 section 5.4.2: of fields that repeat, the lowest is taken first."""
    waiting: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        waiting[header.name.lower()].append(header)
    for name in names:
        if waiting[name]:
            yield relaxed(name, waiting[name].pop().body) + b"\r\n"


def relaxed(name: str, value: bytes) -> bytes:
    """RFC 6376 section 3.4.2."""
    return name.encode() + b":" + signing.SPACES.sub(b" ", value).strip()


def verify(published_half: bytes, value: bytes, data: bytes) -> None:
    """Raise InvalidSignature, or ValueError for a key that cannot be read."""
    if len(published_half) == 32:  # noqa: PLR2004 - RFC 8463: the bare key
        key = ed25519.Ed25519PublicKey.from_public_bytes(published_half)
        key.verify(value, hashlib.sha256(data).digest())
        return
    read = load_der_public_key(published_half)
    if not isinstance(read, rsa.RSAPublicKey):
        raise TypeError("a signing key of an unknown kind")
    read.verify(value, data, padding.PKCS1v15(), hashes.SHA256())
