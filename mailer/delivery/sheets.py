"""The body of a campaign's messages: what is the same for all is encoded once."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from mailer.campaigns.shapes import Filled, Shape
from mailer.delivery import composing, quoting

MOST_VALUES = 10_000
MOST_SHEETS = 1000


class Sheet(NamedTuple):
    """The encoded literals of a text and an HTML part, with holes for one reader's values.

    The first place is for the header. ``canonical`` is the same in the relaxed form of RFC 6376,
    from the first hole on; ``begun`` has hashed what stands before it.
    """

    lines: list[bytes]
    holes: tuple[int, ...]
    canonical: list[bytes]
    begun: "hashlib._Hash"


class Body(NamedTuple):
    """One message's body."""

    sheet: Sheet
    values: list[bytes]

    def under(self, head: bytes) -> bytes:
        """Return the message with this header."""
        lines = self.sheet.lines.copy()
        lines[0] = head
        for place, value in zip(self.sheet.holes, self.values, strict=True):
            lines[place] = value
        return b"".join(lines)

    def digest(self) -> bytes:
        """Return the SHA-256 of the body in relaxed form (RFC 6376 section 3.4.4)."""
        if not self.sheet.holes:
            return self.sheet.begun.digest()
        first, values = self.sheet.holes[0], self.values
        if quoting.has_runs(b"".join(values)):
            values = list(map(quoting.relaxed, values))
        canonical = self.sheet.canonical.copy()
        for place, value in zip(self.sheet.holes, values, strict=True):
            canonical[place - first] = value
        state = self.sheet.begun.copy()
        state.update(b"".join(canonical))
        return state.digest()


class Sheets:
    """All that was encoded for one campaign; what grows with its audience is let go."""

    def __init__(self, boundary: str) -> None:
        self.borders = composing.borders(boundary)
        self.literals: dict[str, bytes] = {}
        self.values: dict[str, bytes] = {}
        self.sheets: dict[tuple[Shape, Shape], Sheet] = {}

    def body(self, text: Filled, html: Filled, url: str) -> Body:
        """Return the body of one message; ``url`` is its reader's own link."""
        sheet = self.sheets.get((text.shape, html.shape)) or self.laid(text.shape, html.shape)
        known, link = self.values, quoting.quoted(url)
        values = [
            link if value == url else known.get(value) or self.encoded(value)
            for value in (*text.values, *html.values)
        ]
        return Body(sheet, values)

    def encoded(self, value: str) -> bytes:
        if len(self.values) >= MOST_VALUES:
            self.values.clear()
        lines = self.values[value] = quoting.quoted(value)
        return lines

    def laid(self, text: Shape, html: Shape) -> Sheet:
        """Encode what two shapes hold."""
        if len(self.sheets) >= MOST_SHEETS:
            self.sheets.clear()
        before, between, after = self.borders
        lines = [b"", before, *self.lines(text), between, *self.lines(html), after]
        holes = tuple(place for place, piece in enumerate(lines) if piece is None)
        canonical = [quoting.relaxed(piece or b"") for piece in lines]
        # The header ends with an empty line, which is none of the body's.
        canonical[1] = canonical[1].removeprefix(b"\r\n")
        first = holes[0] if holes else len(lines)
        begun = hashlib.sha256(b"".join(canonical[:first]))
        sheet = Sheet([piece or b"" for piece in lines], holes, canonical[first:], begun)
        self.sheets[text, html] = sheet
        return sheet

    def lines(self, shape: Shape) -> Sequence[bytes | None]:
        return [None if piece is None else self.literal(piece) for piece in shape.pieces]

    def literal(self, piece: str) -> bytes:
        lines = self.literals.get(piece)
        if lines is None:
            lines = self.literals[piece] = quoting.quoted(piece)
        return lines
