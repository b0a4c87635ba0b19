"""DKIM: a sender's keys, and the signature over her messages (RFC 6376, RFC 8463)."""

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.delivery.models import SigningKey
from mailer.tokens import Keys

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
RSA = "rsa"
ED25519 = "ed25519"
RSA_BITS = 2048
PURPOSE = "dkim"
# RFC 8058 section 4: both list headers must be covered. From stands twice: over-signed, so that
# a second From cannot be added on the way.
COVERED = [
    "from",
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
]
SPACES = re.compile(rb"[ \t]+")
ENDS = re.compile(rb" (?=\r\n)")


@dataclass(frozen=True)
class Signer:
    """An opened key, parsed once for many messages."""

    domain: str
    selector: str
    private: PrivateKey

    @cached_property
    def algorithm(self) -> str:
        return f"{RSA if isinstance(self.private, rsa.RSAPrivateKey) else ED25519}-sha256"

    def signature(self, data: bytes) -> bytes:
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self.private.sign(hashlib.sha256(data).digest())  # RFC 8463 section 3


def create(
    session: Session, keys: Keys, sender: Sender, algorithm: str, selector: str, now: datetime
) -> SigningKey:
    """Add a key pair for a sender that signs at once; ``algorithm`` is RSA or ED25519."""
    key = made(keys, sender, algorithm, selector, now)
    key.activated_at = now
    session.add(key)
    session.flush()
    return key


def made(keys: Keys, sender: Sender, algorithm: str, selector: str, now: datetime) -> SigningKey:
    """Return a new key pair, sealed, that does not sign yet and stands in no session."""
    private: PrivateKey = (
        rsa.generate_private_key(65537, RSA_BITS)
        if algorithm == RSA
        else ed25519.Ed25519PrivateKey.generate()
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return SigningKey(
        sender_id=sender.id,
        selector=selector,
        algorithm=algorithm,
        sealed_private_key=keys.vault(PURPOSE).encrypt(pem).decode(),
        public_key=published(private),
        created_at=now,
    )


def published(private: PrivateKey) -> str:
    """Return the p= value for DNS: SubjectPublicKeyInfo for RSA, the bare 32 bytes for Ed25519."""
    public = private.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        raw = public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    else:
        raw = public.public_bytes_raw()
    return base64.b64encode(raw).decode()


def record(key: SigningKey) -> str:
    """Return the TXT record to publish at ``<selector>._domainkey.<domain>``."""
    return f"v=DKIM1; k={key.algorithm}; p={key.public_key}"


def name(key: SigningKey, domain: str) -> str:
    """Return where in DNS the key's record belongs."""
    return f"{key.selector}._domainkey.{domain}"


def bits(key: SigningKey) -> int:
    """Return the length of a key: of the modulus for RSA, 256 for Ed25519."""
    raw = base64.b64decode(key.public_key)
    if key.algorithm == ED25519:
        return len(raw) * 8
    public = serialization.load_der_public_key(raw)
    return public.key_size if isinstance(public, rsa.RSAPublicKey) else 0


def in_force(session: Session, sender: Sender) -> Sequence[SigningKey]:
    """Return the keys that sign a sender's mail now."""
    chosen = sa.select(SigningKey).where(
        SigningKey.sender_id == sender.id,
        SigningKey.activated_at.is_not(None),
        SigningKey.retired_at.is_(None),
    )
    return session.scalars(chosen.order_by(SigningKey.id)).all()


def signers(session: Session, keys: Keys, sender: Sender) -> tuple[Signer, ...]:
    """Return the sender's keys in force, opened; empty when she has none."""
    domain = sender.from_address.rpartition("@")[2]
    rows = in_force(session, sender)
    return tuple(Signer(domain, row.selector, opened(keys, row)) for row in rows)


def opened(keys: Keys, row: SigningKey) -> PrivateKey:
    pem = keys.vault(PURPOSE).decrypt(row.sealed_private_key.encode())
    private = serialization.load_pem_private_key(pem, None)
    if not isinstance(private, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise TypeError("a signing key of an unknown kind")
    return private


def signed(raw: bytes, signers: Sequence[Signer]) -> bytes:
    """Return the message with one DKIM-Signature field for each signer, relaxed/relaxed."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = unfolded(head)
    covered = [name for name in COVERED if name in fields]
    header = b"".join(relaxed_headers(covered, fields))
    body_hash = hashlib.sha256(relaxed_body(body)).digest()
    return b"".join(field(one, covered, header, body_hash) for one in signers) + raw


def field(signer: Signer, covered: Iterable[str], header: bytes, body_hash: bytes) -> bytes:
    """Return a DKIM-Signature field over a canonical header and the SHA-256 of such a body."""
    value = (
        f"v=1; a={signer.algorithm}; c=relaxed/relaxed; d={signer.domain}; s={signer.selector}; "
        f"h={':'.join(covered)}; bh={base64.b64encode(body_hash).decode()}; b="
    )
    signature = signer.signature(header + f"dkim-signature:{value}".encode())
    return f"DKIM-Signature: {value}{base64.b64encode(signature).decode()}\r\n".encode()


def unfolded(head: bytes) -> dict[str, bytes]:
    """Return each field's value by lower-case name; our own messages repeat none."""
    fields = {}
    for line in head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n"):
        name, _, value = line.partition(b":")
        fields[name.decode("ascii").lower()] = value
    return fields


def relaxed_headers(names: Iterable[str], fields: dict[str, bytes]) -> Iterable[bytes]:
    """RFC 6376 section 3.4.2; a name that comes up again stands for a field that is absent."""
    seen = set()
    for name in names:
        if name not in seen:
            yield name.encode() + b":" + relaxed_value(fields[name]) + b"\r\n"
        seen.add(name)


def relaxed_value(value: bytes) -> bytes:
    return SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip()


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 section 3.4.4."""
    lines = ENDS.sub(b"", SPACES.sub(b" ", body)).rstrip(b"\r\n")
    return lines + b"\r\n" if lines else b""
