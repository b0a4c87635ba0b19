"""R32, R33, R34, R36: taking people in, and handing addresses out."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailer.compliance import gate
from mailer.compliance.acts import Intake, Leaver, Newcomer, Provenance, Purpose, Release
from mailer.compliance.finding import Severity
from tests.compliance.letters import TODAY

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ROSA = Newcomer("rosa@reader.example", "unconfirmed")
SHEET = Intake(Provenance.event_sheet, "alice", "open-day.pdf", (ROSA,), TODAY)
NAMES = str.split(
    "ana bea cleo dora edda fay gina hana ines juno kira lena mona nora olga pia rosa sina tara uma"
)


def taken(intake: Intake) -> dict[str, set[Severity]]:
    rules: dict[str, set[Severity]] = {}
    for finding in gate.judge_intake(intake).findings:
        rules.setdefault(finding.rule, set()).add(finding.severity)
    return rules


def of(*addresses: str, at: datetime | None = None) -> Intake:
    return replace(SHEET, people=tuple(Newcomer(a, consented_at=at) for a in addresses))


def aged(**fields: str) -> Intake:
    return replace(SHEET, people=(replace(ROSA, fields=tuple(fields.items())),))


def test_people_from_a_sign_up_sheet_with_its_file_may_be_added() -> None:
    assert taken(SHEET) == {}


@pytest.mark.parametrize(
    "origin",
    [Provenance.purchased, Provenance.scraped, Provenance.appended, Provenance.unknown],
)
def test_what_was_bought_or_gathered_is_refused(origin: Provenance) -> None:
    assert taken(replace(SHEET, provenance=origin)) == {"R33": {Severity.refuse}}


def test_somebody_must_vouch_and_name_the_proof() -> None:
    assert taken(replace(SHEET, attested_by=" ")) == {"R33": {Severity.refuse}}
    assert taken(replace(SHEET, evidence="")) == {"R33": {Severity.warn}}


MADE_UP = {
    "counted through": [f"a{n}@x.example" for n in range(500)],
    "counted through with letters after": [f"user{n}x@x.example" for n in range(30)],
    "info at many domains": [f"info@shop{n}.example" for n in range(300)],
    "one name at many domains": [f"john@firm{n}.example" for n in range(25)],
    "offices": [
        f"{n}@x.example" for n in (*NAMES, "sales", "info", "office", "abuse", "team", "hr")
    ],
}


@pytest.mark.parametrize("addresses", MADE_UP.values(), ids=MADE_UP)
def test_what_looks_made_up_is_refused(addresses: list[str]) -> None:
    assert taken(of(*addresses)) == {"R33": {Severity.refuse}}


def test_many_who_consented_in_the_same_moment_are_refused() -> None:
    people = [f"{name}{n}@x{name}.example" for name in NAMES for n in (1, 5, 9)]
    assert taken(of(*people, at=AT)) == {"R33": {Severity.refuse}}
    assert taken(of(*people[:50], at=AT)) == {}


@pytest.mark.parametrize(
    "addresses",
    [
        ["info@acme.example"],
        [f"{name}@x.example" for name in NAMES],
        [f"{name}{year}@x.example" for name, year in zip(NAMES, range(1970, 2010, 2), strict=True)],
        [*(f"{name}@x.example" for name in NAMES), "info@a.example", "office@b.example"],
    ],
)
def test_what_people_are_called_is_no_pattern(addresses: list[str]) -> None:
    assert taken(of(*addresses)) == {}


@pytest.mark.parametrize("status", ["", "subscribed", " Confirmed ", "unconfirmed"])
def test_who_left_is_not_brought_back_by_a_list(status: str) -> None:
    back = replace(ROSA, status=status, refusal="unsubscribed")
    assert taken(replace(SHEET, people=(ROSA, back))) == {"R34": {Severity.refuse}}


def test_who_left_may_be_taken_in_as_such() -> None:
    gone = replace(ROSA, status="unsubscribed", refusal="unsubscribed")
    assert taken(replace(SHEET, people=(gone,))) == {}


def test_only_some_of_many_are_named() -> None:
    back = tuple(replace(ROSA, address=f"{n}@x.example", refusal="bounced") for n in NAMES[:5])
    evidence = gate.judge_intake(replace(SHEET, people=back)).findings[0].evidence
    assert evidence.startswith("5 of these people")
    assert evidence.endswith("…")


@pytest.mark.parametrize(
    "fields",
    [
        {"age": "9"},
        {"Alter": "12"},
        {"birthdate": "2014-01-31"},
        {"Date of Birth": "31.01.2014"},
        {"geburtsdatum": "23.11.2013"},
        {"dob": "01/02/2020"},
        {"birth year": "2013"},
        {"fecha-de-nacimiento": "3/4/2015"},
    ],
)
def test_a_child_is_refused(fields: dict[str, str]) -> None:
    assert taken(aged(**fields)) == {"R36": {Severity.refuse}}


@pytest.mark.parametrize(
    "fields",
    [
        {"age": "13"},
        {"age": "unknown"},
        {"birthdate": "1980-05-01"},
        {"birthdate": "22.11.2013"},
        {"birthdate": "spring"},
        {"birthdate": "1/2/3"},
        {"birthdate": "2014-31-31"},
        {"birth year": "1970"},
        {"city": "9"},
    ],
)
def test_an_adult_or_what_tells_no_age_is_not(fields: dict[str, str]) -> None:
    assert taken(aged(**fields)) == {}


@pytest.mark.parametrize("fields", [{"birthdate": "1880-01-01"}, {"age": "212"}, {"dob": "2031"}])
def test_a_slip_in_the_year_is_asked_about(fields: dict[str, str]) -> None:
    assert taken(aged(**fields)) == {"R36": {Severity.warn}}


def test_a_column_of_school_classes_is_asked_about() -> None:
    assert taken(aged(Grade="4")) == {"R36": {Severity.warn}}


def test_a_list_for_children_needs_somebody_who_vouches() -> None:
    club = replace(SHEET, is_for_children=True)
    assert taken(club) == {"R36": {Severity.refuse}}
    assert taken(replace(club, attested_for_children="alice")) == {}


STAYED, LEFT = (
    Leaver("ana@x.example", is_opted_out=False),
    Leaver("bea@x.example", is_opted_out=True),
)
HASHED = replace(LEFT, is_hashed=True)
OWN = Release(Purpose.processing, "our printer", is_processor=True, reference="", people=(STAYED,))


def given(release: Release) -> int:
    return len(gate.judge_release(release).refusals)


def test_addresses_may_go_to_a_processor() -> None:
    assert given(OWN) == 0
    assert given(replace(OWN, is_processor=False)) == 1


def test_who_opted_out_is_not_handed_on_in_clear() -> None:
    assert given(replace(OWN, people=(STAYED, LEFT))) == 1
    assert given(replace(OWN, purpose=Purpose.compliance, people=(LEFT,))) == 1
    assert given(replace(OWN, people=(LEFT,) * 5)) == 1


def test_a_hashed_file_for_scrubbing_may_go_to_a_processor_only() -> None:
    scrub = replace(OWN, purpose=Purpose.compliance, people=(HASHED,))
    assert given(scrub) == 0
    assert given(replace(scrub, is_processor=False, to_whom="")) == 1
    assert given(replace(scrub, purpose=Purpose.processing)) == 1


def test_addresses_are_not_passed_on_for_marketing() -> None:
    audience = replace(OWN, purpose=Purpose.marketing, to_whom="an ad platform")
    assert given(audience) == 1
    assert given(replace(audience, people=(HASHED,))) == 2


@pytest.mark.parametrize("purpose", [Purpose.own_data, Purpose.legal_order])
def test_her_own_data_and_a_court_order_may_hold_what_opted_out(purpose: Purpose) -> None:
    answer = replace(OWN, purpose=purpose, reference="request 12", people=(LEFT,))
    assert given(answer) == 0
    assert given(replace(answer, reference=" ")) == 1
