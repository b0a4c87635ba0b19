"""What of a reader's own values no rule about the body looks for: copies differ in it alone."""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from html import unescape
from typing import TypeVar

from mailer.compliance.candidate import SenderRecord
from mailer.compliance.phrases import OPT_OUT
from mailer.delivery.places import Place

MOST_KNOWN = 10_000
# No template can write it.
MASK = "\0"
OWN_LINK = "\0link"
OWN_RENEWAL = "\0renewal"
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
NO_VALUE = re.compile(r"(?:^|[=/])(?:none|null|undefined|nan|nil|n/a)(?:[/&?#]|$)", re.IGNORECASE)
ADDRESS = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)", re.ASCII)
# Percent signs only where they write what is harmless: space, & + , / : = ? @
STEP = r"[A-Za-z0-9_~./?&=+;,:#-]*"
STEPS = rf"{STEP}(?:%(?:2[0BCFbcf]|3[ADFadf]|40|26){STEP})*"
TAIL = re.compile(STEPS)
URL = re.compile(rf"([Hh][Tt][Tt][Pp][Ss]?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)(?:[/?#]{STEPS})?")
LONGEST_TAIL = 500
# What may part the words of a phrase without anybody noticing becomes a space.
JOINTS = bytes.maketrans(b"-_/.+=&?,;:#%", b" " * 13)


RUN = re.compile(r"[^\W\d_]{3,}")
K = TypeVar("K")
V = TypeVar("V")


class Wanted:
    """The words that rules about the body look for."""

    def __init__(self, phrases: Iterable[str]) -> None:
        folded = sorted({parted(one) for one in phrases})
        self.all = "\n".join(folded)
        self.long = [one for one in folded if one.count(" ") > 1]
        # A long phrase cannot be there without the words that stand inside it.
        self.inner = frozenset(one.split(" ")[1] for one in self.long)
        short = [one for one in folded if one.count(" ") <= 1]
        plain = [one for one in short if one.isascii()]
        self.short = {
            is_plain: re.compile("|".join(map(re.escape, some)) or r"(?!)")
            for is_plain, some in ((True, plain), (False, short))
        }

        # Words of three letters and more: no phrase that a link could spell is without one.
        self.parts = frozenset(RUN.findall(" ".join((self.all, *NOTHING))))
        self.harmless: dict[str, bool] = {}

    def is_far_from(self, tail: str) -> bool:
        """Tell soon whether no word in the tail of a link has to do with any that is wanted."""
        known = self.harmless
        for run in RUN.findall(tail.casefold()):
            is_harmless = known.get(run)
            if is_harmless is None:
                is_harmless = not any(one in run or run in one for one in self.parts)
                keep(known, run, is_harmless)
            if not is_harmless:
                return False
        return True

    def touches(self, bare: str) -> bool:
        """Tell whether a text, parted, holds what is wanted, or is a part of it."""
        if bare in self.all or self.short[bare.isascii()].search(bare):
            return True
        if self.inner.isdisjoint(bare.split(" ")):
            return False
        return any(map(bare.__contains__, self.long))


def parted(value: str) -> str:
    """Return a text in small letters, one space between words."""
    folded = value.casefold()
    if folded.isalnum():
        return folded
    return " ".join(folded.encode("utf-8", "replace").translate(JOINTS).decode().split())


class Masks:
    """Says of each value what must be the same in all copies of a kind.

    That is the whole value, unless it is plain words between tags and beside the point: no part
    of the label, the postal address or opt-out wording, and without any of them. With such a
    value a copy could have what the next one lacks. Of a link, its scheme and host are to be the
    same. ``spoken`` is what an author says where a reader has nothing, which is no value of hers.
    """

    def __init__(self, record: SenderRecord, spoken: frozenset[str] = frozenset()) -> None:
        self.spoken = spoken
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

    def items(
        self,
        values: Sequence[str],
        places: Iterable[Place],
        url: str,
        own: Container[str] | None = None,
    ) -> tuple[str, ...]:
        """Return what stands for each value, for telling kinds apart; ``url`` is her own link.

        ``own`` are her values, None when there are no others: what the author wrote is no mask's.
        """
        known = self.known
        items = [
            OWN_LINK if value == url else known[place].get(value) or self.item(value, place)
            for value, place in zip(values, places, strict=True)
        ]
        if own is not None:
            items = [
                item if value in own or value == url else self.bare(value)
                for item, value in zip(items, values, strict=True)
            ]
        return tuple(items)

    def item(self, value: str, place: Place) -> str:
        mask = None if value in self.spoken else self.of_place[place](unescape(value))
        item = self.bare(value) if mask is None else mask
        if place is Place.link and "&" not in value:
            keep(self.known[Place.words], value, item)  # it is a link in the text part, too
        return keep(self.known[place], value, item)

    def bare(self, value: str) -> str:
        """Return a value that stands for itself; one that looks like a mask is none."""
        return f"{MASK}={value}" if value.startswith(MASK) else value

    def of_anything(self, _: str) -> str | None:
        """Return what stands for a value; None when nothing but itself can. So do the others."""
        return None

    def of_words(self, value: str) -> str | None:
        if not WEB_SIGNS.isdisjoint(value) and WEB.search(value):
            return self.of_link(value) if "/" in value else self.of_address(value)
        is_plain = WORDS.fullmatch(value) and value.strip().casefold() not in NOTHING
        return MASK if is_plain and not self.wanted.touches(parted(value)) else None

    def of_address(self, value: str) -> str | None:
        is_plain = ADDRESS.fullmatch(value) and not self.wanted.touches(parted(value))
        return MASK if is_plain else None

    def of_link(self, value: str) -> str | None:
        found = URL.fullmatch(value)
        if found is None or not self.is_harmless(value, value[found.end(1) :]):
            return None
        return f"{MASK}{found[1].lower()}"

    def of_tail(self, value: str) -> str | None:
        is_plain = TAIL.fullmatch(value) or ADDRESS.fullmatch(value)
        return MASK if value and is_plain and self.is_harmless(value, value) else None

    def of_mailbox(self, value: str) -> str | None:
        found = ADDRESS.fullmatch(value)
        return f"{MASK}@{found[1].lower()}" if found and self.of_address(value) else None

    def is_harmless(self, value: str, tail: str) -> bool:
        """Tell whether a link is not that of nobody, and beside the point.

        Its ``tail`` is what stands after the host, which is a part of the kind.
        """
        if len(value) > LONGEST_TAIL or "n/a" in tail.casefold():
            return False
        if self.wanted.is_far_from(tail):
            return True
        return not NO_VALUE.search(value) and not self.wanted.touches(parted(value))


def marked(values: Iterable[str], renewal: str) -> tuple[str, ...]:
    """Return values with a mark, which nothing else passes for, in place of her link to renew."""
    return tuple(OWN_RENEWAL if value == renewal else value for value in values)


def spelled(items: Iterable[str], pieces: Iterable[str | None]) -> Iterator[str]:
    """Return the pieces of a shape with what stands for its values."""
    unused = iter(items)
    for piece in pieces:
        yield next(unused) if piece is None else piece.replace(MASK, f"{MASK}=")


def keep(known: dict[K, V], key: K, value: V) -> V:
    """Remember something that can be worked out again, not more than a bounded number of them."""
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[key] = value
    return value
