"""R02: does the From domain vouch for the message, by its signature and in DNS?"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.packs import Pack
from mailer.compliance.readiness import Authentication, Readiness, Spf
from tests.compliance.letters import (
    AUTHENTICATION,
    KEYS,
    LAWFUL,
    SENDER,
    SIGNED,
    TODAY,
    letter,
)

REFUSE, WARN, NOTE = Severity.refuse, Severity.warn, Severity.note
KNOWN, (KEY, SEAL) = AUTHENTICATION, KEYS
BY_E1 = SIGNED.replace("s=s1", "s=e1")


def judged(candidate: Candidate) -> tuple[Finding, ...]:
    return tuple(f for f in gate.judge(candidate).findings if f.rule == "R02")


def severities(findings: Iterable[Finding]) -> list[Severity]:
    return [finding.severity for finding in findings]


def signed(*values: str, known: Authentication | None = KNOWN, extra: str = "") -> Candidate:
    """The lawful letter with these signatures, or with none."""
    more = "".join(f"DKIM-Signature: {value}\r\n" for value in values)
    raw = letter(headers={"DKIM-Signature": None}, extra=more + extra)
    return replace(LAWFUL, raw=raw, readiness=Readiness(authentication=known))


def with_known(**changes: object) -> Candidate:
    known = replace(KNOWN, **changes)  # type: ignore[arg-type]
    return replace(LAWFUL, readiness=Readiness(authentication=known))


def with_key(**changes: object) -> Candidate:
    return with_known(keys=(replace(KEY, **changes),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "candidate",
    [
        LAWFUL,
        signed(SIGNED, BY_E1),
        signed(SIGNED.replace("d=acme.example", "d=ACME.Example.")),
        signed(SIGNED, SIGNED.replace("d=acme.example", "d=esp.example")),
        with_known(daily_volume=50_000),
        with_known(dmarc="reject", is_strict=True),
    ],
)
def test_a_signed_message_of_a_domain_in_order_passes(candidate: Candidate) -> None:
    assert judged(candidate) == ()


@pytest.mark.parametrize(
    ("value", "evidence"),
    [
        (None, "no DKIM signature"),
        (SIGNED.replace("d=acme.example", "d=esp.example"), "esp.example is not of the From"),
        (SIGNED.replace("d=acme.example", "d=acme.example.evil.example"), "is not of the From"),
        (SIGNED.replace("d=acme.example", "d="), "cannot be used: d= is missing"),
        (SIGNED.replace("rsa-sha256", "rsa-sha1"), "no longer accepted"),
        (SIGNED.replace("h=from:from:to", "h=to"), "does not cover From"),
        (SIGNED.replace("bh=", "l=100; bh="), "only a part of the body"),
        (SIGNED.replace("s=s1", "s=old"), "old._domainkey.acme.example is no key of this sender"),
    ],
)
def test_a_message_that_its_domain_does_not_sign_is_refused(
    value: str | None, evidence: str
) -> None:
    findings = judged(signed(*([value] if value else [])))
    assert severities(findings) == [REFUSE]
    assert evidence in findings[0].evidence


def test_it_is_refused_for_the_signature_alone_where_nothing_else_is_known() -> None:
    assert severities(judged(replace(signed(), readiness=None))) == [REFUSE, NOTE]


def test_a_signature_made_before_a_header_was_added_is_refused() -> None:
    findings = judged(signed(SIGNED, extra="Subject: You have won\r\n"))
    assert severities(findings) == [REFUSE]
    assert "before a second Subject" in findings[0].evidence


def test_an_unsigned_reply_to_is_worth_a_warning() -> None:
    findings = judged(signed(SIGNED, extra="Reply-To: hello@acme.example\r\n"))
    assert severities(findings) == [WARN]
    assert "No signature covers Reply-To" in findings[0].evidence


def test_an_aligned_subdomain_signs_unless_the_domain_asks_for_its_own_name() -> None:
    of_mail = SIGNED.replace("d=acme.example", "d=mail.acme.example")
    relaxed = judged(replace(signed(of_mail), readiness=None))
    assert severities(relaxed) == [NOTE]
    findings = judged(signed(of_mail, known=replace(KNOWN, is_strict=True)))
    assert severities(findings) == [REFUSE]
    assert "adkim=s" in findings[0].evidence


def test_a_subdomain_whose_key_is_not_known_is_refused() -> None:
    findings = judged(signed(SIGNED.replace("d=acme.example", "d=mail.acme.example")))
    assert severities(findings) == [REFUSE]


@pytest.mark.parametrize(
    ("candidate", "severity", "evidence"),
    [
        (with_key(matches=False), REFUSE, "s1._domainkey.acme.example does not hold"),
        (with_key(matches=False, fault="DNS holds another key."), REFUSE, "DNS holds another"),
        (with_key(bits=768), REFUSE, "768 bits"),
        (with_key(bits=1023), REFUSE, "1023 bits"),
        (with_key(bits=1024), WARN, "1024 bits"),
        (with_key(bits=2047), WARN, "2047 bits"),
        (signed(BY_E1), WARN, "Ed25519 only"),
        (with_known(keys=()), REFUSE, "no key of this sender"),
    ],
)
def test_the_key_in_dns_is_the_key_that_signs_and_long_enough(
    candidate: Candidate, severity: Severity, evidence: str
) -> None:
    findings = judged(candidate)
    assert severities(findings) == [severity]
    assert evidence in findings[0].evidence


def test_one_good_signature_makes_a_bad_one_a_warning() -> None:
    keys = (KEY, replace(SEAL, matches=False))
    findings = judged(signed(SIGNED, BY_E1, known=replace(KNOWN, keys=keys)))
    assert severities(findings) == [WARN]


def test_a_relay_that_signs_is_taken_at_its_word() -> None:
    assert judged(replace(signed(), relay_signs=True)) == ()


@pytest.mark.parametrize(
    ("changes", "part", "evidence"),
    [
        ({"dmarc": ""}, "DMARC", "has no DMARC record in force"),
        ({"dmarc": "", "dmarc_fault": "There are two."}, "DMARC", "There are two."),
        ({"spf": Spf.absent}, "SPF", "has no SPF record"),
        ({"spf": Spf.broken, "spf_fault": "Two records."}, "SPF", "cannot be used. Two records."),
        ({"spf": Spf.denied}, "SPF", "does not let the relay send"),
    ],
)
@pytest.mark.parametrize(
    ("volume", "severity"), [(None, WARN), (0, WARN), (4_999, WARN), (5_000, REFUSE)]
)
def test_the_providers_ask_for_spf_and_dmarc_of_those_who_send_much(
    changes: dict[str, object], part: str, evidence: str, volume: int | None, severity: Severity
) -> None:
    findings = judged(with_known(daily_volume=volume, **changes))
    assert [(f.part, f.severity) for f in findings] == [(part, severity)]
    assert evidence in findings[0].evidence
    assert ("5,000 messages" in findings[0].evidence) is (volume == 5_000)


def test_whoever_does_not_keep_their_terms_is_not_asked() -> None:
    own = replace(SENDER, packs=frozenset({Pack.can_spam}))
    candidate = replace(with_known(dmarc="", spf=Spf.absent, daily_volume=9_000), sender=own)
    assert judged(candidate) == ()


def test_an_unknown_relay_address_is_said() -> None:
    findings = judged(with_known(spf=Spf.unknown, spf_fault="The relay is on this machine."))
    assert severities(findings) == [NOTE]
    assert findings[0].evidence.endswith("The relay is on this machine.")


@pytest.mark.parametrize(
    ("grace", "severity"),
    [(None, REFUSE), (date(2026, 11, 21), REFUSE), (TODAY, NOTE), (date(2027, 1, 1), NOTE)],
)
@pytest.mark.parametrize(
    "known", [None, replace(KNOWN, domain="other.example")], ids=["none", "of another domain"]
)
def test_dns_must_have_been_looked_up_once_the_grace_is_over(
    known: Authentication | None, grace: date | None, severity: Severity
) -> None:
    candidate = replace(LAWFUL, readiness=Readiness(authentication=known, grace_until=grace))
    findings = judged(candidate)
    assert severities(findings) == [severity]
    assert "acme.example has not been looked up" in findings[0].evidence


def test_what_dns_said_long_ago_is_asked_for_anew() -> None:
    week_old = datetime(2026, 11, 15, 1, tzinfo=UTC)
    assert judged(with_known(checked_at=week_old)) == ()
    findings = judged(with_known(checked_at=datetime(2026, 11, 14, 23, tzinfo=UTC)))
    assert severities(findings) == [REFUSE]
    assert "2026-11-14" in findings[0].evidence


def test_in_development_it_is_a_note() -> None:
    findings = judged(replace(signed(), development=True))
    assert severities(findings) == [NOTE]


@pytest.mark.parametrize("kind", list(Kind))
def test_it_binds_every_kind(kind: Kind) -> None:
    assert REFUSE in severities(judged(replace(signed(), kind=kind)))


def test_strange_mail_is_refused() -> None:
    for raw in (b"", b"\xff\x00", b"From: \r\n\r\n", b"DKIM-Signature: ;;;\r\n\r\n"):
        assert REFUSE in severities(judged(replace(LAWFUL, raw=raw)))
