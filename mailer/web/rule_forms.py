"""The rule builder's form: read into a tree of rules, changed by its buttons, and shown again."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mailer.audience.segments.rules import DEEPEST, MOST, Mode, Offers
from mailer.audience.segments.vocabulary import Offer

ROOT = "r"
BOTH = ":"

Raw = dict[str, Any]


def read(form: Mapping[str, str], offers: Offers, path: str = ROOT, depth: int = 1) -> Raw:
    """Return the tree as it stands in the form: fields ``r.mode``, ``r.0.about`` and so on."""
    mode = form.get(f"{path}.mode", Mode.all.value)
    return {
        "mode": mode,
        "rules": [one(form, offers, f"{path}.{n}", depth) for n in inside(form, path)],
    }


def inside(form: Mapping[str, str], path: str) -> list[int]:
    """Return the numbers of what stands in a group, in order."""
    begins = f"{path}."
    rest = (name.removeprefix(begins).partition(".")[0] for name in form if name.startswith(begins))
    numbers = {int(text) for text in rest if text.isascii() and text.isdecimal() and len(text) < 4}  # noqa: PLR2004 - no form of ours has a thousand rules
    return sorted(numbers)[: MOST + 1]


def one(form: Mapping[str, str], offers: Offers, path: str, depth: int) -> Raw:
    if f"{path}.mode" in form and depth <= DEEPEST:
        return read(form, offers, path, depth + 1)
    about, _, key = form.get(f"{path}.about", "").partition(BOTH)
    offer = offers.get((about, key))
    given = form.get(f"{path}.op", "")
    # What the rule is about was changed: its first way to compare is the likeliest.
    op = given if offer is None or offer.operator(given) else offer.operators[0].name
    return {"about": about, "key": key, "op": op, "value": form.get(f"{path}.value", "")}


def fresh(offers: Offers) -> Raw:
    """Return a tree with one rule to begin with."""
    return {"mode": Mode.all.value, "rules": [blank(next(iter(offers.values())))]}


def blank(offer: Offer) -> Raw:
    return {
        "about": offer.about.value,
        "key": offer.key,
        "op": offer.operators[0].name,
        "value": "",
    }


def done(tree: Raw, wish: str, offers: Offers) -> Raw:
    """Return the tree with what a button asks for: ``rule@r``, ``group@r.1``, ``away@r.0``."""
    deed, _, path = wish.partition("@")
    steps = [int(text) for text in path.split(".")[1:] if text.isdecimal() and len(text) < 4]  # noqa: PLR2004 - as above
    with suppress(IndexError, KeyError):  # a page that had grown old
        change(tree, deed, steps, offers)
    return tree


def change(tree: Raw, deed: str, steps: list[int], offers: Offers) -> None:
    rule = blank(next(iter(offers.values())))
    if deed == "away" and steps:
        group = at(tree, steps[:-1])
        del group["rules"][steps[-1]]
    elif deed == "rule":
        at(tree, steps)["rules"].append(rule)
    elif deed == "group" and len(steps) < DEEPEST - 1:
        at(tree, steps)["rules"].append({"mode": Mode.any.value, "rules": [rule]})


def at(tree: Raw, steps: list[int]) -> Raw:
    """Return a group of the tree; raises KeyError when a rule stands there."""
    for step in steps:
        tree = tree["rules"][step]
    if "rules" not in tree:
        raise KeyError(steps[-1])
    return tree
