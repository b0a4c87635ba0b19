"""News of copies: what proves that one was taken, what came back, and what means nothing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from mailer.audience.models import Suppression
from mailer.campaigns.models import Campaign
from mailer.delivery import message_ids, news, statistics, tallies
from mailer.delivery.message_ids import Named
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.news import Event, Told
from mailer.delivery.report_models import Resolution, Unknown
from mailer.tokens import Keys
from tests.conftest import MakeReader
from tests.delivery.conftest import Yard, message_id
from tests.relays import Sink

KEYS = Keys(("one secret " * 4,), "suppression " * 4)
NUMBERS = st.integers(1, 2**63 - 1)


def tell(yard: Yard, *told: Told) -> int:
    taken = news.take(yard.session, yard.site.keys, told, yard.clock())
    yard.session.commit()
    return taken


def doubt(yard: Yard) -> Unknown:
    yard.session.expire_all()
    return yard.session.scalars(sa.select(Unknown)).one()


# Message-IDs.


@given(NUMBERS, NUMBERS)
def test_a_message_id_names_its_copy_to_us_alone(campaign: int, reader: int) -> None:
    text = message_ids.message_id(KEYS, "harbor.example", campaign, reader)
    assert list(message_ids.named(KEYS, text)) == [Named(campaign, reader)]
    others = Keys(("another secret " * 4,), KEYS.suppression)
    assert Named(campaign, reader) not in message_ids.named(others, text)


def test_a_message_id_is_read_as_logs_write_it_and_with_any_key_of_the_ring() -> None:
    text = message_ids.message_id(KEYS, "harbor.example", 7, 12)
    bare = text.strip("<>")
    younger = Keys(("a younger secret " * 4, *KEYS.secrets), KEYS.suppression)
    for told in (text, bare, f" {text.upper()}\r\n", bare.partition("@")[0]):
        assert Named(7, 12) in message_ids.named(younger, told)


@pytest.mark.parametrize(
    "text", ["", "<>", "x@y", "0" * 31, "0" * 33, "g" * 32, "<" + "0" * 32 + "@a b>", "é" * 32]
)
def test_what_is_no_message_id_of_ours_names_nothing(text: str) -> None:
    assert list(message_ids.named(KEYS, text)) == []


def test_the_copies_of_a_seed_and_of_tests_name_no_reader() -> None:
    for number in (0, -5):
        text = message_ids.message_id(KEYS, "harbor.example", 7, number)
        assert list(message_ids.named(KEYS, text)) == []


@pytest.mark.usefixtures("database")
def test_the_message_id_on_the_wire_is_the_one_that_is_known_again(
    yard: Yard, tides: Campaign, make_reader: MakeReader, smtp_sink: Sink
) -> None:
    make_reader("rosa")
    yard.start(tides)
    yard.run(tides)
    assert f"Message-ID: {message_id(yard, tides)}\r\n".encode() in smtp_sink.caught[0].content


# What they settle.


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("event", "code", "text", "state"),
    [
        (Event.delivered, 0, "", "accepted"),
        (Event.bounced, 0, "", "accepted"),
        (Event.bounced, 451, "4.4.1 Not yet", "accepted"),
        (Event.bounced, 550, "5.1.1 No such user", "refused"),
        (Event.bounced, 0, "5.1.1", "refused"),
        (Event.bounced, 550, "5.7.1 Policy", "refused"),
    ],
)
def test_news_of_a_copy_in_doubt_settle_it(
    yard: Yard, doubtful: Campaign, event: Event, code: int, text: str, state: str
) -> None:
    told = Told(message_id(yard, doubtful), event, code, text)
    assert tell(yard, told) == 1
    assert tell(yard, told) == 0
    assert yard.statuses(doubtful) == {"rosa": state, "ines": "accepted"}
    came_back = Resolution.bounce if event is Event.bounced else Resolution.webhook
    assert doubt(yard).resolution is came_back
    hers = yard.deliveries(doubtful)[0]
    assert (hers.reason, hers.smtp_text) == (("bounced", text) if state == "refused" else ("", ""))
    assert yard.session.scalars(sa.select(Suppression)).all() == []


@pytest.mark.usefixtures("database")
def test_a_copy_that_came_back_is_noted_with_its_code_and_time(
    yard: Yard, doubtful: Campaign
) -> None:
    """Whatever is told later, it stays refused."""
    at = yard.clock() - timedelta(minutes=5)
    hers = message_id(yard, doubtful, 1)
    told = Told(hers, Event.bounced, 550, "5.1.1 No such user", at)
    assert tell(yard, told, Told(hers, Event.delivered)) == 1
    assert tell(yard, Told(hers, Event.delivered)) == 0
    ines = yard.deliveries(doubtful)[1]
    assert (ines.status, ines.smtp_code, ines.finished_at) == (DeliveryStatus.refused, 550, at)
    assert yard.statuses(doubtful)["rosa"] == "unknown"


@pytest.mark.usefixtures("database")
def test_a_person_who_was_erased_is_not_quoted(yard: Yard, doubtful: Campaign) -> None:
    hers = yard.deliveries(doubtful)[0]
    hers.email = ""
    yard.session.commit()
    bounced = Event.bounced
    words = "5.1.1 <rosa@example.org>: no such user"
    assert tell(yard, Told(message_id(yard, doubtful), bounced, 550, words)) == 1
    assert (hers.smtp_code, hers.smtp_text) == (550, "")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("status", ["pending", "sending", "deferred", "excluded", "suppressed"])
def test_a_copy_that_was_not_taken_cannot_come_back(
    yard: Yard, doubtful: Campaign, status: str
) -> None:
    yard.deliveries(doubtful)[1].status = DeliveryStatus(status)
    yard.session.commit()
    told = Told(message_id(yard, doubtful, 1), Event.bounced, 550, "5.1.1 No such user")
    assert tell(yard, told) == 0
    assert yard.statuses(doubtful)["ines"] == status


@pytest.mark.usefixtures("database")
def test_news_of_no_copy_change_nothing(yard: Yard, doubtful: Campaign) -> None:
    nobody = message_ids.message_id(yard.site.keys, "harbor.example.com", doubtful.id, 999)
    forged = "<0123456789abcdef0123456789abcdef@harbor.example.com>"
    assert tell(yard) == 0
    assert tell(yard, *(Told(text, Event.bounced, 550, "5.1.1") for text in (nobody, forged))) == 0
    assert yard.statuses(doubtful) == {"rosa": "unknown", "ines": "accepted"}


@pytest.mark.usefixtures("database")
def test_whatever_a_forged_message_id_hides_can_be_looked_for(
    yard: Yard, doubtful: Campaign
) -> None:
    forged = [Told(f"<{number * 997:032x}@x>", Event.bounced, 550, "5.1.1") for number in range(64)]
    assert tell(yard, *forged) == 0
    assert yard.statuses(doubtful) == {"rosa": "unknown", "ines": "accepted"}


@pytest.mark.usefixtures("database")
def test_kept_counts_follow_the_news(yard: Yard, doubtful: Campaign) -> None:
    tallies.begin(yard.session, doubtful.id)
    yard.session.commit()
    assert statistics.report(yard.session, doubtful).states[DeliveryStatus.accepted] == 1
    told = (Told(message_id(yard, doubtful, n), Event.bounced, 550, "5.1.1") for n in (0, 1))
    assert tell(yard, *told) == 2
    report = statistics.report(yard.session, doubtful)
    assert (report.states[DeliveryStatus.refused], report.refusals) == (2, {"550 5.1.1": 2})


@pytest.mark.usefixtures("database")
def test_a_pressed_link_settles_its_own_copy_alone(yard: Yard, doubtful: Campaign) -> None:
    hers, other = (one.id for one in yard.deliveries(doubtful))
    assert not news.follow(yard.session, [other], yard.clock())
    assert news.follow(yard.session, [hers], yard.clock())
    yard.session.commit()
    assert not news.follow(yard.session, [hers], yard.clock())
    assert yard.statuses(doubtful)["rosa"] == "accepted"
    assert doubt(yard).resolution is Resolution.click
