"""The register: requests come in, are looked through, and are forgotten in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.privacy import clocks
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.requests.models import Challenge, Request
from mailer.privacy.requests.words import Channel, Kind, State

KEPT_MONTHS = 24
PAGE = 50
LONGEST_WISH = 5_000


class FromTheFuture(ValueError):  # noqa: N818 - errors are named for the situation
    """A request cannot have been received later than now."""


@dataclass(frozen=True)
class Asked:
    """What somebody asks for; ``received_at`` starts the clocks, whenever it is written down."""

    kind: Kind
    regime: Regime
    channel: Channel
    received_at: datetime
    address_key: bytes
    email: str
    wish: str = ""


@dataclass(frozen=True)
class Filter:
    """Which requests are wanted; None is any. ``is_open`` leaves out what is closed."""

    kind: Kind | None = None
    state: State | None = None
    is_open: bool = True
    after: int = 0


def receive(
    session: Session, now: datetime, desk: Desk, asked: Asked, actor: User | str
) -> Request:
    """Enter a request and start its clocks; the caller commits. Raises FromTheFuture.

    The audit log names it by number and kind, never the person.
    """
    if asked.received_at > now:
        raise FromTheFuture
    deadline = clocks.due(desk, asked.regime, asked.received_at)
    confirm = clocks.confirmation(desk, asked.regime, asked.received_at)
    request = Request(
        kind=asked.kind,
        regime=asked.regime,
        channel=asked.channel,
        address_key=asked.address_key,
        email=asked.email,
        wish=asked.wish,
        received_at=asked.received_at,
        confirm_by=confirm.at if confirm else None,
        due_at=deadline.at,
        citation=deadline.citation,
        state=State.received,
        paused_for=0,
    )
    session.add(request)
    session.flush()
    what = f"{asked.kind} by {asked.channel}, {asked.regime}, due {deadline.at.isoformat()}"
    audit.record(session, now, actor, "requests.receive", subject(request.id), reason=what)
    return request


def subject(request_id: int) -> str:
    """Return how the audit log names a request."""
    return f"request {request_id}"


def page(session: Session, wanted: Filter) -> Sequence[Request]:
    """Return up to PAGE requests after ``wanted.after`` others, in the order they are due."""
    chosen = sa.select(Request).order_by(Request.due_at, Request.id)
    if wanted.kind is not None:
        chosen = chosen.where(Request.kind == wanted.kind)
    if wanted.state is not None:
        chosen = chosen.where(Request.state == wanted.state)
    elif wanted.is_open:
        chosen = chosen.where(Request.state != State.closed)
    return session.scalars(chosen.offset(wanted.after).limit(PAGE)).all()


def overdue(session: Session, now: datetime) -> int:
    """Return how many requests should have been answered by now."""
    running = Request.state.in_([State.received, State.identified])
    late = sa.select(sa.func.count()).select_from(Request).where(running, Request.due_at < now)
    return session.scalar(late) or 0


def pseudonymise(session: Session, now: datetime) -> int:
    """Take the persons out of requests closed 24 months ago; return of how many. Caller commits.

    What was asked under which law, when it was due and when it was answered stays: it names
    nobody, and is the proof that promises were kept (Art. 5(2) GDPR).
    """
    before = datetime.combine(
        clocks.corresponding(now.date(), -KEPT_MONTHS), now.timetz(), tzinfo=now.tzinfo
    )
    old = (Request.closed_at <= before, Request.address_key.is_not(None))
    found = session.scalars(sa.select(Request.id).where(*old)).all()
    blank(session, Request.id.in_(found))
    return len(found)


def forget(session: Session, address_key: bytes, until: datetime | None = None) -> None:
    """Blank what the register holds of a person who is being erased, but her keyed fingerprint.

    ``until`` is when a former address ceased to be hers: what came later is somebody else's.
    """
    mine, links = Request.address_key == address_key, Challenge.address_key == address_key
    if until is not None:
        mine, links = mine & (Request.received_at <= until), links & (Challenge.at <= until)
    values = {"email": "", "wish": "", "answer": "", "evidence": ""}
    session.execute(sa.update(Request).where(mine).values(values))
    session.execute(sa.delete(Challenge).where(links))


def blank(session: Session, which: sa.ColumnElement[bool]) -> None:
    values = {"address_key": None, "email": "", "wish": "", "answer": "", "evidence": ""}
    session.execute(sa.update(Request).where(which).values(values))


def tidy(session: Session, now: datetime) -> None:
    """Throw away challenges whose time has been over for a day, and old requests' persons."""
    over = Challenge.expires_at < now - timedelta(days=1)
    session.execute(sa.delete(Challenge).where(over))
    pseudonymise(session, now)
