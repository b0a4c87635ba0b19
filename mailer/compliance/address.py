"""Finding a sender's printed address in a text, whatever its commas, breaks and abbreviations."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations

from mailer.compliance import postal
from mailer.compliance.candidate import SenderRecord
from mailer.compliance.visible.reading import Reading
from mailer.compliance.words import Words

LONGEST_BLOCK = 300

# USPS Publication 28, appendix C: the abbreviations in common use.
_SHORT = {
    "street": "st",
    "str": "st",
    "avenue": "ave",
    "av": "ave",
    "boulevard": "blvd",
    "boul": "blvd",
    "road": "rd",
    "drive": "dr",
    "lane": "ln",
    "court": "ct",
    "place": "pl",
    "square": "sq",
    "terrace": "ter",
    "parkway": "pkwy",
    "highway": "hwy",
    "circle": "cir",
    "trail": "trl",
    "suite": "ste",
    "apartment": "apt",
    "floor": "fl",
    "building": "bldg",
    "room": "rm",
    "unit": "unit",
    "number": "no",
    "nr": "no",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
    "saint": "st",
    "sankt": "st",
    "mount": "mt",
    "fort": "ft",
    "incorporated": "inc",
    "limited": "ltd",
    "company": "co",
    "corporation": "corp",
    "and": "",
    "und": "",
    "et": "",
}

Span = tuple[int, int]


def alike(word: str) -> str:
    """Give the form that all spellings of a word share: "street" and "st", "…straße", "…str."."""
    if word.endswith("strasse"):
        word = word.removesuffix("asse")
    elif word.endswith("straat"):
        word = word.removesuffix("aat")
    return _SHORT.get(word, word)


def occurrences(reading: Reading, record: SenderRecord) -> Iterator[Span]:
    """Ranges of characters that hold name, lines and locality in order, within 300 characters.

    The locality's parts (postcode, city, region) may stand in any order. Where a country writes
    from the large to the small, locality comes first and the name last.
    """
    for begin, end in _surroundings(reading, record):
        words = Words(reading.text[begin:end], alike)
        for pattern in _patterns(record):
            for span in _matches(words, pattern):
                first, last = words.span(*span)
                if last - first <= LONGEST_BLOCK:
                    yield begin + first, begin + last


def _surroundings(reading: Reading, record: SenderRecord) -> Iterator[Span]:
    """Give the stretches that reach as far from the sender's name as an address may.

    They are one character longer, so that no word that is cut at their edge can belong to it.
    """
    reach = LONGEST_BLOCK + 1
    begin = end = 0
    for start, last in _anchors(reading, record):
        if start - reach > end:
            if end:
                yield begin, end
            begin = max(start - reach, 0)
        end = last + reach
    if end:
        yield begin, end


def _anchors(reading: Reading, record: SenderRecord) -> list[Span]:
    """Where the sender's name stands."""
    wanted, words = Words(record.legal_name, alike).joined, reading.words
    # Every short form begins with the letter of the long one.
    near = (text for text in words.distinct if wanted.startswith(text[0]))
    heads = [text for text in near if wanted.startswith(alike(text))]
    found = sorted(number for text in heads for number in words.places(f"{text} "))
    return [words.span(at, at + 1) for at in found if _spells(words.texts, at, wanted)]


def _spells(texts: list[str], at: int, wanted: str) -> bool:
    """Whether the words from number `at` on make up the wanted one."""
    spelt = ""
    for text in texts[at : at + len(wanted)]:
        spelt += alike(text)
        if len(spelt) >= len(wanted):
            break
    return spelt == wanted


def is_part(text: str, record: SenderRecord) -> bool:
    """Whether a text shows any component of the address, or the sender's name."""
    words = Words(text, alike)
    return any(words.occurrences(component) for component in _parts(record))


@lru_cache(maxsize=64)
def _parts(record: SenderRecord) -> tuple[Words, ...]:
    address = record.address
    texts = (record.legal_name, *address.lines, address.city, address.postcode)
    return tuple(Words(text, alike) for text in texts)


# A component is one or more spellings, each of which will do.
_Component = tuple[Words, ...]


@lru_cache(maxsize=64)
def _patterns(record: SenderRecord) -> tuple[tuple[_Component, ...], ...]:
    address = record.address
    regions = postal.region_names(address.country, address.region) if address.region else ()
    locality = _components([(address.city,), regions, (address.postcode,)])
    lines = _components([(line,) for line in address.lines])
    name = _components([(record.legal_name,)])
    orders = tuple(permutations(locality))
    return (
        *((*name, *lines, *order) for order in orders),
        *((*order, *lines, *name) for order in orders),
    )


def _components(spellings: list[tuple[str, ...]]) -> list[_Component]:
    """Components as searchable words; what an address leaves empty is no component."""
    built = [tuple(Words(text, alike) for text in texts) for texts in spellings]
    return [words for words in built if any(w.joined for w in words)]


def _matches(words: Words, pattern: tuple[_Component, ...]) -> Iterator[Span]:
    """For each place where the pattern begins, the shortest stretch that holds all of it."""
    for spelling in pattern[0] if pattern else ():
        for first, last in words.occurrences(spelling):
            end = _end(words, pattern[1:], last)
            if end is not None:
                yield first, end


def _end(words: Words, rest: tuple[_Component, ...], at: int) -> int | None:
    for component in rest:
        found = [span for text in component if (span := words.first(text, at))]
        if not found:
            return None
        at = min(span[1] for span in found)
    return at
