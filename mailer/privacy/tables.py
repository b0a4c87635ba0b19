"""CSV that a spreadsheet may open: no cell of it is taken for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from typing import IO

# Spreadsheets run a cell that begins so, in East Asian full width and after spaces as well; and
# some part a cell in two at a semicolon or a tab. Where apostrophes stand before such a sign they
# get one more, so that taking one away always gives back what was there.
SIGN = r"[^\S\t]*[=+\-@\uff1d\uff0b\uff0d\uff20]"
FORMULA = rf"(?:\A(?={{0}}'*(?:{SIGN}|[\t\r\n]))|(?<=[;\t])(?={{0}}'*{SIGN})){{0}}"
UNGUARDED = re.compile(FORMULA.format(""))
GUARDED = re.compile(FORMULA.format("'"))

Row = Sequence[object]


def guarded(text: str) -> str:
    """Return the cell, with an apostrophe wherever a spreadsheet would begin to run it."""
    return UNGUARDED.sub("'", text)


def unguarded(text: str) -> str:
    """Return what ``guarded`` was given."""
    return GUARDED.sub("", text)


def write(file: IO[str], columns: Sequence[str], rows: Iterable[Row], *, raw: bool = False) -> int:
    """Write a header line and the rows as CSV (RFC 4180); return how many rows there were.

    Times become ISO 8601 in UTC, None becomes empty. ``raw`` leaves formulas as they are, for
    programs that would stumble over the apostrophe.
    """
    writer = csv.writer(file)
    writer.writerow(columns)
    count = 0
    for row in rows:
        cells = [spelled(value) for value in row]
        writer.writerow(cells if raw else [guarded(cell) for cell in cells])
        count += 1
    return count


def written(columns: Sequence[str], rows: Iterable[Row], *, raw: bool = False) -> bytes:
    """Return a whole table in UTF-8."""
    file = io.StringIO()
    write(file, columns, rows, raw=raw)
    return file.getvalue().encode()


def spelled(value: object) -> str:
    """Return a value as a cell or a JSON string holds it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value.value) if isinstance(value, Enum) else str(value)
