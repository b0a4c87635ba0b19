"""No cell of an export is a formula, and none is lost."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.privacy import tables


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_begins_like_a_formula_is_led_by_an_apostrophe(sign: str) -> None:
    assert tables.guarded(f"{sign}cmd|'/c calc'!A0") == f"'{sign}cmd|'/c calc'!A0"


@pytest.mark.parametrize("text", ["", "Rosa", "1 + 1", "rosa@example.org", "'tis", "d'Arc"])
def test_a_harmless_cell_stays_as_it_is(text: str) -> None:
    assert tables.guarded(text) == text


@given(st.text(st.sampled_from("'=+-@\t\r\na "), max_size=8) | st.text())
def test_every_cell_comes_back(text: str) -> None:
    assert tables.unguarded(tables.guarded(text)) == text


@given(st.text(st.sampled_from("'=+-@\t\r\na "), max_size=8) | st.text())
def test_no_guarded_cell_begins_like_a_formula(text: str) -> None:
    assert tables.guarded(text)[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}


def test_a_table_is_csv_with_a_header() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    content = tables.written(("name", "at", "none"), [("=1", at, None), ('a "b",\r\nc', 1, "é")])
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert content.startswith(b"name,at,none\r\n")
    assert rows[1:] == [["'=1", "2026-03-02T00:00:00+00:00", ""], ['a "b",\r\nc', "1", "é"]]


def test_raw_leaves_formulas_alone() -> None:
    assert tables.written(("name",), [("=1",)], raw=True) == b"name\r\n=1\r\n"
