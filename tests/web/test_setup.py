"""The set-up checklist as staff see it, in development and in production."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer import clock
from mailer.accounts.models import User
from mailer.audience.models import MailingList, Sender
from mailer.delivery import signing
from mailer.delivery.instance import Doubt
from mailer.delivery.instance_models import Instance
from mailer.links import Site
from tests import world
from tests.conftest import ConfigFor
from tests.visitors import post, sign_in

PUBLIC = "https://news.harbor.example.com"


class TestInDevelopment:
    def test_it_says_calmly_what_is_not_judged(
        self, client: FlaskClient, bob: User, sender: Sender
    ) -> None:
        assert sender.id
        sign_in(client, bob)
        page = client.get("/setup/").text
        assert "In development nothing is judged" in page
        assert page.count("not judged here") == 8
        assert "2 of 2" in page
        assert "In development" not in client.get("/").text

    def test_without_a_sender_one_is_to_be_added(self, client: FlaskClient, bob: User) -> None:
        sign_in(client, bob)
        page = client.get("/setup/").text
        assert "/senders/new" in page
        assert "0 of 1" in page


class TestInProduction:
    @pytest.fixture
    def config(self, sqlite_url: str, config_for: ConfigFor) -> Config:
        return config_for(
            sqlite_url, production=True, public_url=PUBLIC, smtp_url="smtps://mx.parcel.example"
        )

    @pytest.fixture
    def bobs(self, client: FlaskClient, bob: User) -> FlaskClient:
        client.application.config.update(TRUSTED_HOSTS=None, SESSION_COOKIE_SECURE=False)
        sign_in(client, bob)
        return client

    def test_what_refuses_is_said_with_where_to_mend_it(
        self, bobs: FlaskClient, sender: Sender, letters: MailingList, session: Session
    ) -> None:
        draft = world.campaign(letters)
        session.add(draft)
        session.commit()
        page = bobs.get("/setup/").text
        assert "refuses now" in page
        assert "Register the relay" in page
        assert "/relays/#seeds" in page
        assert f"/senders/{sender.id}/edit" in page
        overview = bobs.get("/").text
        assert "See what refuses and how to mend it" in overview
        assert "/setup/#relay" in bobs.get(f"/campaigns/{draft.id}").text

    def test_a_fresh_installation_is_told_by_when(
        self, bobs: FlaskClient, sender: Sender, bob: User, session: Session, site: Site
    ) -> None:
        today = clock.now()
        sender.created_at = bob.created_at = today
        sender.attested_on = today.date()
        signing.create(session, site.keys, sender, signing.ED25519, "march", today)
        session.commit()
        page = bobs.get("/setup/").text
        assert "refuses now" not in page
        assert "is asked for until" in page
        assert page.count("refuses from") == 5
        assert "See what is still to do before" in bobs.get("/").text

    def test_each_sender_has_a_list_of_its_own(
        self, bobs: FlaskClient, sender: Sender, session: Session
    ) -> None:
        values = {
            column.name: getattr(sender, column.name)
            for column in Sender.__table__.columns
            if column.name != "id"
        }
        session.add(Sender(**{**values, "legal_name": "Second Press", "from_name": "Second"}))
        session.commit()
        other = session.query(Sender).filter_by(legal_name="Second Press").one()
        assert "Harbor Press LLC</h2>" in bobs.get("/setup/").text
        assert "Second Press</h2>" in bobs.get(f"/setup/?sender={other.id}").text
        assert "Harbor Press LLC</h2>" in bobs.get("/setup/?sender=x").text


class TestOnHold:
    @pytest.fixture
    def held(self, session: Session) -> None:
        now = clock.now()
        session.add(Instance(name="one", at=now, held_at=now, why=Doubt.older.value))
        session.commit()

    @pytest.mark.usefixtures("held", "sender")
    def test_it_is_said_on_the_first_page_and_who_may_not_change_it_sees_why(
        self, client: FlaskClient, bob: User
    ) -> None:
        sign_in(client, bob)
        assert Doubt.older in client.get("/").text
        page = client.get("/setup/").text
        assert Doubt.older in page
        assert "/setup/go-on" not in page
        assert post(client, "/setup/go-on", {}).status_code == 403

    @pytest.mark.usefixtures("held")
    def test_an_admin_lets_it_go_on(
        self, client: FlaskClient, adam: User, session: Session
    ) -> None:
        sign_in(client, adam)
        assert "/setup/go-on" in client.get("/setup/").text
        assert post(client, "/setup/go-on", {}).status_code == 302
        session.expire_all()
        assert session.get_one(Instance, 1).held_at is None
        assert "Sending is on hold" not in client.get("/setup/").text

    @pytest.mark.usefixtures("held")
    def test_a_campaign_that_is_started_meanwhile_is_told_why_not(
        self, client: FlaskClient, bob: User, session: Session, letters: MailingList
    ) -> None:
        draft = world.campaign(letters)
        session.add(draft)
        session.commit()
        sign_in(client, bob)
        answer = post(client, f"/campaigns/{draft.id}/start", {})
        assert answer.status_code == 409
        assert "Sending is on hold" in answer.text
