"""The register itself: services entered, reviewed and ended, and the relays beside them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.compliance.readiness import Processor, Transfer
from mailer.compliance.rules.origin import REVIEW_DAYS
from mailer.delivery import relays, seeds
from mailer.delivery.processors.models import Role, Service
from mailer.delivery.relay_models import RegisteredRelay

LONGEST_REVIEW = 366
CARRIES = "Carries our mail"
# A change of any of these needs the terms to be read anew.
REVIEWED = ("role", "services", "legal_entity", "country", "contract", "review_days")


class NameTaken(Exception):  # noqa: N818 - errors are named for the situation
    """There is a service of this name in the register already."""


@dataclass(frozen=True)
class Details:
    """What staff enter about a service; each field is the column of that name."""

    name: str
    role: Role
    services: str
    legal_entity: str
    country: str
    transfer: Transfer
    transfer_checked_on: date | None
    contract: str
    contract_on: date | None
    review_days: int = REVIEW_DAYS


@dataclass(frozen=True)
class Entry:
    """One line of the whole register, a relay's or another service's.

    ``due_on`` is the day after which its review no longer counts, None if it was never reviewed.
    ``seen`` is what the last seed copies through a relay showed, in words; empty for others.
    ``relay_id`` or ``service_id`` says whose record it is, the other is None.
    """

    name: str
    role: Role
    services: str
    legal_entity: str = ""
    country: str = ""
    transfer: Transfer = Transfer.none
    transfer_checked_on: date | None = None
    contract: str = ""
    contract_on: date | None = None
    reviewed_on: date | None = None
    reviewed_by: str = ""
    review_days: int = REVIEW_DAYS
    seen: str = ""
    relay_id: int | None = None
    service_id: int | None = None

    @property
    def due_on(self) -> date | None:
        return self.reviewed_on and self.reviewed_on + timedelta(days=self.review_days)

    def is_overdue(self, today: date) -> bool:
        return self.due_on is None or self.due_on < today


def entries(session: Session, hosts: Sequence[str]) -> list[Entry]:
    """Return the parties that get readers' data today, relays first, each in order of its name.

    ``hosts`` are those of the relays in use. A server of our own is no other party. A relay that
    is in use and not registered stands there by its host, with nothing noted.
    """
    known = [relays.of_host(session, host) or host for host in dict.fromkeys(hosts) if host]
    carriers = [carrier(session, one) for one in known if isinstance(one, str) or not one.is_own]
    others = [entry(one) for one in index(session) if one.ended_on is None]
    return sorted(carriers, key=lambda one: one.name) + others


def carrier(session: Session, relay: RegisteredRelay | str) -> Entry:
    """Return the line of a relay in use, registered or only known by its host."""
    if isinstance(relay, str):
        return Entry(relay, Role.processor, CARRIES, seen=tried(session, relay))
    return Entry(
        name=relay.name,
        role=Role.processor,
        services=CARRIES,
        legal_entity=relay.legal_entity,
        country=relay.country,
        transfer=relay.transfer,
        transfer_checked_on=relay.transfer_checked_on,
        contract=relay.contract,
        contract_on=relay.contract_on,
        review_days=relay.review_days,
        reviewed_on=relay.reviewed_on,
        reviewed_by=relay.reviewed_by,
        seen=tried(session, relay.host),
        relay_id=relay.id,
    )


def tried(session: Session, host: str) -> str:
    """Say what the last seed copies through a relay showed."""
    seen = seeds.standing(session, host)
    if seen.fault:
        return seen.fault
    return f"passed on {seen.passed_on}" if seen.passed_on else "no copy has come back yet"


def entry(one: Service) -> Entry:
    names = (*Details.__dataclass_fields__, "reviewed_on", "reviewed_by")
    return Entry(**{name: getattr(one, name) for name in names}, service_id=one.id)


def index(session: Session) -> Sequence[Service]:
    """Return all services by name, those that ended last."""
    order = (Service.ended_on.is_not(None), Service.name)
    return session.scalars(sa.select(Service).order_by(*order)).all()


def named(session: Session, name: str) -> Service | None:
    return session.scalar(sa.select(Service).where(Service.name == name))


def enter(session: Session, now: datetime, details: Details) -> Service:
    """Add a service that nobody has reviewed yet. Raises NameTaken."""
    demand_free(session, details.name)
    made = Service(**asdict(details), created_at=now)
    session.add(made)
    session.flush()
    return made


def edit(session: Session, service: Service, details: Details) -> None:
    """Change a record; another firm, place, work, contract or interval needs a new review.

    So does one that had ended: it is in force again. Raises NameTaken.
    """
    demand_free(session, details.name, service.id)
    given = asdict(details)
    is_changed = any(getattr(service, name) != given[name] for name in REVIEWED)
    if is_changed or service.ended_on is not None:
        service.reviewed_on, service.reviewed_by, service.ended_on = None, "", None
    for name, value in given.items():
        setattr(service, name, value)


def demand_free(session: Session, name: str, own_id: int = 0) -> None:
    twin = named(session, name)
    if twin is not None and twin.id != own_id:
        raise NameTaken("There is a service of this name already.")


def review(service: Service, who: str, now: datetime) -> None:
    """Note that this person has read the service's terms and checked its record today (UTC)."""
    service.reviewed_on, service.reviewed_by = now.date(), who


def end(service: Service, now: datetime) -> None:
    """Note that from today on (UTC) nothing is handed to the service any more."""
    service.ended_on = service.ended_on or now.date()


def recipients(session: Session) -> list[str]:
    """Return who may have readers' data and must hear what becomes of it (Art. 19 GDPR), by name.

    Everybody in the register whom data is handed to: also relays that are in use no more, as they
    may still have logs. Whoever runs two of them is told once.
    """
    carriers = sa.select(RegisteredRelay.legal_entity).where(RegisteredRelay.is_own.is_(False))
    others = sa.select(Service.legal_entity).where(Service.ended_on.is_(None))
    return sorted({*session.scalars(carriers), *session.scalars(others)})


def known(session: Session) -> tuple[Processor, ...]:
    """Return what R05 is to know of the services besides the relay.

    A contract on processing is asked for from whoever works on our instructions or decides
    together with us (GDPR art. 26, 28); who decides alone answers for itself.
    """
    chosen = sa.select(Service).where(Service.ended_on.is_(None)).order_by(Service.id)
    return tuple(judged(one) for one in session.scalars(chosen))


def judged(one: Service) -> Processor:
    party = Processor(
        name=one.name,
        legal_entity=one.legal_entity,
        country=one.country,
        is_own=False,
        transfer=one.transfer,
        transfer_checked_on=one.transfer_checked_on,
        reviewed_on=one.reviewed_on,
        contract=one.contract,
        review_days=one.review_days,
    )
    return replace(party, contract=None) if one.role is Role.controller else party
