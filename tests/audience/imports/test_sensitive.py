"""What no file brings in: sensitive data, by heading, by value and by whole columns; children."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.imports.batches import BadChoice, Forbidden
from mailer.audience.imports.models import Fault, Outcome
from mailer.audience.imports.reading.targets import Target
from mailer.audience.models import MailingList, Subscriber, Suppression
from mailer.audience.segments import fields
from mailer.audience.segments.fields import BadField, Details
from mailer.audience.segments.models import FieldKind
from tests.audience.imports.conftest import NOW, Arrange, TakeIn, Upload, Worked

HEAD = b"email,name,note\n"
IDS = ("86095742719", "47036892816", "65929970489")
ALLERGY = Details("allergy", "Allergies", FieldKind.text)


def reasons(session: Session) -> list[str]:
    return list(session.scalars(sa.select(Fault.reason).order_by(Fault.id)))


def lines(*notes: str) -> bytes:
    people = (f"r{n}@example.org,Rosa,{note}\n" for n, note in enumerate(notes))
    return HEAD + "".join(people).encode()


@pytest.mark.parametrize(
    ("note", "kind"),
    [
        ("paid by 4111 1111 1111 1111", "the number of a payment card"),
        ("DE89 3704 0044 0532 0130 00", "the number of a bank account"),
        ("078-05-1120", "a US social security number"),
    ],
)
def test_a_row_with_a_forbidden_number_is_refused_by_its_value(
    session: Session, take_in: TakeIn, note: str, kind: str
) -> None:
    batch = take_in(lines("likes roses", note))
    assert batch.counts == {Outcome.added: 1, Outcome.refused: 1}
    assert reasons(session) == [f"A detail is {kind}."]


def test_a_column_of_numbers_of_citizens_is_refused_whatever_it_is_called(
    upload: Upload, arrange: Arrange
) -> None:
    with pytest.raises(BadChoice, match="“note” seems to hold a German tax id"):
        arrange(upload(lines(*IDS)))
    proposed = {"email": Target.email, "name": Target.name, "note": Target.nothing}
    assert arrange(upload(lines(*IDS)), mapping=proposed).mapping[2] == ["note", "nothing"]


@pytest.mark.parametrize(
    "details", ['{""religion"": ""none""}', '{""about"": [{""bloodType"": ""A""}]}']
)
def test_the_names_inside_of_an_object_are_looked_at(
    session: Session, take_in: TakeIn, details: str
) -> None:
    batch = take_in(f'email,attributes\nrosa@example.org,"{details}"\n'.encode())
    assert batch.counts == {Outcome.refused: 1}
    (reason,) = reasons(session)
    assert reason.startswith("A detail seems to hold ")


def test_a_number_deep_inside_of_an_object_is_found(take_in: TakeIn) -> None:
    details = '{""orders"": [{""by"": ""4111111111111111""}]}'
    batch = take_in(f'email,attributes\nrosa@example.org,"{details}"\n'.encode())
    assert batch.counts == {Outcome.refused: 1}


def test_a_child_is_left_out_by_a_birthday_inside_of_an_object(take_in: TakeIn) -> None:
    details = '{""family"": {""birthday"": ""2020-05-05""}}'
    batch = take_in(f'email,attributes\nrosa@example.org,"{details}"\n'.encode())
    assert batch.counts == {Outcome.refused: 1}


def test_an_object_of_any_depth_is_walked_through(take_in: TakeIn) -> None:
    deep = '{""a"": ' * 400 + '""4111111111111111""' + "}" * 400
    batch = take_in(f'email,attributes\nrosa@example.org,"{deep}"\n'.encode())
    assert batch.counts == {Outcome.refused: 1}


def test_who_has_left_is_suppressed_whatever_else_her_row_holds(
    session: Session, take_in: TakeIn
) -> None:
    take_in(
        b"email,status,note,birthday\nrosa@example.org,unsubscribed,4111111111111111,2020-01-01\n"
    )
    assert session.scalar(sa.select(sa.func.count(Suppression.id))) == 1
    assert "4111" not in str(session.scalars(sa.select(Subscriber.attributes)).all())


@pytest.mark.parametrize("target", [Target.birth, Target.attribute, Target.nothing])
def test_a_child_is_left_out_whatever_is_said_of_the_column(
    session: Session, take_in: TakeIn, target: Target
) -> None:
    content = b"email,Birthday\nrosa@example.org,2015-05-05\nuna@example.org,1980-05-05\n"
    batch = take_in(content, mapping={"email": Target.email, "Birthday": target})
    assert batch.counts == {Outcome.added: 1, Outcome.refused: 1}
    assert "R36" in reasons(session)[0]


@pytest.mark.parametrize(
    "form",
    ["quittenbaum{}@firm.example", "quittenbaum@firm{}.example", "info@quittenbaum{}.example"],
)
def test_what_the_gate_found_of_a_file_quotes_nobody(
    upload: Upload, arrange: Arrange, work: Worked, form: str
) -> None:
    addresses = "".join(f"{form.format(number)}\n" for number in range(100))
    batch = work(arrange(upload(b"email\n" + addresses.encode())))
    assert {one["rule"] for one in batch.findings} == {"R33"}
    assert "quittenbaum" not in str(batch.findings)


def test_a_list_that_lets_children_in_takes_a_file_on_an_administrators_word_alone(
    session: Session, upload: Upload, arrange: Arrange, take_in: TakeIn, letters: MailingList
) -> None:
    letters.least_age = 9
    session.commit()
    content = b"email,age\nrosa@example.org,9\nuna@example.org,31\ntom@example.org,\n"
    with pytest.raises(Forbidden, match="nobody has vouched") as refused:
        arrange(upload(content))
    assert [one.rule for one in refused.value.findings] == ["R36"]
    batch = take_in(content, parents_by="alice@example.com")
    assert (batch.findings, batch.parents_by) == ([], "alice@example.com")
    # Even so, whose age is told to be under 13 is not taken.
    assert batch.counts == {Outcome.added: 2, Outcome.refused: 1}


def test_a_list_that_asks_for_thirteen_years_is_for_nobody_younger(
    session: Session, take_in: TakeIn, letters: MailingList
) -> None:
    letters.least_age = 13
    session.commit()
    assert take_in(b"email\nrosa@example.org\n").findings == []


def test_a_heading_of_schools_warns_even_of_a_column_that_is_left_out(take_in: TakeIn) -> None:
    mapping = {"email": Target.email, "Klasse": Target.nothing}
    (found,) = take_in(b"email,Klasse\nrosa@example.org,4b\n", mapping=mapping).findings
    assert (found["rule"], found["severity"]) == ("R36", "warn")
    assert "klasse" in found["evidence"]


def test_an_owners_exception_opens_one_field_and_no_other(
    session: Session, upload: Upload, arrange: Arrange, take_in: TakeIn
) -> None:
    content = b"email,Allergies\nrosa@example.org,pollen\n"
    mapping = {"email": Target.email, "Allergies": Target.attribute}
    with pytest.raises(BadChoice, match="seems to hold health"):
        arrange(upload(content), mapping=mapping)
    with pytest.raises(BadField, match="Only an owner can allow it"):
        fields.create(session, NOW, ALLERGY)
    why = "Readers ask for pollen warnings and agree on the form"
    fields.create(session, NOW, Details("allergy", "Allergies", FieldKind.text, exception=why))
    assert take_in(content, mapping=mapping).counts == {Outcome.added: 1}
    assert session.scalar(sa.select(Subscriber.attributes)) == {"Allergies": "pollen"}
    inside = b'email,attributes\nuna@example.org,"{""allergy"": ""bees""}"\n'
    assert take_in(inside).counts == {Outcome.added: 1}
    with pytest.raises(BadChoice, match="seems to hold health"):
        arrange(
            upload(b"email,Illness\nrosa@example.org,none\n"),
            mapping={"email": Target.email, "Illness": Target.attribute},
        )


@pytest.mark.parametrize("label", ["Credit card", "SSN", "IBAN", "Passwort", "BSN"])
def test_nobody_excepts_cards_accounts_identity_numbers_and_passwords(
    session: Session, label: str
) -> None:
    details = Details("extra", label, FieldKind.text, exception="We want it")
    with pytest.raises(BadField, match=r"is not kept about readers\.$"):
        fields.create(session, NOW, details)
    beside = Details("allergy", label, FieldKind.text, exception="We want it")
    with pytest.raises(BadField, match=r"is not kept about readers\.$"):
        fields.create(session, NOW, beside)
    assert fields.index(session) == []
