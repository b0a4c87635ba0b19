"""The register: both clocks over weekends, holidays and changes of the clock, and each step."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.accounts.models import AuditEntry
from mailer.privacy import reasons
from mailer.privacy.clocks import Desk
from mailer.privacy.incidents import notice, register
from mailer.privacy.incidents.models import Incident
from mailer.privacy.incidents.register import BadTime, Closed, Facts, NotDone, Report

DENVER, VIENNA = Desk(ZoneInfo("America/Denver")), Desk(ZoneInfo("Europe/Vienna"))
HOUR = timedelta(hours=1)
AWARE = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
WHOLE = Facts(
    "A stolen laptop", AWARE, AWARE, "Stolen.", "Addresses", None, None, "Fraud", "Locked"
)


def entered(session: Session, facts: Facts = WHOLE, after: timedelta = HOUR) -> Incident:
    made = register.enter(session, facts.aware_at + after, "a test", facts)
    session.commit()
    return made


@pytest.mark.parametrize(
    ("desk", "aware", "authority", "users"),
    [
        # Friday at 17:00 before Labor Day.
        (DENVER, "2026-09-04T17:00", "2026-09-07T17:00-06:00", "2026-09-16"),
        # Over Thanksgiving.
        (DENVER, "2026-11-20T12:00", "2026-11-23T12:00-07:00", "2026-12-02"),
        # Christmas and New Year are federal holidays, the second day of Christmas is none.
        (VIENNA, "2026-12-21T09:00", "2026-12-24T09:00+01:00", "2026-12-31"),
        (VIENNA, "2026-12-23T09:00", "2026-12-26T09:00+01:00", "2027-01-05"),
        # The clocks go forward, and back: hours are hours.
        (VIENNA, "2026-03-28T12:00", "2026-03-31T13:00+02:00", "2026-04-07"),
        (DENVER, "2026-10-30T12:00", "2026-11-02T11:00-07:00", "2026-11-10"),
        # A leap day.
        (DENVER, "2028-02-28T08:00", "2028-03-02T08:00-07:00", "2028-03-08"),
    ],
)
def test_both_clocks_run_from_the_awareness(
    session: Session, desk: Desk, aware: str, authority: str, users: str
) -> None:
    at = datetime.fromisoformat(aware).replace(tzinfo=desk.zone).astimezone(UTC)
    one = entered(session, Facts("A breach", at, at))
    first, second = register.deadlines(desk, one)
    assert first.at.isoformat(timespec="minutes") == authority
    assert second.at.isoformat(timespec="seconds")[:19] == f"{users}T23:59:59"
    assert (first.citation, second.citation[:3]) == ("Art. 33(1) GDPR", "our")


def test_each_step_is_audited_and_closing_wants_all_of_it(session: Session) -> None:
    one = entered(session, Facts("A breach", AWARE, AWARE))
    now = AWARE + 2 * HOUR
    for missing in ("Report it", "Write down what is missing"):
        with pytest.raises(NotDone, match=missing):
            register.close(session, now, "a test", one)
        register.leave_unreported(session, now, "a test", one, "The disk was encrypted.")
    assert register.edit(session, now, "a test", one, WHOLE) == [
        *("title", "happened", "data", "consequences", "measures")
    ]
    register.close(session, now, "a test", one)
    with pytest.raises(Closed):
        register.edit(session, now, "a test", one, WHOLE)
    acts = [one.action.removeprefix("incidents.") for one in register.history(session, one.id)]
    assert acts == ["enter", "leave_unreported", "leave_unreported", "edit", "close"]
    assert ledger.first_broken(session, AuditEntry) is None


def test_a_late_report_says_why(session: Session) -> None:
    one = entered(session)
    edge = AWARE + 72 * HOUR
    late = edge + timedelta(seconds=1)
    with pytest.raises(NotDone, match="72 hours"):
        register.report(session, late, "a test", one, Report(late))
    register.report(session, late, "a test", one, Report(edge, "DSB-1"))
    register.report(session, late, "a test", one, Report(late, "DSB-1", "Nobody was in."))
    assert (one.reported_at, one.reference, one.unreported) == (late, "DSB-1", "Nobody was in.")
    for wrong in (AWARE - HOUR, late + HOUR):
        with pytest.raises(BadTime):
            register.report(session, late, "a test", one, Report(wrong))


def test_times_that_cannot_be_are_refused(session: Session) -> None:
    for noticed, aware in ((AWARE + HOUR, AWARE), (AWARE, AWARE + 2 * HOUR)):
        with pytest.raises(BadTime):
            register.enter(session, AWARE + HOUR, "a test", Facts("A breach", noticed, aware))
    assert session.scalars(sa.select(Incident)).all() == []


def test_a_banner_stands_from_its_first_moment_to_its_last(session: Session) -> None:
    one = entered(session)
    span = AWARE + HOUR, AWARE + 5 * HOUR
    register.announce(session, AWARE, "a test", one, "A laptop was stolen.", span)
    second = timedelta(seconds=1)
    on = [
        register.banners(session, at)
        for at in (span[0] - second, span[0], span[1] - second, span[1])
    ]
    assert on == [[], ["A laptop was stolen."], ["A laptop was stolen."], []]
    assert register.told_at(session, one) == span[0]
    register.withdraw(session, AWARE + 2 * HOUR, "a test", one)
    assert register.banners(session, AWARE + 2 * HOUR) == []
    with pytest.raises(reasons.BadReason):
        register.announce(session, AWARE, "a test", one, "Ask rosa@example.org.", span)
    with pytest.raises(BadTime):
        register.announce(session, AWARE, "a test", one, "Too late", (span[1], span[0]))


def test_the_report_to_the_authority_is_filled_from_the_register(session: Session) -> None:
    text = notice.form(session, VIENNA, entered(session), "Harbor Press LLC")
    for part in (
        "Harbor Press LLC",
        "Aware since:          02 March 2026, 16:30 CET",
        "72 hours end:         05 March 2026, 16:30 CET",
        "Categories of data: Addresses",
        "not told yet",
        "(not known yet)",
    ):
        assert part in text
