"""A person at her own desk: the same answer for everybody, and what the link in her mail opens."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer import clock, desk, tokens
from mailer.audience import effects
from mailer.audience.models import MailingList, Subscriber, Suppression
from mailer.db import db
from mailer.delivery.smtp.relay import Relay
from mailer.links import Site
from mailer.privacy.clocks import Regime
from mailer.privacy.requests import challenges, endings, letters
from mailer.privacy.requests.models import Challenge, Request
from mailer.privacy.requests.words import Kind, Outcome, State
from tests.relays import Sink
from tests.sign_ups import ticket

Ask = Callable[..., str]
VISIT = re.compile(r'name="visit" value="([^"]+)"')


@pytest.fixture
def config(sqlite_url: str, config_for: Callable[..., Config]) -> Config:
    return config_for(sqlite_url, rate_limits=False)


@pytest.fixture
def ask(client: FlaskClient, site: Site) -> Ask:
    def asked(email: str, kind: str, home: str = "AT") -> str:
        form = {"email": email, "kind": kind, "home": home, "ticket": ticket(site)}
        answer = client.post("/your-data", data=form)
        assert answer.status_code == 200
        return answer.text

    return asked


@pytest.fixture
def carrier(smtp_sink: Sink) -> Relay:
    return Relay.at(smtp_sink.url, 5)


def take_up(session: Session, app: Flask) -> None:
    with app.app_context():
        for number in challenges.waiting(session):
            session.commit()
            desk.take_up_request(number)
    session.expire_all()


def mailed_link(session: Session, app: Flask, carrier: Relay, sink: Sink, challenge_id: int) -> str:
    session.rollback()
    with app.app_context():
        desk.send_challenge(challenge_id, carrier)
    session.expire_all()
    body = sink.caught[-1].content.decode().replace("=\r\n", "")
    return "/d/" + body.split("/d/")[1].split()[0].split('"')[0]


@pytest.fixture
def path(
    app: Flask,
    session: Session,
    site: Site,
    carrier: Relay,
    smtp_sink: Sink,
    ask: Ask,
    rosa: Subscriber,
) -> str:
    """Return the address in the mail that rosa got when she asked for a copy."""
    email = rosa.email
    session.rollback()
    ask(email, "access")
    take_up(session, app)
    (owed,) = letters.due(session, site, clock.now())
    return mailed_link(session, app, carrier, smtp_sink, owed)


@pytest.fixture
def visit(client: FlaskClient, path: str) -> str:
    """Return what the page that the link opens carries in its forms."""
    found = VISIT.search(client.post(path).text)
    assert found is not None
    return found[1]


def requests(session: Session) -> list[tuple[Kind, State, Outcome | None]]:
    session.expire_all()
    return [(one.kind, one.state, one.outcome) for one in session.scalars(sa.select(Request))]


@pytest.mark.parametrize("kind", ["access", "erasure", "objection", "do-not-sell"])
def test_known_and_unknown_are_answered_alike(rosa: Subscriber, ask: Ask, kind: str) -> None:
    assert ask(rosa.email, kind) == ask("nobody@example.net", kind)


def test_nobody_unknown_gets_mail_and_nothing_is_kept_of_her(
    session: Session, app: Flask, ask: Ask
) -> None:
    ask("nobody@example.net", "access")
    assert len(challenges.waiting(session)) == 1
    take_up(session, app)
    assert session.scalars(sa.select(Challenge)).all() == []
    assert requests(session) == []


def test_a_second_mail_the_same_day_is_not_sent(
    session: Session, app: Flask, rosa: Subscriber, ask: Ask
) -> None:
    for _ in range(3):
        ask(rosa.email, "access")
    take_up(session, app)
    owed = session.scalars(sa.select(Challenge).where(Challenge.due_at.is_not(None))).all()
    assert len(owed) == 1


@pytest.mark.parametrize("kind", ["objection", "withdrawal"])
@pytest.mark.parametrize("email", ["rosa@example.org", "nobody@example.net"])
def test_an_objection_holds_at_once_and_without_proof(
    session: Session, app: Flask, rosa: Subscriber, ask: Ask, kind: str, email: str
) -> None:
    assert "From this moment on" in ask(email, kind)
    ask(email, kind)
    take_up(session, app)
    assert requests(session) == [(Kind(kind), State.closed, Outcome.granted)]
    held = session.scalars(sa.select(Suppression.reason).order_by(Suppression.id)).all()
    assert held[0] == "objected"
    assert [(one.channel, one.number) for one in effects.known(session)] == [("your-data", 1)]
    is_rosa = email == rosa.email
    assert (rosa.subscriptions[0].status == "unsubscribed") is is_rosa


@pytest.mark.parametrize("email", ["rosa@example.org", "nobody@example.net"])
def test_who_wants_nothing_sold_is_heard_and_goes_on_getting_mail(
    session: Session, app: Flask, rosa: Subscriber, ask: Ask, email: str
) -> None:
    assert "We do not sell" in ask(email, "do-not-sell", "US-CA")
    ask(email, "do-not-sell", "US-CA")
    take_up(session, app)
    (kept,) = session.scalars(sa.select(Request))
    assert (kept.kind, kept.regime, kept.outcome) == (Kind.no_sale, Regime.ccpa, Outcome.granted)
    assert session.scalars(sa.select(Suppression)).all() == []
    assert rosa.subscriptions[0].status == "confirmed"


def test_an_objection_holds_for_who_still_stands_under_a_former_key(
    session: Session, app: Flask, site: Site, rosa: Subscriber
) -> None:
    email, former = rosa.email, site.keys
    newer = replace(former, suppression="2:" + "7c1e90b3" * 8, former=(former.suppression,))
    app.extensions["site"] = replace(site, keys=newer)
    session.rollback()
    form = {"email": email, "kind": "objection", "home": "", "ticket": ticket(site)}
    client = app.test_client()
    assert client.post("/your-data", data=form).status_code == 200
    take_up(session, app)
    session.refresh(rosa)
    assert rosa.address_key == tokens.fingerprint(newer, email)
    assert rosa.subscriptions[0].status == "unsubscribed"
    (kept,) = session.scalars(sa.select(Request))
    assert kept.address_key == rosa.address_key


@pytest.mark.parametrize(
    ("home", "law", "said"),
    [
        ("AT", Regime.gdpr, "Österreichische Datenschutzbehörde"),
        ("GB", Regime.uk, "Information Commissioner"),
        ("US-CA", Regime.ccpa, "Your rights in California"),
    ],
)
def test_where_she_lives_says_whose_law_it_is(
    app: Flask,
    client: FlaskClient,
    session: Session,
    site: Site,
    carrier: Relay,
    smtp_sink: Sink,
    rosa: Subscriber,
    ask: Ask,
    home: str,
    law: Regime,
    said: str,
) -> None:
    ask(rosa.email, "complaint", home)
    take_up(session, app)
    (owed,) = letters.due(session, site, clock.now())
    page = client.post(mailed_link(session, app, carrier, smtp_sink, owed)).text
    assert said in page
    visit = VISIT.search(page)
    assert visit is not None
    form = {"visit": visit[1], "kind": "complaint", "wish": "Mail at night"}
    assert "Received." in client.post("/your-data/act", data=form).text
    (kept,) = session.scalars(sa.select(Request))
    assert (kept.regime, kept.home) == (law, home)
    assert (kept.confirmed_at is None) is (law is Regime.gdpr)


def test_every_page_of_hers_leads_to_her_data_and_no_page_of_staff(
    client: FlaskClient, site: Site, letters: MailingList, rosa: Subscriber
) -> None:
    expires = clock.now() + timedelta(days=1)
    for url in (
        site.unsubscribe(letters.id, rosa.id, 0),
        site.preferences(rosa.id, rosa.address_key, expires),
        site.sign_up(letters.public_id),
    ):
        page = client.get(url.removeprefix(site.public_url)).text
        assert 'href="/your-data">Your data</a>' in page, url
    assert "/your-data" not in client.get("/sign-in").text


def test_a_home_that_is_none_is_explained(client: FlaskClient, site: Site) -> None:
    form = {"email": "r@example.org", "kind": "access", "home": "XX", "ticket": ticket(site)}
    answer = client.post("/your-data", data=form)
    assert (answer.status_code, "Choose one." in answer.text) == (422, True)


def test_whoever_wants_to_complain_is_told_where(client: FlaskClient) -> None:
    page = client.get("/authorities").text
    assert page.count("<tr>") == 1 + 31
    assert "edpb.europa.eu" in page


def test_looking_at_the_link_does_not_use_it_up_and_pressing_does(
    client: FlaskClient, path: str
) -> None:
    for _ in range(3):
        assert "Open my data" in client.get(path).text
    assert client.post(path).status_code == 200
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 410


def test_a_copy_is_hers_and_is_noted(
    client: FlaskClient, session: Session, visit: str, rosa: Subscriber
) -> None:
    answer = client.post("/your-data/act", data={"visit": visit, "kind": "access"})
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert rosa.email.encode() in archive.read("data.json")
    assert requests(session) == [(Kind.access, State.closed, Outcome.granted)]


def test_erasing_takes_a_tick_and_leaves_nothing_of_her(
    client: FlaskClient, session: Session, visit: str
) -> None:
    form = {"visit": visit, "kind": "erasure"}
    assert client.post("/your-data/act", data=form).status_code == 422
    assert session.scalar(sa.select(sa.func.count()).select_from(Subscriber)) == 1
    assert "is erased" in client.post("/your-data/act", data=form | {"sure": "yes"}).text
    session.expire_all()
    assert session.scalar(sa.select(sa.func.count()).select_from(Subscriber)) == 0
    (request,) = session.scalars(sa.select(Request))
    assert (request.kind, request.email, request.outcome) == (Kind.erasure, "", Outcome.granted)
    assert request.answer == endings.DONE
    assert client.post("/your-data/act", data=form).status_code == 404


def test_she_restricts_and_objects_and_complains(
    client: FlaskClient, session: Session, visit: str, rosa: Subscriber
) -> None:
    def act(kind: str, **more: str) -> str:
        return client.post("/your-data/act", data={"visit": visit, "kind": kind, **more}).text

    assert "Restricted." in act("restriction")
    assert "No more mail." in act("objection")
    assert "Received." not in act("complaint")  # without a word
    assert "Received." in act("complaint", wish="You wrote to me at night")
    session.refresh(rosa)
    assert rosa.restricted_at is not None
    assert [(kind, state) for kind, state, _ in requests(session)] == [
        (Kind.restriction, State.closed),
        (Kind.objection, State.closed),
        (Kind.complaint, State.identified),
    ]


@pytest.mark.parametrize("visit", ["", "1-2.abcdefghijklmnopqrstuvwx"])
def test_without_the_link_nothing_is_done(
    client: FlaskClient, session: Session, visit: str
) -> None:
    answer = client.post("/your-data/act", data={"visit": visit, "kind": "access"})
    assert answer.status_code == 404
    assert requests(session) == []


@pytest.mark.parametrize("kind", ["access", "objection"])
def test_known_and_unknown_cost_the_same_statements(rosa: Subscriber, ask: Ask, kind: str) -> None:
    seen: list[str] = []
    known = rosa.email
    ask(known, kind)  # whatever is loaded once is loaded
    with counting(seen):
        ask(known, kind)
    first, seen[:] = list(seen), []
    with counting(seen):
        ask("nobody@example.net", kind)
    assert first
    assert seen == first


@contextmanager
def counting(seen: list[str]) -> Iterator[None]:
    def note(*given: object) -> None:
        seen.append(str(given[2]))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield
    sa.event.remove(db.engine, "before_cursor_execute", note)
