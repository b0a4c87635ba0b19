"""Others who have the data hear of what was done about it, whether or not somebody asked for it."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Subscriber
from mailer.privacy import erasure, restriction
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.requests import figures, recipients, register
from mailer.privacy.requests.models import Recipient, Request
from mailer.privacy.requests.recipients import Act
from mailer.privacy.requests.register import Asked, Filter
from mailer.privacy.requests.words import Channel, Kind, Outcome, State
from tests import world
from tests.conftest import MakeReader

NOW = datetime(2026, 3, 6, 9, tzinfo=UTC)
EVERYBODY = ["Cellar Inc", "Postbote GmbH"]


@pytest.fixture
def register_of_two(session: Session, letters: MailingList) -> None:
    """A relay, and who keeps the backups; a server of our own, and a firm whose time is over."""
    own, past = world.relay(letters), world.service(NOW)
    own.host, own.legal_entity, own.is_own = "own.example", "Ourselves", True
    past.name, past.legal_entity, past.ended_on = "Attic", "Attic Inc", NOW.date()
    session.add_all([world.relay(letters), own, world.service(NOW), past])
    session.flush()


def told(session: Session, request: Request) -> list[str]:
    return [one.name for one in recipients.of(session, request)]


def requests(session: Session) -> list[Request]:
    return list(session.scalars(sa.select(Request).order_by(Request.id)))


@pytest.mark.usefixtures("register_of_two", "database")
def test_an_erasure_that_nobody_asked_for_is_passed_on(session: Session, rosa: Subscriber) -> None:
    key = rosa.address_key
    erasure.erase(session, rosa, NOW, "desk", reason="a child")
    session.flush()
    (made,) = requests(session)
    assert (made.kind, made.channel, made.state) == (Kind.erasure, Channel.own, State.closed)
    assert (made.address_key, made.email, made.outcome) == (key, "", Outcome.granted)
    assert told(session, made) == EVERYBODY
    counted = figures.counted(session, NOW)
    assert (counted.open, counted.overdue, counted.untold) == (0, 0, 2)
    assert counted.days_to_answer is None
    assert register.page(session, Filter()) == []
    assert register.page(session, Filter(is_untold=True)) == [made]
    for one in recipients.of(session, made):
        recipients.tick(session, NOW, made, one.id, "desk")
    assert register.page(session, Filter(is_untold=True)) == []


@pytest.mark.usefixtures("register_of_two")
def test_a_restriction_is_passed_on_beside_the_request_that_wanted_it(
    session: Session, rosa: Subscriber
) -> None:
    asked = Asked(Kind.restriction, Regime.gdpr, Channel.letter, NOW, rosa.address_key, rosa.email)
    open_one = register.receive(session, NOW, Desk(), asked, "desk")
    assert restriction.restrict(session, NOW, rosa.id, "desk", reason="her letter")
    assert not restriction.restrict(session, NOW, rosa.id, "desk", reason="her letter")
    assert requests(session) == [open_one]
    assert told(session, open_one) == EVERYBODY


@pytest.mark.usefixtures("register_of_two")
def test_one_entry_stands_for_all_that_nobody_was_told_of_yet(
    session: Session, rosa: Subscriber, make_reader: MakeReader
) -> None:
    def correct(words: str, reader: Subscriber = rosa) -> None:
        act = Act(Kind.correction, reader.address_key, words)
        recipients.note_act(session, NOW, "desk", act)

    correct("Corrected by us: name.")
    correct("Corrected by us: town.")
    correct("Corrected by us: town.")
    (one,) = requests(session)
    assert one.answer == "Corrected by us: name.\nCorrected by us: town."
    assert told(session, one) == EVERYBODY
    correct("Corrected by us: name.", make_reader("tomas"))
    assert len(requests(session)) == 2
    recipients.tick(session, NOW, one, recipients.of(session, one)[0].id, "desk")
    correct("Corrected by us: name.")
    assert len(requests(session)) == 3


@pytest.mark.usefixtures("register_of_two", "database")
def test_readers_without_a_name_have_one_entry_together(session: Session) -> None:
    for night in (1, 2):
        act = Act(Kind.erasure, None, f"Readers who had left, night {night}: 3.")
        recipients.note_act(session, NOW + timedelta(days=night), "clock", act)
    (one,) = requests(session)
    assert one.answer.count("\n") == 1
    assert told(session, one) == EVERYBODY


def test_where_nobody_else_has_data_there_is_nothing_to_enter(
    session: Session, rosa: Subscriber
) -> None:
    erasure.erase(session, rosa, NOW, "desk", reason="a child")
    assert requests(session) == []
    assert session.scalars(sa.select(Recipient)).all() == []
