"""`mailer privacy requests`: the register from the terminal."""

import json
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import clock
from mailer.audience.models import MailingList, Subscriber
from mailer.privacy.requests.models import Notice, Request
from tests import world
from tests.cli.conftest import Mailer


def enter(mailer: Mailer, kind: str, days_ago: int = 1) -> str:
    day = (clock.now() - timedelta(days=days_ago)).date()
    words = ("rosa@example.org", "--kind", kind, "--regime", "GDPR", "--channel", "phone")
    done = mailer("privacy", "requests", "enter", *words, "--received", str(day))
    assert done.exit_code == 0, done.output
    return done.output


def test_a_request_is_entered_listed_and_answered(mailer: Mailer, rosa: Subscriber) -> None:
    assert rosa
    assert "Entered as number 1" in enter(mailer, "access")
    requests = ("privacy", "requests")
    listed = mailer(*requests, "list")
    assert (listed.exit_code, "rosa" in listed.output) == (0, False)
    assert "access  received  GDPR" in listed.output
    ending = ("close", "1", "--outcome", "granted", "--answer", "Sent the copy")
    refused = mailer(*requests, *ending)
    assert (refused.exit_code, "Identify the person first" in refused.output) == (2, True)
    for step in (
        ("identify", "1", "--proof", "mailbox"),
        ("confirm", "1"),
        ("extend", "1", "--why", "many old lists"),
        ("pause", "1", "--why", "which of two?"),
        ("resume", "1"),
        ending,
    ):
        assert mailer(*requests, *step).exit_code == 0, step
    assert "access" not in mailer(*requests, "list").output
    assert "access  closed" in mailer(*requests, "list", "--state", "closed").output


def test_the_figures_and_the_requests_come_as_json_and_name_nobody(
    mailer: Mailer, rosa: Subscriber
) -> None:
    email = rosa.email
    enter(mailer, "complaint", days_ago=60)
    enter(mailer, "access")
    listed = mailer("privacy", "requests", "list", "--json")
    told = json.loads(listed.output)
    assert listed.exit_code == 1
    assert told["figures"] == {
        "open": 2,
        "due_this_week": 0,
        "overdue": 1,
        "unconfirmed": 0,
        "unsaid": 0,
        "untold": 0,
        "days_to_answer": None,
    }
    assert [(one["kind"], one["is_overdue"]) for one in told["requests"]] == [
        ("complaint", True),
        ("access", False),
    ]
    assert email not in listed.output


def test_a_request_by_phone_is_proven_told_and_passed_on(
    mailer: Mailer, session: Session, letters: MailingList, rosa: Subscriber
) -> None:
    assert rosa
    requests = ("privacy", "requests")
    enter(mailer, "correction")
    session.add(world.relay(letters))
    session.commit()
    assert mailer(*requests, "prove", "1").exit_code == 0
    assert mailer(*requests, "identify", "1", "--proof", "call back").exit_code == 0
    ending = ("--outcome", "granted", "--answer", "It is right now.")
    assert mailer(*requests, "close", "1", *ending).exit_code == 0
    shown = mailer(*requests, "show", "1").output
    assert "answer by mail: on its way" in shown
    assert "Postbote GmbH: NOT TOLD" in shown
    assert mailer(*requests, "told", "1", "1", "--by", "post").exit_code == 2
    session.execute(sa.update(Notice).values(due_at=None))
    session.commit()
    assert "answer by mail: NOT TOLD" in mailer(*requests, "show", "1").output
    assert mailer(*requests, "told", "1", "1", "--by", "post").exit_code == 0
    assert "correction  closed" in mailer(*requests, "list", "--untold").output
    assert mailer(*requests, "pass-on", "1", "1").exit_code == 0
    assert mailer(*requests, "list", "--untold").output == ""
    assert "NOT TOLD" not in mailer(*requests, "show", "1").output
    assert mailer(*requests, "show", "9").exit_code == 2


def test_a_late_answer_is_an_exit_code(mailer: Mailer, rosa: Subscriber) -> None:
    assert rosa
    enter(mailer, "complaint", days_ago=60)
    listed = mailer("privacy", "requests", "list")
    assert (listed.exit_code, "OVERDUE" in listed.output) == (1, True)


def test_an_objection_by_phone_holds_at_once(
    mailer: Mailer, session: Session, rosa: Subscriber
) -> None:
    enter(mailer, "objection")
    session.expire_all()
    assert rosa.subscriptions[0].status == "unsubscribed"


def test_what_cannot_be_used_changes_nothing(mailer: Mailer, session: Session) -> None:
    assert mailer("privacy", "requests", "confirm", "9").exit_code == 2
    words = ("--kind", "access", "--regime", "GDPR", "--channel", "phone")
    for address, day in (("rosa", "2026-03-05"), ("rosa@example.org", "2999-01-01")):
        done = mailer("privacy", "requests", "enter", address, *words, "--received", day)
        assert done.exit_code == 2
    assert session.scalars(sa.select(Request)).all() == []


def test_a_restriction_is_lifted_with_the_notice(
    mailer: Mailer, session: Session, rosa: Subscriber
) -> None:
    email = rosa.email
    done = mailer("privacy", "restrict", email, "--reason", "her letter")
    assert (done.exit_code, "Restricted" in done.output) == (0, True)
    session.expire_all()
    assert rosa.restricted_at is not None
    assert mailer("privacy", "lift-restriction", email, "--notice", " ").exit_code == 2
    assert "Lifted" in mailer("privacy", "lift-restriction", email, "--notice", "letter").output
    again = mailer("privacy", "lift-restriction", email, "--notice", "letter")
    assert "so before" in again.output
    assert mailer("privacy", "restrict", "nobody@example.net", "--reason", "x").exit_code == 2
