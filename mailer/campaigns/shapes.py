"""A filled template in pieces: its literals, the same for many readers, and one reader's values."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LINE_END = re.compile(r"\r\n?")
BLANK_LINES = re.compile(r"\n{3,}")
MOST_LINE_ENDS = 2

# A piece, and whether it is a literal of the template.
Piece = tuple[str, bool]


@dataclass(frozen=True, eq=False, slots=True)
class Shape:
    """The pieces of a template, None where a value stands. One object for all who share it."""

    pieces: tuple[str | None, ...]

    def holes(self) -> list[int]:
        return [place for place, piece in enumerate(self.pieces) if piece is None]


class Filled(NamedTuple):
    """A shape, and one reader's values in order. A value may be empty, a literal never is."""

    shape: Shape
    values: Sequence[str]

    def pieces(self) -> list[str]:
        values = iter(self.values)
        return [next(values) if piece is None else piece for piece in self.shape.pieces]

    def joined(self) -> str:
        return "".join(self.pieces())


def tidied(pieces: Iterable[Piece]) -> list[Piece]:
    """Return a text stripped at both ends, with no two blank lines together and one line end last.

    The literals are squeezed already; here it is done to the values and at the seams.
    """
    found: list[Piece] = []
    ended = 0  # line ends that close what there is so far
    for text, is_literal in pieces:
        piece = text if found else text.lstrip()
        surplus = ended + leading(piece) - MOST_LINE_ENDS
        if found and surplus > 0:
            piece = piece[min(surplus, leading(piece)) :]
        if not is_literal:
            piece = squeezed(piece)
        if piece:
            found.append((piece, is_literal))
            bare = piece.rstrip("\n")
            ended = len(piece) - len(bare) + (0 if bare else ended)
    return closed(found)


def closed(pieces: list[Piece]) -> list[Piece]:
    """Strip the end of a text and close it with one line end."""
    while pieces and pieces[-1][0].isspace():
        pieces.pop()
    if not pieces:
        return [("\n", True)]
    text, is_literal = pieces[-1]
    bare = text.rstrip()
    if text == f"{bare}\n" and is_literal:
        return pieces
    return [*pieces[:-1], (bare, is_literal), ("\n", True)]


def squeezed(text: str) -> str:
    return BLANK_LINES.sub("\n\n", text)


def leading(text: str) -> int:
    return len(text) - len(text.lstrip("\n"))
