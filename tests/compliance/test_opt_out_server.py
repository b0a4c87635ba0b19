"""R20 and R42: the server behind the link lasts, and one click is enough."""

from dataclasses import replace
from datetime import date

import pytest

from mailer.compliance import gate, hosts, trial_verdict
from mailer.compliance.candidate import Candidate
from mailer.compliance.finding import Severity
from mailer.compliance.readiness import OptOutTrial, Posted, Readiness
from tests.compliance.letters import CLICKED, LAWFUL, SHOWN, TRIAL

REFUSED, WARNED, NOTED = {Severity.refuse}, {Severity.warn}, {Severity.note}


def judged(trial: OptOutTrial | None, rule: str, **changes: object) -> set[Severity]:
    is_start = bool(changes.pop("is_start", False))
    ready = Readiness(trial=trial, is_start=is_start)
    candidate: Candidate = replace(LAWFUL, readiness=ready, **changes)  # type: ignore[arg-type]
    return {f.severity for f in gate.judge(candidate).findings if f.rule == rule}


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "127.0.0.1", "127.8.8.8", "[::1]", "0.1.2.3", "10.0.0.8", "192.168.1.2"),
        *("172.16.0.1", "169.254.1.1", "100.64.0.1", "[fe80::1]", "[fc00::1]", "224.0.0.1"),
        *("192.0.2.7", "server", "news.local", "news.internal", "news.lan", "mail.corp", "a.test"),
        *("x.localhost", "box.home.arpa", "abc.ngrok.io", "abc.ngrok-free.app", "1.2.3"),
        *("x.trycloudflare.com", "x.loca.lt", "box.tail1.ts.net", "x.devtunnels.ms", "lvh.me"),
        *("10.0.0.1.nip.io", "NEWS.LOCAL", "news.local."),
    ],
)
def test_a_host_that_readers_cannot_reach_for_sixty_days_is_refused(host: str) -> None:
    url = f"https://{host}"
    trial = replace(TRIAL, url=f"{url}/u/canary", public_url=url)
    link = f"{url}/u/k7Qw2ZpX"
    assert judged(trial, "R20", unsubscribe_url=link) == REFUSED
    assert judged(trial, "R20", unsubscribe_url=link, development=True) == NOTED


@pytest.mark.parametrize(
    "host", ["news.example.com", "acme.example", "93.184.216.34", "[2606:4700::1]", "a.co.uk"]
)  # fmt: skip
def test_a_public_host_is_kept(host: str) -> None:
    assert hosts.fault(host) == ""


@pytest.mark.parametrize(
    "trial",
    [
        replace(TRIAL, url="http://news.acme.example/u/canary"),
        replace(TRIAL, url="https://other.example/u/canary"),
        replace(TRIAL, public_url="https://letters.acme.example"),
        replace(TRIAL, key_days=14),
        replace(TRIAL, key_days=59),
        replace(TRIAL, again=replace(SHOWN, status=404)),
        replace(TRIAL, again=replace(SHOWN, status=302)),
        replace(TRIAL, certificate_until=date(2026, 11, 21)),
    ],
)
def test_a_link_that_may_die_is_refused(trial: OptOutTrial) -> None:
    assert judged(trial, "R20") == REFUSED


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        (date(2026, 11, 1), date(2027, 1, 30), set()),
        (date(2026, 9, 15), date(2026, 12, 14), set()),  # 90 days, renewed 30 days before the end
        (date(2026, 8, 30), date(2026, 11, 28), WARNED),  # 90 days, and nobody renewed
        (date(2026, 11, 1), date(2026, 12, 18), set()),  # 47 days
        (date(2026, 10, 10), date(2026, 11, 26), WARNED),
        (date(2026, 11, 19), date(2026, 11, 25), set()),  # 6 days
        (date(2026, 11, 16), date(2026, 11, 22), WARNED),
        (date(2026, 1, 1), date(2027, 1, 21), set()),  # a year, 60 days left
        (date(2026, 1, 1), date(2027, 1, 20), WARNED),
        (None, date(2026, 12, 24), set()),
        (None, None, set()),
    ],
)
def test_a_short_certificate_is_a_machines_to_renew_and_a_long_one_a_persons(
    begins: date | None, ends: date | None, expected: set[Severity]
) -> None:
    trial = replace(TRIAL, certificate_from=begins, certificate_until=ends)
    assert judged(trial, "R20") == expected


def test_a_public_name_that_leads_inside_is_noted() -> None:
    for peer in ("10.1.2.3", "127.0.0.1", "fe80::1%eth0"):
        assert judged(replace(TRIAL, peer=peer), "R20") == NOTED
    assert judged(replace(TRIAL, peer="", key_days=None, again=None), "R20") == set()
    assert judged(replace(TRIAL, key_days=60), "R20") == set()


def test_a_message_without_any_link_is_judged_by_the_trials() -> None:
    bare = LAWFUL.raw.replace(b"List-Unsubscribe:", b"X-Was:")
    assert judged(TRIAL, "R20", raw=bare, unsubscribe_url=None) == set()


def clicked(form: str, **changes: object) -> OptOutTrial:
    """The trial with one of its POSTs answered otherwise."""
    lists = int(str(changes.pop("lists_left", 1)))
    answer = replace(CLICKED, **changes)  # type: ignore[arg-type]
    posts = [one if one.form != form else Posted(form, answer, lists) for one in TRIAL.posts]
    return replace(TRIAL, posts=tuple(posts))


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
@pytest.mark.parametrize(
    "changes",
    [
        {"status": 302, "headers": (("location", "/"),)},
        {"status": 308, "headers": (("location", "https://news.acme.example/u/canary/"),)},
        {"status": 400},
        {"status": 401, "headers": (("www-authenticate", "Basic"),)},
        {"status": 403},
        {"status": 404},
        {"status": 415},
        {"status": 429},
        {"status": 500},
        {"status": 202},
        {"headers": (("set-cookie", "session=abc; Path=/"),)},
        {"lists_left": 0},
    ],
)
def test_a_post_that_is_not_simply_taken_is_refused(form: str, changes: dict[str, object]) -> None:
    assert judged(clicked(form, **changes), "R42") == REFUSED


@pytest.mark.parametrize(
    "trial",
    [
        replace(TRIAL, was_harmless=False),
        replace(TRIAL, posts=TRIAL.posts[1:]),
        replace(TRIAL, posts=TRIAL.posts[:1], fault="Nobody answered: it took too long."),
        replace(TRIAL, page=replace(SHOWN, headers=(*SHOWN.headers, ("set-cookie", "a=b")))),
    ],
)
def test_an_endpoint_that_acts_too_soon_or_not_at_all_is_refused(trial: OptOutTrial) -> None:
    assert judged(trial, "R42") == REFUSED


@pytest.mark.parametrize(
    "body",
    [
        SHOWN.body + "<script>document.forms[0].submit()</script>",
        SHOWN.body + "<script>fetch('/u')</script>",
        SHOWN.body + "<script>navigator.sendBeacon('/u')",
        SHOWN.body + '<img src=x onerror="document.f.b.click()">',
        SHOWN.body.replace("<body", '<body onload="f.requestSubmit()"'),
    ],
)
def test_a_page_that_sends_itself_is_refused_since_scanners_run_scripts(body: str) -> None:
    assert judged(replace(TRIAL, page=replace(SHOWN, body=body)), "R42") == REFUSED


@pytest.mark.parametrize(
    "page",
    [
        replace(SHOWN, headers=()),
        replace(SHOWN, headers=(("cache-control", "max-age=60"), SHOWN.headers[1])),
        replace(SHOWN, body=SHOWN.body + '<img src="https://cdn.example/x.gif">'),
        replace(SHOWN, body=SHOWN.body + '<link rel="stylesheet" href="//fonts.example/x.css">'),
    ],
)  # fmt: skip
def test_a_page_that_tells_others_of_its_reader_is_worth_a_warning(page: object) -> None:
    assert judged(replace(TRIAL, page=page), "R42") == WARNED  # type: ignore[arg-type]


def test_assets_of_its_own_and_links_elsewhere_are_fine() -> None:
    more = '<script src="/static/app.js"></script><a href="https://acme.example">Acme</a>'
    page = replace(SHOWN, body=SHOWN.body + more + '<img src="data:image/gif;base64,AA">')
    assert judged(replace(TRIAL, page=page), "R42") == set()


def test_nobody_answering_is_refused_once_and_noted_in_development() -> None:
    silent = replace(TRIAL, page=None, posts=(), again=None, fault="Nobody answered.")
    assert judged(silent, "R42") == REFUSED
    assert judged(silent, "R18") == judged(silent, "R19") == NOTED
    assert judged(silent, "R42", development=True) == NOTED
    assert judged(replace(silent, fault=""), "R42") == REFUSED


def test_a_page_in_place_of_which_something_else_came_is_not_read() -> None:
    assert judged(replace(TRIAL, page=replace(SHOWN, status=500)), "R42") == set()


def test_a_send_rests_on_a_trial_of_the_last_hour() -> None:
    old = replace(TRIAL, is_recent=False)
    assert judged(old, "R42") == set()
    assert judged(old, "R42", is_start=True) == REFUSED
    assert judged(old, "R42", is_start=True, development=True) == set()
    assert judged(None, "R42", is_start=True) == REFUSED
    assert judged(None, "R42", is_start=True, development=True) == NOTED


def test_a_trial_is_told_step_by_step() -> None:
    told = trial_verdict.told(TRIAL)
    assert (told.findings, told.is_lawful) == ((), True)
    assert {is_kept for _, is_kept in told.steps} == {True}
    silent = replace(TRIAL, page=None, posts=(), again=None, fault="Nobody answered.")
    told = trial_verdict.told(silent)
    assert not told.is_lawful
    assert [is_kept for _, is_kept in told.steps] == [False, None, None, None, None, None]


def test_a_trial_has_passed_when_every_press_took_effect() -> None:
    assert TRIAL.has_passed
    for other in (
        replace(TRIAL, page=None),
        replace(TRIAL, was_harmless=False),
        replace(TRIAL, fault="Nobody answered."),
        replace(TRIAL, posts=TRIAL.posts[:2]),
        clicked("multipart", status=500),
        clicked("urlencoded", lists_left=0),
    ):
        assert not other.has_passed
