"""Texts reduced to plain words in a row, so that one pattern fits whatever stands between them."""

# ruff: noqa: RUF001 - full-width and other marks are meant

import re
from functools import lru_cache

from mailer.compliance.words import Words

# Where one thing that is said ends and the next begins.
_SEGMENT = re.compile(
    r"[:;!?。！？：،؟|•·…\n()\[\]{}【】«»“”„\"—]|(?<=\w\w\w)\.\s|\s[-–*~+]{1,3}\s|,\s"
)


def flat(text: str) -> str:
    """Give the words of a text, folded, with one space before, between and after them."""
    return row(Words(text))


def row(words: Words) -> str:
    """Give words as a flat text."""
    joined = " ".join(word.text for word in words.words)
    return f" {joined} " if joined else " "


def segments(text: str) -> tuple[str, ...]:
    """Give the flat text of each clause: "Hi Ana, your order: it is ready" has three."""
    pieces = (flat(piece) for piece in _SEGMENT.split(text))
    return tuple(piece for piece in pieces if piece.strip())


@lru_cache(maxsize=256)
def any_of(phrases: tuple[str, ...]) -> str:
    """Give a pattern for one of some phrases in a flat text; * stands for any ending."""
    spelt = {flat(p).strip() + (r"\w*" if p.endswith("*") else "") for p in phrases}
    return "(?:" + "|".join(sorted(spelt, key=len, reverse=True)) + ")"


@lru_cache(maxsize=256)
def phrase_pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Give a pattern that finds one of some phrases as whole words of a flat text."""
    return re.compile(rf"(?<= ){any_of(phrases)}(?= )")


def has(flat_text: str, phrases: tuple[str, ...]) -> bool:
    """Tell whether a flat text holds one of the phrases."""
    return bool(phrase_pattern(phrases).search(flat_text))
