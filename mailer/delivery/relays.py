"""The register of relays: who carries the mail, and by whom their terms were last read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.compliance.readiness import Relay, Transfer
from mailer.compliance.rules.origin import REVIEW_DAYS
from mailer.delivery import seeds
from mailer.delivery.relay_models import RegisteredRelay

# A change of any of these needs the terms to be read anew.
REVIEWED = ("host", "legal_entity", "country", "is_own", "contract", "review_days")


class RelayKnown(Exception):  # noqa: N818 - errors are named for the situation
    """There is a relay of this host in the register already."""


@dataclass(frozen=True)
class Details:
    """What staff enter about a relay; each field is the column of that name.

    ``review_days`` is REVIEW_DAYS at most (R05).
    """

    name: str
    host: str
    legal_entity: str
    country: str
    is_own: bool
    transfer: Transfer
    transfer_checked_on: date | None
    contract: str
    contract_on: date | None = None
    review_days: int = REVIEW_DAYS


def index(session: Session) -> Sequence[RegisteredRelay]:
    ordered = sa.select(RegisteredRelay).order_by(RegisteredRelay.name, RegisteredRelay.id)
    return session.scalars(ordered).all()


def of_host(session: Session, host: str) -> RegisteredRelay | None:
    return session.scalar(sa.select(RegisteredRelay).where(RegisteredRelay.host == host))


def register(session: Session, now: datetime, details: Details) -> RegisteredRelay:
    """Add a relay whose terms nobody has read yet; raises RelayKnown."""
    demand_new(session, details)
    made = RegisteredRelay(**asdict(details), created_at=now)
    session.add(made)
    session.flush()
    return made


def edit(session: Session, relay: RegisteredRelay, details: Details) -> None:
    """Change a relay; another firm, place, contract or interval needs a review.

    Raises RelayKnown.
    """
    demand_new(session, details, relay.id)
    given = asdict(details)
    if any(getattr(relay, name) != given[name] for name in REVIEWED):
        relay.reviewed_on = None
        relay.reviewed_by = ""
    for name, value in given.items():
        setattr(relay, name, value)


def demand_new(session: Session, details: Details, own_id: int = 0) -> None:
    twin = of_host(session, details.host)
    if twin is not None and twin.id != own_id:
        raise RelayKnown(f"{details.host} is registered already, as {twin.name}.")


def review(relay: RegisteredRelay, who: str, now: datetime) -> None:
    """Note that this person has read the relay's terms and checked its role today (UTC)."""
    relay.reviewed_on = now.date()
    relay.reviewed_by = who


def known(session: Session, host: str) -> Relay:
    """Return what R05 is to know of the relay at this host, registered or not."""
    row = of_host(session, host)
    seen = seeds.standing(session, host)
    if row is None:
        return Relay(
            name=host,
            legal_entity="",
            country="",
            is_own=False,
            transfer=Transfer.none,
            seed_passed_on=seen.passed_on,
            seed_fault=seen.fault,
            seed_remark=seen.remark,
            is_registered=False,
        )
    return Relay(
        name=row.name,
        legal_entity=row.legal_entity,
        country=row.country,
        is_own=row.is_own,
        transfer=row.transfer,
        transfer_checked_on=row.transfer_checked_on,
        reviewed_on=row.reviewed_on,
        seed_passed_on=seen.passed_on,
        seed_fault=seen.fault,
        seed_remark=seen.remark,
        contract=row.contract,
        review_days=row.review_days,
    )
