"""R15: is the sender's record complete, plausible and confirmed?"""

from dataclasses import replace
from datetime import date

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import AddressKind, PostalAddress
from mailer.compliance.finding import Severity
from tests.compliance.letters import ADDRESS, LAWFUL, SENDER, TODAY

BOX, PMB = AddressKind.usps_po_box, AddressKind.cmra_pmb


def place(line: str, city: str, region: str, postcode: str, country: str = "US") -> PostalAddress:
    return replace(
        ADDRESS, lines=(line,), city=city, region=region, postcode=postcode, country=country
    )


LAWFUL_ADDRESSES = [
    ADDRESS,
    place("PSC 3 Box 1234", "APO", "AE", "09012"),
    place("Hauptstraße 5", "Berlin", "", "10115", "DE"),
    place("10 Downing Street", "London", "", "SW1A 2AA", "GB"),
    place("12 rue de la Paix", "Paris", "", "75002", "FR"),
    place("100 King Street West", "Toronto", "Ontario", "M5X 1A9", "CA"),
    place("千代田1-1", "", "東京都", "100-0001", "JP"),
    place("Calle 5 #23", "San Juan", "", "00901", "PR"),
    place("1 River Road", "Schenectady", "NY", "12345"),
    replace(place("P.O. Box 12", "Springfield", "IL", "62701"), kind=BOX),
    replace(place("12 Oak Street PMB 34", "Springfield", "IL", "62701"), kind=PMB),
    replace(place("12 Oak Street #34", "Springfield", "IL", "62701"), kind=PMB),
    place("12 Oak Street", "Springfield", "Illinois", "62701-1234"),
]


@pytest.mark.parametrize("address", LAWFUL_ADDRESSES, ids=lambda a: f"{a.country} {a.lines[0]}")
def test_real_addresses_of_many_countries_pass(address: PostalAddress) -> None:
    assert gate.judge_sender(replace(SENDER, address=address), TODAY) == ()


@pytest.mark.parametrize(
    ("address", "part"),
    [
        (place("Internet", "", "", ""), "lines"),
        (place("www.acme.example", "Springfield", "IL", "62701"), "lines"),
        (place("Your Address", "Springfield", "IL", "62701"), "lines"),
        (place("Lorem ipsum 5", "Springfield", "IL", "62701"), "lines"),
        (place("{{ address }}", "Springfield", "IL", "62701"), "lines"),
        (place("12 Oak Street", "Anytown", "IL", "62701"), "city"),
        (place("12 Oak Street", "City, State", "IL", "62701"), "city"),
        (place("12 Oak Street", "Springfield", "State", "62701"), "region"),
        (place("12 Oak Street", "Springfield", "IL", "00000"), "postcode"),
        (place("12 Oak Street", "Springfield", "NY", "12345"), "postcode"),
        (place("12 Oak Street", "Springfield", "IL", "90210"), "postal_code"),
        (place("12 Oak Street", "Springfield", "IL", ""), "postal_code"),
        (place("12 Oak Street", "", "IL", "62701"), "city"),
        (place("", "Springfield", "IL", "62701"), "street_address"),
        (place("12 Oak Street", "Springfield", "", "62701"), "country_area"),
        (place("12 Oak Street", "Springfield", "IL", "62701", "ZZ"), "country_code"),
        (place("Hauptstr. 5", "Berlin", "", "1011", "DE"), "postal_code"),
        (place("P.O. Box 12", "Springfield", "IL", "62701"), "kind"),
        (place("Postfach 12", "Berlin", "", "10115", "DE"), "kind"),
        (replace(place("Postfach 12", "Berlin", "", "10115", "DE"), kind=BOX), "kind"),
        (replace(ADDRESS, kind=BOX), "kind"),
        (replace(ADDRESS, kind=PMB), "kind"),
        (replace(ADDRESS, attested_by=" "), "attested_by"),
        (replace(ADDRESS, attested_on=None), "attested_by"),
        (replace(ADDRESS, attested_on=date(2026, 11, 23)), "attested_on"),
        (replace(ADDRESS, attested_on=date(2025, 11, 20)), "attested_on"),
    ],
)
def test_an_address_that_cannot_be_true_is_refused(address: PostalAddress, part: str) -> None:
    findings = gate.judge_sender(replace(SENDER, address=address), TODAY)
    assert part in {f.part for f in findings if f.severity is Severity.refuse}
    assert {f.rule for f in findings} == {"R15"}


def test_123_main_street_is_worth_a_question() -> None:
    address = place("123 Main St.", "Springfield", "IL", "62701")
    findings = gate.judge_sender(replace(SENDER, address=address), TODAY)
    assert [f.severity for f in findings] == [Severity.warn]


@pytest.mark.parametrize(
    "line",
    [
        *("350 Fifth Avenue, 34th Floor", "One Microsoft Way", "Two Penn Plaza", "Pier 39"),
        *("RR 2 Box 152", "HC 3 Box 45", "Unit 2050 Box 4190", "W6123 County Road KK"),
        *("123-45 Queens Blvd", "221B Baker Street", "10 South 300 West", "18 1/2 E Broad St"),
        *("12 Oak St Suite 4, Floor 3, Suite 5", "Penthouse, 12 Oak Street"),
    ],
)
def test_a_us_line_names_a_house_or_a_box(line: str) -> None:
    address = place(line, "Springfield", "IL", "62701")
    assert gate.judge_sender(replace(SENDER, address=address), TODAY) == ()


@pytest.mark.parametrize(
    "line",
    [
        *("our office", "Main Street", "Harbor House", "by appointment only", "Suite 4"),
        *("call 555-0100", "24/7 online", "Second floor", "Est. 1999", "Suite 4, Ana, Suite 5"),
    ],
)
def test_a_us_line_that_names_neither_is_worth_a_question(line: str) -> None:
    address = place(line, "Springfield", "IL", "62701")
    findings = gate.judge_sender(replace(SENDER, address=address), TODAY)
    assert [f.severity for f in findings] == [Severity.warn]
    assert "neither house and street nor a box" in findings[0].evidence


@pytest.mark.parametrize(
    ("attested_on", "severities"),
    [
        (date(2025, 12, 22), []),
        (date(2025, 12, 21), [Severity.warn]),
        (date(2025, 11, 21), [Severity.warn]),
        (date(2025, 11, 20), [Severity.refuse]),
    ],
)
def test_a_year_old_word_is_asked_for_anew_a_month_before(
    attested_on: date, severities: list[Severity]
) -> None:
    address = replace(ADDRESS, attested_on=attested_on)
    findings = gate.judge_sender(replace(SENDER, address=address), TODAY)
    assert [f.severity for f in findings] == severities


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"legal_name": " "}, "legal_name"),
        ({"legal_name": "Your Company"}, "legal_name"),
        ({"from_address": "acme"}, "from_address"),
        ({"from_address": ""}, "from_address"),
        ({"from_address": "a@b.example\r\nBcc: x@y.example"}, "from_address"),
        ({"reply_to": "nobody"}, "reply_to"),
    ],
)
def test_an_incomplete_identity_is_refused(changes: dict[str, str], part: str) -> None:
    findings = gate.judge_sender(replace(SENDER, **changes), TODAY)  # type: ignore[arg-type]
    assert [f.part for f in findings] == [part]


@pytest.mark.parametrize("name", ["Your City Tours Ltd", "TBD Records", "Internet"])
def test_an_odd_name_may_be_a_real_one(name: str) -> None:
    assert gate.judge_sender(replace(SENDER, legal_name=name), TODAY) == ()


def test_replies_may_go_to_the_from_address() -> None:
    assert gate.judge_sender(replace(SENDER, reply_to=""), TODAY) == ()


def test_the_record_is_judged_with_every_message() -> None:
    stale = replace(SENDER, address=replace(ADDRESS, attested_on=date(2020, 1, 1)))
    assert [f.rule for f in gate.judge(replace(LAWFUL, sender=stale)).refusals] == ["R15"]


@pytest.mark.parametrize(
    ("address", "block"),
    [
        (ADDRESS, ("12 Oak Street", "Springfield, IL 62701", "UNITED STATES")),
        (LAWFUL_ADDRESSES[2], ("Hauptstraße 5", "10115 Berlin", "GERMANY")),
        (LAWFUL_ADDRESSES[3], ("10 Downing Street", "London", "SW1A 2AA", "UNITED KINGDOM")),
        (
            place("1 Elm Row", "Leeds", "Yorks", "LS1 1UR", "GB"),
            ("1 Elm Row", "Leeds", "LS1 1UR", "Yorks", "UNITED KINGDOM"),
        ),
        (place("1 Elm Row", "Town", "", "", "ZZ"), ("1 Elm Row", "Town", "ZZ")),
        (LAWFUL_ADDRESSES[6], ("千代田1-1", "100-0001", "東京都", "JAPAN")),
    ],
)
def test_an_address_is_printed_as_its_country_does(
    address: PostalAddress, block: tuple[str, ...]
) -> None:
    assert address.block() == block


def test_contact_is_what_was_given() -> None:
    assert SENDER.contact() == ()
    reached = replace(SENDER, phone="+1 217 555 0142", website="acme.example")
    assert reached.contact() == ("+1 217 555 0142", "acme.example")


def test_labels_name_the_sender_unless_the_sender_chose_others() -> None:
    assert "Advertisement from Acme Inc" in SENDER.labels()
    assert replace(SENDER, ad_labels=("Promo",)).labels() == ("Promo",)
