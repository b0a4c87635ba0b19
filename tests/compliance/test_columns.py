"""What headings and values give away before anything of them is kept."""

from datetime import date

import pytest

from mailer.compliance import columns
from mailer.compliance.rules import intake

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize("heading", ["Birthday", "date of birth", "GEBURTSDATUM", "Age", "Alter"])
def test_a_column_that_tells_an_age_is_known(heading: str) -> None:
    assert columns.is_birth(heading)


@pytest.mark.parametrize("heading", ["email", "birthplace", "page", "agent", ""])
def test_other_columns_tell_no_age(heading: str) -> None:
    assert not columns.is_birth(heading)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Blood type", "health"),
        ("known allergies", "health"),
        ("IBAN", "a payment card or bank account"),
        ("Credit-Card", "a payment card or bank account"),
        ("SSN", "a national id"),
        ("Personalausweis", "a national id"),
        ("Religion", "belief, opinion or origin"),
        ("Passwort", "a password"),
        ("city", ""),
        ("race_date", ""),
    ],
)
def test_a_column_of_sensitive_data_is_known(heading: str, kind: str) -> None:
    assert columns.sensitive(heading) == kind


@pytest.mark.parametrize(
    "number", ["4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005"]
)
def test_the_number_of_a_payment_card_is_known(number: str) -> None:
    assert columns.is_card_number(number)


@pytest.mark.parametrize("text", ["4111 1111 1111 1112", "12345", "", "rosa", "+49 30 1234567"])
def test_other_numbers_are_no_cards(text: str) -> None:
    assert not columns.is_card_number(text)


@pytest.mark.parametrize("text", ["9", "12", "2015-05-05", "5.5.2015", "2013", "2013-03-03"])
def test_who_may_be_under_13_is_known(text: str) -> None:
    assert intake.may_be_under_age(text, TODAY)


@pytest.mark.parametrize(
    "text", ["13", "40", "2013-03-02", "1990-01-01", "2012", "", "soon", "2030-01-01"]
)
def test_who_is_older_or_cannot_be_told_is_no_child(text: str) -> None:
    assert not intake.may_be_under_age(text, TODAY)
