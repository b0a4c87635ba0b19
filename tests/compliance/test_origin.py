"""R05: who carries the mail, and what became of the copy that came back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.inputs import Recipient
from mailer.compliance.packs import Pack
from mailer.compliance.readiness import (
    Authentication,
    Processor,
    PublishedKey,
    Readiness,
    Relay,
    Spf,
    Transfer,
)
from mailer.compliance.rules import origin
from tests.compliance.letters import ADDRESS, LAWFUL, RELAY, SENDER, TODAY

AMERICAN = replace(
    RELAY, legal_entity="Parcel Inc", country="US", transfer=Transfer.dpf, contract="DPA of 2026"
)
REFUSE, WARN, NOTE = Severity.refuse, Severity.warn, Severity.note
SOON = TODAY + timedelta(days=3)


def found(candidate: Candidate) -> list[Finding]:
    verdict = gate.judge(candidate, (origin.ORIGIN_AND_PROVIDER,))
    return list(verdict.findings)


def by(relay: Relay | None, candidate: Candidate = LAWFUL, **known: object) -> list[Finding]:
    return found(replace(candidate, readiness=Readiness(relay=relay, **known)))  # type: ignore[arg-type]


def severities(findings: list[Finding]) -> list[Severity]:
    return [finding.severity for finding in findings]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"reviewed_on": TODAY - timedelta(days=90)},
        {"reviewed_on": TODAY},
        {"seed_passed_on": TODAY - timedelta(days=30)},
        {"transfer": Transfer.none},
        {"is_own": True, "reviewed_on": None, "legal_entity": "Acme Inc", "country": "US"},
        {"country": "de"},
    ],
)
def test_a_relay_that_is_known_reviewed_and_tried_is_passed(changes: dict[str, object]) -> None:
    assert by(replace(RELAY, **changes)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "evidence"),
    [
        ({"reviewed_on": TODAY - timedelta(days=91)}, "91 days ago; 90 are allowed"),
        ({"reviewed_on": TODAY + timedelta(days=1)}, "still to come"),
        ({"reviewed_on": None}, "have not been reviewed"),
        ({"seed_passed_on": TODAY - timedelta(days=31)}, "31 days ago; 30 are allowed"),
        ({"seed_passed_on": TODAY + timedelta(days=400)}, "still to come"),
        ({"seed_passed_on": None}, "has come back through Postbote yet"),
        ({"seed_fault": "The relay took List-Unsubscribe-Post away."}, "List-Unsubscribe-Post"),
        ({"is_own": True, "seed_fault": "The relay took Subject away."}, "Subject"),
        ({"legal_entity": " "}, "which legal entity"),
        ({"country": ""}, "in which country"),
        ({"country": "Germany"}, "in which country"),
        ({"country": "1"}, "in which country"),
    ],
)
def test_what_is_unknown_stale_or_broken_refuses(changes: dict[str, object], evidence: str) -> None:
    findings = by(replace(RELAY, **changes))  # type: ignore[arg-type]
    assert REFUSE in severities(findings)
    assert any(evidence in finding.evidence for finding in findings)


def test_a_relay_that_appends_its_own_footer_is_a_warning() -> None:
    [finding] = by(replace(RELAY, seed_remark="The relay added “Postbote, 1 Elm Road”"))
    assert (finding.severity, finding.part) == (WARN, "seed copy")
    assert "1 Elm Road" in finding.evidence


def test_a_fault_is_told_instead_of_the_remark() -> None:
    relay = replace(RELAY, seed_remark="a footer", seed_fault="a header is gone")
    assert severities(by(relay)) == [REFUSE]


def test_an_unregistered_relay_owes_both_its_review_and_its_seed_copy() -> None:
    findings = by(None)
    assert [(f.part, f.severity) for f in findings] == [("relay", REFUSE), ("seed copy", REFUSE)]


def test_of_an_unregistered_relay_its_seed_copies_speak_all_the_same() -> None:
    stranger = Relay("mx.example", "", "", False, Transfer.none, is_registered=False)  # noqa: FBT003
    tried = replace(stranger, seed_passed_on=TODAY)
    assert [f.part for f in by(tried, grace_until=SOON)] == ["relay"]
    faulty = replace(stranger, seed_fault="The relay took Subject away.")
    assert [(f.part, f.severity) for f in by(faulty, grace_until=SOON)] == [
        ("relay", NOTE),
        ("seed copy", REFUSE),
    ]


@pytest.mark.parametrize(
    ("relay", "parts"),
    [
        (None, ["relay", "seed copy"]),
        (replace(RELAY, reviewed_on=None), ["relay"]),
        (replace(RELAY, seed_passed_on=None), ["seed copy"]),
    ],
)
def test_a_history_is_asked_for_until_the_grace_is_over(
    relay: Relay | None, parts: list[str]
) -> None:
    early = by(relay, grace_until=SOON)
    assert [(f.part, f.severity) for f in early] == [(part, NOTE) for part in parts]
    assert all("from 25 November 2026 on this refuses" in f.evidence for f in early)
    for until in (TODAY, TODAY - timedelta(days=1), None):
        assert severities(by(relay, grace_until=until)) == [REFUSE] * len(parts)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed_fault": "The relay took List-Unsubscribe away."},
        {"reviewed_on": TODAY - timedelta(days=100)},
        {"seed_passed_on": TODAY - timedelta(days=100)},
        {"legal_entity": ""},
    ],
)
def test_grace_excuses_no_fault_and_no_lapsed_history(changes: dict[str, object]) -> None:
    relay = replace(RELAY, **changes)  # type: ignore[arg-type]
    assert severities(by(relay, grace_until=SOON)) == [REFUSE]


def test_in_development_nothing_is_refused() -> None:
    for readiness in (None, Readiness(), Readiness(relay=replace(RELAY, seed_fault="broken"))):
        candidate = replace(LAWFUL, development=True, readiness=readiness)
        [finding] = found(candidate)
        assert finding.severity is NOTE
        assert finding.evidence.startswith("Not judged here")


def test_of_a_message_from_elsewhere_the_relay_is_not_judged() -> None:
    assert severities(found(replace(LAWFUL, readiness=None))) == [NOTE]


def european(relay: Relay, *countries: str, **changes: object) -> list[Finding]:
    audience = frozenset(countries) if countries else None
    return by(relay, replace(LAWFUL, audience_countries=audience, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "countries"),
    [
        ({}, ("AT", "US")),
        ({"transfer": Transfer.scc, "country": "IN"}, ("AT",)),
        ({"transfer": Transfer.adequacy, "country": "jp"}, ("FR",)),
        ({"transfer": Transfer.adequacy, "country": "GB"}, ("FR",)),
        ({"transfer": Transfer.domestic, "country": "GB"}, ("GB",)),
        ({"transfer": Transfer.domestic, "country": "GB"}, ("UK",)),
        ({"transfer": Transfer.none, "country": "AT"}, ("DE", "GB")),
        ({"transfer": Transfer.none, "is_own": True}, ("DE",)),
        ({"transfer": Transfer.none}, ("US", "CA")),
        ({"contract": None}, ("at",)),
        ({"contract": "", "transfer": Transfer.none}, ("US",)),
    ],
)
def test_a_transfer_with_a_basis_or_without_europeans_is_passed(
    changes: dict[str, object], countries: tuple[str, ...]
) -> None:
    assert european(replace(AMERICAN, **changes), *countries) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "countries"),
    [
        ({"transfer": Transfer.none}, ("AT", "US")),
        ({"transfer": Transfer.domestic}, ("de",)),
        ({"transfer": Transfer.domestic, "country": "GB"}, ("GB", "IE")),
        ({"transfer": Transfer.none}, (" uk",)),
        ({"transfer": Transfer.none}, ("NO",)),
        ({"transfer": Transfer.none}, ("CH",)),
        ({"transfer": Transfer.adequacy}, ("FR",)),
        ({"transfer": Transfer.adequacy, "country": "IN"}, ("FR",)),
        ({"transfer": Transfer.dpf, "country": "IN"}, ("FR",)),
        ({"transfer_checked_on": None}, ("AT",)),
        ({"transfer_checked_on": TODAY + timedelta(days=1)}, ("AT",)),
        ({"transfer": Transfer.scc, "transfer_checked_on": None}, ("AT",)),
        ({"contract": " "}, ("AT",)),
    ],
)
def test_europeans_data_goes_nowhere_without_a_basis(
    changes: dict[str, object], countries: tuple[str, ...]
) -> None:
    findings = european(replace(AMERICAN, **changes), *countries)  # type: ignore[arg-type]
    assert severities(findings) == [REFUSE]


def test_the_reader_of_a_copy_and_the_senders_own_country_count_too() -> None:
    bare = replace(AMERICAN, transfer=Transfer.none)
    reader = Recipient(country="FI")
    assert severities(european(bare, "US", recipient=reader)) == [REFUSE]
    vienna = replace(SENDER, address=replace(ADDRESS, country="AT"))
    assert severities(european(bare, "US", sender=vienna)) == [REFUSE]


def test_where_nobody_knows_the_readers_a_missing_basis_is_a_warning() -> None:
    assert severities(european(replace(AMERICAN, transfer=Transfer.none))) == [WARN]
    assert severities(european(replace(AMERICAN, transfer=Transfer.none), "US", "")) == [WARN]
    assert european(AMERICAN) == []
    at_home = replace(AMERICAN, transfer=Transfer.domestic, transfer_checked_on=None)
    assert european(at_home) == []
    american = replace(SENDER, packs=frozenset({Pack.can_spam}))
    assert european(replace(AMERICAN, transfer=Transfer.none), sender=american) == []


def test_a_basis_checked_long_ago_is_a_warning() -> None:
    old = replace(AMERICAN, transfer_checked_on=date(2025, 11, 1))
    assert severities(european(old, "AT")) == [WARN]
    assert european(old, "US") == []
    assert european(replace(old, country="FR"), "AT") == []


KEY = PublishedKey("s1", "rsa", 2048, matches=True)


@pytest.mark.parametrize(
    ("spf", "keys", "refused"),
    [
        (Spf.denied, (), True),
        (Spf.denied, (replace(KEY, matches=False),), True),
        (Spf.denied, (KEY,), False),
        (Spf.allowed, (), False),
        (Spf.unknown, (), False),
    ],
)
def test_dns_must_not_deny_the_relay(
    spf: Spf, keys: tuple[PublishedKey, ...], *, refused: bool
) -> None:
    known = Authentication("acme.example", datetime(2026, 11, 22, tzinfo=UTC), keys, spf, "none")
    assert (REFUSE in severities(by(RELAY, authentication=known))) is refused


def test_findings_say_where_to_mend() -> None:
    for finding in by(None):
        assert finding.fix
        assert finding.rule == "R05"
        assert finding.name == "origin-and-provider"


HOST = Processor(
    name="Cellar",
    legal_entity="Cellar Inc",
    country="US",
    is_own=False,
    transfer=Transfer.dpf,
    transfer_checked_on=TODAY,
    reviewed_on=TODAY,
    contract="DPA of 2026",
    review_days=180,
)


def test_a_service_that_is_bound_and_reviewed_is_passed_like_a_relay() -> None:
    assert by(RELAY, services=(HOST, replace(HOST, reviewed_on=TODAY - timedelta(days=180)))) == []


@pytest.mark.parametrize(
    ("changes", "evidence", "fix"),
    [
        ({"reviewed_on": TODAY - timedelta(days=181)}, "181 days ago; 180 are", "under Processors"),
        ({"reviewed_on": None}, "terms of Cellar have not been reviewed", "under Processors"),
        ({"legal_entity": ""}, "which legal entity runs Cellar", "under Processors"),
        ({"country": ""}, "in which country Cellar is", "under Processors"),
        ({"transfer": Transfer.none}, "Cellar is in US, and no basis", "choose a processor"),
        ({"transfer_checked_on": None}, "basis of Cellar was checked", "under Processors"),
        ({"contract": " "}, "No contract with Cellar", "under Processors"),
    ],
)
def test_a_service_that_nobody_answers_for_refuses(
    changes: dict[str, object], evidence: str, fix: str
) -> None:
    reader = replace(LAWFUL, recipient=Recipient("rosa@example.org", country="DE"))
    findings = by(RELAY, reader, services=(replace(HOST, **changes),))  # type: ignore[arg-type]
    assert {(f.severity, f.part) for f in findings} == {(REFUSE, "processor")}
    assert evidence in findings[0].evidence
    assert fix in findings[0].fix


def test_a_new_service_is_reviewed_before_the_grace_is_over() -> None:
    fresh = replace(HOST, reviewed_on=None)
    assert severities(by(RELAY, services=(fresh,), grace_until=SOON)) == [NOTE]
