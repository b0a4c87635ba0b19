"""What a trial meets when something else answers in our place, and that nothing is sent then."""

import ssl
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Sender, Subscriber
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.compliance import trial_verdict
from mailer.delivery import checks, launch, visits
from mailer.delivery.models import Delivery
from mailer.links import Site
from tests import strangers
from tests.delivery.conftest import tried
from tests.strangers import Answer, says

PAGE = (
    "<h1>Unsubscribe?</h1><form method=post><label><input type=radio name=s checked> All mail"
    "</label><button>Go</button></form>"
)


def moved(handler: BaseHTTPRequestHandler) -> None:
    says(handler, 302, headers=("Location: /login?next=/u/x",))


def cookie(handler: BaseHTTPRequestHandler) -> None:
    says(handler, 200, PAGE, ("Set-Cookie: session=1",))


def login(handler: BaseHTTPRequestHandler) -> None:
    says(handler, 200, "<h1>Log in</h1><form method=post><input type=password name=p></form>")


def basic(handler: BaseHTTPRequestHandler) -> None:
    says(handler, 401, headers=('WWW-Authenticate: Basic realm="staging"',))


def broken(handler: BaseHTTPRequestHandler) -> None:
    says(handler, 500, "oops")


def only_get(handler: BaseHTTPRequestHandler) -> None:
    says(handler, 200 if handler.command == "GET" else 405, PAGE)


def deaf(handler: BaseHTTPRequestHandler) -> None:
    says(handler, 200, PAGE if handler.command == "GET" else "You are unsubscribed")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (moved, "a redirect to /login"),
        (cookie, "sets a cookie (session)"),
        (login, "asks for a sign-in"),
        (basic, "asks for a sign-in"),
        (broken, "500"),
        (only_get, "405"),
        (deaf, "still on the list"),
    ],
)
def test_each_stranger_is_refused_with_what_it_does(
    session: Session,
    site: Site,
    rosa: Subscriber,
    tides: Campaign,
    now: datetime,
    answer: Answer,
    words: str,
) -> None:
    assert rosa
    with strangers.serving(answer) as address:
        there = Site(address, site.keys, development=True)
        trial = tried(session, there, tides.sender, now)
    assert not trial.has_passed
    found = trial_verdict.told(trial, development=True).findings
    assert {one.rule for one in found if one.severity == "refuse"} >= {"R19", "R42"}
    assert any(words in one.evidence for one in found), [one.evidence for one in found]
    with pytest.raises(checks.Refused):
        launch.start(session, there, tides, now)
    session.rollback()
    assert tides.status is CampaignStatus.draft
    assert session.scalars(sa.select(Delivery)).all() == []


@pytest.mark.parametrize("answer", [strangers.hanging, strangers.trickling])
def test_a_server_that_keeps_one_waiting_is_not_waited_for(
    session: Session,
    site: Site,
    sender: Sender,
    tides: Campaign,
    now: datetime,
    answer: Answer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert tides
    monkeypatch.setattr(visits, "TOTAL_SECONDS", 0.5)
    with strangers.serving(answer) as address:
        there = Site(address, site.keys, development=True)
        trial = tried(session, there, sender, now)
    assert trial.page is None
    assert trial.fault == f"Nobody answered at {address}/u/…: it took too long."


@pytest.mark.parametrize(
    ("host", "days", "is_trusted", "words"),
    [
        ("127.0.0.1", 90, False, "its certificate is not valid (self-signed certificate)"),
        ("127.0.0.1", -1, True, "its certificate is not valid (certificate has expired)"),
        ("news.example.com", 90, True, "IP address mismatch"),
        ("127.0.0.1", 90, True, ""),
    ],
)
def test_a_certificate_must_be_valid_for_the_public_address(
    session: Session,
    site: Site,
    sender: Sender,
    tides: Campaign,
    now: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    days: int,
    is_trusted: bool,  # noqa: FBT001 - a column of the table
    words: str,
) -> None:
    assert tides
    pem = strangers.certificate(tmp_path, host, days)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with strangers.serving(deaf, pem) as address:
        there = Site(address, site.keys, development=True)
        trial = tried(session, there, sender, now)
    assert words in trial.fault
    assert (trial.page is None) is bool(words)
    if not words:
        assert trial.certificate_until is not None
        assert trial.certificate_from is not None
        assert (trial.certificate_until - trial.certificate_from).days == 190


def test_plain_words_where_tls_is_expected(
    session: Session, site: Site, sender: Sender, tides: Campaign, now: datetime
) -> None:
    assert tides
    with strangers.serving(deaf) as address:
        there = Site(address.replace("http:", "https:"), site.keys)
        trial = tried(session, there, sender, now)
    assert trial.fault.endswith("no encrypted connection (TLS) could be made.")


def test_in_production_nobody_answering_stops_a_start_and_nobody_is_mailed(
    session: Session, site: Site, rosa: Subscriber, tides: Campaign, now: datetime
) -> None:
    assert rosa
    live = Site("https://127.0.0.1:9", site.keys)
    tried(session, live, tides.sender, now)
    with pytest.raises(checks.Refused) as refusal:
        launch.start(session, live, tides, now)
    found = {one.rule: one.evidence for one in refusal.value.verdict.refusals}
    assert found["R42"] == "Nobody answered at https://127.0.0.1:9/u/…: connection refused."
    assert "R20" in found
    session.rollback()
    assert session.scalars(sa.select(Delivery)).all() == []


def test_a_start_in_production_without_a_trial_is_refused_and_a_look_is_not(
    session: Session, site: Site, rosa: Subscriber, tides: Campaign, now: datetime
) -> None:
    assert rosa
    live = Site("https://news.example.com", site.keys)
    with pytest.raises(checks.Refused) as refusal:
        launch.start(session, live, tides, now)
    assert "R42" in {one.rule for one in refusal.value.verdict.refusals}
    looked = checks.examined(session, live, tides, now)
    assert not {"R18", "R19", "R20", "R42"} & {one.rule for one in looked.refusals}


def test_no_other_host_is_ever_visited() -> None:
    way = visits.Way("https://news.example.com")
    for url in ("https://news.example.com.evil.example/u/x", "http://127.0.0.1/u/x"):
        with pytest.raises(visits.Elsewhere):
            way.get(url)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ssl.SSLError("x"), "no encrypted connection (TLS) could be made"),
        (OSError(113, "No route to host"), "no route to host"),
        (OSError("odd"), "the connection broke"),
        (ConnectionRefusedError(), "connection refused"),
    ],
)
def test_what_went_wrong_is_said_in_words(error: Exception, words: str) -> None:
    assert visits.why(error) == words
