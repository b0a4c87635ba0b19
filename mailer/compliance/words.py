"""Text as a reader takes it in: words without case, accents or invisible characters."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from itertools import compress
from typing import NamedTuple

_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_CJK = "\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_DROPPED = re.compile(f"[{_IGNORABLE}]")
_LETTER = re.compile(f"[^\\W_]|[\u0300-\u036f{_IGNORABLE}]")
_IDEOGRAPH = re.compile(f"[{_CJK}]")
# A word is one ideograph or kana, or a run of letters, digits, accents and invisible characters.
_WORD = re.compile(f"[{_CJK}]|[^{_CJK} ]+")
_RUN = re.compile(r"[^ ]+")
_FEW = 8


class _Spaced(dict[int, int]):
    """A table for str.translate that puts a space for whatever is not part of a word."""

    def __missing__(self, code: int) -> int:
        self[code] = code if _LETTER.match(chr(code)) else ord(" ")
        return self[code]


_SPACED = _Spaced()


class Word(NamedTuple):
    """A normalised word and the half-open range of characters that it came from."""

    text: str
    start: int
    end: int


def plain(text: str) -> str:
    """NFKC, no default-ignorable characters, case folded, white space collapsed."""
    folded = _DROPPED.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return " ".join(folded.split())


@lru_cache(maxsize=8192)
def folded(word: str) -> str:
    """One word without case, accents, compatibility forms or invisible characters."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", _DROPPED.sub("", word).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


class Words:
    """The words of a text, searchable by phrase whatever stands between or inside the words.

    `alike` maps a word to the form that all its spellings share ("street" to "st").
    """

    def __init__(self, text: str, alike: Callable[[str], str] | None = None) -> None:
        self._spaced = text.translate(_SPACED)
        is_ascii = self._spaced.isascii()
        self._is_run_together = not is_ascii and bool(_IDEOGRAPH.search(self._spaced))
        self._found: dict[tuple[str, bool], list[tuple[int, int]]] = {}
        self._asked = 0
        forms = self._spaced.lower().split() if is_ascii else map(folded, self._cut())
        self._forms = list(map(alike, forms) if alike else forms)
        self.texts = list(filter(None, self._forms))

    def _cut(self) -> list[str]:
        return _WORD.findall(self._spaced) if self._is_run_together else self._spaced.split()

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return tuple(map(Word, self.texts, *zip(*self._spans, strict=True))) if self.texts else ()

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        """Where each word stands."""
        return list(compress((match.span() for match in self._runs()), self._forms))

    def _runs(self) -> Iterator[re.Match[str]]:
        return (_WORD if self._is_run_together else _RUN).finditer(self._spaced)

    @cached_property
    def distinct(self) -> frozenset[str]:
        return frozenset(self.texts)

    def places(self, start: str) -> Iterator[int]:
        """Give the numbers of the words that start in this way; a space at its end ends them."""
        number, last, at = 0, 0, self.flat.find(f" {start}")
        while at >= 0:
            number, last = number + self.flat.count(" ", last, at), at
            yield number
            at = self.flat.find(f" {start}", at + 1)

    @cached_property
    def joined(self) -> str:
        return "".join(self.texts)

    @cached_property
    def flat(self) -> str:
        """All words in a row, with one space before, between and after them."""
        return f" {' '.join(self.texts)} " if self.texts else " "

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Give the characters of the half-open range of words from `first` to `last`.

        Few are asked for, mostly near the end: then the text is cut there, instead of everywhere.
        """
        self._asked += 1
        is_plain = len(self._forms) == len(self.texts) and not self._is_run_together
        if is_plain and self._asked <= _FEW:
            return self._up_to(first).rfind(" ") + 1, len(self._up_to(last - 1))
        return self._spans[first][0], self._spans[last - 1][1]

    def _up_to(self, number: int) -> str:
        """Give the text up to the end of one of its words."""
        return self._spaced.rsplit(None, len(self.texts) - 1 - number)[0]

    def occurrences(self, phrase: "Words", *, stem: bool = False) -> list[tuple[int, int]]:
        """Give the half-open ranges of words that spell the phrase, however it is cut into words.

        "P.O. Box" is found in "PO Box". With `stem`, the last word may go on ("unsubscribed").
        """
        key = (phrase.joined, stem)
        if key not in self._found:
            self._found[key] = list(self._ranges(phrase.joined, stem=stem))
        return self._found[key]

    def first(self, phrase: "Words", at: int) -> tuple[int, int] | None:
        """Give the first occurrence that begins at or after word number `at`."""
        spans = self.occurrences(phrase)
        number = bisect_left(spans, (at, at))
        return spans[number] if number < len(spans) else None

    def _ranges(self, target: str, *, stem: bool) -> Iterator[tuple[int, int]]:
        for index in self._beginnings(target, stem=stem):
            end = self._end(index, target, stem=stem)
            if end is not None:
                yield index, end

    def _beginnings(self, target: str, *, stem: bool) -> list[int]:
        heads = self.distinct.intersection(target[: size + 1] for size in range(len(target)))
        starts = [f"{head} " for head in heads] + [target] * stem
        return sorted({number for start in starts for number in self.places(start)})

    def _end(self, index: int, target: str, *, stem: bool) -> int | None:
        for number in range(index, len(self.texts)):
            text = self.texts[number]
            if text == target or (stem and text.startswith(target)):
                return number + 1
            if not target.startswith(text):
                return None
            target = target[len(text) :]
        return None


@lru_cache(maxsize=32)
def words_of(text: str) -> Words:
    """Give the words of a body as seen, which several rules ask for."""
    return Words(text)


def says(text: str, phrases: tuple[str, ...]) -> bool:
    """Whether a text holds one of the phrases; a phrase that ends in * may go on."""
    words = Words(text)
    return any(words.occurrences(phrase(one), stem=one.endswith("*")) for one in phrases)


@lru_cache(maxsize=1024)
def phrase(text: str) -> Words:
    """Give the words of a phrase that is looked for again and again."""
    return Words(text)
