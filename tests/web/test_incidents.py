"""Incidents for staff, and the banner that readers see."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import User
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.segments import catalogue, rules
from mailer.campaigns.models import Campaign
from mailer.compliance.candidate import Kind
from mailer.delivery import segmenting
from mailer.privacy.incidents import affected
from mailer.privacy.incidents.models import Incident
from mailer.web.banners import BANNERS
from tests.visitors import TOKEN_FIELD, form_token, post, sign_in
from tests.world import RULES

NOW = clock.now()


@pytest.fixture
def admin(client: FlaskClient, alice: User) -> FlaskClient:
    sign_in(client, alice)
    return client


def at(**span: float) -> str:
    return (NOW + timedelta(**span)).strftime("%Y-%m-%dT%H:%M")


def facts(**changes: str) -> dict[str, str]:
    return {
        "title": "A stolen laptop",
        "noticed_at": at(hours=-3),
        "aware_at": at(hours=-2),
        "happened": "A laptop was stolen.",
        "data": "Addresses",
        "people": "120",
        **changes,
    }


@pytest.fixture
def where(admin: FlaskClient) -> str:
    """The page of an incident that was just entered."""
    answer = post(admin, "/incidents/new", facts())
    assert answer.status_code == 302, answer.text
    return answer.location


def test_what_cannot_be_is_said_and_nothing_is_lost(admin: FlaskClient) -> None:
    for wrong in (
        {"noticed_at": "x"},
        {"aware_at": at(hours=5)},
        {"people": "many"},
        {"title": ""},
    ):
        answer = post(admin, "/incidents/new", facts(**wrong))
        assert (answer.status_code, "A laptop was stolen." in answer.text) == (422, True)


def test_the_affected_are_chosen_in_each_way_and_told(
    admin: FlaskClient, session: Session, where: str, rosa: Subscriber, letters: MailingList
) -> None:
    session.add(Subscriber(email="x@b.c", address_key=b"x", created_at=NOW, updated_at=NOW))
    tree = rules.parsed({"mode": "all", "rules": RULES["rules"][:1]}, segmenting.offers(session))
    segment = catalogue.create(session, NOW, "Here", tree)
    session.commit()
    choose = f"{where}/choose"
    for who, which, number in (
        ("segment", segment, 1),
        ("list", letters.id, 1),
        ("everybody", 0, 2),
    ):
        assert post(admin, choose, {"who": who, "which": str(which)}).status_code == 302
        session.rollback()
        assert affected.count(session, 1) == number
    for wrong in ({"who": "me"}, {"who": "segment", "which": "99"}, {"who": "addresses"}):
        assert post(admin, choose, wrong).status_code == 422
    assert post(admin, f"{where}/clear", {}).status_code == 302
    form = {TOKEN_FIELD: form_token(admin), "who": "addresses"}
    file = (io.BytesIO(f"{rosa.email}\nx@example.net\n".encode()), "people.csv")
    assert admin.post(choose, data={**form, "file": file}).status_code == 302
    page = admin.get(where).text
    assert "1 are readers, 1 are not known here" in page
    assert post(admin, f"{where}/draft", {"sender": "99"}).status_code == 422
    made = post(admin, f"{where}/draft", {"sender": str(letters.sender_id)})
    assert admin.get(made.location).status_code == 200
    session.rollback()
    campaign = session.scalars(sa.select(Campaign)).one()
    assert (campaign.kind, campaign.incident_id) == (Kind.service, 1)
    assert "Notice: incident 1" in admin.get(where).text


def test_the_banner_stands_on_readers_and_staff_pages_while_it_is_on(
    app: Flask, admin: FlaskClient, where: str, letters: MailingList
) -> None:
    span = {"from": at(hours=-1), "until": at(hours=1)}
    text = {"text": "A laptop <b>was</b> stolen."}
    assert post(admin, f"{where}/announce", {**text, **span}).status_code == 302
    pages = ("/lists/", f"/subscribe/{letters.public_id}", "/nowhere")
    for page in pages:
        app.extensions.pop(BANNERS, None)
        assert "A laptop &lt;b&gt;was&lt;/b&gt; stolen." in admin.get(page).text, page
    assert post(admin, f"{where}/announce", {**text, "from": "x", "until": "y"}).status_code == 422
    assert post(admin, f"{where}/withdraw", {}).status_code == 302
    app.extensions.pop(BANNERS)
    assert "A laptop &lt;b&gt;" not in admin.get("/lists/").text


def test_it_is_reported_completed_and_closed(
    admin: FlaskClient, session: Session, where: str
) -> None:
    assert post(admin, f"{where}/close", {}).status_code == 422
    told = {"reported_at": at(hours=-1), "reference": "DSB-1", "why": ""}
    assert post(admin, f"{where}/report", told).status_code == 302
    late = {"reported_at": at(days=5), "reference": "", "why": ""}
    assert post(admin, f"{where}/report", late).status_code == 422
    assert post(admin, f"{where}/leave-unreported", {"why": ""}).status_code == 422
    more = facts(consequences="Fraud", measures="Locked")
    assert post(admin, f"{where}/edit", more).status_code == 302
    assert post(admin, f"{where}/edit", facts(title="")).status_code == 422
    assert "People concerned, approximately: 120" in admin.get(f"{where}/form.txt").text
    assert post(admin, f"{where}/close", {}).status_code == 302
    assert post(admin, f"{where}/edit", more).status_code == 422
    assert post(admin, f"{where}/dance", {}).status_code == 404
    assert "closed" in admin.get("/incidents/").text
    session.rollback()
    assert session.scalars(sa.select(Incident.reference)).one() == "DSB-1"
