"""Numbers that give away a card, an account or a citizen, and numbers that only look so."""

import pytest

from mailer.compliance import identities

CARD = "the number of a payment card"
IBAN = "the number of a bank account"
SSN = "a US social security number"
CODICE = "an Italian codice fiscale"
NIR = "a French social security number"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("4111 1111 1111 1111", CARD),
        ("5500-0000-0000-0004", CARD),
        ("+4111 1111 1111 1111", CARD),
        ("378282246310005", CARD),
        ("card: 4111111111111111, expires 5/27", CARD),
        ("30569309025904", CARD),
        ("DE89 3704 0044 0532 0130 00", IBAN),
        ("de89370400440532013000", IBAN),
        ("GB82 WEST 1234 5698 7654 32", IBAN),
        ("AT611904300234573201 at the bank", IBAN),
        ("NO93 8601 1117 947", IBAN),
        ("078-05-1120", SSN),
        ("SSN 078-05-1120.", SSN),
        ("RSSMRA85T10A562S", CODICE),
        ("rssmra85t10a562s", CODICE),
        ("255081416802538", NIR),
        ("2 55 08 14 168 025 38", NIR),
        ("1 85 05 2A 001 002 73", NIR),
    ],
)
def test_a_number_that_proves_what_it_is_is_known(text: str, kind: str) -> None:
    assert identities.identity(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rosa",
        "4111 1111 1111 1112",  # the check digit is another
        "1700000000000",  # a moment in milliseconds
        "9999 9999 9999 9995",  # no issuer has it
        "+49 30 12345678901",
        "DE88 3704 0044 0532 0130 00",
        "DE89 3704 0044 0532",
        "ZZ89 3704 0044 0532 0130 00",
        "000-05-1120",
        "666-05-1120",
        "900-05-1120",
        "078-00-1120",
        "078-05-0000",
        "078-05-11200",
        "RSSMRA85T10A562T",
        "255081416802539",
        "AB12 CD34",
        "2026-03-02T10:00:00",
        "2026-03-02 10:00:00 +0000",
        "550e8400-e29b-41d4-a716-446655440000",
        "order 123-45-67",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert identities.identity(text) == ""


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("86095742719", "47036892816", "65929970489"), "a German tax id"),
        (("1237 010180", "1237010180", "1237.010180"), "an Austrian social security number"),
        (("111222333", "123456782", "111 222 333"), "a Dutch citizen number"),
        (("12345678Z", "X1234567L", "12345678-z", ""), "a Spanish identity number"),
        (("AB123456C", "ab 12 34 56 c", "CE654321D"), "a British National Insurance number"),
        (("4111 1111 1111 1111",) * 3, CARD),
    ],
)
def test_a_column_of_short_numbers_is_known_by_all_of_them(
    values: tuple[str, ...], kind: str
) -> None:
    assert identities.of_column(values) == kind
    assert identities.of_column((*values, *["1234567890123456"] * len(values))) == ""


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("111222333", "123456782"),  # two may be chance
        ("86095742710", "47036892810", "65929970480"),
        ("12345678901", "12345678901", "12345678901"),  # no digit comes twice in the first ten
        ("06095742719",) * 3,
        ("000000000",) * 3,
        ("1238 010180",) * 3,
        ("1237 320180",) * 3,
        ("12345678A",) * 3,
        ("BG123456C",) * 3,
        ("AB123456E",) * 3,
        ("Berlin", "Wien", "Graz"),
        ("2026-03-02", "2025-01-01", "1990-12-31"),
    ],
)
def test_columns_of_other_numbers_are_none(values: tuple[str, ...]) -> None:
    assert identities.of_column(values) == ""
