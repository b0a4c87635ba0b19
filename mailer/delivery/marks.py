"""What every single copy must bear, whatever kind it is of: found in a few microseconds."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from mailer.campaigns.rendering import Copy
from mailer.campaigns.shapes import Filled, Shape
from mailer.compliance.candidate import SenderRecord

# Mail composed here has its list headers within these first bytes.
HEAD = 8192
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of the legal footer as they stand, literally, in a part of a copy that was judged.

    Where a template spells the address in a way of its own, that line is no mark. ``loose`` are
    those that no literal of the ``shape`` holds whole: only they could be lost by another value.
    """

    lines: tuple[str, ...]
    shape: Shape
    loose: tuple[str, ...]

    @classmethod
    def of(cls, part: Filled, lines: Iterable[str]) -> "Lines":
        whole = part.joined()
        there = tuple(line for line in lines if line in whole)
        literals = "\0".join(filter(None, part.shape.pieces))
        return cls(there, part.shape, tuple(line for line in there if line not in literals))

    def missing(self, part: Filled) -> str | None:
        """Return a line that a part of another copy lacks."""
        lines = self.loose if part.shape is self.shape else self.lines
        if not lines:
            return None
        whole = part.joined()
        return next((line for line in lines if line not in whole), None)


@dataclass(frozen=True, slots=True)
class Marks:
    """The lines of both parts, and where to look for them.

    ``between`` stands between the parts on the wire; the second part, without its values, has
    ``rest`` bytes.
    """

    html: Lines
    text: Lines
    between: bytes
    rest: int

    @classmethod
    def of(cls, raw: bytes, copy: Copy, record: SenderRecord, between: bytes) -> "Marks":
        """Return the marks of a copy that the gate has just judged in full."""
        lines = (*record.block(), *record.labels())
        html = Lines.of(copy.html, map(escape, lines))
        rest = len(raw) - raw.rfind(between) - sum(map(len, copy.html.values))
        return cls(html, Lines.of(copy.text, lines), between, rest)

    def missing(self, raw: bytes, copy: Copy, url: str) -> str | None:
        """Return what a copy lacks of its reader's own link and the footer; None if nothing.

        The link must stand in the header and in each part. The bytes themselves are searched, the
        parts from their end, where a footer is; a link that is broken over two lines, or that a
        template made a part of something else, is looked for in what the bytes were made of.
        """
        link = url.encode()
        if raw.find(b"\r\nList-Unsubscribe: <%b>" % link, 0, HEAD) < 0:
            return "the reader's own link in List-Unsubscribe"
        middle = len(raw) - self.rest - sum(map(len, copy.html.values))
        if not raw.startswith(self.between, middle):
            middle = raw.rfind(self.between)
        is_in_text = raw.rfind(link, raw.find(HEAD_END), middle) >= 0 or url in copy.text.joined()
        is_in_html = raw.rfind(link, middle) >= 0 or url in copy.html.joined()
        if not (is_in_text and is_in_html):
            return url
        return self.text.missing(copy.text) or self.html.missing(copy.html)
