"""Every way to sign up, and what a stranger can neither learn nor cause by it (S-01 to S-08)."""

import json
import statistics
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Config
from mailer import clock, clockwork, tokens
from mailer.accounts.models import AuditEntry
from mailer.audience import letterbox, suppressions
from mailer.audience.joining import proofs
from mailer.audience.joining.models import AskedMail, SignUp
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription
from mailer.audience.networks import network
from mailer.audience.receipts import texts
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope, SubscriptionStatus
from mailer.delivery import confirmations
from mailer.links import Site
from tests.conftest import ConfigFor, MakeReader
from tests.faults.size import size
from tests.sign_ups import mailbox, sign_up, take_up, ticket

BUDGET = 20
MINUTE = timedelta(minutes=1)
SAMPLES = size(60, 200)


@pytest.fixture
def config(request: pytest.FixtureRequest, config_for: ConfigFor) -> Config:
    """A small budget; one proxy in front where a test asks for it."""
    wanted = "database" if "database" in request.fixturenames else "sqlite_url"
    hops = getattr(request.node.get_closest_marker("hops"), "args", (0,))[0]
    url = request.getfixturevalue(wanted)
    return config_for(url, confirmations_per_hour=BUDGET, proxy_hops=hops)


def by_json(client: FlaskClient, site: Site, email: str, **more: Any) -> TestResponse:  # noqa: ANN401
    body = {"email": email, "list_uuids": ["letters"], "ticket": ticket(site), **more}
    return client.post("/api/public/subscription", json=body)


def by_embed(client: FlaskClient, site: Site, email: str) -> TestResponse:
    """Press the foreign site's button, then, some seconds later, that of the page it leads to."""
    first = client.post("/subscribe/letters", data={"email": email})
    assert "One more press" in first.text or "small puzzle" in first.text
    assert f'value="{email}"' in first.text
    later = ticket(site, timedelta(seconds=3), email)
    return client.post("/subscribe/letters", data={"email": email, "ticket": later})


def by_form(client: FlaskClient, site: Site, email: str) -> TestResponse:
    return sign_up(client, site, email)


def by_link(client: FlaskClient, site: Site, email: str) -> TestResponse:
    return client.post("/preferences", data={"email": email, "ticket": ticket(site)})


Way = Callable[[FlaskClient, Site, str], TestResponse]
WAYS = pytest.mark.parametrize("way", [by_form, by_embed, by_json], ids=["form", "embed", "json"])
ALL_WAYS = pytest.mark.parametrize("way", [by_form, by_json, by_link], ids=["form", "json", "link"])


@WAYS
@pytest.mark.usefixtures("letters", "database")
def test_s01_a_victim_of_many_requests_gets_one_mail_a_day(
    client: FlaskClient, session: Session, site: Site, way: Way
) -> None:
    """S-01 at reduced size; listmonk #3229: a name in a bot's list got a mail for each request."""
    answers = set()
    for _ in range(size(25, 10_000)):
        answers.add(way(client, site, "victim@example.org").text)
        take_up(session, site)
    assert len(answers) == 1
    assert session.query(AskedMail).count() == 1
    assert session.query(Subscription).one().confirmation_serial == 1


@WAYS
@pytest.mark.usefixtures("letters", "database")
def test_s03_many_victims_meet_the_alarm_and_the_budget(
    app: Flask, client: FlaskClient, session: Session, site: Site, way: Way
) -> None:
    """S-03 at reduced size; S-04, listmonk #2038: JSON could do what the form's check forbade."""
    answers = [
        way(client, site, f"victim{number}@example.org") for number in range(size(40, 10_000))
    ]
    take_up(session, site)
    assert session.query(Subscription).count() == BUDGET // 2
    assert "puzzle" in answers[-1].text or "proof" in answers[-1].text
    session.commit()
    for _ in range(2):
        clockwork.tick(app)
    alarms = session.query(AuditEntry).filter_by(action="sign-ups.alarm")
    assert [one.actor for one in alarms] == ["clock"]


@pytest.mark.usefixtures("database")
def test_s03_whoever_asks_no_more_leave_in_an_hour_than_the_budget(
    session: Session, site: Site, letters: MailingList
) -> None:
    """Even patient machines, which wait for each address, do not get beyond it."""
    now = clock.now()
    for number in range(BUDGET * 2):
        email = f"victim{number}@example.org"
        key = tokens.fingerprint(site.keys, email)
        reader = Subscriber(email=email, address_key=key, created_at=now, updated_at=now)
        place = Subscription(list_id=letters.id, created_at=now, confirmation_due_at=now)
        reader.subscriptions = [place]
        session.add(reader)
    session.commit()
    assert len(confirmations.due(session, site, now)) == BUDGET
    taken = [confirmations.take(session, site, one + 1, now) for one in range(BUDGET * 2)]
    session.commit()
    assert sum(one is not None for one in taken) == BUDGET
    assert confirmations.due(session, site, now) == []
    assert len(confirmations.due(session, site, now + 60 * MINUTE)) == BUDGET


@pytest.fixture
def strained(session: Session) -> None:
    """Half of the hour's budget has been asked for."""
    now = clock.now()
    asked = [AskedMail(at=now, mailbox_key=bytes([n]) * 32, list_id=1) for n in range(BUDGET // 2)]
    session.add_all(asked)
    session.commit()


@pytest.mark.usefixtures("letters", "strained")
def test_under_strain_a_solved_puzzle_lets_a_visitor_in(
    client: FlaskClient, session: Session, site: Site
) -> None:
    asked = by_json(client, site, "rosa@example.org")
    assert asked.status_code == 422
    again = asked.get_json()["data"]
    puzzle = again["altcha"]
    found = next(
        number
        for number in range(proofs.HARDEST + 1)
        if proofs.hashed(puzzle["salt"], number) == puzzle["challenge"]
    )
    proof = b64encode(json.dumps({**puzzle, "number": found}).encode()).decode()
    assert by_json(client, site, "ines@example.org", altcha=proof).status_code == 422
    answer = by_json(client, site, "rosa@example.org", altcha=proof)
    assert answer.get_json() == {"data": {"has_optin": True}}
    assert len(letterbox.waiting(session)) == 1


@pytest.mark.usefixtures("letters", "strained")
def test_under_strain_a_browser_without_scripts_is_let_in_after_a_minute(
    client: FlaskClient, session: Session, site: Site
) -> None:
    first = sign_up(client, site, "rosa@example.org")
    assert "please wait a minute, then press the button" in first.text
    later = ticket(site, MINUTE, "rosa@example.org")
    assert "Thank you" in sign_up(client, site, "rosa@example.org", ticket=later).text
    assert "Thank you" not in sign_up(client, site, "ines@example.org", ticket=later).text
    assert len(letterbox.waiting(session)) == 1


@pytest.mark.usefixtures("letters")
def test_s05_the_mail_holds_no_word_of_the_visitor(
    client: FlaskClient, session: Session, site: Site
) -> None:
    """S-05; listmonk #1133: a name that is an advertisement became a mail that is one."""
    refused = sign_up(client, site, "rosa@example.org", name="Win at www.casino.example")
    assert refused.status_code == 422
    sign_up(client, site, "rosa@example.org", name="Casino Bonus Now")
    (owed,) = take_up(session, site)
    place = session.get_one(Subscription, owed.subscription_id)
    mail = confirmations.message(session, site, confirmations.asked(place), clock.now())
    assert b"Casino" not in mail


@pytest.mark.parametrize(
    ("read_for", "words"),
    [
        (timedelta(seconds=0), "That was quick"),
        (timedelta(hours=3), "One more press"),
    ],
)
@pytest.mark.usefixtures("letters")
def test_s06_a_form_sent_too_soon_or_too_late_comes_back_with_all_that_was_typed(
    client: FlaskClient, session: Session, site: Site, read_for: timedelta, words: str
) -> None:
    given = {"name": "Rosa", "ticket": ticket(site, read_for)}
    page = sign_up(client, site, "rosa@example.org", **given)
    assert page.status_code == 200
    assert words in page.text
    assert 'value="rosa@example.org"' in page.text
    assert 'value="Rosa"' in page.text
    assert letterbox.waiting(session) == []


@pytest.mark.usefixtures("letters")
def test_a_quick_visitor_does_not_wait_anew(client: FlaskClient, site: Site) -> None:
    young = ticket(site, timedelta(seconds=0))
    page = sign_up(client, site, "rosa@example.org", ticket=young)
    assert f'name="ticket" value="{young}"' in page.text


@pytest.mark.usefixtures("letters")
def test_the_page_of_a_foreign_site_stands_in_the_evidence(
    client: FlaskClient, session: Session, site: Site
) -> None:
    there = {"Referer": "https://garden.example/join"}
    first = client.post("/subscribe/letters", data={"email": "rosa@example.org"}, headers=there)
    assert 'name="page" value="https://garden.example/join"' in first.text
    sign_up(client, site, "rosa@example.org", page="https://garden.example/join")
    take_up(session, site)
    (event,) = session.query(ConsentEvent)
    assert event.evidence is not None
    assert event.evidence["page"] == "https://garden.example/join"


@pytest.mark.parametrize("forwarded", ["203.0.113.66", "203.0.113.66, 198.51.100.7"])
@pytest.mark.parametrize(
    "known",
    [
        pytest.param("127.0.0.1", id="no proxy"),
        pytest.param(None, id="one proxy", marks=pytest.mark.hops(1)),
    ],
)
@pytest.mark.usefixtures("letters")
def test_a_spoofed_forwarding_header_is_no_evidence(
    client: FlaskClient, session: Session, site: Site, forwarded: str, known: str | None
) -> None:
    """listmonk stored whatever X-Forwarded-For said as the IP of the consent."""
    data = {"email": "rosa@example.org", "ticket": ticket(site)}
    client.post("/subscribe/letters", data=data, headers={"X-Forwarded-For": forwarded})
    take_up(session, site)
    (event,) = session.query(ConsentEvent)
    assert event.evidence is not None
    assert event.evidence["ip"] == network(known or forwarded.rpartition(", ")[2])


@pytest.mark.usefixtures("letters")
def test_open_lists_are_named_with_a_ticket_for_other_sites(client: FlaskClient) -> None:
    answer = client.get("/api/public/lists", headers={"Origin": "https://garden.example"})
    (named,) = answer.get_json()
    assert (named["uuid"], named["name"]) == ("letters", "Harbor Letters")
    assert "one click is enough" in named["wording"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    asked = client.options("/api/public/subscription")
    assert asked.headers["Access-Control-Allow-Headers"] == "Content-Type"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([1], "JSON object"),
        ({"email": "rosa@example.org"}, "No such public list"),
        ({"email": "rosa@example.org", "list_uuids": "letters"}, "No such public list"),
        ({"email": "rosa", "list_uuids": ["letters"]}, "@-sign"),
        ({"email": ["x"], "list_uuids": ["letters"]}, "@-sign"),
        ({"email": "rosa@example.org", "list_uuids": ["letters"], "name": "http://x"}, "address"),
    ],
)
@pytest.mark.usefixtures("letters")
def test_json_that_cannot_be_used_is_explained(
    client: FlaskClient, body: object, words: str
) -> None:
    answer = client.post("/api/public/subscription", json=body)
    assert answer.status_code == 400
    assert words in answer.get_json()["message"]


@pytest.mark.usefixtures("letters")
def test_json_falls_into_the_same_trap(client: FlaskClient, session: Session, site: Site) -> None:
    caught = by_json(client, site, "bot@example.org", website="https://casino.example")
    assert caught.get_json() == {"data": {"has_optin": True}}
    assert letterbox.waiting(session) == []


@pytest.mark.parametrize("way", [by_form, by_json], ids=["form", "json"])
def test_a_list_that_asks_for_an_age_takes_nobody_who_does_not_state_it(
    client: FlaskClient, session: Session, site: Site, letters: MailingList, way: Way
) -> None:
    """R36."""
    letters.least_age = 16
    assert "I am at least 16 years old." in client.get("/subscribe/letters").text
    assert way(client, site, "ines@example.org").status_code in {400, 422}
    sign_up(client, site, "rosa@example.org", of_age="yes")
    take_up(session, site)
    (event,) = session.query(ConsentEvent)
    told = texts.spelled_out(event.evidence, texts.known(session, [event.evidence]))
    assert told is not None
    assert told["shown"].endswith("I am at least 16 years old.")


@pytest.fixture
def people(session: Session, site: Site, make_reader: MakeReader) -> dict[str, str]:
    """An address of each kind."""
    make_reader("known")
    make_reader("pending", SubscriptionStatus.unconfirmed)
    key = tokens.fingerprint(site.keys, "gone@example.org")
    suppressions.suppress(session, clock.now(), key, Refusal(Scope.everything, 0, "complaint"))
    session.commit()
    kinds = {"known": "known", "pending": "pending", "suppressed": "gone", "unknown": "nobody"}
    return {kind: f"{name}@example.org" for kind, name in kinds.items()}


@ALL_WAYS
@pytest.mark.usefixtures("letters", "database")
def test_s08_neither_answer_nor_time_tells_what_an_address_is_to_us(
    client: FlaskClient, session: Session, site: Site, people: dict[str, str], way: Way
) -> None:
    """S-08: the same work is done for all before the answer; medians differ by less than 5 ms."""
    seen, times = set(), {kind: list[float]() for kind in people}
    for _ in range(SAMPLES):
        for kind, email in people.items():
            began = time.perf_counter()
            answer = way(client, site, email)
            times[kind].append(time.perf_counter() - began)
            seen.add((answer.status, answer.text, tuple(sorted(answer.headers.items()))))
            session.query(SignUp).delete()
            session.commit()
    assert len(seen) == 1
    medians = [statistics.median(found) for found in times.values()]
    assert max(medians) - min(medians) < 0.005


@pytest.mark.usefixtures("letters")
def test_s07_swapping_what_names_a_list_finds_nothing(
    client: FlaskClient, session: Session, site: Site
) -> None:
    for name in ("1", "letterz", "0" * 32):
        data = {"email": "rosa@example.org", "ticket": ticket(site)}
        assert client.post(f"/subscribe/{name}", data=data).status_code == 404
        assert by_json(client, site, "rosa@example.org", list_uuids=[name]).status_code == 400
    assert letterbox.waiting(session) == []


def test_a_ticket_knows_a_mailbox_by_its_key_alone(site: Site) -> None:
    assert mailbox(site.keys, "rosa@example.org") == mailbox(site.keys, "rosa+1@example.org")
