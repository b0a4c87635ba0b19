"""S4: a copy that came back from a seed mailbox, compared with what was handed to the relay."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mailer.compliance import gate
from mailer.compliance.acts import Receipt, Seal
from mailer.compliance.finding import Severity
from mailer.compliance.gate import Verdict
from mailer.compliance.rules import receipts
from tests.compliance.letters import BODY, FOOTER, LAWFUL, SIGNED, TEXT, URL, letter

OURS = Seal("acme.example", "s1", body_holds=True, holds=True)
BROKEN = replace(OURS, body_holds=False, holds=True)
THEIRS = Seal("mail.acme.example", "esp", body_holds=True)
TRACES = (
    b"Return-Path: <bounces@esp.example>\r\n"
    b"Delivered-To: seed@acme.example\r\n"
    b"Received: from esp.example\r\n\tby mx.acme.example; Sun, 22 Nov 2026 10:00:03 +0000\r\n"
    b"Received: from mailer by esp.example; Sun, 22 Nov 2026 10:00:01 +0000\r\n"
    b"Authentication-Results: mx.acme.example; dkim=pass\r\n"
    b"ARC-Seal: i=1; a=rsa-sha256; cv=none\r\n"
    b"X-Spam-Score: \xe2\x98\x85 0.1\r\n"
)
APPENDED = "<p>Sent with Parcel Inc, 1 Elm Road, Boston, MA 02108</p>"


def judged(received: bytes, *seals: Seal, **changes: object) -> Verdict:
    sent = replace(LAWFUL, **changes)  # type: ignore[arg-type]
    return gate.judge_receipt(Receipt(sent, received, seals or (OURS,)))


def without(*names: str) -> bytes:
    return letter(headers=dict.fromkeys(names))


def html(change: Callable[[str], str]) -> bytes:
    return letter(html=change(BODY + FOOTER))


@pytest.mark.parametrize(
    "received",
    [
        letter(),
        TRACES + letter(),
        b"From esp@esp.example Sun Nov 22 10:00:03 2026\r\n" + letter(),
        letter().replace(b"\r\n", b"\n"),
        letter(headers={"Message-ID": "<0100@acme.example>"}),
        letter(
            extra="DKIM-Signature: v=1; a=rsa-sha256; d=esp.example; s=e; h=from; bh=Yg; b=Yw\r\n"
        ),
        letter(headers={"Subject": "Three\r\n garden tips"}),
        letter(html=(BODY + FOOTER).replace("</p>", "</p>\r\n\r\n")),
    ],
)
def test_what_mail_servers_do_on_the_way_is_no_fault(received: bytes) -> None:
    assert judged(received).findings == ()


@pytest.mark.parametrize(
    ("received", "rules", "evidence"),
    [
        (without("List-Unsubscribe-Post"), {"R05", "R40"}, "took List-Unsubscribe-Post away"),
        (without("List-Unsubscribe"), {"R05", "R40"}, "took List-Unsubscribe away"),
        (without("Reply-To"), set(), ""),
        (without("DKIM-Signature"), {"R41"}, "no DKIM signature"),
        (letter(headers={"From": "Acme <news@esp.example>"}), {"R05", "R01"}, "changed From"),
        (letter(headers={"Subject": "[Spam?] Three garden tips"}), {"R05"}, "changed Subject"),
        (letter(headers={"Reply-To": "esp@esp.example"}), {"R05"}, "added Reply-To"),
        (
            letter(extra="List-Unsubscribe: <https://esp.example/u>\r\n"),
            {"R05", "R40"},
            "List-Unsubscribe occurs 2 times",
        ),
        (
            letter(headers={"DKIM-Signature": SIGNED.replace(":list-unsubscribe-post", "")}),
            {"R41"},
            "does not cover List-Unsubscribe-Post",
        ),
        (letter(html=None), {"R05"}, "The HTML part did not arrive"),
        (letter(text=None), {"R05"}, "The text part did not arrive"),
        (html(lambda text: text.replace(URL, "https://esp.example/c/1")), {"R05", "R16"}, "esp"),
        (html(lambda text: text.replace(FOOTER, "")), {"R13", "R14", "R16"}, ""),
        (b"", {"R05"}, "took From away"),
    ],
)
def test_what_the_law_needs_must_arrive(received: bytes, rules: set[str], evidence: str) -> None:
    verdict = judged(received)
    refusing = {finding.rule for finding in verdict.refusals}
    assert rules <= refusing
    assert bool(rules) == bool(refusing)
    assert any(evidence in finding.evidence for finding in verdict.findings) or not rules


@pytest.mark.parametrize(
    ("received", "evidence"),
    [
        (html(lambda text: text + APPENDED), "added to the HTML part: “Sent with Parcel Inc"),
        (letter(text=f"{TEXT}\nSent with Parcel Inc\n"), "added to the text part"),
        (html(lambda text: text.replace("mulch, ", "")), "took out of the HTML part: “mulch,”"),
        (html(lambda text: text.replace("mulch", "buy")), "“mulch,” became “buy,”"),
        (
            html(lambda text: text.replace("</h1>", '</h1><img src="https://e.example/p.gif">')),
            "added an image",
        ),
        (html(lambda text: text + '<a href="https://esp.example/">.</a>'), "added a link"),
        (html(lambda text: f"<p>{'word ' * 99}</p>{text}"), "…"),
        (html(lambda text: "<p>" + "w\r\n" * 20_001 + f"</p>{text}"), "not arrive as it was sent"),
        (letter(headers={"List-Id": None}), "took List-Id away"),
        (letter(headers={"To": "<seeds@other.example>"}), "changed To"),
        (letter(extra="Sender: esp@esp.example\r\n"), "added Sender"),
    ],
)
def test_what_a_relay_adds_or_changes_is_told(received: bytes, evidence: str) -> None:
    verdict = judged(received)
    assert verdict.is_lawful
    mine = [f for f in verdict.warnings if f.rule == "R05"]
    assert any(evidence in finding.evidence for finding in mine)


LINKED = BODY + '<p><a href="https://acme.example/tips">All tips</a></p>' + FOOTER


def test_links_that_are_rewritten_or_taken_out_are_told() -> None:
    tracked = LINKED.replace("https://acme.example/tips", "https://c.esp.example/L0/1")
    plain = LINKED.replace('<a href="https://acme.example/tips">All tips</a>', "All tips")
    for received, evidence in ((tracked, "rewrote https://acme.example/tips"), (plain, "link out")):
        verdict = judged(letter(html=received), raw=letter(html=LINKED))
        assert [f.severity for f in verdict.findings] == [Severity.warn]
        assert evidence in verdict.findings[0].evidence


@pytest.mark.parametrize(
    ("seals", "evidence"),
    [
        ((BROKEN,), "arrived broken"),
        ((replace(OURS, holds=False),), "arrived broken"),
        ((Seal("esp.example", "e", body_holds=True),), "did not arrive"),
        ((BROKEN, replace(THEIRS, body_holds=False)), "arrived broken"),
        ((OURS,), ""),
        ((BROKEN, OURS), ""),
        ((BROKEN, THEIRS), ""),
        ((THEIRS,), ""),
    ],
)
def test_a_signature_of_the_from_domain_must_hold(seals: tuple[Seal, ...], evidence: str) -> None:
    verdict = judged(letter(), *seals)
    assert verdict.is_lawful is (evidence == "")
    assert any(evidence in finding.evidence for finding in verdict.findings) or not evidence


def test_a_message_that_left_unsigned_is_not_asked_for_our_signature() -> None:
    unsigned = letter(headers={"DKIM-Signature": None})
    theirs = gate.judge_receipt(
        Receipt(replace(LAWFUL, raw=unsigned, relay_signs=True), letter(), (THEIRS,))
    )
    assert theirs.findings == ()
    nobodys = gate.judge_receipt(Receipt(replace(LAWFUL, raw=unsigned, relay_signs=True), unsigned))
    assert [finding.rule for finding in nobodys.refusals] == ["R41"]


def test_what_was_wrong_before_is_not_laid_at_the_relays_door() -> None:
    odd = letter(headers={"Subject": "Three garden tips!!!!!!"})
    assert gate.judge(replace(LAWFUL, raw=odd)).findings
    assert judged(odd, raw=odd).findings == ()


def test_nothing_but_traces_is_taken_off() -> None:
    assert receipts.untraced(TRACES + letter()) == letter()
    assert receipts.untraced(b"no header at all") == b"no header at all"
