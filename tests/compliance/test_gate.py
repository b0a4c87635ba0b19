"""The frame itself: order, verdicts, and that nothing whatever makes it raise."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.compliance import gate
from mailer.compliance.case import Case
from mailer.compliance.finding import EVIDENCE_LIMIT, Finding, Severity, excerpt
from mailer.compliance.rule import Reason, Rule
from tests.compliance.letters import BODY, FOOTER, LAWFUL, SENDER, head, letter, mime, with_html


def test_rules_stand_in_order_each_once() -> None:
    ids = [rule.id for rule in gate.RULES]
    assert ids == sorted(set(ids))
    assert len({rule.name for rule in gate.RULES}) == len(ids)


def test_every_rule_names_its_source() -> None:
    assert all(rule.citation and rule.title and rule.name for rule in gate.RULES)


def test_every_rule_says_in_a_sentence_of_its_own_what_it_asks() -> None:
    assert sorted(gate.ASKS) == [f"R{number:02}" for number in range(45)]
    assert all(asks.endswith(".") and len(asks) < 100 for asks in gate.ASKS.values())
    assert len(set(gate.ASKS.values())) == len(gate.ASKS)
    assert all(gate.ASKS[rule.id] == rule.asks for rule in gate.RULES)


def test_a_verdict_is_an_answer_for_the_screen_and_the_api() -> None:
    verdict = gate.judge(with_html(BODY + FOOTER.replace("12 Oak", "13 Oak")))
    assert verdict.message == "Refused for 1 reason."
    (finding,) = verdict.as_dict()["violations"]  # type: ignore[misc]
    assert finding == {  # type: ignore[has-type]
        "rule": "R14",
        "name": "physical-address",
        "title": "The sender's postal address is not there to be seen",
        "severity": "refuse",
        "citation": "15 U.S.C. 7704(a)(5)(A)(iii); 16 CFR 316.2(p)",
        "evidence": "HTML part: not found: The postal address Acme Inc, 12 Oak Street, "
        "Springfield, IL 62701, UNITED STATES",
        "fix": "Add {{ postal_address }} to the footer, or press “Add the legal footer”.",
        "part": "HTML part",
    }


@pytest.mark.parametrize(
    ("html", "message"),
    [
        (BODY + FOOTER, "Lawful."),
        (BODY + FOOTER.replace("<p>", '<p style="color:#999">'), "Lawful, 2 warnings."),
        (BODY, "Refused for 3 reasons."),
    ],
)
def test_the_message_counts_reasons(html: str, message: str) -> None:
    assert gate.judge(with_html(html)).as_dict()["message"] == message


def test_a_finding_is_named_in_the_midst_of_a_sentence() -> None:
    finding = Finding("R15", "postal", "The address is not whole", Severity.refuse, "", "", "")
    assert finding.named == "R15, the address is not whole"


def test_evidence_is_one_short_line() -> None:
    text = excerpt("a\r\nb\x00c\u202e" + "d" * 400)
    assert text.startswith("a b c d")
    assert len(text) == EVIDENCE_LIMIT
    verdict = gate.judge(with_html("x" * 5000, "y" * 5000))
    assert all(len(f.evidence) <= EVIDENCE_LIMIT for f in verdict.findings)


def test_a_rule_that_cannot_cope_refuses() -> None:
    def check(case: Case) -> Iterator[Reason]:
        yield Reason("First", "Mend it.", severity=Severity.warn)
        raise RecursionError(case.candidate.kind)

    rule = Rule("R99", "odd", "Odd", "Not odd.", Severity.warn, "none", check)
    (finding,) = gate.judge(LAWFUL, (rule,)).findings
    assert finding.severity is Severity.refuse
    assert "RecursionError" in finding.evidence


NESTED = b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n"
STRANGE = [
    b"",
    b"\r\n",
    b"\r\n\r\n",
    b"\x00",
    b"Subject",
    b"Subject: x",
    b": x\r\n\r\n",
    b"Content-Type: text/html; charset=undefined\r\n\r\n<p>x",
    b"Content-Type: text/html; charset=rot13\r\n\r\n<p>x",
    b"Content-Type: text/html; charset*=bogus''%ff\r\n\r\n<p>x",
    b"Content-Type: text/html; charset==?utf-8?q?x?=\r\n\r\n<p>x",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\nno parts",
    b"Content-Type: multipart/mixed\r\n\r\nno boundary",
    b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!a",
    b"Content-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xff\xfe\xd8<p>\x00x",
    b"Content-Type: text/html\r\n\r\n<!-- only -->",
    b"Content-Type: text/x-amp-html\r\n\r\n<p>x",
    b"Subject: =?utf-8?b?=?=\r\n\r\nx",
    b"".join(NESTED % (n, n) for n in range(200)),
    head() + mime("<a" * 5000, "\x00" * 5000),
    head() + mime("<style>" + "@media x{" * 2000 + "</style>", "x"),
    head() + mime("<style>" + "{[(" * 2000 + "</style><p style='((((('>", "x"),
    head() + mime(f"<p style='font-size:{'9' * 400}px;margin:1e999px;zoom:1e999'>x{FOOTER}", "x"),
]  # fmt: skip


@pytest.mark.parametrize("raw", STRANGE)
def test_strange_mail_is_refused_without_a_crash(raw: bytes) -> None:
    verdict = gate.judge(replace(LAWFUL, raw=raw))
    assert not verdict.is_lawful


@given(raw=st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_no_bytes_make_the_gate_raise(raw: bytes) -> None:
    assert not gate.judge(replace(LAWFUL, raw=raw)).is_lawful


@given(
    html=st.text(alphabet="<>/=\"'{}:;()%-!@#.,pdivastylehidnfo0129 \n", max_size=200),
    headers=st.binary(max_size=80),
)
@settings(max_examples=200, deadline=None)
def test_no_markup_or_header_makes_the_gate_raise(html: str, headers: bytes) -> None:
    raw = headers + b"\r\n" + letter(html=f"{html}{FOOTER}<style>{html}</style>")
    assert gate.judge(replace(LAWFUL, raw=raw)).ruleset == gate.RULESET


def test_the_candidate_is_left_as_it_was() -> None:
    before = replace(LAWFUL)
    gate.judge(LAWFUL)
    assert before == LAWFUL
    assert LAWFUL.sender is SENDER
