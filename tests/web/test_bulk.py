"""Bulk acts on the pages: the number is asked back, and a set that has changed is left alone."""

import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import tasks
from mailer.accounts.models import AuditEntry
from mailer.audience import bulk
from mailer.audience.bulk_models import BulkAct
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.segments import catalogue, fields, rules
from mailer.audience.segments.models import Field, FieldKind
from mailer.delivery import segmenting
from tests.conftest import MakeReader
from tests.visitors import post

MARK = re.compile(r'name="mark" value="([^"]+)"')


@pytest.fixture(autouse=True)
def people(make_reader: MakeReader) -> None:
    for name in ("ada", "anna", "bea"):
        make_reader(name)


def shown(visitor: FlaskClient, query: str) -> str:
    found = MARK.search(visitor.get(f"/subscribers/bulk?{query}").text)
    assert found is not None
    return found[1]


def form(visitor: FlaskClient, query: str, **rest: str) -> dict[str, str]:
    given = {"deed": "disable", "note": "At the fair", "confirmation": "2"}
    return {**given, "mark": shown(visitor, query), **rest}


def test_what_the_page_counted_is_what_is_changed(visitor: FlaskClient, session: Session) -> None:
    assert "subscribers/bulk?q=a" in visitor.get("/subscribers/?q=a").text
    answer = post(visitor, "/subscribers/bulk?q=a", form(visitor, "q=a"))
    page = visitor.get(answer.location).text
    for words in ("Disable them", "At the fair", "Done", "bob@example.com"):
        assert words in page
    off = session.query(Subscriber).filter_by(status="disabled")
    assert {one.name for one in off} == {"Ada", "Anna"}
    (entry,) = session.query(AuditEntry)
    assert entry.reason == "disable, 2 readers: At the fair"


def test_a_segment_is_a_set_too(visitor: FlaskClient, session: Session, now: datetime) -> None:
    rule = {"about": "name", "key": "", "op": "is", "value": "Bea"}
    tree = rules.parsed({"mode": "all", "rules": [rule]}, segmenting.offers(session))
    query = f"segment={catalogue.create(session, now, 'B', tree)}"
    assert "ada@example.org" not in visitor.get(f"/subscribers/?{query}").text
    post(visitor, f"/subscribers/bulk?{query}", form(visitor, query, confirmation="1"))
    assert [one.name for one in session.query(Subscriber).filter_by(status="disabled")] == ["Bea"]


def test_a_set_that_has_changed_is_told_and_left_alone(
    visitor: FlaskClient, session: Session, make_reader: MakeReader
) -> None:
    before = form(visitor, "q=a")
    make_reader("abe")
    page = post(visitor, "/subscribers/bulk?q=a", before)
    assert page.status_code == 409
    assert "There were 2 readers when the page was shown; now it is 3." in page.text
    assert session.query(Subscriber).filter_by(status="disabled").count() == 0
    assert session.query(BulkAct).count() == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"confirmation": "3"}, "not the number of readers"),
        ({"confirmation": ""}, "not the number of readers"),
        ({"note": ""}, "cannot be empty"),
        ({"note": "as rosa@example.org wrote"}, "Leave the address out"),
        ({"deed": "add to a list"}, "Choose one of these"),
        ({"deed": "unsubscribe"}, "Choose the list"),
        ({"deed": "set-field"}, "Choose the field"),
        ({"deed": "set-field", "field_id": "1", "value": "silver"}, "not one of the choices"),
    ],
)
def test_an_unclear_wish_changes_nobody(
    visitor: FlaskClient, session: Session, now: datetime, changes: dict[str, str], told: str
) -> None:
    fields.create(session, now, fields.Details("plan", "Plan", FieldKind.choice, ("gold",)))
    page = post(visitor, "/subscribers/bulk?q=a", form(visitor, "q=a", **changes))
    assert page.status_code == 422
    assert told in page.text
    assert session.query(BulkAct).count() == 0


def test_a_field_is_set_and_a_list_is_left(
    visitor: FlaskClient, session: Session, letters: MailingList, now: datetime
) -> None:
    fields.create(session, now, fields.Details("age", "Age", FieldKind.number))
    field = session.query(Field).one()
    wish = {"deed": "set-field", "field_id": str(field.id), "value": "41"}
    post(visitor, "/subscribers/bulk?q=a", form(visitor, "q=a", **wish))
    wish = {"deed": "unsubscribe", "list_id": str(letters.id)}
    post(visitor, "/subscribers/bulk?q=a", form(visitor, "q=a", **wish))
    anna = session.query(Subscriber).filter_by(name="Anna").one()
    assert (anna.attributes, anna.subscriptions[0].status) == ({"age": 41}, "unsubscribed")


def test_a_long_act_goes_on_by_itself(
    visitor: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PORTION", 1)
    answer = post(visitor, "/subscribers/bulk?q=a", form(visitor, "q=a"))
    assert "Under way" in visitor.get(answer.location).text
    (number,) = bulk.due(session)
    tasks.bulk(number)
    assert "Done" in visitor.get(answer.location).text
    assert session.query(Subscriber).filter_by(status="disabled").count() == 2


def test_an_empty_set_offers_nothing_to_do(visitor: FlaskClient) -> None:
    assert "nobody to change" in visitor.get("/subscribers/bulk?q=zzz").text
