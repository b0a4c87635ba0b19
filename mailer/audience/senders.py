"""Senders: the identity and postal address that each mail carries, and who vouched for them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.compliance.candidate import AddressKind, PostalAddress, SenderRecord
from mailer.compliance.packs import PROMISED, Pack

POSTAL = ("legal_name", "address_lines", "city", "region", "postcode", "country", "address_kind")


class SenderKnown(Exception):  # noqa: N818 - errors are named for the situation
    """There is a sender of this name and From address already."""


@dataclass(frozen=True)
class Details:
    """What staff enter about a sender; each field is the column of that name."""

    legal_name: str
    from_name: str
    from_address: str
    reply_to: str
    address_lines: str
    city: str
    region: str
    postcode: str
    country: str
    address_kind: str
    ad_label: str
    other_names: str = ""
    phone: str = ""
    website: str = ""


def create(session: Session, now: datetime, details: Details) -> Sender:
    """Add a sender that nobody has vouched for yet; raises SenderKnown."""
    demand_new(session, details)
    made = Sender(**asdict(details), created_at=now)
    session.add(made)
    session.flush()
    return made


def edit(session: Session, sender: Sender, details: Details) -> None:
    """Change a sender; a new name or postal address needs a new attestation."""
    demand_new(session, details, sender.id)
    given = asdict(details)
    if any(getattr(sender, name) != given[name] for name in POSTAL):
        sender.attested_by = ""
        sender.attested_on = None
    for name, value in given.items():
        setattr(sender, name, value)


def demand_new(session: Session, details: Details, own_id: int = 0) -> None:
    twin = sa.select(Sender.id).where(
        Sender.legal_name == details.legal_name,
        Sender.from_address == details.from_address,
        Sender.id != own_id,
    )
    if session.scalar(twin.limit(1)) is not None:
        raise SenderKnown("There is a sender of this name and From address already.")


def attest(sender: Sender, who: str, now: datetime) -> None:
    """Note that this person has vouched for the postal address today (UTC)."""
    sender.attested_by = who
    sender.attested_on = now.date()


def index(session: Session) -> Sequence[Sender]:
    return session.scalars(sa.select(Sender).order_by(Sender.legal_name, Sender.id)).all()


def record(sender: Sender) -> SenderRecord:
    """Return the sender as the gate knows it."""
    kinds = {kind.value for kind in AddressKind}
    # A kind that the law does not know is judged as the strictest one.
    kind = sender.address_kind if sender.address_kind in kinds else AddressKind.street
    address = PostalAddress(
        lines=tuple(lines_of(sender.address_lines)),
        city=sender.city,
        region=sender.region,
        postcode=sender.postcode,
        country=sender.country,
        kind=AddressKind(kind),
        attested_by=sender.attested_by,
        attested_on=sender.attested_on,
    )
    return SenderRecord(
        legal_name=sender.legal_name,
        from_address=sender.from_address,
        reply_to=sender.reply_to,
        address=address,
        ad_labels=(sender.ad_label,) if sender.ad_label else (),
        trade_names=(sender.from_name,) if sender.from_name else (),
        packs=packs(sender),
        person_names=tuple(lines_of(sender.other_names)),
        phone=sender.phone,
        website=sender.website,
    )


def packs(sender: Sender) -> frozenset[Pack]:
    """Return the bodies of law that a sender keeps; our own promises are always among them."""
    return PROMISED.union(pack for pack in Pack if pack in sender.packs.split())


def keep(sender: Sender, chosen: Collection[Pack]) -> bool:
    """Keep these bodies of law, and the promises; return whether that is a change."""
    before = packs(sender)
    sender.packs = " ".join(pack for pack in Pack if pack in PROMISED or pack in chosen)
    return packs(sender) != before


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def postal_line(sender: Sender) -> str:
    """Return the postal address in one line, for the foot of a page."""
    return ", ".join(record(sender).address.block())
