"""What may be done about a request, in which state; each step goes into the audit log."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.privacy import clocks, reasons, terms
from mailer.privacy.clocks import Deadline, Desk, NotExtendable, Regime
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.register import subject
from mailer.privacy.requests.words import GUARDED, Kind, Outcome, State, Way

LONGEST_ANSWER = 5_000
OPEN = frozenset({State.received, State.identified})
STANDS = frozenset({State.paused, State.held})


@dataclass(frozen=True)
class Ending:
    """How a request ends: what the person was told, and where the proof of that lies."""

    outcome: Outcome
    answer: str
    evidence: str = ""


class WrongState(Exception):  # noqa: N818 - errors are named for the situation
    """The step is not possible now; the message says why."""


class TooLate(WrongState):
    """The time in which the clock could be stopped or moved is over."""


def locked(session: Session, request_id: int) -> Request | None:
    """Return a request that nobody else can change until the caller commits."""
    return session.get(Request, request_id, with_for_update=True, populate_existing=True)


def confirm(session: Session, now: datetime, request: Request, actor: User | str, way: Way) -> None:
    """Note that the person is told that her request arrived (11 CCR 7021(a)).

    A mail tells her only when it has left: until then receipt is not confirmed.
    """
    demand(request, OPEN | STANDS, "It is closed.")
    if request.confirmed_at is not None:
        raise WrongState("Its receipt was confirmed before.")
    request.confirmed_at = None if way is Way.mail else now
    note(session, now, request, actor, "confirm", f"by {way}")


def identify(
    session: Session, now: datetime, request: Request, actor: User | str, proof: str
) -> None:
    """Note that the request is the person's own, and by what it was proven."""
    demand(request, {State.received}, "Only a request whose person is unknown can be identified.")
    request.identified_at, request.identified_by = now, proof[:20]
    request.state = State.identified
    note(session, now, request, actor, "identify", proof)


def pause(
    session: Session, now: datetime, desk: Desk, request: Request, actor: User | str, why: str
) -> None:
    """Stop the clock while something is asked of the person; raises TooLate after its first term.

    For doubt about who asks (Art. 12(6) GDPR), which California does not let count.
    """
    demand(request, OPEN, "Only an open request can be paused.")
    if not terms.may_pause(request.laws):
        raise WrongState("Under the CCPA no doubt stops the clock (11 CCR 7021(b)).")
    demand_first_term(now, desk, request)
    told = reasons.reason(why)
    request.state, request.paused_at = State.paused, now
    note(session, now, request, actor, "pause", told)


def hold(session: Session, now: datetime, request: Request, actor: User | str, why: str) -> None:
    """Stop the clock of an erasure until a legal hold ends; the person is told so by the caller."""
    demand(request, OPEN | {State.paused}, "Only an open request can wait.")
    request.state, request.paused_at = State.held, request.paused_at or now
    note(session, now, request, actor, "hold", why)


def resume(
    session: Session, now: datetime, desk: Desk, request: Request, actor: User | str
) -> None:
    """Let the clock go on: the deadline moves by the time it stood."""
    demand(request, STANDS, "It is not paused.")
    if request.paused_at is not None:
        request.paused_for += int((now - request.paused_at).total_seconds())
    request.paused_at = None
    request.state = State.identified if request.identified_at else State.received
    wind(desk, request)
    note(session, now, request, actor, "resume", f"due {clocks.spelled(request.due_at)}")


def extend(
    session: Session, now: datetime, desk: Desk, request: Request, actor: User | str, why: str
) -> None:
    """Take the second term that the law gives, with the reasons that the person is told.

    Only inside the first term: two further months under GDPR (Art. 12(3)), 45 further days under
    CCPA, and where both bind the earlier of them. Raises TooLate, or WrongState where there is no
    second term.
    """
    demand(request, OPEN, "Only an open request can be extended.")
    if request.extended_at is not None:
        raise WrongState("It was extended before: there is no third term.")
    if request.kind is Kind.no_sale:
        raise WrongState("There is no second term for this (11 CCR 7026).")
    demand_first_term(now, desk, request)
    told = reasons.reason(why)
    try:
        terms.extended(desk, request.laws, request.received_at)
    except NotExtendable as error:
        raise WrongState("Only a law gives a second term; our own promise has none.") from error
    request.extended_at = now
    wind(desk, request)
    note(session, now, request, actor, "extend", told)


def assign(session: Session, now: datetime, request: Request, actor: User | str, to: str) -> None:
    """Give a request to a colleague, by her address."""
    demand(request, OPEN | STANDS, "It is closed.")
    request.assignee = to
    note(session, now, request, actor, "assign", to)


def close(
    session: Session, now: datetime, request: Request, actor: User | str, ending: Ending
) -> None:
    """Close a request with its answer; the address goes, the fingerprint stays two years.

    What hands out or changes data is granted only to whom it belongs to: raises WrongState while
    the person is not identified, and BadReason for an answer with an address in it.
    """
    demand(request, OPEN, "Only an open request can be closed; a paused one is resumed first.")
    if reasons.ADDRESS.search(f"{ending.answer} {ending.evidence}"):
        raise reasons.BadReason("Leave addresses out: the register is kept for two years.")
    is_yes = ending.outcome in {Outcome.granted, Outcome.partly}
    if is_yes and request.kind in GUARDED and request.identified_at is None:
        raise WrongState("Identify the person first: this is for nobody else.")
    end(session, now, request, actor, ending)


def end(
    session: Session, now: datetime, request: Request, actor: User | str, ending: Ending
) -> None:
    """Close a request from whatever state it is in; nobody's leave is asked."""
    request.state, request.closed_at = State.closed, now
    request.email, request.agent, request.paused_at = "", "", None
    request.outcome, request.answer, request.evidence = (
        ending.outcome,
        ending.answer[:LONGEST_ANSWER],
        ending.evidence[:LONGEST_ANSWER],
    )
    is_late = now > request.due_at
    told = f"{ending.outcome}, {'late' if is_late else 'in time'}"
    note(session, now, request, actor, "close", told)


def demand(request: Request, states: frozenset[State] | set[State], why: str) -> None:
    if request.state not in states:
        raise WrongState(why)


def demand_first_term(now: datetime, desk: Desk, request: Request) -> None:
    if now > terms.first(desk, request.laws, began(request)).at:
        raise TooLate("The first term is over: the clock can no longer be stopped or moved.")


def began(request: Request) -> datetime:
    """Return when the clock would have begun had it never stood."""
    return request.received_at + timedelta(seconds=request.paused_for)


def wind(desk: Desk, request: Request) -> None:
    deadline = terms.earliest(deadlines(desk, request))
    request.due_at, request.citation = deadline.at, deadline.citation


def deadlines(desk: Desk, request: Request) -> dict[Regime, Deadline]:
    """Return by when each law, and in the first term our own word, wants a request answered."""
    if request.extended_at is not None:
        return terms.each_extended(desk, request.laws, began(request))
    if request.kind is Kind.no_sale:
        return terms.each_of_sale(desk, request.laws, began(request))
    return terms.each(desk, request.laws, began(request))


def note(
    session: Session,
    now: datetime,
    request: Request,
    actor: User | str,
    step: str,
    reason: str = "",
) -> None:
    session.flush()
    audit.record(session, now, actor, f"requests.{step}", subject(request.id), reason=reason)
