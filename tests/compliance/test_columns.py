"""What headings and values give away before anything of them is kept."""

from datetime import date

import pytest

from mailer.compliance import columns
from mailer.compliance.rules import intake

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    "heading",
    ["Birthday", "date of birth", "GEBURTSDATUM", "Age", "Alter", "memberBirthday", "child dob"],
)
def test_a_column_that_tells_an_age_is_known(heading: str) -> None:
    assert columns.is_birth(heading)


@pytest.mark.parametrize("heading", ["email", "birthplace", "page", "agent", "age_group", ""])
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
        ("creditCardNumber", "a payment card or bank account"),
        ("Your credit card no.", "a payment card or bank account"),
        ("Krankenkasse", "health"),
        ("health card number", "a payment card or bank account"),
        ("Groupe sanguin", "health"),
        ("Alérgias", "health"),
        ("allergieën", "health"),
        ("N° de sécurité sociale", "a national id"),
        ("Carta d'identità", "a national id"),
        ("Burgerservicenummer", "a national id"),
        ("DNI/NIE", "a national id"),
        ("Religionszugehörigkeit", "belief, opinion or origin"),
        ("Orientation sexuelle", "belief, opinion or origin"),
        ("afiliación sindical", "belief, opinion or origin"),
        ("Partito politico", "belief, opinion or origin"),
        ("vakbondslid", "belief, opinion or origin"),
        ("mot de passe", "a password"),
        ("European Union", ""),
        ("party size", ""),
        ("business card", ""),
        ("Orientation", ""),
        ("loyalty number", ""),
        ("passport office newsletter", "a national id"),
        ("city", ""),
        ("race_date", ""),
    ],
)
def test_a_column_of_sensitive_data_is_known(heading: str, kind: str) -> None:
    assert columns.sensitive(heading) == kind


@pytest.mark.parametrize("text", ["9", "12", "2015-05-05", "5.5.2015", "2013", "2013-03-03"])
def test_who_may_be_under_13_is_known(text: str) -> None:
    assert intake.may_be_under_age(text, TODAY)


@pytest.mark.parametrize(
    "text", ["13", "40", "2013-03-02", "1990-01-01", "2012", "", "soon", "2030-01-01"]
)
def test_who_is_older_or_cannot_be_told_is_no_child(text: str) -> None:
    assert not intake.may_be_under_age(text, TODAY)


@pytest.mark.parametrize(
    ("kind", "is_allowable"),
    [
        ("health", True),
        ("belief, opinion or origin", True),
        ("a national id", False),
        ("a payment card or bank account", False),
        ("a password", False),
        ("", False),
    ],
)
def test_nobody_can_agree_to_cards_and_identity_numbers(kind: str, *, is_allowable: bool) -> None:
    assert columns.is_allowable(kind) is is_allowable
