"""No cell of an export is a formula, and none is lost."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.privacy import tables

FULL_WIDTH = "\uff1d\uff0b\uff0d\uff20"
SIGNS = f"=+-@{FULL_WIDTH}"
TRICKY = st.text(st.sampled_from(f"'{SIGNS};\t\r\na \u3000"), max_size=8) | st.text()


@pytest.mark.parametrize("sign", [*SIGNS, "\t", "\r", "\n"])
def test_a_cell_that_begins_like_a_formula_is_led_by_an_apostrophe(sign: str) -> None:
    assert tables.guarded(f"{sign}cmd|'/c calc'!A0") == f"'{sign}cmd|'/c calc'!A0"


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("space", [" ", "  ", "\u3000", "\u00a0", " \n"])
def test_spaces_do_not_hide_a_formula(space: str, sign: str) -> None:
    assert tables.guarded(f"{space}{sign}1") == f"'{space}{sign}1"


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("mark", [";", "\t"])
def test_nor_does_what_some_take_for_the_end_of_a_cell(mark: str, sign: str) -> None:
    assert tables.guarded(f"Rosa{mark} {sign}1;x") == f"Rosa{mark}' {sign}1;x"


@pytest.mark.parametrize(
    "text", ["", "Rosa", "1 + 1", "rosa@example.org", "'tis", "d'Arc", "a; b", "a;\tb", " Rosa"]
)
def test_a_harmless_cell_stays_as_it_is(text: str) -> None:
    assert tables.guarded(text) == text


@given(TRICKY)
def test_every_cell_comes_back(text: str) -> None:
    assert tables.unguarded(tables.guarded(text)) == text


@given(TRICKY)
def test_no_part_of_a_guarded_cell_begins_like_a_formula(text: str) -> None:
    guarded = tables.guarded(text)
    assert guarded[:1] not in {"\t", "\r", "\n"}
    parts = [part.strip() for part in guarded.replace("\t", ";").split(";")]
    assert not [part for part in parts if part[:1] and part[0] in SIGNS]


def test_a_table_is_csv_with_a_header() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    content = tables.written(("name", "at", "none"), [("=1", at, None), ('a "b",\r\nc', 1, "é")])
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert content.startswith(b"name,at,none\r\n")
    assert rows[1:] == [["'=1", "2026-03-02T00:00:00+00:00", ""], ['a "b",\r\nc', "1", "é"]]


def test_raw_leaves_formulas_alone() -> None:
    assert tables.written(("name",), [("=1",)], raw=True) == b"name\r\n=1\r\n"
