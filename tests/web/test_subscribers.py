"""Readers in the hands of staff: found, looked at, switched off, taken off on request."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry, User
from mailer.audience import suppressions
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription
from mailer.audience.segments import fields
from mailer.audience.segments.models import FieldKind
from mailer.audience.words import SubscriberStatus, SubscriptionStatus
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.words import Channel
from tests import world
from tests.conftest import MakeReader
from tests.visitors import look_at, post, sign_in


@pytest.fixture
def bobs(client: FlaskClient, bob: User) -> FlaskClient:
    """Bob, signed in."""
    sign_in(client, bob)
    return client


def acts(session: Session) -> list[tuple[str, str]]:
    return [(entry.action, entry.subject) for entry in session.query(AuditEntry)]


@pytest.mark.usefixtures("letters")
def test_an_empty_house_says_how_readers_come(bobs: FlaskClient) -> None:
    assert "No readers yet" in bobs.get("/subscribers/").text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"rosa", "una"}),
        ("?q=ROS", {"rosa"}),
        ("?status=unconfirmed&list=1", {"una"}),
        ("?list=1", {"rosa", "una"}),
        ("?list=7", set()),
        ("?q=nobody", set()),
        ("?status=nonsense&list=x&before=x", {"rosa", "una"}),
        ("?before=99", {"rosa", "una"}),
        ("?after=-1", {"rosa", "una"}),
        ("?q=osa", set()),
        ("?q=osa&anywhere=yes", {"rosa"}),
        ("?segment=77", {"rosa", "una"}),
        ("?q=%00", {"rosa", "una"}),
        ("?list=99999999999999999999999", {"rosa", "una"}),
        ("?before=99999999999999999999999", {"rosa", "una"}),
    ],
)
@pytest.mark.usefixtures("database")
def test_readers_are_found_and_odd_searches_do_no_harm(
    bobs: FlaskClient, make_reader: MakeReader, query: str, names: set[str]
) -> None:
    make_reader("rosa")
    make_reader("una", SubscriptionStatus.unconfirmed)
    page = bobs.get(f"/subscribers/{query}")
    assert page.status_code == 200
    shown = {name for name in ("rosa", "una") if f"{name[:2]}…@example.org" in page.text}
    assert shown == names
    assert "rosa@example.org" not in page.text
    assert ("Nobody found" in page.text) == (not names)


def test_a_page_shows_profile_lists_and_story(
    bobs: FlaskClient, rosa: Subscriber, letters: MailingList
) -> None:
    bobs.get("/lists/")
    post(bobs, f"/subscribers/{rosa.id}/unsubscribe", request(rosa))
    page = look_at(bobs, rosa.id)
    for words in (rosa.email, rosa.name, letters.name, "Suppressed", "Unsubscribed from", "bob@"):
        assert words in page


def request(rosa: Subscriber, **changes: str) -> dict[str, str]:
    given = {"scope": "list", "note": "By phone, 3 May"}
    return {**given, "subscription_id": str(rosa.subscriptions[0].id), **changes}


@pytest.mark.parametrize("scope", ["list", "sender", "everything", ""])
def test_a_reader_is_taken_off_on_request_and_it_is_kept_who_did_it(
    bobs: FlaskClient, session: Session, rosa: Subscriber, scope: str
) -> None:
    for _ in range(2):
        answer = post(bobs, f"/subscribers/{rosa.id}/unsubscribe", request(rosa, scope=scope))
        assert answer.status_code == 302
    (held,) = suppressions.in_force(session, rosa.address_key)
    assert held.scope == ("sender" if scope == "sender" else "list")
    (event,) = session.query(ConsentEvent)
    assert (event.action, event.method) == ("unsubscribed", "staff")
    assert event.evidence is not None
    assert event.evidence["shown"] == "By phone, 3 May"
    assert event.evidence["actor"] == "bob@example.com"
    assert ("subscribers.unsubscribe", f"subscriber {rosa.id}") in acts(session)


@pytest.mark.parametrize(
    "changes", [{"note": ""}, {"note": "n" * 1_000_000}, {"subscription_id": "x"}]
)
def test_a_request_without_a_note_or_a_list_is_not_carried_out(
    bobs: FlaskClient, session: Session, rosa: Subscriber, changes: dict[str, str]
) -> None:
    page = post(bobs, f"/subscribers/{rosa.id}/unsubscribe", request(rosa, **changes))
    assert page.status_code == 422
    assert session.query(Subscription).one().status == "confirmed"
    assert acts(session) == []
    assert rosa.email not in page.text


def test_nobody_is_taken_off_through_another_readers_page(
    bobs: FlaskClient, session: Session, rosa: Subscriber, make_reader: MakeReader
) -> None:
    una = make_reader("una")
    assert post(bobs, f"/subscribers/{una.id}/unsubscribe", request(rosa)).status_code == 422
    assert session.query(Subscription).filter_by(status="confirmed").count() == 2


def test_switching_off_and_on_is_recorded_once_each(
    bobs: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    for act in ("disable", "disable", "enable", "enable"):
        assert post(bobs, f"/subscribers/{rosa.id}/{act}").status_code == 302
    assert [action for action, _ in acts(session)] == ["subscribers.disable", "subscribers.enable"]


def test_who_is_blocklisted_has_no_button_to_enable(
    bobs: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    rosa.status = SubscriberStatus.blocklisted
    page = look_at(bobs, rosa.id)
    assert "Enable" not in page
    post(bobs, f"/subscribers/{rosa.id}/enable")
    session.refresh(rosa)
    assert rosa.status == "blocklisted"


@pytest.mark.parametrize(("name", "offered"), [("vera", 0), ("bob", 1), ("adam", 3)])
def test_each_role_is_offered_its_own_buttons(
    client: FlaskClient, request: pytest.FixtureRequest, rosa: Subscriber, name: str, offered: int
) -> None:
    user: User = request.getfixturevalue(name)
    sign_in(client, user)
    page = look_at(client, rosa.id)
    buttons = ("Disable", "Export data", "Erase")
    assert sum(f"{one}</" in page for one in buttons) == offered


def test_a_reader_who_is_not_there_is_not_found(bobs: FlaskClient) -> None:
    assert bobs.get("/subscribers/999").status_code == 404
    for act in ("unsubscribe", "disable", "enable"):
        assert post(bobs, f"/subscribers/999/{act}").status_code == 404


def test_what_was_sent_and_done_is_part_of_her_story(
    bobs: FlaskClient, session: Session, rosa: Subscriber, letters: MailingList
) -> None:
    campaign = world.campaign(letters)
    session.add(campaign)
    session.flush()
    session.add(world.delivered(campaign, rosa, letters))
    post(bobs, f"/subscribers/{rosa.id}/disable")
    page = look_at(bobs, rosa.id)
    for words in ("Campaign “March”: accepted", "Disabled", "Reason given for looking"):
        assert words in page


def test_a_profile_is_edited_by_field_and_the_story_tells_it(
    bobs: FlaskClient, session: Session, rosa: Subscriber, now: datetime
) -> None:
    for key, kind in (("age", FieldKind.number), ("vip", FieldKind.yes_no)):
        fields.create(session, now, fields.Details(key, key.title(), kind))
    rosa.attributes = {"age": 40, "shoe": "left"}
    path = f"/subscribers/{rosa.id}/edit"
    session.add(world.relay(rosa.subscriptions[0].list))
    look_at(bobs, rosa.id)
    assert 'value="40"' in bobs.get(path).text
    wrong = post(bobs, path, {"name": "Rosa", "field-age": "many", "field-vip": "yes"})
    assert (wrong.status_code, "not a number" in wrong.text) == (422, True)
    right = {"name": "Rosa Luz", "field-age": "", "field-vip": "yes"}
    assert post(bobs, path, right).status_code == 302
    session.refresh(rosa)
    assert (rosa.name, rosa.attributes) == ("Rosa Luz", {"shoe": "left", "vip": True})
    post(bobs, path, right)
    (entry,) = session.query(AuditEntry).filter_by(action="subscribers.edit")
    assert (entry.action, entry.reason) == ("subscribers.edit", "age, name, vip")
    (owed,) = session.query(Request)
    assert (owed.channel, owed.answer) == (Channel.own, "Corrected by us: age, name, vip.")
    assert post(bobs, path, {"name": "=<script>"}).status_code == 422
