"""What of a reader's own values no rule about the body looks for: copies differ in it alone."""

import re
from collections.abc import Callable, Iterable, Iterator
from html import unescape

from mailer.compliance.candidate import SenderRecord
from mailer.compliance.phrases import OPT_OUT
from mailer.delivery.places import Place

MOST_KNOWN = 10_000
# No template can write it.
MASK = "\0"
OWN_LINK = "\0link"
# Words without what means something else: controls, marks of direction, invisible signs (but for
# the joiners that names are spelled with), markup, and the marks of templates.
WORDS = re.compile(
    "[^\x00-\x1f\x7f-\xa0<>{}\\[\\]|%\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b"
    "\u200e\u200f\u2028-\u202f\u205f-\u206f\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000e0000-\U0010ffff]{1,100}"
)
WEB = re.compile(r"//|\bwww\.|\w\w\.[^\W\d_]{2,}|@", re.IGNORECASE)
WEB_SIGNS = frozenset("./@")
NOTHING = frozenset({"", "none", "null", "undefined", "nan", "nil", "n/a"})
ADDRESS = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)", re.ASCII)
# Percent signs only where they write what is harmless: space, & + , / : = ? @
STEPS = r"[\w~./?&=+;,:#-]*(?:%(?:2[0BCF]|3[ADF]|40|26)[\w~./?&=+;,:#-]*)*"
TAIL = re.compile(STEPS, re.ASCII | re.IGNORECASE)
URL = re.compile(
    rf"(https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:[/?#]{STEPS})?", re.ASCII | re.IGNORECASE
)
NO_VALUE = re.compile(r"(?:^|[=/])(?:none|null|undefined|nan|nil|n/a)(?:[/&?#]|$)", re.IGNORECASE)
LONGEST_TAIL = 500
# What may part the words of a phrase without anybody noticing.
JOINTS = str.maketrans(dict.fromkeys("-_/.+=&?,;:#%", " "))


class Wanted:
    """The words that rules about the body look for."""

    def __init__(self, phrases: Iterable[str]) -> None:
        folded = {" ".join(one.casefold().translate(JOINTS).split()) for one in phrases}
        self.all = "\n".join(sorted(folded))
        self.words = [one for one in folded if " " not in one]
        # Found by the two letters around one of its spaces, which is next to never there.
        self.phrases: dict[str, list[str]] = {}
        for one in folded:
            place = one.find(" ")
            if place > 0:
                self.phrases.setdefault(one[place - 1 : place + 2], []).append(one)

    def touches(self, value: str) -> bool:
        """Tell whether a value holds what is wanted, or is a part of it."""
        bare = value.casefold()
        if not bare.isalnum():
            bare = " ".join(bare.translate(JOINTS).split())
        if bare in self.all or any(map(bare.__contains__, self.words)):
            return True
        place = bare.find(" ")
        while place > 0:
            around = bare[place - 1 : place + 2]
            if around in self.phrases and any(map(bare.__contains__, self.phrases[around])):
                return True
            place = bare.find(" ", place + 1)
        return False


class Masks:
    """Says of each value what must be the same in all copies of a kind.

    That is the whole value, unless it is plain words between tags and beside the point: no part
    of the label, the postal address or opt-out wording, and without any of them. With such a
    value a copy could have what the next one lacks. Of a link, its scheme and host are to be the
    same.
    """

    def __init__(self, record: SenderRecord) -> None:
        wanted = (*record.labels(), *record.block(), *(one.strip("*") for one in OPT_OUT))
        self.wanted = Wanted(filter(None, wanted))
        self.known: list[dict[str, str]] = [{} for _ in Place]
        self.of_place: dict[Place, Callable[[str], str | None]] = {
            Place.anything: self.of_anything,
            Place.words: self.of_words,
            Place.link: self.of_link,
            Place.tail: self.of_tail,
            Place.mailbox: self.of_mailbox,
        }

    def items(self, values: Iterable[str], places: Iterable[Place], url: str) -> tuple[str, ...]:
        """Return what stands for each value, for telling kinds apart; ``url`` is her own link."""
        known = self.known
        return tuple(
            [
                OWN_LINK if value == url else known[place].get(value) or self.item(value, place)
                for value, place in zip(values, places, strict=True)
            ]
        )

    def item(self, value: str, place: Place) -> str:
        known = self.known[place]
        if len(known) >= MOST_KNOWN:
            known.clear()
        mask = self.of_place[place](unescape(value))
        # A value that looks like a mask is none.
        own = f"{MASK}={value}" if value.startswith(MASK) else value
        item = known[value] = own if mask is None else mask
        return item

    def of_anything(self, _: str) -> str | None:
        """Return what stands for a value; None when nothing but itself can. So do the others."""
        return None

    def of_words(self, value: str) -> str | None:
        if not WEB_SIGNS.isdisjoint(value) and WEB.search(value):
            return self.of_address(value)
        is_plain = WORDS.fullmatch(value) and value.strip().casefold() not in NOTHING
        return MASK if is_plain and not self.wanted.touches(value) else None

    def of_address(self, value: str) -> str | None:
        if "/" in value:
            return self.of_link(value)
        return MASK if ADDRESS.fullmatch(value) and not self.wanted.touches(value) else None

    def of_link(self, value: str) -> str | None:
        found = URL.fullmatch(value)
        return f"{MASK}{found[1].lower()}" if found and self.is_harmless(value) else None

    def of_tail(self, value: str) -> str | None:
        is_plain = TAIL.fullmatch(value) or ADDRESS.fullmatch(value)
        return MASK if value and is_plain and self.is_harmless(value) else None

    def of_mailbox(self, value: str) -> str | None:
        found = ADDRESS.fullmatch(value)
        if found is None or self.wanted.touches(value):
            return None
        return f"{MASK}@{found[1].lower()}"

    def is_harmless(self, tail: str) -> bool:
        if len(tail) > LONGEST_TAIL or NO_VALUE.search(tail):
            return False
        return not self.wanted.touches(tail)


def spelled(items: Iterable[str], pieces: Iterable[str | None]) -> Iterator[str]:
    """Return the pieces of a shape with what stands for its values."""
    unused = iter(items)
    for piece in pieces:
        yield next(unused) if piece is None else piece.replace(MASK, f"{MASK}=")
