"""R41 and R43: a signature that covers the list headers, and a list that keeps its name."""

from dataclasses import replace

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.domains import is_aligned
from mailer.compliance.finding import Finding, Severity
from tests.compliance.letters import LAWFUL, PAID, SIGNED, letter, with_headers

LISTED = ":list-unsubscribe:list-unsubscribe-post"


def findings(candidate: Candidate, rule: str) -> list[Finding]:
    return [f for f in gate.judge(candidate).findings if f.rule == rule]


def signature(value: str | None, extra: str = "", **changes: object) -> set[Severity]:
    candidate = with_headers({"DKIM-Signature": value}, extra)
    changed: Candidate = replace(candidate, **changes)  # type: ignore[arg-type]
    return {f.severity for f in findings(changed, "R41")}


@pytest.mark.parametrize(
    "value",
    [
        SIGNED,
        SIGNED + ";",
        SIGNED.replace("h=from:from", "h = From :\r\n\tFROM "),
        SIGNED.replace("rsa-sha256", "ed25519-sha256"),
        SIGNED.replace("d=acme.example", "d=mail.acme.example"),
        SIGNED.replace("d=acme.example", "d=ACME.example."),
        SIGNED.replace("b=ZGVm", "b=ZG\r\n Vm; x=1900000000; t=1"),
        SIGNED.replace("s=s1", "s=s1; x=soon"),
    ],
)
def test_a_signature_over_both_headers_is_kept(value: str) -> None:
    assert signature(value) == set()


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        SIGNED.replace(LISTED, ""),
        SIGNED.replace(":list-unsubscribe-post", ""),
        SIGNED.replace(":list-unsubscribe:", ":"),
        SIGNED.replace("h=from:from:", "h="),
        SIGNED.replace("s=s1", "s=s1; l=120"),
        SIGNED.replace("s=s1", "s=s1; l=0"),
        SIGNED.replace("d=acme.example", "d=esp.example"),
        SIGNED.replace("d=acme.example", "d=example"),
        SIGNED.replace("d=acme.example", "d=notacme.example"),
        SIGNED.replace("d=acme.example", "d="),
        SIGNED.replace("rsa-sha256", "rsa-sha1"),
        SIGNED.replace("v=1", "v=2"),
        SIGNED.replace("bh=YWJj; ", ""),
        SIGNED.replace("b=ZGVm", "b="),
        SIGNED.replace("s=s1", "s=s1; x=1500000000"),
        SIGNED + "; d=acme.example",
        SIGNED + "; i=@evil.example",
        SIGNED + "; i=ana@notacme.example",
        SIGNED.replace("list-unsubscribe:", "x-list-unsubscribe:"),
        SIGNED + ";; x",
        "what is this",
    ],
)
def test_a_signature_that_leaves_one_click_open_is_refused(value: str | None) -> None:
    assert signature(value) == {Severity.refuse}
    assert signature(value, development=True) == {Severity.note}


def test_a_header_added_after_signing_is_not_covered() -> None:
    assert signature(SIGNED, "List-Unsubscribe: <https://a.example>\r\n") == {Severity.refuse}


def test_from_signed_once_is_worth_a_warning() -> None:
    assert signature(SIGNED.replace("from:from", "from")) == {Severity.warn}


def test_one_sound_signature_among_several_is_enough() -> None:
    other = SIGNED.replace("d=acme.example", "d=esp.example")
    assert signature(SIGNED, f"DKIM-Signature: {other}\r\n") == set()
    assert signature(other, f"DKIM-Signature: {other}\r\n") == {Severity.refuse}


def test_a_relay_known_to_sign_later_is_not_asked_here() -> None:
    assert signature(None, relay_signs=True) == set()
    assert signature(SIGNED.replace(LISTED, ""), relay_signs=True) == set()


def test_a_receipt_needs_no_list_signature_unless_it_offers_one_click() -> None:
    bare = with_headers({"DKIM-Signature": None, "List-Unsubscribe-Post": None})
    assert findings(replace(bare, kind=Kind.transactional, dealing=PAID), "R41") == []
    assert signature(None, kind=Kind.transactional, dealing=PAID) == {Severity.refuse}


def test_what_dkimpy_signs_by_default_is_refused_and_an_explicit_list_is_kept() -> None:
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    raw = letter(headers={"DKIM-Signature": None})
    plain = dkim.sign(raw, b"s1", b"acme.example", key) + raw
    names = [b"from", b"from", b"subject", b"list-unsubscribe", b"list-unsubscribe-post"]
    explicit = dkim.sign(raw, b"s1", b"acme.example", key, include_headers=names) + raw
    assert [f.severity for f in findings(replace(LAWFUL, raw=plain), "R41")] == [Severity.refuse]
    assert findings(replace(LAWFUL, raw=explicit), "R41") == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("mail.acme.co.uk", "news.acme.co.uk", True),
        ("other.co.uk", "acme.co.uk", False),
        ("co.uk", "acme.co.uk", False),
        ("acme.de", "mail.acme.de", True),
        ("com", "acme.com", False),
        ("localhost", "localhost", True),
        ("", "", False),
        ("a" * 80 + ".example", "a" * 80 + ".example", True),
    ],
)
def test_alignment_is_by_organisation(one: str, other: str, expected: bool) -> None:  # noqa: FBT001
    assert is_aligned(one, other) is expected


def identity(changes: dict[str, str | None], known: str | None = None) -> list[str | None]:
    found = findings(replace(with_headers(changes), list_id=known), "R43")
    assert all(f.severity is Severity.warn for f in found)
    return [f.part for f in found]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"List-Id": "<tips.acme.example>"},
        {"List-Id": '"Tips 2026" <tips.news.acme.example>'},
        {"List-Id": "<a7f3c2e9b1d84f0e.acme.example>"},
        {"List-Help": "<mailto:help@acme.example>", "List-Post": "NO"},
        {"Auto-Submitted": "auto-generated", "Feedback-ID": "c1:l2:bulk:acme1"},
        {"Feedback-ID": "acme1"},
    ],
)
def test_a_list_with_a_lasting_name_is_kept(changes: dict[str, str | None]) -> None:
    assert identity(changes) == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        "tips",
        "<tips>",
        "<tips@acme.example>",
        "<=?utf-8?q?tips?=.acme.example>",
        f"<{'x' * 250}.acme.example>",
        "<tips.other.example>",
        "<campaign-4711.acme.example>",
        "<ausgabe12.acme.example>",
        "<2026-11-22.acme.example>",
        "<tips.20261122.acme.example>",
        "<a1b2c3d4e5.acme.example>",
    ],
)
def test_a_list_without_a_lasting_name_is_worth_a_warning(value: str | None) -> None:
    changes = {"List-Id": value, "Message-ID": "<a1b2c3d4e5@acme.example>"}
    assert identity(changes) == ["List-Id"]


def test_a_list_that_is_called_otherwise_than_before_is_worth_a_warning() -> None:
    assert identity({}, "<tips.acme.example>") == []
    assert identity({}, "<old.acme.example>") == ["List-Id"]
    lasting: dict[str, str | None] = {"List-Id": "<mailing-5.acme.example>"}
    assert identity(lasting, "mailing-5.acme.example") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("List-Help", "write to us"),
        ("List-Owner", ""),
        ("Auto-Submitted", "auto-replied; x=y"),
        ("Feedback-ID", "a:b:c:d:e"),
        ("Feedback-ID", "a:b:c:"),
    ],
)
def test_misshapen_list_headers_are_worth_a_warning(name: str, value: str) -> None:
    assert identity({name: value}) == [name]


def test_a_receipt_needs_no_list() -> None:
    bare = replace(with_headers({"List-Id": None}), kind=Kind.transactional, dealing=PAID)
    assert findings(bare, "R43") == []
