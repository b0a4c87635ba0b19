"""Rules as people build them: read from JSON, checked with errors in their words, and kept."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from mailer.audience import addresses
from mailer.audience.segments.vocabulary import LEAVERS, About, Offer, Operator, Value

DEEPEST = 3
MOST = 40
LONGEST = 200
MOST_DAYS = 36_500
DIGITS = 15
COUNTRY = 2
FULL_ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")


class Mode(StrEnum):
    all = "all"
    any = "any"
    none = "none"


@dataclass(frozen=True)
class Condition:
    """One question about a reader. ``value`` is a text, a number, or empty where none is needed."""

    about: About
    key: str
    op: str
    value: str | int | float = ""


@dataclass(frozen=True)
class Group:
    """Conditions of which all, any or none must hold; an empty group holds for everybody."""

    mode: Mode
    rules: tuple["Group | Condition", ...] = ()


class BadRules(ValueError):  # noqa: N818 - errors are named for the situation
    """The rules cannot be used; ``problems`` maps the place ("", "0", "1.2") to what is wrong."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


Offers = Mapping[tuple[str, str], Offer]


def parsed(raw: object, offers: Offers) -> Group:
    """Read a tree of rules; raises BadRules with all that is wrong, each at its place."""
    reader = Reader(offers)
    found = reader.group(raw, "", 1)
    if reader.seen > MOST:
        reader.problems[""] = f"A segment has at most {MOST} rules; these are {reader.seen}."
    if reader.problems:
        raise BadRules(reader.problems)
    return found


class Reader:
    """Walks a tree, and notes what is wrong instead of stopping at the first fault."""

    def __init__(self, offers: Offers) -> None:
        self.offers = offers
        self.problems: dict[str, str] = {}
        self.seen = 0

    def group(self, raw: object, place: str, depth: int) -> Group:
        if depth > DEEPEST:
            self.problems[place] = f"Groups stand in one another {DEEPEST} deep at most."
            return Group(Mode.all)
        if not isinstance(raw, Mapping) or raw.get("mode") not in list(Mode):
            self.problems[place] = "Choose whether all, any or none of the rules must hold."
            return Group(Mode.all)
        inner = raw.get("rules")
        if not isinstance(inner, list) or not inner:
            self.problems[place] = "Add at least one rule here."
            return Group(Mode(raw["mode"]))
        at = [f"{place}.{number}".lstrip(".") for number in range(len(inner))]
        found = [
            self.one(one, where, depth) for one, where in zip(inner[: MOST + 1], at, strict=False)
        ]
        return Group(Mode(raw["mode"]), tuple(found))

    def one(self, raw: object, place: str, depth: int) -> Group | Condition:
        if isinstance(raw, Mapping) and "mode" in raw:
            return self.group(raw, place, depth + 1)
        self.seen += 1
        given: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        about, key, op = (str(given.get(name, "")) for name in ("about", "key", "op"))
        offer = self.offers.get((about, key))
        operator = offer.operator(op) if offer else None
        if offer is None or operator is None:
            what = "what the rule is about" if offer is None else f"how “{offer.words}” compares"
            self.problems[place] = f"Choose {what}."
            return Condition(About.email, "", "begins")
        try:
            value = checked(given.get("value", ""), operator, offer)
        except ValueError as error:
            self.problems[place] = str(error)
            value = ""
        return Condition(offer.about, key, op, value)


def checked(raw: object, operator: Operator, offer: Offer) -> str | int | float:
    """Return the value as the rules keep it; raises ValueError in the person's words."""
    text = str(raw).strip()
    if operator.value is Value.none or (operator.value is Value.perhaps_date and not text):
        return ""
    if not text:
        raise ValueError(f"Say what “{offer.words}” is compared with.")
    if len(text) > LONGEST or addresses.has_invisible(text):
        raise ValueError(f"At most {LONGEST} visible characters fit here.")
    if FULL_ADDRESS.search(text):
        raise ValueError("A rule holds no whole address: it would outlive the person.")
    reading = READINGS.get(operator.value)
    return reading(text, offer) if reading else text


def number(text: str, offer: Offer) -> int | float:
    """Return a finite number of at most 15 digits, which all databases hold alike."""
    del offer
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"“{text}” is not a number. Write it like 12 or 3.5.") from error
    if not found.is_finite() or len(found.as_tuple().digits) > DIGITS or abs(found) > 10**DIGITS:
        raise ValueError(f"A number has at most {DIGITS} digits.")
    return int(found) if found == found.to_integral_value() else float(found)


def days(text: str, offer: Offer) -> int:
    del offer
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= MOST_DAYS:
        raise ValueError(f"Give a number of days from 1 to {MOST_DAYS:,}.")
    return int(text)


def day(text: str, offer: Offer) -> str:
    del offer
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError(f"“{text}” is not a day. Write it like 2026-03-02.") from error


def choice(text: str, offer: Offer) -> str:
    if text not in offer.choices:
        raise ValueError(f"“{text}” is not one of the choices of “{offer.words}”.")
    return text


def country(text: str, offer: Offer) -> str:
    del offer
    if len(text) != COUNTRY or not (text.isascii() and text.isalpha()):
        raise ValueError("Give a country by its two letters, such as DE.")
    return text.upper()


READINGS = {
    Value.number: number,
    Value.days: days,
    Value.date: day,
    Value.perhaps_date: day,
    Value.choice: choice,
    Value.method: choice,
    Value.country: country,
}


def written(tree: Group | Condition) -> dict[str, Any]:
    """Return the tree as JSON; ``parsed`` reads it back."""
    if isinstance(tree, Group):
        return {"mode": tree.mode.value, "rules": [written(one) for one in tree.rules]}
    return {"about": tree.about.value, "key": tree.key, "op": tree.op, "value": tree.value}


def kept(raw: Mapping[str, Any]) -> Group:
    """Return the tree as it was checked when it was kept, whatever has gone since."""

    def one(part: Mapping[str, Any]) -> Group | Condition:
        if "mode" in part:
            return Group(Mode(part["mode"]), tuple(one(inner) for inner in part["rules"]))
        return Condition(About(part["about"]), part["key"], part["op"], part["value"])

    found = one(raw)
    return found if isinstance(found, Group) else Group(Mode.all, (found,))


def conditions(
    tree: Group | Condition, *, denied: bool = False
) -> Iterator[tuple[Condition, bool]]:
    """Yield each condition, with whether it stands under an odd number of "none of"."""
    if isinstance(tree, Condition):
        yield tree, denied
        return
    for one in tree.rules:
        yield from conditions(one, denied=denied != (tree.mode is Mode.none))


def gathers_leavers(tree: Group) -> bool:
    """Tell whether the rules pick people because they have unsubscribed (R37)."""
    found = conditions(tree)
    return any((one.about, one.op) in LEAVERS and not denied for one, denied in found)
