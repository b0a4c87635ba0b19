"""The register of incidents: entered, reported, announced and closed (Art. 33(5) GDPR)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import AuditEntry, User
from mailer.campaigns.models import Campaign
from mailer.privacy import clocks, reasons
from mailer.privacy.clocks import Deadline, Desk
from mailer.privacy.incidents.models import Incident

LONGEST_TEXT = 10_000
LONGEST_BANNER = 500


class BadTime(Exception):  # noqa: N818 - errors are named for the situation
    """A time cannot be right; the message says which."""


class NotDone(Exception):  # noqa: N818 - errors are named for the situation
    """The incident cannot be closed yet; the message says what is missing."""


class Closed(Exception):  # noqa: N818 - errors are named for the situation
    """A closed incident stays as it is."""


@dataclass(frozen=True)
class Facts:
    """What is known of a breach; texts may be empty while nobody knows more (Art. 33(4))."""

    title: str
    noticed_at: datetime
    aware_at: datetime
    happened: str = ""
    data: str = ""
    people: int | None = None
    records: int | None = None
    consequences: str = ""
    measures: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Report:
    """That the authority was told: when, its reference, and why so late if it was."""

    at: datetime
    reference: str = ""
    why_late: str = ""


def enter(session: Session, now: datetime, actor: User | str, facts: Facts) -> Incident:
    """Enter an incident: both clocks run from ``aware_at``. The caller commits. Raises BadTime."""
    demand_times(now, facts)
    name = actor if isinstance(actor, str) else actor.email
    made = Incident(
        **vars(facts), reference="", unreported="", banner="", created_by=name, created_at=now
    )
    session.add(made)
    session.flush()
    note(session, now, actor, made, "enter", f"aware since {clocks.spelled(facts.aware_at)}")
    return made


def demand_times(now: datetime, facts: Facts) -> None:
    if facts.aware_at > now or facts.noticed_at > now:
        raise BadTime("That time has not come yet.")
    if facts.noticed_at > facts.aware_at:
        raise BadTime("It was noticed before anybody was sure of it: check the two times.")


def edit(
    session: Session, now: datetime, actor: User | str, incident: Incident, facts: Facts
) -> list[str]:
    """Write down what is known now; return what has changed. Raises BadTime or Closed.

    The audit log keeps which fields changed, and the former time of awareness.
    """
    demand_open(incident)
    demand_times(now, facts)
    changed = [name for name, value in vars(facts).items() if getattr(incident, name) != value]
    before = clocks.spelled(incident.aware_at)
    for name in changed:
        setattr(incident, name, getattr(facts, name))
    if changed:
        moved = f"; aware since {before} before" if "aware_at" in changed else ""
        note(session, now, actor, incident, "edit", f"changed: {', '.join(changed)}{moved}")
    return changed


def report(
    session: Session, now: datetime, actor: User | str, incident: Incident, told: Report
) -> None:
    """Note that the authority was told. Raises BadTime, Closed, or NotDone without the reason.

    ``why_late`` is needed where the 72 hours were over (Art. 33(1)).
    """
    demand_open(incident)
    if not incident.aware_at <= told.at <= now:
        raise BadTime("That is before anybody was aware of it, or has not come yet.")
    if told.at > clocks.to_authority(Desk(), incident.aware_at).at and not told.why_late:
        raise NotDone("The 72 hours were over: say why it took longer (Art. 33(1) GDPR).")
    incident.reported_at, incident.reference = told.at, told.reference
    incident.unreported = told.why_late
    note(session, now, actor, incident, "report", f"at {clocks.spelled(told.at)}")


def leave_unreported(
    session: Session, now: datetime, actor: User | str, incident: Incident, why: str
) -> None:
    """Note why the authority is not told: no risk is likely (Art. 33(1)).

    Raises Closed or NotDone.
    """
    demand_open(incident)
    if not why:
        raise NotDone("Say why no risk to people is likely.")
    incident.reported_at, incident.reference, incident.unreported = None, "", why
    note(session, now, actor, incident, "leave_unreported", "the register says why")


def announce(
    session: Session,
    now: datetime,
    actor: User | str,
    incident: Incident,
    text: str,
    span: tuple[datetime, datetime],
) -> None:
    """Put a banner on every page within a span of time. Raises BadTime, or BadReason for its text.

    It names nobody: everybody reads it, and the audit log keeps it.
    """
    if span[1] <= span[0] or span[1] <= now:
        raise BadTime("It would end before it begins, or has ended already.")
    clean = reasons.reason(text)
    incident.banner, (incident.banner_from, incident.banner_until) = clean, span
    note(session, now, actor, incident, "announce", clean)


def withdraw(session: Session, now: datetime, actor: User | str, incident: Incident) -> None:
    """Take the banner down."""
    if incident.banner_until is not None and incident.banner_until > now:
        incident.banner_until = now
        note(session, now, actor, incident, "withdraw", "")


def close(session: Session, now: datetime, actor: User | str, incident: Incident) -> None:
    """Close an incident. Raises Closed, or NotDone while the law wants something still."""
    demand_open(incident)
    if incident.reported_at is None and not incident.unreported:
        raise NotDone("Report it to the authority, or say why not (Art. 33(5) GDPR).")
    missing = [
        name
        for name in ("happened", "data", "consequences", "measures")
        if not vars(incident)[name]
    ]
    if missing:
        raise NotDone(f"Write down what is missing (Art. 33(5) GDPR): {', '.join(missing)}.")
    incident.closed_at = now
    note(session, now, actor, incident, "close", "")


def demand_open(incident: Incident) -> None:
    if incident.closed_at is not None:
        raise Closed("This incident is closed.")


def note(
    session: Session, now: datetime, actor: User | str, incident: Incident, deed: str, why: str
) -> None:
    session.flush()
    audit.record(
        session,
        now,
        actor,
        f"incidents.{deed}",
        subject(incident.id),
        reason=why[: reasons.LONGEST],
    )


def subject(number: int) -> str:
    """Return how the audit log names an incident."""
    return f"incident {number}"


def locked(session: Session, number: int) -> Incident | None:
    """Return an incident, locked until the transaction ends."""
    return session.get(Incident, number, with_for_update=True, populate_existing=True)


def everything(session: Session) -> Sequence[Incident]:
    """Return all incidents, those that are open in front, the newest first."""
    order = (Incident.closed_at.is_not(None), Incident.id.desc())
    return session.scalars(sa.select(Incident).order_by(*order)).all()


def history(session: Session, number: int) -> Sequence[AuditEntry]:
    """Return what was done about an incident, oldest first."""
    mine = sa.select(AuditEntry).where(AuditEntry.subject == subject(number))
    return session.scalars(mine.order_by(AuditEntry.id)).all()


def deadlines(desk: Desk, incident: Incident) -> tuple[Deadline, Deadline]:
    """Return by when the authority, and by when the users, are to be told."""
    aware = incident.aware_at
    return clocks.to_authority(desk, aware), clocks.to_users(desk, aware)


def told_at(session: Session, incident: Incident) -> datetime | None:
    """Return since when users are told: by the banner, or by the first notice that left."""
    return told(session, [incident])[incident.id]


def told(session: Session, found: Sequence[Incident]) -> dict[int, datetime | None]:
    """Return since when users are told of each of these incidents, by its number."""
    first = sa.func.min(Campaign.started_at, type_=Campaign.started_at.type)
    notices = sa.select(Campaign.incident_id, first).group_by(Campaign.incident_id)
    chosen = notices.where(Campaign.incident_id.in_([one.id for one in found]))
    mailed = dict(iter(session.execute(chosen)))
    return {
        one.id: min(filter(None, (one.banner_from, mailed.get(one.id))), default=None)
        for one in found
    }


def banners(session: Session, now: datetime) -> list[str]:
    """Return what stands on every page at this moment."""
    on = sa.select(Incident.banner).where(Incident.banner_from <= now, Incident.banner_until > now)
    return list(session.scalars(on.order_by(Incident.id)))
