"""R04 and R40: whole headers, and one-click unsubscription byte by byte."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate, Kind
from tests.compliance.letters import (
    AUTHENTICATION,
    LAWFUL,
    PAID,
    READY,
    TODAY,
    URL,
    head,
    letter,
    mime,
    with_headers,
)

LONG = URL + "x" * 60


def rules(candidate: Candidate) -> set[str]:
    refusals = gate.judge(candidate).refusals
    assert not [f for f in refusals if "could not judge" in f.evidence]
    return {f.rule for f in refusals}


@pytest.mark.parametrize(
    ("changes", "extra"),
    [
        ({"Date": None}, ""),
        ({"Subject": None}, ""),
        ({"Message-ID": None}, ""),
        ({"From": None}, ""),
        ({"To": None}, ""),
        ({}, "From: x@y.example\r\n"),
        ({}, "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n"),
        ({}, "Content-Type: text/html\r\n"),
        ({}, "Bcc: y@x.example\r\n"),
        ({"To": "Rosa\r\nBcc: y@x.example"}, ""),
        ({}, "Cc: y@x.example\r\n"),
        ({}, "Resent-To: y@x.example\r\n"),
        ({}, "what is this\r\n"),
        ({}, "X Y: z\r\n"),
        ({"To": "Rosa\rBcc: y@x.example"}, ""),
        ({"To": "Rosa\x00 <a@x.example>"}, ""),
        ({"Date": "Sun, 22 Nov 2030 10:00:00 +0000"}, ""),
        ({"Date": "Fri, 20 Nov 2026 10:00:00 +0000"}, ""),
        ({"Date": "yesterday"}, ""),
        ({"Date": "Sun, 22 Nov 99999 10:00:00 +0000"}, ""),
        ({"Date": "Fri, 31 Dec 9999 23:59:59 -1200"}, ""),
        ({"Message-ID": "a1b2@acme.example"}, ""),
        ({"Message-ID": "<a1b2>"}, ""),
        ({"Message-ID": "=?utf-8?q?=3Ca=40acme.example=3E?="}, ""),
        ({"From": "Ana <=?utf-8?q?news=40acme.example?=>"}, ""),
        ({"Subject": "caf\udce9"}, ""),
        ({}, f"X-Long: {'x' * 999}\r\n"),
    ],
)
def test_broken_headers_are_refused(changes: dict[str, str | None], extra: str) -> None:
    assert "R04" in rules(with_headers(changes, extra))


@pytest.mark.parametrize(
    ("changes", "extra"),
    [
        ({}, "References: <a@acme.example>\r\n <b@acme.example>\r\n\t<c@acme.example>\r\n"),
        ({"Date": "Sun, 22 Nov 2026 23:30:00 -1100"}, ""),
        ({"Date": "Sun, 22 Nov 2026 10:00:00 -0000"}, ""),
        ({"Message-ID": "<a1b2@mail.acme.example>"}, ""),
        ({"Message-ID": "<a1b2@news.acme.example>"}, ""),
        ({"Subject": "=?utf-8?q?caf=C3=A9?="}, ""),
        ({"From": "=?utf-8?q?Andr=C3=A9?= at Acme <news@acme.example>"}, ""),
    ],
)
def test_sound_headers_are_kept(changes: dict[str, str | None], extra: str) -> None:
    assert gate.judge(with_headers(changes, extra)).findings == ()


def test_line_feeds_alone_end_lines_as_well() -> None:
    raw = letter().replace(b"\r\n", b"\n")
    assert gate.judge(replace(LAWFUL, raw=raw)).findings == ()


def test_raw_characters_and_a_foreign_message_id_are_warnings() -> None:
    changes: dict[str, str | None] = {"Subject": "café", "Message-ID": "<1@esp.example>"}
    verdict = gate.judge(with_headers(changes))
    assert verdict.is_lawful
    assert [(f.rule, f.part) for f in verdict.warnings] == [
        ("R04", "Subject"),
        ("R04", "Message-ID"),
    ]


def test_a_local_message_id_is_forgiven_in_development_only() -> None:
    local = with_headers({"Message-ID": "<1@localhost>"})
    assert gate.judge(local).warnings
    assert not gate.judge(replace(local, development=True)).warnings


def test_an_old_message_is_lawful_on_its_day() -> None:
    later = TODAY + timedelta(days=30)
    looked_up = AUTHENTICATION.checked_at + timedelta(days=30)
    ready = replace(READY, authentication=replace(AUTHENTICATION, checked_at=looked_up))
    assert rules(replace(LAWFUL, today=later, readiness=ready)) == {"R04"}


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "<mailto:unsub@acme.example>",
        f"<{URL}>, <{URL}>",
        f"<{URL}2>",
        f"<https://other.example/u/k7Qw2ZpX>, <{URL}?x=1>",
        f"<{URL}?x=1>",
        f"<{URL}/>",
        "<https://other.example/u/k7Qw2ZpX>",
        "<https://[/u>",
        f"<{URL.replace('https', 'http')}>",
        f"<{URL.replace('https', 'HTTPS')}>",
        "<ftp://news.acme.example/u>",
        f"<{URL}>;",
        URL,
        f"<{URL}> <mailto:a@acme.example>",
        f"click <{URL}>",
        f"<{URL[:20]}\r\n {URL[20:]}>",
        f"=?utf-8?q?=3C{URL}=3E?=",
        f"<{URL}=?x>",
        f"<{URL}>\r\nList-Unsubscribe: <{URL}>",
    ],
)
def test_a_list_unsubscribe_header_that_is_not_exact_is_refused(value: str | None) -> None:
    assert "R40" in rules(with_headers({"List-Unsubscribe": value}))


@pytest.mark.parametrize(
    "value",
    [
        None,
        "List-Unsubscribe=One-Click;",
        "List-Unsubscribe=one-click",
        "List-Unsubscribe = One-Click",
        "=?utf-8?q?List-Unsubscribe=3DOne-Click?=",
        "One-Click",
        "List-Unsubscribe=One-Click\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ],
)
def test_a_post_header_that_is_not_exact_is_refused(value: str | None) -> None:
    assert "R40" in rules(with_headers({"List-Unsubscribe-Post": value}))


@pytest.mark.parametrize("value", [f"<{URL}>", f"<mailto:a@b.example>,<{URL}>", f"\r\n <{URL}>"])
def test_one_https_address_is_enough(value: str) -> None:
    assert gate.judge(with_headers({"List-Unsubscribe": value})).findings == ()


def test_a_long_link_in_a_folded_header_is_a_warning() -> None:
    folded = with_headers({"List-Unsubscribe": f"<{LONG}>,\r\n <mailto:a@b.example>"})
    folded = replace(
        folded, unsubscribe_url=LONG, raw=folded.raw.replace(b"Click\r\n", b"Click\r\n")
    )
    assert [f.rule for f in gate.judge(folded).warnings] == ["R40"]


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost:5000", "[::1]:5000"])
def test_http_on_this_machine_is_not_judged_in_development_and_a_refusal_elsewhere(
    host: str,
) -> None:
    url = f"http://{host}/u/abc"
    raw = letter().replace(URL.encode(), url.encode())
    local = replace(LAWFUL, raw=raw, unsubscribe_url=url)
    assert rules(local) == {"R20", "R40"}  # the link tried was another one
    verdict = gate.judge(replace(local, development=True))
    assert "R40" in {f.rule for f in verdict.notes}
    assert verdict.message == "Lawful."


def test_http_elsewhere_is_refused_even_in_development() -> None:
    url = "http://news.acme.example/u/abc"
    raw = letter().replace(URL.encode(), url.encode())
    assert rules(replace(LAWFUL, raw=raw, unsubscribe_url=url, development=True)) == {"R40"}


def test_a_message_to_a_customer_needs_no_list_headers() -> None:
    bare = with_headers({"List-Unsubscribe": None, "List-Unsubscribe-Post": None})
    assert rules(replace(bare, kind=Kind.editorial)) == {"R40"}
    assert rules(replace(bare, kind=Kind.transactional, dealing=PAID)) == set()


def test_the_header_gives_the_link_if_none_is_named() -> None:
    assert gate.judge(replace(LAWFUL, unsubscribe_url=None)).findings == ()
    lone = head({"List-Unsubscribe": "<mailto:a@b.example>"}) + mime("<p>x</p>", "x")
    assert {"R16", "R40"} <= rules(replace(LAWFUL, raw=lone, unsubscribe_url=None))
