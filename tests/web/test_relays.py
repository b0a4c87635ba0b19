"""Relays in the hands of admins: registered, reviewed by name, and tried with seed copies."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer import clock
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList
from mailer.campaigns.models import Campaign
from mailer.delivery import seeds
from mailer.delivery.relay_models import RegisteredRelay, SeedResult, SeedState
from tests import world
from tests.conftest import ConfigFor
from tests.visitors import post, sign_in

HOST = "relay.parcel.example"
PARCEL = {
    "name": "Parcel",
    "host": HOST,
    "legal_entity": "Parcel Inc",
    "country": "US",
    "role": "processor",
    "transfer": "dpf",
    "transfer_checked_on": "2026-03-01",
    "contract": "data processing agreement of 2 March 2026",
    "contract_on": "2026-03-02",
    "review_days": "60",
}


@pytest.fixture
def config(sqlite_url: str, config_for: ConfigFor) -> Config:
    """An installation whose mail goes to Parcel, and whose seed mailbox is set."""
    return config_for(
        sqlite_url,
        smtp_url=f"smtps://user:secret-word@{HOST}",
        seed_address="seed@elsewhere.example",
        seed_mailbox="imaps://seed:seed-word@mail.example.com/Seeds",
    )


@pytest.fixture
def adams(client: FlaskClient, adam: User) -> FlaskClient:
    """Adam the admin, signed in."""
    sign_in(client, adam)
    return client


@pytest.fixture
def draft(session: Session, letters: MailingList) -> Campaign:
    made = world.campaign(letters)
    session.add(made)
    session.commit()
    return made


def acts(session: Session) -> list[str]:
    return [entry.action for entry in session.query(AuditEntry).order_by(AuditEntry.id)]


def test_a_relay_is_registered_and_reviewed_by_name(adams: FlaskClient, session: Session) -> None:
    assert f'value="{HOST}"' in adams.get("/relays/new").text
    page = post(adams, "/relays/new", PARCEL, follow_redirects=True).text
    assert "never reviewed" in page
    row = session.query(RegisteredRelay).one()
    review = f"/relays/{row.id}/review"
    assert "Parcel Inc" in adams.get(review).text
    assert post(adams, review, {}).status_code == 422
    session.refresh(row)
    assert row.reviewed_on is None
    given = {"reviewed": "yes", "note": "no footer, no\r\ntracking"}
    page = post(adams, review, given, follow_redirects=True).text
    assert "adam@example.com" in page
    session.refresh(row)
    assert row.reviewed_by == "adam@example.com"
    assert acts(session) == ["relays.register", "relays.review"]
    assert "tracking" in session.query(AuditEntry).all()[-1].reason


def test_a_stale_review_stands_out(adams: FlaskClient, session: Session) -> None:
    post(adams, "/relays/new", PARCEL)
    row = session.query(RegisteredRelay).one()
    row.reviewed_on, row.reviewed_by = clock.now().date() - timedelta(days=61), "adam@example.com"
    session.commit()
    assert "too old" in adams.get("/relays/").text


def test_a_changed_relay_is_reviewed_anew(adams: FlaskClient, session: Session) -> None:
    post(adams, "/relays/new", PARCEL)
    row = session.query(RegisteredRelay).one()
    post(adams, f"/relays/{row.id}/review", {"reviewed": "yes"})
    assert (row.contract_on, row.review_days) == (date(2026, 3, 2), 60)
    page = adams.get(f"/relays/{row.id}/edit").text
    assert all(f'value="{day}"' in page for day in ("2026-03-01", "2026-03-02", "60"))
    post(adams, f"/relays/{row.id}/edit", {**PARCEL, "legal_entity": "Parcel Post Ltd"})
    session.refresh(row)
    assert (row.legal_entity, row.reviewed_by) == ("Parcel Post Ltd", "")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"legal_entity": ""}, "cannot be empty"),
        ({"host": "h" * 300}, "At most 253"),
        ({"country": "XX"}, "Choose a country"),
        ({"role": "castle"}, "Choose one"),
        ({"transfer": "handshake"}, "Choose one"),
        ({"transfer_checked_on": "yesterday"}, "YYYY-MM-DD"),
        ({"transfer_checked_on": "2999-01-01"}, "still to come"),
        ({"contract": ""}, "cannot be empty"),
        ({"contract_on": "2999-01-01"}, "still to come"),
        ({"review_days": "91"}, "from 1 to 90"),
        ({"name": "P\r\nBcc: x"}, "line break"),
    ],
)
def test_bad_input_is_explained_and_kept(
    adams: FlaskClient, session: Session, changes: dict[str, str], complaint: str
) -> None:
    page = post(adams, "/relays/new", PARCEL | changes)
    assert page.status_code == 422
    assert complaint in page.text
    assert session.query(RegisteredRelay).count() == 0
    post(adams, "/relays/new", PARCEL)
    row = session.query(RegisteredRelay).one()
    assert post(adams, f"/relays/{row.id}/edit", PARCEL | changes).status_code == 422


def test_a_second_record_of_a_host_is_refused(adams: FlaskClient, session: Session) -> None:
    post(adams, "/relays/new", PARCEL)
    assert "registered already" in post(adams, "/relays/new", PARCEL).text
    post(adams, "/relays/new", PARCEL | {"host": "mx.example", "role": "own", "contract": ""})
    other = session.query(RegisteredRelay).filter_by(host="mx.example").one()
    assert post(adams, f"/relays/{other.id}/edit", PARCEL).status_code == 422


def test_no_page_shows_a_password(adams: FlaskClient, draft: Campaign) -> None:
    for url in ("/relays/", "/relays/new", "/setup/", f"/campaigns/{draft.id}/report"):
        page = adams.get(url).text
        assert "secret-word" not in page
        assert "seed-word" not in page


def test_a_seed_copy_is_asked_for_and_waits_to_be_sent(
    client: FlaskClient, bob: User, session: Session, draft: Campaign
) -> None:
    sign_in(client, bob)
    page = post(client, f"/campaigns/{draft.id}/seed", {}, follow_redirects=True)
    assert "A seed copy is on its way" in page.text
    one = session.query(SeedResult).one()
    assert (one.state, one.host, one.ahead_of) == (SeedState.due, HOST, None)
    assert "about to be sent" in client.get(f"/campaigns/{draft.id}/report").text
    assert "campaign.seed" in acts(session)


def test_the_report_and_the_register_show_what_came_back(
    adams: FlaskClient, session: Session, draft: Campaign
) -> None:
    one = seeds.queue(session, HOST, draft, clock.now())
    one.state, one.received_at, one.next_at = SeedState.failed, clock.now(), None
    one.covered, one.received_hash = "from:list-unsubscribe", "ab" * 32
    one.findings = [
        {
            "rule": "R05",
            "name": "origin-and-provider",
            "title": "The relay changes the mail that it carries",
            "severity": "refuse",
            "citation": "RFC 8058 s4",
            "evidence": "The relay took List-Unsubscribe-Post away.",
            "fix": "Use another relay.",
            "part": "List-Unsubscribe-Post",
        }
    ]
    session.commit()
    report = adams.get(f"/campaigns/{draft.id}/report").text
    assert "took List-Unsubscribe-Post away" in report
    assert "came back broken" in report
    assert "from, list-unsubscribe" in report
    assert "All campaigns wait" in adams.get("/relays/").text


class TestWithoutASeedMailbox:
    @pytest.fixture
    def config(self, sqlite_url: str, config_for: ConfigFor) -> Config:
        return config_for(sqlite_url)

    def test_what_to_set_is_said(
        self, client: FlaskClient, bob: User, session: Session, draft: Campaign
    ) -> None:
        sign_in(client, bob)
        page = post(client, f"/campaigns/{draft.id}/seed", {})
        assert page.status_code == 422
        assert "MAILER_SEED_MAILBOX" in page.text
        assert "MAILER_SEED_MAILBOX" in client.get("/relays/").text
        assert session.query(SeedResult).count() == 0
