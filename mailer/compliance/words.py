"""Text as a reader takes it in: words without case, accents or invisible characters."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_CJK = "\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_DROPPED = re.compile(f"[{_IGNORABLE}]")
# A word is one ideograph or kana, or a run of letters, digits, accents and invisible characters.
_WORD = re.compile(f"[{_CJK}]|(?:(?![{_CJK}_])[\\w\u0300-\u036f{_IGNORABLE}])+")


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


class _Index:
    """The words of a text with their places, and what was searched for before."""

    def __init__(self, text: str, alike: Callable[[str], str]) -> None:
        found = [(alike(folded(m.group())), *m.span()) for m in _WORD.finditer(text)]
        self.words = tuple(Word(*word) for word in found if word[0])
        self.places: dict[str, list[int]] = {}
        for index, word in enumerate(self.words):
            self.places.setdefault(word.text, []).append(index)
        self.found: dict[tuple[str, bool], list[tuple[int, int]]] = {}

    @cached_property
    def vocabulary(self) -> list[str]:
        return sorted(self.places)


# The rules ask for the words of the same texts, and campaigns are judged copy after copy.
_index = lru_cache(maxsize=128)(_Index)


class Words:
    """The words of a text, searchable by phrase whatever stands between or inside the words.

    `alike` maps a word to the form that all its spellings share ("street" to "st").
    """

    def __init__(self, text: str, alike: Callable[[str], str] = str) -> None:
        self._index = _index(text, alike)
        self.words = self._index.words

    @cached_property
    def joined(self) -> str:
        return "".join(word.text for word in self.words)

    def occurrences(self, phrase: "Words", *, stem: bool = False) -> list[tuple[int, int]]:
        """Give the half-open ranges of words that spell the phrase, however it is cut into words.

        "P.O. Box" is found in "PO Box". With `stem`, the last word may go on ("unsubscribed").
        """
        key = (phrase.joined, stem)
        known = self._index.found
        if key not in known:
            known[key] = list(self._spans(*key))
        return known[key]

    def first(self, phrase: "Words", at: int) -> tuple[int, int] | None:
        """Give the first occurrence that begins at or after word number `at`."""
        spans = self.occurrences(phrase)
        number = bisect_left(spans, (at, at))
        return spans[number] if number < len(spans) else None

    def _spans(self, target: str, stem: bool) -> Iterator[tuple[int, int]]:  # noqa: FBT001
        for index in self._beginnings(target, stem=stem):
            end = self._end(index, target, stem=stem)
            if end is not None:
                yield index, end

    def _beginnings(self, target: str, *, stem: bool) -> list[int]:
        places = self._index.places
        heads = [places.get(target[:size], ()) for size in range(1, len(target) + 1)]
        if stem and target:
            vocabulary = self._index.vocabulary
            at = bisect_right(vocabulary, target)
            while at < len(vocabulary) and vocabulary[at].startswith(target):
                heads.append(places[vocabulary[at]])
                at += 1
        return sorted(index for head in heads for index in head)

    def _end(self, index: int, target: str, *, stem: bool) -> int | None:
        while index < len(self.words):
            text = self.words[index].text
            if text == target or (stem and text.startswith(target)):
                return index + 1
            if not target.startswith(text):
                return None
            target = target[len(text) :]
            index += 1
        return None


def says(text: str, phrases: tuple[str, ...]) -> bool:
    """Whether a text holds one of the phrases; a phrase that ends in * may go on."""
    words = Words(text)
    return any(words.occurrences(_phrase(phrase), stem=phrase.endswith("*")) for phrase in phrases)


@lru_cache(maxsize=1024)
def _phrase(text: str) -> Words:
    return Words(text)
