"""The rule builder: built, counted while one types, kept, used, and thrown away."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.segments import fields
from mailer.audience.segments.models import Field, FieldKind, Segment
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns.models import Campaign
from tests.conftest import MakeReader
from tests.visitors import post, sign_in
from tests.web.conftest import Write, acts, form_of

LAND = {"r.mode": "all", "r.0.about": "attribute:land", "r.0.op": "is", "r.0.value": "de"}


@pytest.fixture
def land(session: Session, now: datetime) -> None:
    fields.create(session, now, fields.Details("land", "Land", FieldKind.country))
    session.commit()


@pytest.fixture
def people(make_reader: MakeReader, land: None) -> None:
    del land
    make_reader("rosa", attributes={"land": "DE"})
    make_reader("uwe", SubscriptionStatus.unconfirmed, attributes={"land": "DE"})
    make_reader("fay", attributes={"land": "FR"})


@pytest.mark.usefixtures("database", "people")
def test_the_count_is_told_with_the_reasons_and_nothing_is_kept(
    visitor: FlaskClient, session: Session
) -> None:
    page = post(visitor, "/segments/sketch", LAND).text
    for words in ("<strong>2</strong> readers", "May be mailed on a list", "Has not confirmed"):
        assert words in page
    assert session.query(Segment).count() == 0
    assert acts(session) == []


@pytest.mark.usefixtures("people")
def test_a_half_built_rule_says_what_is_missing(visitor: FlaskClient) -> None:
    assert (
        "Say what “Land” is compared with."
        in post(visitor, "/segments/sketch", LAND | {"r.0.value": ""}).text
    )


@pytest.mark.usefixtures("land", "letters")
def test_buttons_add_and_remove_rules_and_groups(visitor: FlaskClient) -> None:
    page = post(visitor, "/segments/sketch", LAND | {"do": "group@r"}).text
    assert 'name="r.1.0.about"' in page
    two = LAND | {
        "r.1.mode": "any",
        "r.1.0.about": "email:",
        "r.1.0.op": "begins",
        "r.1.0.value": "x",
    }
    page = post(visitor, "/segments/sketch", two | {"do": "rule@r.1"}).text
    assert 'name="r.1.1.about"' in page
    assert 'name="r.1.' not in post(visitor, "/segments/sketch", two | {"do": "away@r.1"}).text
    for odd in ("away@r.9", "away@r", "rule@r.0", "group@r.1.0", "fly@r", "away@r.0.0.0.0.0"):
        assert post(visitor, "/segments/sketch", two | {"do": odd}).status_code == 200


@pytest.mark.usefixtures("land", "letters")
def test_what_the_rule_is_about_changes_how_it_compares(visitor: FlaskClient) -> None:
    page = post(visitor, "/segments/sketch", LAND | {"r.0.about": "list:1"}).text
    assert '<option value="confirmed" selected>' in page


@pytest.mark.usefixtures("people")
def test_a_segment_is_kept_shown_changed_and_on_record(
    visitor: FlaskClient, session: Session
) -> None:
    assert "No segments yet" in visitor.get("/segments/").text
    answer = post(visitor, "/segments/new", LAND | {"name": "Germans"})
    assert answer.status_code == 302
    (kept,) = session.query(Segment)
    assert kept.rules["rules"][0]["value"] == "DE"
    page = visitor.get(f"/segments/{kept.id}").text
    assert "Land is" in page
    assert "<strong>2</strong> readers" in page
    changed = LAND | {"name": "French", "r.0.value": "FR"}
    post(visitor, f"/segments/{kept.id}/edit", changed)
    assert "French" in visitor.get("/segments/").text
    assert acts(session) == ["segments.create", "segments.edit"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": ""}, "cannot be empty"),
        ({"name": "like rosa@example.org"}, "Leave the address out"),
        ({"r.0.value": "Germany"}, "two letters"),
        ({"r.0.about": "sql:1=1"}, "what the rule is about"),
        ({"r.mode": "sql"}, "all, any or none"),
        ({"name": "Twin"}, "of this name already"),
    ],
)
@pytest.mark.usefixtures("people")
def test_what_cannot_be_kept_is_said_beside_the_field(
    visitor: FlaskClient, session: Session, changes: dict[str, str], told: str
) -> None:
    post(visitor, "/segments/new", LAND | {"name": "Twin"})
    page = post(visitor, "/segments/new", LAND | {"name": "Other"} | changes)
    assert page.status_code == 422
    assert told in page.text
    assert session.query(Segment).count() == 1


@pytest.mark.usefixtures("people")
def test_a_campaign_is_narrowed_and_its_page_tells_the_arithmetic(
    visitor: FlaskClient, session: Session, write: Write
) -> None:
    post(visitor, "/segments/new", LAND | {"name": "Germans"})
    (kept,) = session.query(Segment)
    campaign = write()
    form = form_of(campaign, segment_ids=[kept.id])
    assert post(visitor, f"/campaigns/{campaign.id}/edit", form).status_code == 302
    page = visitor.get(f"/campaigns/{campaign.id}").text
    for words in ("Only readers in", "Germans", "In none of the chosen segments"):
        assert words in page
    assert "Only readers in" in visitor.get(f"/campaigns/{campaign.id}/edit").text
    post(visitor, f"/segments/{kept.id}/delete")
    assert session.query(Segment).count() == 1
    post(visitor, f"/campaigns/{campaign.id}/edit", form_of(campaign, revision=2))
    post(visitor, f"/segments/{kept.id}/delete")
    assert session.query(Segment).count() == 0


@pytest.mark.usefixtures("rosa")
def test_no_segment_of_objectors_narrows_a_campaign(
    visitor: FlaskClient, session: Session, write: Write, letters: MailingList
) -> None:
    left = {"r.mode": "all", "r.0.about": f"list:{letters.id}", "r.0.op": "unsubscribed"}
    post(visitor, "/segments/new", left | {"name": "Left"})
    (kept,) = session.query(Segment)
    assert "It can only be left out." in visitor.get(f"/segments/{kept.id}").text
    campaign = write()
    form = form_of(campaign, segment_ids=[kept.id])
    page = post(visitor, f"/campaigns/{campaign.id}/edit", form)
    assert page.status_code == 422
    assert "(R37)" in page.text
    assert session.get_one(Campaign, campaign.id).segments == []


@pytest.mark.usefixtures("rosa")
def test_a_field_is_added_and_offered(visitor: FlaskClient, session: Session) -> None:
    form = {"label": "Plan", "key": "plan", "kind": "choice", "choices": "free\r\n gold \n\n"}
    assert post(visitor, "/fields/", form).status_code == 302
    (field,) = session.query(Field)
    assert field.offered == ["free", "gold"]
    assert "Plan" in visitor.get("/fields/").text
    assert "attribute:plan" in visitor.get("/segments/new").text
    assert session.query(Subscriber).count() == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"key": "Plan!"}, "small letters"),
        ({"key": ""}, "cannot be empty"),
        ({"kind": "blob"}, "Choose one of these"),
        ({"kind": "choice"}, "at least one choice"),
    ],
)
def test_a_field_that_cannot_be_is_not_added(
    visitor: FlaskClient, session: Session, changes: dict[str, str], told: str
) -> None:
    form = {"label": "Plan", "key": "plan", "kind": "text"} | changes
    page = post(visitor, "/fields/", form)
    assert page.status_code == 422
    assert told in page.text
    assert session.query(Field).count() == 0


@pytest.mark.parametrize(("name", "status"), [("alice", 302), ("adam", 422), ("bob", 422)])
def test_only_an_owner_excepts_a_field_that_looks_sensitive_and_it_is_logged(
    client: FlaskClient,
    session: Session,
    request: pytest.FixtureRequest,
    name: str,
    status: int,
) -> None:
    sign_in(client, request.getfixturevalue(name))
    form = {"label": "Allergies", "key": "allergy", "kind": "text", "exception": "Pollen warnings"}
    assert ("although it looks sensitive" in client.get("/fields/").text) == (name == "alice")
    assert post(client, "/fields/", form).status_code == status
    told = [(one.action, one.reason) for one in session.query(AuditEntry)]
    assert told == ([("fields.except", "Pollen warnings")] if name == "alice" else [])
    assert session.query(Field).count() == len(told)
