"""What a sign-up form asks beside address and name: nothing by itself, and only what is hers."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import User
from mailer.audience import subscriptions
from mailer.audience.consent import Evidence
from mailer.audience.joining.models import AskedMail, SignUp
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.segments import fields
from mailer.audience.segments.fields import Details
from mailer.audience.segments.models import FieldKind
from mailer.links import Site
from tests.sign_ups import sign_up, take_up, ticket
from tests.visitors import TOKEN_FIELD, form_token, sign_in


@pytest.fixture(autouse=True)
def asked(session: Session, letters: MailingList) -> None:
    """The form asks for three fields; one of them has become ours since."""
    made = (
        Details("city", "City", FieldKind.text, is_hers=True),
        Details("soil", "Soil", FieldKind.choice, ("clay", "sand"), is_hers=True),
        Details("beds", "Beds", FieldKind.number, is_hers=True),
        Details("score", "Our score", FieldKind.number),
    )
    for one in made:
        fields.create(session, clock.now(), one)
    letters.asked_fields = "city soil score"
    session.commit()


def attributes(session: Session) -> dict[str, object]:
    session.expire_all()
    return session.query(Subscriber).one().attributes


def confirm(session: Session) -> None:
    (place,) = session.query(Subscription)
    subscriptions.confirm(session, clock.now(), place.id, place.confirmation_serial, Evidence())
    session.commit()


def test_the_form_asks_for_what_the_list_names_and_nobody_has_to_answer(
    client: FlaskClient, session: Session, site: Site
) -> None:
    page = client.get("/subscribe/letters").text
    assert '<option value="sand">' in page
    assert page.count('name="field-') == len(("city", "soil"))
    for label in ("Beds", "Our score"):
        assert label not in page
    sign_up(client, site, "ines@example.org")
    take_up(session, site)
    assert attributes(session) == {}


def test_answers_are_kept_typed_and_no_passer_by_changes_them_once_they_are_proved(
    client: FlaskClient, session: Session, site: Site
) -> None:
    answers = {"field-city": " Ostende ", "field-soil": "clay", "field-beds": "3"}
    sign_up(client, site, "ines@example.org", **answers, **{"field-score": "9"})
    take_up(session, site)
    assert attributes(session) == {"city": "Ostende", "soil": "clay"}
    confirm(session)
    session.query(Subscription).update({"status": "unsubscribed"})
    session.query(AskedMail).delete()  # a day goes by
    session.commit()
    sign_up(client, site, "ines@example.org", **{"field-city": "Casino"})
    (owed,) = take_up(session, site)
    assert owed.subscription_id is not None
    assert attributes(session) == {"city": "Ostende", "soil": "clay"}


def test_until_somebody_proves_the_address_the_latest_answers_count(
    client: FlaskClient, session: Session, site: Site, letters: MailingList
) -> None:
    sign_up(client, site, "ines@example.org", **{"field-city": "Casino", "field-soil": "clay"})
    take_up(session, site)
    session.query(Subscription).delete()
    session.query(AskedMail).delete()
    session.commit()
    sign_up(client, site, "ines@example.org", **{"field-city": "Ostende"})
    take_up(session, site)
    assert attributes(session) == {"city": "Ostende", "soil": "clay"}
    assert letters.id


def test_an_answer_that_does_not_fit_is_explained_and_everything_typed_is_kept(
    client: FlaskClient, session: Session, site: Site
) -> None:
    typed = {"field-city": "Ostende", "field-soil": "gravel"}
    answer = sign_up(client, site, "ines@example.org", **typed)
    assert answer.status_code == 422
    assert 'value="Ostende"' in answer.text
    assert "field-field-soil-error" in answer.text
    assert session.query(SignUp).count() == 0


def test_programs_are_told_what_may_be_sent_and_send_it_by_key(
    client: FlaskClient, session: Session, site: Site
) -> None:
    (told,) = client.get("/api/public/lists").json or []
    assert told["fields"] == [
        {"key": "city", "label": "City", "kind": "text"},
        {"key": "soil", "label": "Soil", "kind": "choice", "choices": ["clay", "sand"]},
    ]
    body = {"email": "ines@example.org", "list_uuids": ["letters"], "ticket": ticket(site)}
    wrong = client.post("/api/public/subscription", json=body | {"attributes": {"soil": "mud"}})
    assert wrong.status_code == 400
    sent = {"city": "Ostende", "soil": {"not": "plain"}, "score": 9}
    right = client.post("/api/public/subscription", json=body | {"attributes": sent})
    assert right.status_code == 200
    take_up(session, site)
    assert attributes(session) == {"city": "Ostende"}


def test_staff_tick_what_a_form_asks_and_the_embedded_form_asks_it_too(
    client: FlaskClient, session: Session, letters: MailingList, bob: User
) -> None:
    sign_in(client, bob)
    path = f"/lists/{letters.id}/edit"
    page = client.get(path).text
    assert 'value="city" checked' in page
    assert "Our score" not in page
    form = {
        TOKEN_FIELD: form_token(client),
        "name": letters.name,
        "optin": "double",
        "type": "public",
        "asked_fields": ["beds", "soil", "score"],
    }
    client.post(path, data=form)
    session.refresh(letters)
    assert letters.asked_fields == "beds soil"
    embed = client.get(f"/lists/{letters.id}").text
    assert "name=&#34;field-soil&#34;" in embed
    assert "name=&#34;field-beds&#34;" in embed
    wrong = client.post(path, data=form | {"name": "", "asked_fields": ["beds"]})
    assert wrong.status_code == 422
    assert 'value="beds" checked' in wrong.text
    assert 'value="soil" checked' not in wrong.text


def test_a_child_is_told_so_and_a_parent_what_to_do(
    client: FlaskClient, session: Session, site: Site, letters: MailingList
) -> None:
    born = Details("born", "Birthday", FieldKind.date, is_hers=True)
    fields.create(session, clock.now(), born)
    letters.asked_fields, letters.least_age = "born", 13
    session.commit()
    page = client.get("/subscribe/letters").text
    assert "You are a parent" in page
    assert letters.sender.reply_to in page
    day = f"{clock.now().year - 9}-05-05"
    answer = sign_up(client, site, "ines@example.org", **{"field-born": day, "of_age": "yes"})
    assert (answer.status_code, "not for children under 13" in answer.text) == (422, True)
    assert session.query(SignUp).count() == 0
