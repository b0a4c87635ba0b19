"""Processors in the hands of admins: registered, reviewed by name, and ended."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer.accounts.models import AuditEntry, User
from mailer.delivery.processors.models import Service
from tests.conftest import ConfigFor
from tests.visitors import post, sign_in

CELLAR = {
    "name": "Cellar",
    "services": "keeps our backups",
    "role": "processor",
    "legal_entity": "Cellar Inc",
    "country": "US",
    "transfer": "dpf",
    "transfer_checked_on": "2026-03-01",
    "contract": "data processing agreement",
    "contract_on": "2026-03-02",
    "review_days": "180",
}


@pytest.fixture
def config(sqlite_url: str, config_for: ConfigFor) -> Config:
    return config_for(sqlite_url, smtp_url="smtps://user:secret-word@relay.parcel.example")


@pytest.fixture
def adams(client: FlaskClient, adam: User) -> FlaskClient:
    """Adam the admin, signed in."""
    sign_in(client, adam)
    return client


def test_a_service_is_registered_reviewed_changed_and_ended(
    adams: FlaskClient, session: Session
) -> None:
    assert "Nobody gets readers" in adams.get("/processors/").text
    page = post(adams, "/processors/new", CELLAR, follow_redirects=True).text
    assert "never reviewed" in page
    row = session.query(Service).one()
    review = f"/processors/{row.id}/review"
    assert post(adams, review, {}).status_code == 422
    page = post(adams, review, {"reviewed": "yes", "note": "no change"}, follow_redirects=True).text
    assert "next by" in page
    change = CELLAR | {"legal_entity": "Cellar Ltd"}
    page = post(adams, f"/processors/{row.id}/edit", change, follow_redirects=True).text
    assert "never reviewed" in page
    page = post(adams, f"/processors/{row.id}/end", {}, follow_redirects=True).text
    assert "Cellar (Cellar Ltd), until" in page
    acts = [one.action for one in session.query(AuditEntry).order_by(AuditEntry.id)]
    assert acts == [f"processors.{act}" for act in ("enter", "review", "edit", "end")]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": ""}, "cannot be empty"),
        ({"country": "XX"}, "Choose a country"),
        ({"role": "friend"}, "Choose one"),
        ({"contract": ""}, "cannot be empty"),
        ({"contract_on": "2999-01-01"}, "still to come"),
        ({"review_days": "0"}, "from 1 to 366"),
        ({"review_days": "367"}, "from 1 to 366"),
        ({"review_days": "often"}, "from 1 to 366"),
    ],
)
def test_bad_input_is_explained_and_kept(
    adams: FlaskClient, session: Session, changes: dict[str, str], complaint: str
) -> None:
    page = post(adams, "/processors/new", CELLAR | changes)
    assert page.status_code == 422
    assert complaint in page.text
    assert session.query(Service).count() == 0


def test_a_name_stands_in_the_register_once(adams: FlaskClient, session: Session) -> None:
    post(adams, "/processors/new", CELLAR)
    assert post(adams, "/processors/new", CELLAR).status_code == 422
    post(adams, "/processors/new", CELLAR | {"name": "Attic"})
    attic = session.query(Service).filter_by(name="Attic").one()
    assert post(adams, f"/processors/{attic.id}/edit", CELLAR).status_code == 422


def test_who_decides_alone_needs_no_contract(adams: FlaskClient, session: Session) -> None:
    post(adams, "/processors/new", CELLAR | {"role": "controller", "contract": ""})
    assert session.query(Service).one().contract == ""
