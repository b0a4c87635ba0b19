"""Reports: numbers that add up to the audience, and everybody's reason."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import User
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import launch, tallies
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.windows import Span, Wait, Window
from mailer.links import Site
from mailer.web.wording import COMPOSED
from tests.conftest import MakeReader
from tests.visitors import sign_in
from tests.web.conftest import Write

REASONS = {
    "confirmed": "Taken by the relay",
    "unconfirmed": "Has not confirmed the subscription yet",
    "unsubscribed": "Unsubscribed from the list",
}


@pytest.fixture
def launched(
    session: Session, site: Site, write: Write, make_reader: MakeReader, now: datetime
) -> Campaign:
    """A running campaign to five people, of whom three are mailed and one copy was taken."""
    for name in ("rosa", "ines", "omar"):
        make_reader(name)
    make_reader("pia", SubscriptionStatus.unconfirmed)
    make_reader("noah", SubscriptionStatus.unsubscribed)
    campaign = write()
    launch.start(session, site, campaign, now)
    taken = session.query(Delivery).filter_by(status="pending").order_by(Delivery.id).first()
    assert taken is not None
    tallies.forget(session, campaign.id)
    taken.status, taken.finished_at = DeliveryStatus.accepted, clock.now()
    taken.smtp_code, taken.smtp_text = 250, f"2.0.0 Ok <script> {taken.email}"
    window = Window(campaign.id, clock.now())
    window.count(DeliveryStatus.accepted)
    window.add(Span.reply, 0.6)
    window.wait(Wait.relay, 30)
    window.lines(10, 10)
    window.write(session, clock.now())
    session.commit()
    return campaign


def numbers(page: str) -> dict[str, int]:
    """Return the table of states: words to numbers, the last line included."""
    rows = (
        r"<tr[^>]*><th scope=\"row\">(?:<span[^>]*></span>)?(\w+)</th>"
        r"\s*<td class=\"number\">([\d,]+)"
    )
    return {word: int(number.replace(",", "")) for word, number in re.findall(rows, page)}


@pytest.mark.usefixtures("database")
def test_the_states_add_up_to_the_audience(visitor: FlaskClient, launched: Campaign) -> None:
    page = visitor.get(f"/campaigns/{launched.id}/report").text
    counted = numbers(page)
    assert counted.pop("Audience") == 5
    assert sum(counted[status] for status in DeliveryStatus) == 5
    assert (counted["pending"], counted["accepted"]) == (2, 1)
    assert (counted["excluded"], counted["suppressed"]) == (1, 1)
    for reason in ("unconfirmed", "unsubscribed"):
        assert REASONS[reason] in page


def test_a_report_asks_again_only_while_the_campaign_runs(
    visitor: FlaskClient, session: Session, launched: Campaign
) -> None:
    url = f"/campaigns/{launched.id}/report/progress"
    answer = visitor.get(url)
    assert 'hx-trigger="every 2s"' in answer.text
    assert "HX-Refresh" not in answer.headers
    launched.status = CampaignStatus.paused
    answer = visitor.get(url)
    assert "hx-trigger" not in answer.text
    assert answer.headers["HX-Refresh"] == "true"
    session.rollback()


def test_the_pace_and_the_time_left_are_told(visitor: FlaskClient, launched: Campaign) -> None:
    launched.started_at = clock.now() - timedelta(seconds=30)
    page = visitor.get(f"/campaigns/{launched.id}/report").text
    assert "2 a minute, about 1 min left." in page
    launched.started_at = clock.now() - timedelta(hours=1)
    assert "1 a minute, about 2 min left." in visitor.get(f"/campaigns/{launched.id}/report").text


def unbroken(page: str) -> str:
    """Return a page without the places at which an address may break."""
    return page.replace("<wbr>", "")


@pytest.mark.usefixtures("database")
def test_everybody_is_listed_with_state_reason_and_the_relays_answer(
    visitor: FlaskClient, launched: Campaign
) -> None:
    page = unbroken(visitor.get(f"/campaigns/{launched.id}/report/people").text)
    for name in ("rosa", "ines", "omar", "pia", "noah"):
        assert f"{name[:2]}…@example.org" in page
    assert "rosa@" not in page  # nor in what the relay answered
    for words in REASONS.values():
        assert words in page
    assert "250 2.0.0 Ok &lt;script&gt;" in page
    excluded = f"/campaigns/{launched.id}/report/people?status=excluded"
    left_out = unbroken(visitor.get(excluded).text)
    assert "pi…@example.org" in left_out
    assert "ro…@example.org" not in left_out


def test_whoever_was_put_off_is_listed_with_her_next_try(
    visitor: FlaskClient, session: Session, launched: Campaign
) -> None:
    hers = session.query(Delivery).order_by(Delivery.id).first()
    assert hers is not None
    hers.status, hers.next_at = DeliveryStatus.deferred, datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
    session.commit()
    page = visitor.get(f"/campaigns/{launched.id}/report/people").text
    assert "will be tried again: " in page
    assert "4 May 2026, 12:30 UTC" in page


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("more", "way"), [("", "compiled"), ("{% if subscriber.name %}Hello{% endif %}", "rendered")]
)
def test_a_report_says_how_copies_are_made(
    visitor: FlaskClient, launched: Campaign, session: Session, more: str, way: str
) -> None:
    launched.body += more
    session.commit()
    assert COMPOSED[way] in visitor.get(f"/campaigns/{launched.id}/report").text
    told = visitor.get(f"/campaigns/{launched.id}/report", headers={"Accept": "application/json"})
    assert told.get_json()["composed"] == way


@pytest.mark.usefixtures("database")
def test_pages_beyond_the_last_show_the_last(visitor: FlaskClient, launched: Campaign) -> None:
    last = f"/campaigns/{launched.id}/report/people?page=99&status=nonsense"
    page = unbroken(visitor.get(last).text)
    assert "ro…@example.org" in page


def test_before_the_start_there_is_nothing_to_report(visitor: FlaskClient, write: Write) -> None:
    campaign = write()
    assert "Nothing to report yet" in visitor.get(f"/campaigns/{campaign.id}/report").text
    assert "Nobody here" in visitor.get(f"/campaigns/{campaign.id}/report/people").text


def test_a_viewer_may_read_reports(client: FlaskClient, vera: User, launched: Campaign) -> None:
    sign_in(client, vera)
    assert client.get(f"/campaigns/{launched.id}/report").status_code == 200


def test_the_campaigns_page_follows_it_and_reloads_when_it_is_through(
    visitor: FlaskClient, launched: Campaign
) -> None:
    url, polling = f"/campaigns/{launched.id}", {"HX-Request": "true", "HX-Target": "live"}
    answer = visitor.get(url, headers=polling)
    assert 'max="5"' in answer.text
    assert "HX-Refresh" not in answer.headers
    launched.status = CampaignStatus.finished
    assert visitor.get(url, headers=polling).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in visitor.get(url).headers
