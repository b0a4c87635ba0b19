"""Style sheets of a message: which declarations reach which element, in which situation."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import tinycss2

from mailer.compliance.visible import rules
from mailer.compliance.visible.allowance import Allowance
from mailer.compliance.visible.declared import Block
from mailer.compliance.visible.media import Situation, applies, situations
from mailer.compliance.visible.properties import Value
from mailer.compliance.visible.rules import Condition, Frames, Rule, Sources
from mailer.compliance.visible.selectors import Index, Selector, compiled
from mailer.compliance.visible.tree import Element

_QUERY_STEPS = 20


@dataclass(frozen=True)
class Setting:
    """A situation of the reader and the conditions (by number) that hold in it.

    `is_bold`: what nobody knows is taken to be so, as is that variables are understood.
    """

    name: str
    width_px: int
    active: frozenset[int]
    is_bold: bool


# Conditions with their numbers, by what is written.
Conditions = dict[tuple[str, ...], tuple[int, Condition]]
# Order in the cascade, condition number, block, and "before" or "after" for a box put in.
Match = tuple[tuple[object, ...], int, Block, str]


@dataclass(frozen=True, eq=False)
class Sheet:
    """All style sheets of a message. `settings` are the situations that look different.

    `frames` are the first and last frames of animations, `small_fonts` families whose letters are
    much smaller than their font size says, `variables` those that have a value from the start,
    `elsewhere` the addresses of sheets that are not in the message.
    """

    settings: tuple[Setting, ...]
    index: Index
    matches: tuple[Match, ...]
    frames: Frames
    small_fonts: frozenset[str]
    variables: dict[str, Value]
    elsewhere: tuple[str, ...]

    def reaching(self, element: Element) -> list[Match]:
        """Give the matches of an element, from weakest to strongest. Raises TooComplex."""
        found = self.index.matching(element)
        return (
            sorted((self.matches[number] for _, number in found), key=lambda m: m[0])
            if found
            else []
        )


@lru_cache(maxsize=64)
def sheet(sources: Sources, *, is_width_free: bool, has_doubts: bool, is_loose: bool) -> Sheet:
    """Read style sheets, each given as its text and its `media` attribute.

    `is_width_free` promises that no length depends on the width of the window, `has_doubts` says
    that variables or animations are used, `is_loose` that names are the same in capitals.
    Raises TooComplex.
    """
    allowance = Allowance()
    book = rules.read(sources, allowance)
    conditions: Conditions = {}
    index, matches = Index(is_loose=is_loose), list[Match]()
    for match, selector in _matches(book.rules, conditions, is_layered=book.is_layered):
        index.add(selector, len(matches))
        matches.append(match)
    has_doubts = has_doubts or bool(book.frames or book.elsewhere)
    settings = _settings(
        [c for _, c in conditions.values()],
        allowance,
        is_width_free=is_width_free,
        has_doubts=has_doubts,
    )
    return Sheet(
        settings,
        index,
        tuple(matches),
        book.frames,
        frozenset(book.small_fonts),
        book.variables,
        tuple(book.elsewhere),
    )


def _matches(
    found: list[Rule], conditions: Conditions, *, is_layered: bool
) -> Iterator[tuple[Match, Selector]]:
    for order, rule in enumerate(found):
        for selector in compiled(rule.prelude):
            condition = (*rule.condition, rules.UNKNOWN) if selector.is_unsure else rule.condition
            text = tuple(map(tinycss2.serialize, condition))
            number, _ = conditions.setdefault(text, (len(conditions), condition))
            for rank, block in _ranked(rule, is_layered=is_layered):
                yield ((rank, selector.specificity, order), number, block, selector.box), selector


def _ranked(rule: Rule, *, is_layered: bool) -> Iterator[tuple[tuple[float, ...], Block]]:
    """Give a rule's declarations with the rank of its layer, which `!important` turns round."""
    if not is_layered:
        yield (), rule.block
        return
    for is_important in (False, True):
        part = tuple(d for d in rule.block.declared if d.important is is_important)
        rank = tuple(-step for step in rule.layer) if is_important else rule.layer
        if part:
            yield rank, Block(part, rule.block.is_relative, rule.block.has_variables)


def _settings(
    conditions: list[Condition], allowance: Allowance, *, is_width_free: bool, has_doubts: bool
) -> tuple[Setting, ...]:
    distinct: dict[tuple[object, ...], Setting] = {}
    queries = [query for condition in conditions for query in condition]
    for situation in situations(queries):
        allowance.spend(len(queries) * _QUERY_STEPS)
        active = frozenset(n for n, c in enumerate(conditions) if _holds(c, situation))
        is_bold = situation.guess and has_doubts
        key = (active, 0 if is_width_free else situation.width_px, is_bold)
        setting = Setting(situation.name, situation.width_px, active, is_bold)
        distinct.setdefault(key, setting)
    found = tuple(distinct.values())
    if len(found) > 1:
        return found
    return (Setting("", found[0].width_px, found[0].active, found[0].is_bold),)


def _holds(condition: Condition, situation: Situation) -> bool:
    return all(applies(query, situation) for query in condition)
