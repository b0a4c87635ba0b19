"""What of a message is its footer, and what it says besides."""

from collections.abc import Iterator
from functools import lru_cache
from math import inf

from mailer.compliance import address, phrases, wording
from mailer.compliance.candidate import Candidate, SenderRecord
from mailer.compliance.visible.reading import Reading

# Whole phrases show a line to be footer material; single words do so in a short line only.
_PHRASES = tuple(text for text in phrases.FOOTER_WORDS if " " in text)
_WORDS = tuple(text for text in phrases.FOOTER_WORDS if " " not in text)
_SHORT_WORDS = 8
_ADDRESS_WORDS = 20
_MARKS = "©®™"


def said(reading: Reading, candidate: Candidate, enough: float = inf) -> str:
    """Give what a text says besides its footer, until it has so many letters."""
    return "\n".join(lines(reading.text, candidate, enough))


def lines(text: str, candidate: Candidate, enough: float = inf) -> Iterator[str]:
    """Give the lines of a text that are not of its footer, until they have so many letters."""
    for line in filter(str.strip, text.split("\n")):
        if enough <= 0:
            return
        if not _is_footer(line, candidate.sender, candidate.opt_out_phrases):
            enough -= len(line)
            yield line.strip()


@lru_cache(maxsize=4096)
def _is_footer(line: str, sender: SenderRecord, opt_out: tuple[str, ...]) -> bool:
    """Whether a line is the label, part of the address, the way out, or what stands beside them.

    `opt_out` are the phrases that tell of the way out.
    """
    flat, count = wording.flat(line), line.count(" ") + 1
    own = opt_out + sender.labels() + _PHRASES
    if wording.has(flat, own) or any(mark in line for mark in _MARKS):
        return True
    if count <= _SHORT_WORDS and wording.has(flat, _WORDS):
        return True
    return count <= _ADDRESS_WORDS and ("@" in line or address.is_part(line, sender))
