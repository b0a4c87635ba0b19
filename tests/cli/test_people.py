"""Commands about people do what the pages do, by the same rules."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts import users
from mailer.accounts.factor import enrolment, totp
from mailer.accounts.models import AuditEntry, User
from mailer.audience import suppressions
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.words import SubscriptionStatus
from mailer.links import Site
from tests.cli.conftest import Mailer
from tests.visitors import post


def acts(session: Session) -> list[tuple[str, str, str]]:
    found = session.execute(
        sa.select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)
    )
    return [tuple(row) for row in found]  # type: ignore[misc]


def test_a_sign_in_link_lets_in(mailer: Mailer, client: FlaskClient, bob: User) -> None:
    answer = mailer("sign-in-link", bob.email)
    assert answer.exit_code == 0
    path = answer.output.strip().removeprefix("http://127.0.0.1:9")
    assert post(client, path).status_code == 302


def test_nobody_gets_no_link(mailer: Mailer, session: Session, bob: User) -> None:
    users.deactivate(session, bob)
    for email in (bob.email, "nob@example.com"):
        answer = mailer("sign-in-link", email)
        assert answer.exit_code == 2
        assert answer.stderr == f"Error: Nobody who may sign in has the address {email}.\n"


def test_the_first_owner_is_added_by_command(
    mailer: Mailer, client: FlaskClient, session: Session
) -> None:
    answer = mailer("user", "add", "olga@example.com", "--role", "owner", "--name", "Olga")
    path = answer.output.strip().removeprefix("http://127.0.0.1:9")
    assert post(client, path).status_code == 302
    (olga,) = users.owners(session)
    assert acts(session)[0] == ("command line", "users.add", f"user {olga.id}")


@pytest.mark.parametrize(
    "words", [("nobody", "--role", "viewer"), ("x@example.com", "--role", "king")]
)
def test_what_cannot_be_a_user_is_refused(mailer: Mailer, words: tuple[str, ...]) -> None:
    answer = mailer("user", "add", *words)
    assert answer.exit_code == 2
    assert answer.stderr


def test_the_last_owner_who_lost_the_phone_is_helped_on_the_server(
    mailer: Mailer, session: Session, site: Site, alice: User, now: datetime
) -> None:
    secret = totp.new_secret()
    enrolment.set_up(session, site.keys, alice, secret, totp.code(secret, totp.step_of(now)), now)
    session.commit()
    answer = mailer("user", "factor", "remove", alice.email)
    assert (answer.exit_code, "signed out everywhere" in answer.output) == (0, True)
    session.refresh(alice)
    assert alice.factor_at is None
    [(actor, *act)] = acts(session)
    assert (actor.startswith("command line ("), act) == (True, ["factor.reset", f"user {alice.id}"])
    for email in (alice.email, "nob@example.com"):
        assert mailer("user", "factor", "remove", email).exit_code == 2


def test_a_reader_is_asked_before_she_is_on_a_double_opt_in_list(
    mailer: Mailer, session: Session, letters: MailingList
) -> None:
    words = ("reader", "add", letters.name, "Nora@Example.ORG", "--basis", "by phone")
    assert mailer(*words).output == "Nora@example.org on Harbor Letters: asked\n"
    place = session.scalars(sa.select(Subscription)).one()
    assert place.status is SubscriptionStatus.unconfirmed
    assert place.confirmation_due_at is not None


def test_no_command_undoes_an_opt_out(
    mailer: Mailer, session: Session, rosa: Subscriber, letters: MailingList
) -> None:
    assert mailer("unsubscribe", rosa.email, "--list", str(letters.id)).exit_code == 0
    answer = mailer("reader", "add", str(letters.id), rosa.email, "--basis", "she called")
    assert answer.exit_code == 2
    assert "suppressed for this list" in answer.stderr
    session.expire_all()
    assert rosa.subscriptions[0].status is SubscriptionStatus.unsubscribed


def test_a_reader_leaves_a_whole_sender(
    mailer: Mailer, session: Session, rosa: Subscriber, letters: MailingList
) -> None:
    answer = mailer("unsubscribe", rosa.email, "--sender", "Harbor Press LLC")
    assert answer.exit_code == 0
    (held,) = suppressions.in_force(session, rosa.address_key)
    assert (held.scope, held.scope_id) == ("sender", letters.sender_id)
    assert acts(session) == [("command line", "subscribers.unsubscribe", f"subscriber {rosa.id}")]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("unsubscribe", "rosa@example.org"), "Give either --list or --sender."),
        (("unsubscribe", "rosa@example.org", "--list", "None"), "No lists answer to 'None'."),
        (("unsubscribe", "rosa@example.org", "--sender", "x"), "No senders answer to 'x'."),
        (("unsubscribe", "tomas@example.org", "--list", "1"), "There is no reader"),
        (("reader", "show", "rosa"), "Error:"),
        (("reader", "add", "1", "a b@c", "--basis", "x"), "Error:"),
        (("reader", "add", "1", "n@example.org", "--name", "http://x.y", "--basis", "x"), "name"),
        (("reader", "add", "1", "rosa@example.org", "--basis", "x"), "on the list already"),
    ],
)
@pytest.mark.usefixtures("rosa")
def test_unusable_words_are_one_line_and_exit_code_2(
    mailer: Mailer, words: tuple[str, ...], complaint: str
) -> None:
    answer = mailer(*words)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert complaint in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_reader_is_shown_with_her_history(mailer: Mailer, rosa: Subscriber) -> None:
    mailer("unsubscribe", rosa.email, "--list", "Harbor Letters")
    shown = mailer("reader", "show", "ROSA@example.org").output
    assert "rosa@example.org  Rosa  enabled" in shown
    assert "list     Harbor Letters: unsubscribed" in shown
    assert "unsubscribed by staff list 1" in shown


def test_the_application_is_the_tests_own(mailer: Mailer, app: Flask) -> None:
    assert mailer("verify").exit_code == 0
    assert app.extensions["config"].is_development
