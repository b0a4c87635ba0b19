"""Certificates: the sealed and signed record of each send, and how anybody checks one offline."""

import base64
import json
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, tzinfo

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.audience import rows
from mailer.delivery.models import Certificate, JudgedKind, Occasion
from mailer.tokens import Keys

FORMAT = "mailer certificate 1"
STATED = ("at", "campaign", "occasion", "source", "content", "public_key")
FIELDS = {*STATED, "signature", "previous_hash", "hash"}


class BadCertificate(Exception):  # noqa: N818 - errors are named for the situation
    """A certificate does not hold; the message says which page and why."""


@dataclass(frozen=True)
class Statement:
    """What a page is to say; ``source`` is the digest of what was approved.

    ``content`` is made of plain values, dataclasses, dates and sets.
    """

    campaign_id: int
    occasion: Occasion
    source: str
    content: dict[str, object]


def issue(session: Session, keys: Keys, statement: Statement, now: datetime) -> Certificate:
    """Sign a page, append it to the chain and return it."""
    private = signing_key(keys)
    page = Certificate(
        at=now,
        campaign_id=statement.campaign_id,
        occasion=statement.occasion,
        source=statement.source,
        content=canonical(statement.content),
        public_key=base64.b64encode(private.public_key().public_bytes_raw()).decode(),
    )
    stated = ledger.seal(ledger.GENESIS, page.stated()).encode()
    page.signature = base64.b64encode(private.sign(stated)).decode()
    ledger.append(session, [page])
    return page


def signing_key(keys: Keys) -> Ed25519PrivateKey:
    """Return the installation's own key, made of its first secret."""
    return Ed25519PrivateKey.from_private_bytes(keys.derived("certificate")[0])


def canonical(value: object) -> str:
    """Return a value as JSON in one spelling, the same in every process."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=plain)


def plain(value: object) -> object:
    """Return what JSON does not know in a form that it does."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    if isinstance(value, date | tzinfo):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"a certificate cannot state {type(value).__name__}")


def last_start(session: Session, campaign_id: int) -> Certificate | None:
    """Return the page on when the gate let a campaign go last, None when it never did."""
    last = (
        sa.select(Certificate)
        .where(Certificate.campaign_id == campaign_id, Certificate.occasion != Occasion.end)
        .order_by(Certificate.id.desc())
    )
    return session.scalar(last.limit(1))


def note_kinds(session: Session, campaign_id: int, digests: Iterable[bytes]) -> None:
    """Remember the kinds of copies that were judged; those that are known already stay."""
    values = [{"campaign_id": campaign_id, "digest": digest.hex()} for digest in digests]
    if values:
        insertion = rows.insertion(session, JudgedKind).on_conflict_do_nothing()
        session.execute(insertion, values)


def kinds(session: Session, campaign_id: int) -> list[str]:
    chosen = sa.select(JudgedKind.digest).where(JudgedKind.campaign_id == campaign_id)
    return list(session.scalars(chosen.order_by(JudgedKind.digest)))


def public_keys(keys: Keys) -> tuple[str, ...]:
    """Return the public keys (base64) of every secret of the ring, the present one first."""
    private = map(Ed25519PrivateKey.from_private_bytes, keys.derived("certificate"))
    return tuple(base64.b64encode(one.public_key().public_bytes_raw()).decode() for one in private)


def pages(session: Session, campaign_id: int) -> Sequence[Certificate]:
    chosen = sa.select(Certificate).where(Certificate.campaign_id == campaign_id)
    return session.scalars(chosen.order_by(Certificate.id)).all()


def document(found: Sequence[Certificate]) -> bytes:
    """Return the pages of one campaign as a file to keep: JSON in one spelling only."""
    return spelled({"format": FORMAT, "pages": [written(page) for page in found]})


def written(page: Certificate) -> dict[str, object]:
    chained = {"previous_hash": page.previous_hash, "hash": page.hash}
    return page.sealed() | {"at": page.at.isoformat()} | chained


def spelled(document: dict[str, object]) -> bytes:
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def checked(data: bytes) -> list[dict[str, str]]:
    """Return the pages of a certificate file; raises BadCertificate when a single byte is off.

    Asks neither database nor network. Whose key signed it the file alone cannot tell: compare
    each page's ``public_key`` with the one that the installation names.
    """
    try:
        read = json.loads(data)
        is_ours = read["format"] == FORMAT and spelled(read) == data and bool(read["pages"])
        found: list[dict[str, str]] = list(read["pages"]) if is_ours else []
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadCertificate("This is no certificate, or it was changed.") from error
    if not found:
        raise BadCertificate("This is no certificate, or it was changed.")
    for number, page in enumerate(found, 1):
        fault = faulty(page)
        if fault:
            raise BadCertificate(f"Page {number}: {fault}")
    if len({page["campaign"] for page in found}) > 1:
        raise BadCertificate("Its pages are of several campaigns.")
    return found


def faulty(page: dict[str, str]) -> str:
    """Return why a page does not hold, or an empty text."""
    if not isinstance(page, dict) or page.keys() != FIELDS:
        return "fields are missing, or too many."
    stated: dict[str, object] = {name: page[name] for name in STATED}
    sealed = stated | {"signature": page["signature"]}
    if ledger.seal(str(page["previous_hash"]), sealed) != page["hash"]:
        return "what it says was changed after it was sealed."
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(page["public_key"]))
        statement = ledger.seal(ledger.GENESIS, stated).encode()
        public.verify(base64.b64decode(page["signature"]), statement)
    except (InvalidSignature, NotBase64, ValueError, TypeError):
        return "its signature does not fit."
    return ""
