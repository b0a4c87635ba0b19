"""Every route by somebody who works on some lists alone: hers is there, and nothing else is."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from mailer import clock
from mailer.accounts import cases, scopes
from mailer.accounts.cases import Ground, Why
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList, Subscriber
from mailer.campaigns.models import Campaign
from mailer.web import scoping
from mailer.web.access import PUBLIC, SIGNED_IN, needed
from tests import world
from tests.conftest import MakeReader
from tests.visitors import post, sign_in
from tests.web.conftest import Write
from tests.web.test_access import FORMS, RULES, SAFE, WAYS, path_of
from tests.world import World

# What names one of many things: none of another list's may be reached by any route.
NAMED = {"list_id", "campaign_id", "subscriber_id"}


@pytest.fixture
def poems(session: Session, letters: MailingList) -> MailingList:
    """Bob's list, beside alice's ``letters``."""
    made = MailingList(
        sender_id=letters.sender_id, name="Poems", public_id="poems", created_at=clock.now()
    )
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def bobs(client: FlaskClient, session: Session, bob: User, poems: MailingList) -> FlaskClient:
    """Bob, who works on the poems alone."""
    scopes.narrow(session, clock.now(), bob, [poems.id])
    session.commit()
    sign_in(client, bob)
    return client


@pytest.fixture
def made(app: Flask, session: Session, letters: MailingList, adam: User) -> World:
    """One of everything, all of it on alice's list."""
    return world.fill(app, session, letters, adam)


def is_staff(app: Flask, rule: Rule) -> bool:
    return needed(app, rule.endpoint) not in {None, PUBLIC, SIGNED_IN}


def test_of_another_list_nothing_is_there_by_any_route(
    app: Flask, session: Session, bobs: FlaskClient, bob: User, made: World
) -> None:
    """One test over all routes: each would otherwise make the same world anew."""
    why, about = Why(Ground.problem, "A call"), f"subscriber {made.parts['subscriber_id']}"
    cases.begin(session, clock.now(), bob, about, why)
    session.commit()
    tried = 0
    for rule, method in (one.values for one in WAYS):
        assert isinstance(rule, Rule)
        named = rule.arguments - set(rule.defaults or ())
        if not is_staff(app, rule) or (rule.endpoint in scoping.REACHED and not named & NAMED):
            continue
        url = path_of(rule, made)
        form = FORMS[rule.endpoint](made) if rule.endpoint in FORMS else {}
        answer = bobs.get(url) if method in SAFE else post(bobs, url, form)
        is_home = rule.endpoint == scoping.HOME and answer.location == "/campaigns/"
        # His role forbids some pages to begin with, and says so.
        assert is_home or answer.status_code in {403, 404}, (method, url)
        assert "rosa@" not in answer.text
        tried += 1
    assert tried > 100


def test_what_is_reached_are_routes_and_each_named_thing_is_known() -> None:
    endpoints = {rule.endpoint: rule for rule in RULES}
    assert endpoints.keys() >= scoping.REACHED
    for name in scoping.REACHED:
        assert endpoints[name].arguments <= {*scoping.OBJECTS, "subscriber_id"}


@pytest.mark.usefixtures("database", "rosa")
def test_hers_is_there(
    bobs: FlaskClient,
    session: Session,
    write: Write,
    poems: MailingList,
    make_reader: MakeReader,
) -> None:
    ours, theirs = write(name="Spring poems"), write(name="Letter of May")
    ours.lists = [poems]
    una = make_reader("una")
    una.subscriptions[0].list_id = poems.id
    session.commit()
    lists, campaigns, readers = (
        bobs.get(f"/{page}/").text for page in ("lists", "campaigns", "subscribers")
    )
    assert ("Poems" in lists, "Harbor Letters" in lists) == (True, False)
    assert (ours.name in campaigns, theirs.name in campaigns) == (True, False)
    assert ("un…@" in readers, "ro…@" in readers) == (True, False)
    assert "1 reader<" in readers.replace(" </p>", "<")
    for path in (f"lists/{poems.id}", f"campaigns/{ours.id}", f"subscribers/{una.id}"):
        assert bobs.get(f"/{path}").status_code == 200
    composer = bobs.get("/campaigns/new").text
    assert ("Poems" in composer, ">Harbor Letters" in composer) == (True, False)


def test_a_campaign_that_also_goes_to_another_list_is_not_his(
    bobs: FlaskClient, session: Session, write: Write, poems: MailingList, letters: MailingList
) -> None:
    both, nowhere = write(name="Both"), write(name="Nowhere")
    both.lists, nowhere.lists = [poems, letters], []
    session.commit()
    for one in (both, nowhere):
        assert bobs.get(f"/campaigns/{one.id}").status_code == 404
        assert one.name not in bobs.get("/campaigns/").text


def test_forms_and_queries_name_no_list_of_others(
    bobs: FlaskClient, session: Session, letters: MailingList, poems: MailingList
) -> None:
    draft = {"name": "x", "subject": "x", "body": "x", "sender_id": letters.sender_id}
    theirs = {**draft, "list_ids": letters.id}
    for path in ("new", "check", "findings", "preview"):
        assert post(bobs, f"/campaigns/{path}", theirs).status_code == 404
    assert bobs.get(f"/subscribers/?list={letters.id}").status_code == 404
    assert bobs.get(f"/subscribers/?list={poems.id}").status_code == 200
    assert post(bobs, "/campaigns/new", draft).status_code == 422
    assert post(bobs, "/campaigns/new", {**draft, "list_ids": poems.id}).status_code == 302
    assert [one.lists for one in session.query(Campaign)] == [[poems]]


def test_of_a_reader_on_two_lists_he_sees_and_ends_his_own(
    bobs: FlaskClient,
    session: Session,
    rosa: Subscriber,
    make_reader: MakeReader,
    bob: User,
    poems: MailingList,
) -> None:
    una = make_reader("una")
    una.subscriptions[0].list_id = poems.id
    una.subscriptions[0].subscriber_id = rosa.id
    session.commit()
    session.expire_all()
    why = Why(Ground.problem, "A call")
    cases.begin(session, clock.now(), bob, f"subscriber {rosa.id}", why)
    session.commit()
    page = bobs.get(f"/subscribers/{rosa.id}").text
    assert ("Poems" in page, "Harbor Letters" in page, "Timeline" in page) == (True, False, False)
    by_list = {one.list_id: one.id for one in rosa.subscriptions}
    path = f"/subscribers/{rosa.id}/unsubscribe"
    for list_id, number in by_list.items():
        given = {"subscription_id": number, "note": "By phone"}
        expected = 302 if list_id == poems.id else 404
        assert post(bobs, path, given).status_code == expected
    session.expire_all()
    ended = {one.list_id for one in rosa.subscriptions if one.unsubscribed_at}
    assert ended == {poems.id}


def test_admins_narrow_marketers_and_never_one_another(
    client: FlaskClient, session: Session, adam: User, bob: User, poems: MailingList
) -> None:
    sign_in(client, adam)
    some = {"reach": "some", "list_ids": [poems.id, 999]}
    post(client, f"/people/{bob.id}/lists", some)
    session.expire_all()
    assert scopes.lists_of(session, bob) == frozenset({poems.id})
    assert "checked" in client.get(f"/people/{bob.id}").text
    post(client, f"/people/{bob.id}/lists", {"reach": "some"})
    session.expire_all()
    assert scopes.lists_of(session, bob) == frozenset()  # none, and not all
    post(client, f"/people/{bob.id}/lists", {"reach": "all"})
    session.expire_all()
    assert scopes.lists_of(session, bob) is None
    page = post(client, f"/people/{adam.id}/lists", some, follow_redirects=True).text
    assert "Owners and admins answer for all lists" in page
    session.expire_all()
    assert scopes.lists_of(session, adam) is None
    told = [(one.action, one.reason) for one in session.query(AuditEntry)]
    assert told == [
        ("users.narrow", f"lists {poems.id}"),
        ("users.narrow", "lists none"),
        ("users.narrow", "all lists"),
    ]


def test_whoever_has_no_list_left_sees_empty_pages(
    bobs: FlaskClient,
    session: Session,
    bob: User,
    make_reader: MakeReader,
) -> None:
    make_reader("una")
    scopes.narrow(session, clock.now(), bob, [])
    session.commit()
    for page in ("lists", "campaigns", "subscribers"):
        answer = bobs.get(f"/{page}/")
        assert answer.status_code == 200
        assert "un…@" not in answer.text
        assert "Harbor Letters" not in answer.text
