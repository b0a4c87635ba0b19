"""A text file with columns: its encoding, its separator, its heading, and its rows."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import IO

from mailer.audience.imports.reading.archives import BadFile, Part

SAMPLE = 100_000  # bytes
SAMPLE_ROWS = 50
LONGEST_LINE = 131_072  # characters; also the csv module's own limit for a cell
MOST_COLUMNS = 500
SEPARATORS = (",", ";", "\t", "|")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BLOCK = 1_000_000
NULS = 0.2
# What text never holds, and other files are full of.
FOREIGN = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
MOST_FOREIGN = 0.01
NO_TEXT = "This is no text file with columns. Export the list as CSV, and upload that file."
TOO_LONG = "A cell is longer than this can read. A quotation mark may have been left open."


@dataclass(frozen=True)
class Dialect:
    """How one file is to be read; ``columns`` is empty where it has no heading."""

    encoding: str
    separator: str
    columns: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is none, and why."""

    reason: str


Cells = list[str] | Unreadable


def dialect(part: Part) -> Dialect:
    """Return how a file is to be read; raises BadFile."""
    encoding = encoding_of(part.open())
    text = sample(part, encoding)
    if not text.strip("\ufeff\r\n\t ,;|"):
        raise BadFile("The file is empty. Nothing was imported.")
    if len(FOREIGN.findall(text)) > MOST_FOREIGN * len(text):
        raise BadFile(NO_TEXT)
    separator = separator_of(text)
    first = next(tabled(text, separator), [])
    if len(first) > MOST_COLUMNS:
        raise BadFile(f"The file has more than {MOST_COLUMNS} columns. Export only those you need.")
    columns = tuple(cell.strip() for cell in first)
    return Dialect(encoding, separator, () if is_headless(columns) else columns)


def encoding_of(file: IO[bytes]) -> str:
    """Read a file through and return its encoding; what is no UTF-8 is taken for Windows'."""
    head = file.read(BLOCK)
    told = next((name for bom, name in BOMS if head.startswith(bom)), "") or wide(head[:SAMPLE])
    if told:
        return told
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while head:
            decoder.decode(head)
            head = file.read(BLOCK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def wide(head: bytes) -> str:
    """Return the encoding of two bytes for each sign that a file without a mark has, if any."""
    if head[1::2].count(0) > NULS * len(head):
        return "utf-16-le"
    return "utf-16-be" if head[::2].count(0) > NULS * len(head) else ""


def sample(part: Part, encoding: str) -> str:
    """Return the whole lines at the beginning of a file."""
    text = part.open().read(SAMPLE).decode(encoding, errors="replace")
    cut = max(text.rfind("\n"), text.rfind("\r"))
    return text[: cut + 1] if len(text) > SAMPLE // 4 and cut > 0 else text


def separator_of(text: str) -> str:
    """Return what parts the cells: that which makes the most columns in the most rows."""

    def worth(separator: str) -> tuple[float, int]:
        widths = [len(row) for row in tabled(text, separator)]
        width = widths[0] if widths else 1
        alike = sum(one == width for one in widths) / max(1, len(widths))
        return (alike if width > 1 else 0.0, width)

    return max(SEPARATORS, key=worth)


def tabled(text: str, separator: str) -> Iterator[list[str]]:
    """Return the first rows of a sample that have cells."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(iter(partial(lines.readline, LONGEST_LINE), ""), delimiter=separator)
    found = 0
    while found < SAMPLE_ROWS:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        if any(row):
            found += 1
            yield row


def is_headless(cells: tuple[str, ...]) -> bool:
    """Tell whether the first row is a person already."""
    return any("@" in cell and "." in cell.rpartition("@")[2] for cell in cells)


def rows(part: Part, how: Dialect) -> Iterator[tuple[int, Cells]]:
    """Return the line on which each row begins, counted from 1, and its cells; no empty rows."""
    # What belongs to no letter becomes a sign of its own, and the address or name is refused.
    file = io.TextIOWrapper(part.open(), how.encoding, errors="replace", newline="")
    # Never a whole line at once: a file may be a single one.
    reader = csv.reader(iter(partial(file.readline, LONGEST_LINE), ""), delimiter=how.separator)
    waits_for_heading, line = bool(how.columns), 1
    while True:
        try:
            for cells in reader:
                if not any(cells):
                    pass
                elif waits_for_heading:
                    waits_for_heading = False
                else:
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error:
            # The reader goes on with the line after the one that it could not take.
            yield line, Unreadable(TOO_LONG)
            line = reader.line_num + 1
        else:
            file.detach()  # whoever opened it closes it
            return
