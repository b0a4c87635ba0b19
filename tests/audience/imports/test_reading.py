"""Any dialect, any encoding, any damage: rows are read, or it is said which are not and why."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer import tokens
from mailer.audience import addresses
from mailer.audience.addresses import Address, BadAddress, BadName
from mailer.audience.imports import arrivals, scan
from mailer.audience.imports.reading import chunks, quick, texts
from mailer.audience.imports.reading.archives import Part
from mailer.audience.imports.reading.people import Person
from mailer.audience.imports.reading.targets import Standing, Target
from mailer.audience.imports.rows import Lost, Reading, Row
from tests.audience.imports.conftest import NOW

KEYS = tokens.Keys(("s" * 32,), "k" * 32)


def read(content: bytes) -> list[Row]:
    """Return the rows of a file, its columns as proposed."""
    file = io.BytesIO(content)
    sheets = tuple(arrivals.read(file, "people.csv"))
    mapping = {heading: Target(target) for heading, target in arrivals.proposal(sheets)}
    reading = Reading(sheets, mapping, KEYS, NOW, test_environment=False)
    everybody = list(reading.rows(file, "people.csv"))
    for first in {1, len(everybody) // 2, len(everybody)}:  # as the next turn of work begins
        assert list(reading.rows(file, "people.csv", first)) == everybody[first:]
    return everybody


def told(content: bytes) -> list[tuple[str, str]]:
    """Return address and name of each person, or line and reason of each row that is lost."""
    return [
        (row.email, row.name) if isinstance(row, Person) else (str(row.line), row.outcome.value)
        for row in read(content)
    ]


PLAIN = "email,name\nrosa@example.org,Rósa\ntom@example.org,Tom\n"
BOTH = [("rosa@example.org", "Rósa"), ("tom@example.org", "Tom")]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        b"\xfe\xff" + PLAIN.encode("utf-16-be"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
        PLAIN.encode("cp1252"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", "|").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\n\n , \n").replace(" , ", ",").encode(),
        PLAIN.rstrip().encode(),
        PLAIN.replace("email,name", " E-Mail , Full Name ").encode(),
        PLAIN.replace("name\n", "name,,\n").replace("Tom\n", "Tom,,,\n").encode(),
    ],
)
def test_whatever_the_dialect_and_the_encoding(content: bytes) -> None:
    """listmonk issues 46, 65 and 1401: BOM, UTF-16, semicolons and tabs broke imports."""
    assert told(content) == BOTH


def test_a_list_without_a_heading_is_one_of_addresses() -> None:
    assert told(b"rosa@example.org\ntom@example.org\n") == [
        ("rosa@example.org", ""),
        ("tom@example.org", ""),
    ]


def test_one_bad_row_among_many_costs_one_row() -> None:
    """listmonk issue 1401 and Keila: one bad row of 100,000 stopped the whole file."""
    content = PLAIN + 'bad"row,x\numa@example.org,"Uma\nof\nBath"\n'
    assert told(content.encode()) == [*BOTH, ("4", "invalid"), ("uma@example.org", "")]


def test_a_quotation_mark_that_is_never_closed_ends_somewhere_and_is_told() -> None:
    lines = "".join(f"p{n}@example.org,x\n" for n in range(9000))
    content = f'email,name\nrosa@example.org,"Rosa\n{lines}'.encode()
    found = read(content)
    assert isinstance(found[0], Lost)
    assert found[0].line == 2
    assert found[0].reason == texts.TOO_LONG
    assert all(isinstance(row, Person) for row in found[1:])
    assert len(found) > 1


def test_a_cell_of_a_megabyte_and_a_file_of_one_line_cost_little() -> None:
    huge = b"email,name\nrosa@example.org," + b"x" * 1_000_000 + b"\ntom@example.org,Tom\n"
    assert told(huge)[-1] == ("tom@example.org", "Tom")
    lost = told(b"email," + b"y" * 3_000_000 + b"\n")
    assert {outcome for _, outcome in lost} == {"invalid"}


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (b"rosa@example.org\x00,Rosa", "invalid"),
        (b"rosa@example.org,Rosa,surplus", "invalid"),
        (b"r\xf3sa@example.org,Rosa", "invalid"),
        (b"rosa at example.org,Rosa", "invalid"),
    ],
)
def test_damage_is_told_by_its_line(row: bytes, outcome: str) -> None:
    assert told(b"email,name\n" + row + b"\n") == [("2", outcome)]


def test_a_row_that_is_too_short_is_a_row() -> None:
    assert told(b"email,name,city\nrosa@example.org\n") == [("rosa@example.org", "")]


def test_details_are_kept_without_signs_that_nobody_sees() -> None:
    found = read(b'email,city,attributes\nrosa@example.org,"Sa\nlem\x00",\'\n')
    assert isinstance(found[0], Lost)
    found = read(b'email,city,attributes\nrosa@example.org,"Sa\nlem\x00","{""a"": 1}"\n')
    assert isinstance(found[0], Person)
    assert found[0].attributes == '{"a": 1, "city": "Sa lem "}'


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("rosa@example.org,so-so,", "The state is a word"),
        ("rosa@example.org,active,4111 1111 1111 1111", "the number of a payment card"),
        (f"rosa@example.org,active,{'x' * 9}" + ',"[1]"', "no JSON object"),
        ("rosa@example.org,active,,{", "no JSON object"),
    ],
)
def test_what_cannot_be_understood_or_kept_is_not_taken(row: str, reason: str) -> None:
    found = read(f"email,status,note,attributes\n{row}\n".encode())
    assert isinstance(found[0], Lost)
    assert reason in found[0].reason
    assert "4111" not in found[0].reason


LOCALS = st.text("abcXYZ019._+-'\"@ !#é\u200b", max_size=70)
HOSTS = st.text("abcXYZ019.-_é @[]", max_size=40) | st.sampled_from(
    ["example.org", "EXAMPLE.org", "x.test", "localhost", "münchen.de", "a--b.com", "xn--a.com"]
)
DUTIES = st.sampled_from(["INFO", "Postmaster", "sales", "ABUSE", "rosa.Info"])


def outcome(parse: object, text: str) -> Address | str:
    try:
        found: Address = parse(text)  # type: ignore[operator]
    except BadAddress as error:
        return str(error)
    return found


@settings(max_examples=300, deadline=None)
@given(LOCALS | DUTIES, HOSTS, st.sampled_from([True, False]))
def test_what_is_read_quickly_is_what_is_read_fully(
    local: str,
    host: str,
    test_environment: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    reader = quick.Reader(test_environment=test_environment)
    text = f"{local}@{host}"

    def fully(text: str) -> Address:
        return addresses.parsed(text, test_environment=test_environment)

    assert outcome(reader.parsed, text) == outcome(fully, text)


@settings(max_examples=200, deadline=None)
@given(st.text("abÉ -'./{}<\u200b1", max_size=120))
def test_a_name_read_quickly_is_a_name_read_fully(text: str) -> None:
    def kept(clean: object) -> str:
        try:
            return str(clean(text))  # type: ignore[operator]
        except BadName as error:
            return f"bad: {error}"

    assert kept(quick.clean_name) == kept(addresses.clean_name)


def test_the_stored_pieces_are_one_file() -> None:
    content = bytes(range(256)) * 10
    pieces = [content[n : n + 100] for n in range(0, len(content), 100)]
    stored = chunks.Stored(lambda n: pieces[n] if n < len(pieces) else b"", len(content))
    original = chunks.SIZE
    chunks.SIZE = 100
    try:
        assert stored.readall() == content
        stored.seek(-5, io.SEEK_END)
        assert stored.readall() == content[-5:]
        stored.seek(90)
        stored.seek(5, io.SEEK_CUR)
        assert stored.tell() == 95
        assert stored.read(20) == content[95:100]
    finally:
        chunks.SIZE = original


def person(number: int, key: bytes) -> Person:
    return Person(
        number, 0, number, f"p{number}@example.org", key, key, "", "{}", Standing.confirmed, *NONE
    )


NONE = (None, "", None, "")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=60))
def test_doubles_are_all_rows_whose_address_came_before(numbers: list[int]) -> None:
    doubles = scan.Doubles()
    for place, number in enumerate(numbers):
        doubles.note(person(place, tokens.Mac(b"k").digest(bytes([number]))))
    expected = {place for place, number in enumerate(numbers) if number in numbers[:place]}
    assert scan.unpacked(scan.packed(doubles.found())) == expected


def test_the_sample_stays_small_and_even() -> None:
    sample = scan.Sample()
    for number in range(100_000):
        sample.note(person(number, b"k" * 32))
    people = sample.people()
    assert len(people) <= scan.MOST_BLOCKS * scan.BLOCK
    assert people[0].address == "p0@example.org"
    assert int(people[-1].address[1:].partition("@")[0]) > 95_000


def test_a_part_is_read_again_from_its_beginning() -> None:
    file = io.BytesIO(PLAIN.encode())
    part = Part("people.csv", lambda: (file.seek(0), file)[1])
    how = texts.dialect(part)
    assert [cells for _, cells in texts.rows(part, how)] == [
        cells for _, cells in texts.rows(part, how)
    ]
