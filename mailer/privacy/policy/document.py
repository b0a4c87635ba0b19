"""A page of the policy as a value: sections of facts, each with what staff wrote behind it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    text: str

    def lines(self) -> Iterator[str]:
        yield self.text


@dataclass(frozen=True)
class Points:
    points: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        yield from (f"- {point}" for point in self.points)


@dataclass(frozen=True)
class Table:
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def lines(self) -> Iterator[str]:
        yield " | ".join(self.columns)
        yield from (" | ".join(row) for row in self.rows)


@dataclass(frozen=True)
class Link:
    """A sentence whose end leads to a page of ours."""

    text: str
    url: str

    def lines(self) -> Iterator[str]:
        yield f"{self.text} {self.url}"


Block = Paragraph | Points | Table | Link


@dataclass(frozen=True)
class Section:
    """Facts that nobody can edit or remove, and ``text``: what staff wrote behind them."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    text: str = ""

    def lines(self) -> Iterator[str]:
        yield f"# {self.title}"
        for block in self.blocks:
            yield from block.lines()
        yield from (f"> {line}" for line in self.text.splitlines())


@dataclass(frozen=True)
class Document:
    """A whole page; ``content`` is all that it says, and its digest the SHA-256 of that."""

    title: str
    sections: tuple[Section, ...]

    @property
    def content(self) -> str:
        return "\n".join(line for section in self.sections for line in section.lines())

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()
