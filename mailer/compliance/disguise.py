"""Characters by which a text looks otherwise than it reads: invisible, turned or borrowed ones."""

import re
import unicodedata
from collections.abc import Iterator

from mailer.compliance import scripts

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BIDI_MARKS = "\u200e\u200f\u061c"
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2028\u2029\u2060-\u2065"
    "\u206a-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# The flags of England, Scotland, Wales and other regions are spelt in tag characters.
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
# Scripts that are written with joiners, and scripts that are written without spaces.
_JOINING = re.compile("[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ufb50-\ufdff]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u1980-\u19df]")
_HAN = re.compile("[\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_MONGOLIAN = re.compile("[\u1800-\u18af]")
_PICTURE_LIKE = re.compile(
    "[#*0-9©®\u2000-\u206f\u20e3\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_ZWNJ, _ZWJ, _ZWSP = "\u200c", "\u200d", "\u200b"
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")
_STYLED = re.compile(
    "[\U0001d400-\U0001d7cb]|"
    "[\u24b6-\u24e9\U0001f110-\U0001f189]{3,}|[\u02b0-\u02b8\u1d2c-\u1d6a\u1d78\u2071\u207f]{3,}|"
    "[\u0262\u026a\u0274\u0276\u0280\u028f\u0299\u029c\u029f\u1d00-\u1d2b\ua730\ua731\ua7af]{3,}"
)
_WIDE = re.compile("[\uff21-\uff3a\uff41-\uff5a]{2,}")
_EAST_ASIAN = re.compile("[\u1100-\u11ff\u3005-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]")
_PILED = re.compile("[\u0300-\u036f]{4,}|[\u0334-\u0338\u20d0-\u20dc\u20e5-\u20ea]")
# What no reader tells from Latin, and what a word of Russian with a Latin stem holds beside.
_DOUBLES = "АВЕЅІЈКМНОРСТУХаеорсухѕіјԁһӏԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονι"  # noqa: RUF001
_TWINS = re.compile(f"(?<!\\w)[{_DOUBLES}]{{3,}}(?!\\w)")
_OTHERS = re.compile(f"(?=[\u0370-\u052f])[^\\W\\d_{_DOUBLES}]")
_LATIN = re.compile("[A-Za-z]")
_LOAN = re.compile("[A-Za-z]{2,}[а-яёіїєґў]+")  # noqa: RUF001
_LETTERED = re.compile("[A-Z]{0,2}[α-ω][A-Z]{0,2}|[A-Z]{3,4}[α-ω]|[α-ω]?[A-Za-z]?[α-ω]?")  # noqa: RUF001
_RIGHT_TO_LEFT = frozenset({"R", "AL"})


def oddities(text: str) -> Iterator[str]:
    """Name each kind of character in a line of text that hides, turns or disguises the others."""
    if not text.isascii() or not text.isprintable():
        marks = (_control(text), _turning(text), _invisible(text))
        yield from filter(None, (*marks, _styled(text), _piled(text), _borrowed(text)))


def _named(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X} {name}".rstrip()


def _control(text: str) -> str | None:
    found = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs")), None)
    return None if found is None else f"a control character, {_named(found)}"


def _turning(text: str) -> str | None:
    """Find marks of direction: some are never needed, plain ones only in Hebrew or Arabic."""
    found = _BIDI.search(text)
    if found:
        return f"a mark that reorders letters, {_named(found.group())}"
    mark = next((c for c in text if c in _BIDI_MARKS), None)
    return f"a mark of direction, {_named(mark)}" if mark and not _is_right_to_left(text) else None


def _is_right_to_left(text: str) -> bool:
    """Whether most letters are of a script that runs from right to left."""
    ways = [unicodedata.bidirectional(c) for c in text if c not in _BIDI_MARKS]
    return sum(way in _RIGHT_TO_LEFT for way in ways) > ways.count("L")


def _invisible(text: str) -> str | None:
    bare = _FLAG.sub("\U0001f3f4", text)
    for match in _INVISIBLE.finditer(bare):
        if not _is_at_home(bare, match.start()):
            return f"an invisible character, {_named(match.group())}"
    return None


def _is_at_home(text: str, at: int) -> bool:
    """Whether an invisible character is needed where it stands, as joiners are inside an emoji."""
    mark, before, after = text[at], text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    if mark in (_ZWJ, _ZWNJ) and _JOINING.match(before):
        return not after or after.isspace() or bool(_JOINING.match(after))
    if mark == _ZWJ:
        is_after_picture = _SKIN.match(before) or _is_picture(before)
        return bool(is_after_picture) and _is_picture(after)
    if mark == _ZWSP:
        return bool(_UNSPACED.match(before) and _UNSPACED.match(after))
    return _is_variant(mark, before)


def _is_variant(mark: str, before: str) -> bool:
    """Whether a mark chooses the form of the sign before it."""
    if "\ufe00" <= mark <= "\ufe0f":
        return bool(_HAN.match(before) or _is_picture(before))
    if "\U000e0100" <= mark <= "\U000e01ef":
        return bool(_HAN.match(before))
    return "\u180b" <= mark <= "\u180f" and bool(_MONGOLIAN.match(before))


def _is_picture(character: str) -> bool:
    return bool(_PICTURE_LIKE.match(character)) and not _INVISIBLE.match(character)


def _styled(text: str) -> str | None:
    """Letters made of signs of mathematics, circles or small capitals; full width among Latin."""
    found = _STYLED.search(text)
    if found is None and not _EAST_ASIAN.search(text):
        found = _WIDE.search(text)
    return f"letters that are signs, “{found.group()[:20]}”" if found else None


def _piled(text: str) -> str | None:
    """Accents heaped upon one letter, or lines drawn through letters, other than in an emoji."""
    for match in _PILED.finditer(unicodedata.normalize("NFD", text)):
        return f"a letter under marks, {_named(match.group()[0])}"
    return None


def _borrowed(text: str) -> str | None:
    """Words with letters of two alphabets, or of another one that passes for Latin throughout."""
    mixed = next((word for word in scripts.mixed_words(text) if not _is_usual(word)), None)
    if mixed:
        return f"letters of two alphabets in one word, “{mixed}”"
    twin = _TWINS.search(text) if _LATIN.search(text) and not _OTHERS.search(text) else None
    return f"a word in letters that pass for Latin ones, “{twin.group()}”" if twin else None


def _is_usual(word: str) -> bool:
    """Whether a word mixes alphabets as people do: in formulas, or with Latin stems in Russian."""
    foreign = [c for c in word if c.isalpha() and not _LATIN.match(c)]
    is_loan = _LOAN.fullmatch(word) and any(c not in _DOUBLES for c in foreign)
    is_plain = all(not scripts.skeleton(c).isascii() for c in foreign)
    return bool(is_loan or _LETTERED.fullmatch(word)) or is_plain
