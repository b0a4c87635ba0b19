"""What every single copy must bear, whatever kind it is of: found in a few microseconds."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from mailer.campaigns.rendering import Rendered
from mailer.compliance.candidate import SenderRecord

# Mail composed here has its list headers within these first bytes.
HEAD = 8192


@dataclass(frozen=True, slots=True)
class Marks:
    """Lines of the legal footer as they stand, literally, in each part of a copy that was judged.

    Where a template spells the address in a way of its own, that line is no mark.
    """

    html: tuple[str, ...]
    text: tuple[str, ...]

    @classmethod
    def of(cls, copy: Rendered, record: SenderRecord) -> "Marks":
        """Return the marks of a copy that the gate has just judged in full."""
        lines = (*record.block(), *record.labels())
        return cls(there(copy.html, map(escape, lines)), there(copy.text, lines))

    def missing(self, raw: bytes, copy: Rendered, url: str) -> str | None:
        """Return what a copy lacks of its reader's own link and the footer; None if nothing.

        The link must stand in each part and in the header. The parts are searched from their end,
        where a footer is.
        """
        if raw.find(b"\r\nList-Unsubscribe: <%b>\r\n" % url.encode(), 0, HEAD) < 0:
            return "the reader's own link in List-Unsubscribe"
        for part, marks in ((copy.html, self.html), (copy.text, self.text)):
            for mark in (url, *marks):
                if part.rfind(mark) < 0:
                    return mark
        return None


def there(part: str, lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if line in part)
