"""Every route by somebody who works on some lists alone: hers is there, and nothing else is."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from config import ROOT
from mailer import clock
from mailer.accounts import cases, scopes
from mailer.accounts.cases import Ground, Why
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList, Sender, Subscriber
from mailer.audience.segments import catalogue, rules
from mailer.audience.segments.models import Segment
from mailer.audience.words import Scope, SubscriptionStatus
from mailer.campaigns.models import Campaign
from mailer.delivery import segmenting
from mailer.web import scoping
from mailer.web.access import PUBLIC, SIGNED_IN, needed
from tests import world
from tests.conftest import MakeReader
from tests.visitors import post, sign_in
from tests.web.conftest import Write, form_of
from tests.web.matrix import ROWS, RULES, WAYS, visit
from tests.world import World

# What names one of many things: none of another list's may be reached by any route.
NAMED = {"list_id", "campaign_id", "subscriber_id"}
THINGS = ("list", "segment", "reader", "fields", "campaign", "sender", "topic")


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
def narrowed(
    session: Session, make_user: Callable[[str, str], User]
) -> Callable[[str, list[MailingList]], User]:
    """``narrowed("viewer", [poems])`` adds nina, who works on these lists alone."""

    def make(role: str, lists: list[MailingList]) -> User:
        nina = make_user("nina", role)
        scopes.narrow(session, clock.now(), nina, [one.id for one in lists])
        return nina

    return make


@pytest.fixture
def made(app: Flask, session: Session, letters: MailingList, adam: User) -> World:
    """One of everything, all of it on alice's list."""
    return world.fill(app, session, letters, adam)


def come_in(client: FlaskClient, session: Session, user: User, made: World) -> None:
    """Sign somebody in who has said why she looks at the reader."""
    why, about = Why(Ground.problem, "A call"), f"subscriber {made.parts['subscriber_id']}"
    cases.begin(session, clock.now(), user, about, why)
    session.commit()
    sign_in(client, user)


def is_staff(app: Flask, rule: Rule) -> bool:
    return needed(app, rule.endpoint) not in {None, PUBLIC, SIGNED_IN}


@pytest.mark.parametrize("role", ["viewer", "marketer"])
def test_of_another_list_nothing_is_there_by_any_route(
    app: Flask,
    client: FlaskClient,
    session: Session,
    narrowed: Callable[[str, list[MailingList]], User],
    poems: MailingList,
    made: World,
    role: str,
) -> None:
    """One test over all routes: each would otherwise make the same world anew."""
    come_in(client, session, narrowed(role, [poems]), made)
    tried = 0
    for rule, method in (one.values for one in WAYS):
        assert isinstance(rule, Rule)
        named = rule.arguments - set(rule.defaults or ())
        if not is_staff(app, rule) or (rule.endpoint in scoping.REACHED and not named & NAMED):
            continue
        answer = visit(client, rule, str(method), made)
        is_home = rule.endpoint == scoping.HOME and answer.location == "/campaigns/"
        # The role forbids some pages to begin with, and says so.
        assert is_home or answer.status_code in {403, 404}, (method, rule)
        assert "rosa@" not in answer.text
        tried += 1
    assert tried > 100


@pytest.mark.parametrize("role", ["viewer", "marketer"])
def test_of_her_own_list_each_role_reaches_what_it_may_and_no_more(
    client: FlaskClient,
    session: Session,
    narrowed: Callable[[str, list[MailingList]], User],
    letters: MailingList,
    made: World,
    role: str,
) -> None:
    """The same world, all of it hers: what is reached opens, and everything else is not there."""
    come_in(client, session, narrowed(role, [letters]), made)
    reached = {True: 0, False: 0}
    for rule, method in (one.values for one in WAYS):
        assert isinstance(rule, Rule)
        if rule.endpoint not in scoping.REACHED:
            continue
        is_allowed = role in ROWS[rule.endpoint]
        status = visit(client, rule, str(method), made).status_code
        assert (status not in {403, 404}) is is_allowed, (method, rule, status)
        reached[is_allowed] += 1
    assert reached[True] > 15
    assert (reached[False] > 10) is (role == "viewer")


def test_what_is_reached_are_routes_and_each_named_thing_is_known() -> None:
    endpoints = {rule.endpoint: rule for rule in RULES}
    assert endpoints.keys() >= scoping.REACHED
    for name in scoping.REACHED:
        assert endpoints[name].arguments <= set(scoping.OBJECTS)


# What views read by these names and need not be hers, with the reason.
OTHERS = {
    "topic_id": "must be of the chosen lists, which are hers; any other is told as none",
    "reader": "shown under a case of hers alone, and only where the campaign goes to her",
    "asked_fields": "keys of fields, which are everybody's",
}


def test_every_name_by_which_a_reached_page_asks_for_a_thing_is_known(app: Flask) -> None:
    """A form or a query that names another kind of thing is missed here until it is thought of."""
    views = [app.view_functions[name] for name in scoping.REACHED]
    files = {inspect.getsourcefile(inspect.unwrap(view)) or "" for view in views}
    files.add(str(ROOT / "mailer/web/drafting.py"))
    read = re.compile(r'(?:(?:form|args|values)\.get(?:list)?\(|chosen\(form, )"([a-z_]+)')
    asked = {name for path in files for name in read.findall(Path(path).read_text())}
    things = {name for name in asked if name.endswith(("_id", "_ids", *THINGS))}
    assert things - set(scoping.OBJECTS) == set(OTHERS)


@pytest.fixture
def plan(session: Session) -> int:
    """A segment, which may ask for anything: here it is who reads at example.org."""
    rule = {"about": "domain", "key": "", "op": "is", "value": "example.org"}
    tree = rules.parsed({"mode": "all", "rules": [rule]}, segmenting.offers(session))
    return catalogue.create(session, clock.now(), "Gold members", tree)


def test_a_segment_tells_her_nothing_of_other_lists(
    bobs: FlaskClient, session: Session, plan: int, poems: MailingList, write: Write
) -> None:
    session.commit()
    for page in ("/subscribers/", "/campaigns/new"):
        assert "Gold members" not in bobs.get(page).text
    assert bobs.get(f"/subscribers/?segment={plan}").status_code == 404
    for name in ("segment_ids", "exclusion_ids"):
        given = {"list_ids": poems.id, "sender_id": poems.sender_id, "body": "x", name: plan}
        for page in ("new", "check", "findings", "preview"):
            assert post(bobs, f"/campaigns/{page}", given).status_code == 404
    ours = write(name="Spring poems")
    ours.lists = [poems]
    session.commit()
    path, form = f"/campaigns/{ours.id}/edit", form_of(ours, segment_ids=plan)
    assert post(bobs, path, form).status_code == 404
    ours.segments = [session.get_one(Segment, plan)]  # a colleague has chosen it: it stays
    session.commit()
    assert "Gold members" in bobs.get(path).text
    assert post(bobs, path, form).status_code == 302


def test_a_status_is_that_on_her_lists(
    bobs: FlaskClient,
    session: Session,
    rosa: Subscriber,
    make_reader: MakeReader,
    poems: MailingList,
) -> None:
    """Rosa is on both lists; that she has left the other one is not hers to know."""
    una = make_reader("una")
    una.subscriptions[0].list_id, una.subscriptions[0].subscriber_id = poems.id, rosa.id
    session.commit()
    session.expire_all()
    [theirs] = [one for one in rosa.subscriptions if one.list_id != poems.id]
    theirs.status = SubscriptionStatus.unsubscribed
    session.commit()
    found = {
        status: "ro…@" in bobs.get(f"/subscribers/?status={status}").text
        for status in ("unsubscribed", "confirmed", "enabled")
    }
    assert found == {"unsubscribed": False, "confirmed": True, "enabled": True}


@pytest.mark.parametrize(
    ("scope", "is_told"), [("list", False), ("sender", True), ("everything", True)]
)
def test_a_refusal_of_another_list_is_not_told(
    bobs: FlaskClient,
    session: Session,
    rosa: Subscriber,
    bob: User,
    letters: MailingList,
    poems: MailingList,
    scope: str,
    is_told: bool,  # noqa: FBT001
) -> None:
    refusal = world.refused(rosa, letters)
    refusal.scope, refusal.reason = Scope(scope), "told by phone"
    refusal.scope_id = {"list": letters.id, "sender": letters.sender_id}.get(scope, 0)
    rosa.subscriptions[0].list_id = poems.id
    session.add(refusal)
    why = Why(Ground.problem, "A call")
    cases.begin(session, clock.now(), bob, f"subscriber {rosa.id}", why)
    session.commit()
    assert ("told by phone" in bobs.get(f"/subscribers/{rosa.id}").text) is is_told


def test_a_sender_of_other_lists_is_neither_shown_nor_taken(
    bobs: FlaskClient, session: Session, letters: MailingList, poems: MailingList
) -> None:
    kept = {
        column.key: getattr(letters.sender, column.key)
        for column in Sender.__table__.columns
        if column.key != "id"
    }
    other = Sender(
        **{**kept, "from_name": "Elsewhere Press", "from_address": "x@elsewhere.example"}
    )
    session.add(other)
    session.commit()
    assert "Elsewhere" not in bobs.get("/campaigns/new").text
    draft = {"name": "x", "subject": "x", "body": "x"}
    for number, statuses in ((other.id, {404}), (poems.sender_id, {200, 302, 422})):
        for page in ("new", "check", "findings", "preview"):
            answer = post(bobs, f"/campaigns/{page}", {**draft, "sender_id": number})
            assert answer.status_code in statuses, page


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
