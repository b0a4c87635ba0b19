"""R29, R30, R31, R37: what is on record between a reader and the sender."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Kind
from mailer.compliance.finding import Severity
from mailer.compliance.inputs import Basis, Consent, OptOut, Recipient
from mailer.compliance.packs import Pack
from tests.compliance.letters import LAWFUL, PAID, SENDER

LEFT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ASKED = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
WORDS = "Yes, send me the garden tips."
PROVEN = Consent(
    basis=Basis.express,
    source="https://acme.example/tips",
    wording=WORDS,
    wording_hash=hashlib.sha256(WORDS.encode()).hexdigest(),
    asked_at=ASKED,
    confirmed_at=ASKED,
    was_pressed=True,
)


def found(rule: str, recipient: Recipient, **changes: object) -> list[Severity]:
    candidate = replace(LAWFUL, recipient=recipient, **changes)  # type: ignore[arg-type]
    return [f.severity for f in gate.judge(candidate).findings if f.rule == rule]


def opted_out(address: str, by: OptOut, **changes: object) -> list[Severity]:
    return found("R29", Recipient(address, opt_outs=(by,)), **changes)


@pytest.mark.parametrize(
    ("mailed", "left"),
    [
        ("rosa@reader.example", "rosa@reader.example"),
        ("rosa@READER.example", "rosa@reader.example"),
        ("Rosa@reader.example", " rosa@reader.example "),
        ("rosa@bücher.example", "rosa@xn--bcher-kva.example"),
        ("rosa@reader.example.", "rosa@reader.example"),
    ],
)
def test_an_opt_out_binds_the_mailbox_however_it_is_spelled(mailed: str, left: str) -> None:
    assert opted_out(mailed, OptOut(left, LEFT)) == [Severity.refuse]


@pytest.mark.parametrize("other", ["ros.a@reader.example", "rosa@other.example", "ana@x.example"])
def test_another_mailbox_is_another_reader(other: str) -> None:
    assert opted_out("rosa@reader.example", OptOut(other, LEFT)) == []


def test_a_tagged_address_is_another_one_and_worth_a_question() -> None:
    left = OptOut("rosa+shop@reader.example", LEFT)
    assert opted_out("rosa@reader.example", left) == [Severity.warn]


def test_an_opt_out_of_everything_reaches_every_list_of_the_sender() -> None:
    left = OptOut("rosa@reader.example", LEFT)
    assert opted_out("rosa@reader.example", left, list_id="other.acme.example") == [Severity.refuse]


@pytest.mark.parametrize(
    ("list_id", "expected"), [("tips", [Severity.refuse]), ("news", []), (None, [Severity.refuse])]
)
def test_an_opt_out_of_a_list_reaches_that_list(
    list_id: str | None, expected: list[Severity]
) -> None:
    left = OptOut("rosa@reader.example", LEFT, list_id="tips")
    assert opted_out("rosa@reader.example", left, list_id=list_id) == expected


@pytest.mark.parametrize(
    ("rejoined", "expected"), [(datetime(2026, 4, 1, tzinfo=UTC), []), (ASKED, [Severity.refuse])]
)
def test_only_a_later_sign_up_undoes_it(rejoined: datetime, expected: list[Severity]) -> None:
    left = OptOut("rosa@reader.example", LEFT, rejoined_at=rejoined)
    assert opted_out("rosa@reader.example", left) == expected


def test_a_receipt_reaches_who_left_the_newsletter() -> None:
    left = OptOut("rosa@reader.example", LEFT)
    kept = opted_out("rosa@reader.example", left, kind=Kind.transactional, dealing=PAID)
    assert kept == []


@pytest.mark.parametrize("country", ["DE", "GB", "CA", "FR", "NO"])
def test_proven_consent_is_enough_everywhere(country: str) -> None:
    assert found("R30", Recipient(country=country, consent=PROVEN)) == []


FAULTS = {
    "no source": replace(PROVEN, source=" "),
    "no time": replace(PROVEN, asked_at=None),
    "no wording": replace(PROVEN, wording="", wording_hash=""),
    "another wording": replace(PROVEN, wording="Yes, send me everything."),
    "no basis": replace(PROVEN, basis=Basis.unknown),
}
UNCONFIRMED = {
    "never confirmed": replace(PROVEN, confirmed_at=None),
    "opened by a program": replace(PROVEN, was_pressed=False),
}


@pytest.mark.parametrize("consent", (FAULTS | UNCONFIRMED).values(), ids=FAULTS | UNCONFIRMED)
def test_what_cannot_be_proven_is_refused_where_proof_is_owed(consent: Consent) -> None:
    assert found("R30", Recipient(country="DE", consent=consent)) == [Severity.refuse]
    assert found("R30", Recipient(consent=consent, demands_proof=True)) == [Severity.refuse]


@pytest.mark.parametrize("consent", FAULTS.values(), ids=FAULTS)
def test_elsewhere_it_is_a_warning(consent: Consent) -> None:
    assert found("R30", Recipient(country="US", consent=consent)) == [Severity.warn]


@pytest.mark.parametrize("consent", UNCONFIRMED.values(), ids=UNCONFIRMED)
def test_elsewhere_nobody_need_confirm(consent: Consent) -> None:
    assert found("R30", Recipient(country="US", consent=consent)) == []


def test_a_hash_without_its_text_and_a_text_without_its_hash_are_proof() -> None:
    for changed in (replace(PROVEN, wording=""), replace(PROVEN, wording_hash="")):
        assert found("R30", Recipient(country="DE", consent=changed)) == []


def test_a_customer_may_be_told_of_similar_goods() -> None:
    bought = Consent(Basis.purchase, "Order 77", asked_at=ASKED, last_dealing_on=ASKED.date())
    assert found("R30", Recipient(country="DE", consent=bought)) == []


def test_consent_is_asked_of_those_who_keep_such_a_law_only() -> None:
    american = replace(SENDER, packs=frozenset({Pack.can_spam}))
    shown = Recipient(country="DE", consent=FAULTS["no source"])
    assert found("R30", shown, sender=american) == []


def implied(basis: Basis, since: date | None, country: str = "CA") -> list[Severity]:
    consent = Consent(basis, "Order 77", asked_at=None, last_dealing_on=since)
    return found("R31", Recipient(country=country, consent=consent))


@pytest.mark.parametrize(
    ("basis", "since", "expected"),
    [
        (Basis.purchase, date(2024, 11, 22), []),
        (Basis.purchase, date(2024, 11, 21), [Severity.refuse]),
        (Basis.inquiry, date(2026, 5, 22), []),
        (Basis.inquiry, date(2026, 1, 10), [Severity.refuse]),
        (Basis.unknown, date(2026, 5, 21), [Severity.refuse]),
        (Basis.purchase, None, [Severity.refuse]),
        (Basis.express, date(2019, 1, 1), []),
    ],
)
def test_implied_consent_runs_out(
    basis: Basis, since: date | None, expected: list[Severity]
) -> None:
    assert implied(basis, since) == expected


def test_outside_of_canada_it_is_a_warning() -> None:
    assert implied(Basis.inquiry, date(2026, 1, 10), "") == [Severity.warn]


def test_six_months_after_the_last_of_august_end_with_february() -> None:
    consent = Consent(Basis.inquiry, "A letter", last_dealing_on=date(2025, 8, 31))
    shown = Recipient(country="CA", consent=consent)
    assert found("R31", shown, today=date(2026, 2, 28)) == []
    assert found("R31", shown, today=date(2026, 3, 1)) == [Severity.refuse]


def test_an_old_row_counts_from_the_day_it_was_asked() -> None:
    consent = Consent(Basis.unknown, "An old file", asked_at=ASKED)
    assert found("R31", Recipient(country="CA", consent=consent)) == [Severity.refuse]


@pytest.mark.parametrize("kind", [Kind.commercial, Kind.editorial, Kind.service])
def test_who_left_is_not_asked_to_come_back(kind: Kind) -> None:
    assert found("R37", Recipient(was_objector=True), kind=kind) == [Severity.refuse]


def test_who_left_still_gets_the_receipt_for_her_order() -> None:
    shown = Recipient(was_objector=True)
    assert found("R37", shown, kind=Kind.transactional, dealing=PAID) == []
    assert found("R37", shown, kind=Kind.transactional) == [Severity.refuse]
