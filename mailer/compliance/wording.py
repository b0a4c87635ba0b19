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
    return Words(text).flat


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


@lru_cache(maxsize=64)
def _endings(phrases: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Last words of phrases: whole ones, and beginnings that may go on."""
    last = [(flat(text).split()[-1], text.endswith("*")) for text in phrases]
    whole = frozenset(word for word, is_open in last if not is_open)
    return whole, tuple(f" {word}" for word, is_open in last if is_open)


def may_have(words: Words, phrases: tuple[str, ...]) -> bool:
    """Tell soon that a long text holds none of some phrases, since it lacks their last words."""
    whole, openings = _endings(phrases)
    is_there = not whole.isdisjoint(words.texts)
    return is_there or any(opening in words.flat for opening in openings)


def has(flat_text: str, phrases: tuple[str, ...]) -> bool:
    """Tell whether a flat text holds one of the phrases."""
    return bool(phrase_pattern(phrases).search(flat_text))
