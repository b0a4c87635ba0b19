"""The fields that are hers, on her own page: typed, explained, and nothing of them lost."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock
from mailer.audience import timeline
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.segments import fields
from mailer.audience.segments.fields import BadField, Details
from mailer.audience.segments.models import FieldKind
from mailer.links import Site
from tests.web.test_public import preferences_path

HERS = (
    ("city", "City", FieldKind.text, ()),
    ("born", "Birthday", FieldKind.date, ()),
    ("beds", "Beds", FieldKind.number, ()),
    ("organic", "Organic only", FieldKind.yes_no, ()),
    ("soil", "Soil", FieldKind.choice, ("clay", "sand")),
    ("country", "Country", FieldKind.country, ()),
)


@pytest.fixture(autouse=True)
def kinds(session: Session, rosa: Subscriber) -> None:
    """One field of each kind that is hers, and one that is ours."""
    for key, label, kind, choices in HERS:
        details = Details(key, label, kind, choices, is_hers=True)
        fields.create(session, clock.now(), details)
    fields.create(session, clock.now(), Details("score", "Our score", FieldKind.number))
    rosa.attributes = {"city": "Ostende", "score": 7, "free": {"a": [1]}}
    session.commit()


def test_she_sees_and_changes_her_own_and_not_ours(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, letters: MailingList
) -> None:
    path = preferences_path(site, rosa)
    page = client.get(path).text
    assert 'value="Ostende"' in page
    assert "Our score" not in page
    form = {
        "list": letters.id,
        "field-city": "",
        "field-born": "1990-05-04",
        "field-beds": "2.5",
        "field-organic": "no",
        "field-soil": "sand",
        "field-country": "be",
        "field-score": "100",
        "field-free": "",
    }
    assert "Saved." in client.post(path, data=form).text
    session.refresh(rosa)
    assert rosa.attributes == {
        "born": "1990-05-04",
        "beds": 2.5,
        "organic": False,
        "soil": "sand",
        "country": "BE",
        "score": 7,
        "free": {"a": [1]},
    }
    said = [one.what for one in timeline.timeline(session, rosa)]
    assert "Corrected: Beds, Birthday, City, Country, Organic only, Soil" in said
    client.post(path, data=form)
    assert [one.what for one in timeline.timeline(session, rosa)] == said


@pytest.mark.parametrize(
    ("key", "text"),
    [("born", "soon"), ("beds", "many"), ("soil", "gravel"), ("city", "4111 1111 1111 1111")],
)
def test_what_does_not_fit_is_explained_and_nothing_that_was_typed_is_lost(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, key: str, text: str
) -> None:
    form = {"name": "Rosa Luz", "field-country": "NL", f"field-{key}": text}
    answer = client.post(preferences_path(site, rosa), data=form)
    assert answer.status_code == 422
    assert f'id="field-field-{key}-error"' in answer.text
    for typed in form.values():
        assert f'value="{typed}"' in answer.text
    session.refresh(rosa)
    assert (rosa.name, rosa.attributes["city"]) == ("Rosa", "Ostende")
    assert rosa.subscriptions[0].status == "confirmed"


def test_what_is_kept_and_does_not_fit_its_field_is_shown_and_stays(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber, letters: MailingList
) -> None:
    rosa.attributes = {"soil": "peat", "born": "19900504", "organic": "perhaps", "beds": 3}
    session.commit()
    path = preferences_path(site, rosa)
    page = client.get(path).text
    assert '<option value="peat" selected>' in page
    assert 'value="19900504"' in page
    assert page.count('type="date"') == 1  # the pause: a date input would show this day as none
    form = {
        "list": letters.id,
        "field-soil": "peat",
        "field-born": "19900504",
        "field-organic": "perhaps",
        "field-beds": "4",
    }
    assert client.post(path, data=form).status_code == 200
    session.refresh(rosa)
    assert rosa.attributes == {"soil": "peat", "born": "19900504", "organic": "perhaps", "beds": 4}


@pytest.mark.parametrize(("key", "label"), [("iban", "For refunds"), ("x", "Religion")])
def test_no_field_is_made_for_what_must_not_be_kept(session: Session, key: str, label: str) -> None:
    """S4."""
    with pytest.raises(BadField, match="not kept"):
        fields.create(session, clock.now(), Details(key, label, FieldKind.text, is_hers=True))
