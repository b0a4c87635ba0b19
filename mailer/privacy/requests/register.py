"""The register: requests come in, are looked through, and are forgotten in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.privacy import clocks, terms
from mailer.privacy.clocks import Deadline, Desk, Regime
from mailer.privacy.requests.models import Challenge, Notice, Recipient, Request
from mailer.privacy.requests.words import OPEN, Channel, Kind, State

PAGE = 50
AT_ONCE = 500
LONGEST_WISH = 5_000
LONGEST_AGENT = 200


class FromTheFuture(ValueError):  # noqa: N818 - errors are named for the situation
    """A request cannot have been received later than now."""


@dataclass(frozen=True)
class Asked:
    """What somebody asks for; ``received_at`` starts the clocks, whenever it is written down.

    ``also`` is the law of the sender's country, where that of the person is another one.
    """

    kind: Kind
    regime: Regime
    channel: Channel
    received_at: datetime
    address_key: bytes
    email: str
    wish: str = ""
    home: str = ""
    agent: str = ""
    also: Regime | None = None

    @property
    def laws(self) -> tuple[Regime, ...]:
        return (self.regime, self.also) if self.also else (self.regime,)


@dataclass(frozen=True)
class Filter:
    """Which requests are wanted; None is any. ``is_open`` leaves out what is closed.

    ``after`` is the number of the last request of the page before, and ``is_untold`` asks for
    those, open or closed, of which a recipient must still hear.
    """

    kind: Kind | None = None
    state: State | None = None
    is_open: bool = True
    after: int = 0
    is_untold: bool = False


def receive(
    session: Session, now: datetime, desk: Desk, asked: Asked, actor: User | str
) -> Request:
    """Enter a request and start its clocks; the caller commits. Raises FromTheFuture.

    The audit log names it by number and kind, never the person.
    """
    if asked.received_at > now:
        raise FromTheFuture
    deadline, confirm = deadlines(desk, asked)
    request = Request(
        kind=asked.kind,
        regime=asked.regime,
        also=asked.also,
        channel=asked.channel,
        address_key=asked.address_key,
        email=asked.email,
        wish=asked.wish,
        home=asked.home,
        agent=asked.agent,
        received_at=asked.received_at,
        confirm_by=confirm.at if confirm else None,
        due_at=deadline.at,
        citation=deadline.citation,
        state=State.received,
        paused_for=0,
    )
    session.add(request)
    session.flush()
    laws = " and ".join(asked.laws)
    what = f"{asked.kind} by {asked.channel}, {laws}, due {clocks.spelled(deadline.at)}"
    audit.record(session, now, actor, "requests.receive", subject(request.id), reason=what)
    return request


def deadlines(desk: Desk, asked: Asked) -> tuple[Deadline, Deadline | None]:
    """Return by when to answer a request, and by when to confirm its receipt, if at all."""
    laws, at = asked.laws, asked.received_at
    if asked.kind is Kind.no_sale and Regime.ccpa in laws:
        return terms.earliest(terms.each_of_sale(desk, laws, at)), None
    is_complaint = asked.kind is Kind.complaint
    return terms.due(desk, laws, at), terms.confirmation(desk, laws, at, is_complaint=is_complaint)


def subject(request_id: int) -> str:
    """Return how the audit log names a request."""
    return f"request {request_id}"


def page(session: Session, wanted: Filter) -> Sequence[Request]:
    """Return up to PAGE requests after that one, in the order they are due."""
    place = sa.tuple_(Request.due_at, Request.id)
    chosen = sa.select(Request).order_by(Request.due_at, Request.id).limit(PAGE)
    if wanted.kind is not None:
        chosen = chosen.where(Request.kind == wanted.kind)
    if wanted.state is not None:
        chosen = chosen.where(Request.state == wanted.state)
    elif wanted.is_untold:
        chosen = chosen.where(is_untold())
    elif wanted.is_open:
        chosen = chosen.where(Request.state.in_(OPEN))
    last = session.get(Request, wanted.after) if wanted.after else None
    if last is not None:
        chosen = chosen.where(
            place > sa.tuple_(sa.literal(last.due_at, Request.due_at.type), last.id)
        )
    return session.scalars(chosen).all()


def is_untold() -> sa.ColumnElement[bool]:
    """Ask, in SQL, for requests of which somebody else must still hear (Art. 19 GDPR)."""
    waiting = sa.select(Recipient.id).where(Recipient.told_at.is_(None))
    return waiting.where(Recipient.request_id == Request.id).exists()


def open_about(session: Session, address_key: bytes) -> Sequence[Request]:
    """Return what a person has asked for and was not answered yet."""
    hers = Request.address_key == address_key, Request.state != State.closed
    return session.scalars(sa.select(Request).where(*hers).order_by(Request.id)).all()


def is_old(edge: datetime) -> sa.ColumnElement[bool]:
    """Ask, in SQL, for requests that were closed before the edge and still name somebody."""
    return sa.and_(Request.closed_at < edge, Request.address_key.is_not(None))


def pseudonymise(session: Session, edge: datetime, free: sa.ColumnElement[bool]) -> int:
    """Take the persons out of old requests that are ``free`` to go, AT_ONCE of them.

    Returns of how many; the caller commits. What was asked under which law, when it was due and
    when it was answered stays: it names nobody, and is the proof that promises were kept
    (Art. 5(2) GDPR).
    """
    found = session.scalars(sa.select(Request.id).where(is_old(edge), free).limit(AT_ONCE)).all()
    blank(session, found)
    return len(found)


def blank(session: Session, which: Sequence[int]) -> None:
    texts = ("email", "agent", "home", "wish", "answer", "evidence")
    values = {"address_key": None, **dict.fromkeys(texts, "")}
    session.execute(sa.update(Request).where(Request.id.in_(which)).values(values))
    told = sa.update(Notice).where(Notice.request_id.in_(which))
    session.execute(told.values(words="", email="", fault="", due_at=None))


def tidy(session: Session, now: datetime) -> None:
    """Throw away challenges whose time has been over for a day."""
    over = Challenge.expires_at < now - timedelta(days=1)
    session.execute(sa.delete(Challenge).where(over))
