"""Style sheets of a message: which declarations reach which element, in which situation."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cssselect2
import tinycss2
from tinycss2.ast import Node

from mailer.compliance.visible import declared
from mailer.compliance.visible.allowance import Allowance, TooComplex
from mailer.compliance.visible.matching import Matcher
from mailer.compliance.visible.media import Situation, applies, situations

Query = tuple[Node, ...]
Condition = tuple[Query, ...]

_UNANSWERABLE = frozenset({"supports", "layer", "container", "scope", "starting-style"})
_LONGEST_SELECTOR = 200
_CHARACTER_STEPS = 50
_QUERY_STEPS = 20
# Stands for a condition that nobody can answer.
_UNKNOWN: Query = tuple(tinycss2.parse_component_value_list("(unknown)"))


@dataclass(frozen=True)
class Reach:
    """What a rule declares for the elements it selects, if all queries of its condition hold."""

    condition: Condition
    block: declared.Block


@dataclass(frozen=True)
class Setting:
    """A situation of the reader and the conditions (by number) that hold in it."""

    name: str
    width_px: int
    active: frozenset[int]


@dataclass(frozen=True)
class Sheet:
    """All <style> elements of a message. `settings` are the situations that look different.

    The matcher answers (specificity, order, pseudo-element, (condition number, block)).
    """

    matcher: Matcher
    settings: tuple[Setting, ...]


@lru_cache(maxsize=32)
def sheet(styles: tuple[tuple[str, str], ...], *, is_width_free: bool = True) -> Sheet:
    """Read style sheets, each given as its text and its `media` attribute.

    `is_width_free` promises that no length depends on the width of the window. Raises TooComplex.
    """
    matcher, allowance = Matcher(), Allowance()
    conditions: list[Condition] = []
    for css, media in styles:
        for selector, reach in _rules(css, media, allowance):
            conditions.append(reach.condition)
            payload = (len(conditions) - 1, reach.block)
            matcher.add_selector(selector, payload)
    settings = _settings(conditions, allowance, is_width_free=is_width_free)
    return Sheet(matcher, settings)


def _settings(
    conditions: list[Condition], allowance: Allowance, *, is_width_free: bool
) -> tuple[Setting, ...]:
    distinct: dict[tuple[frozenset[int], int], Setting] = {}
    queries = [query for condition in conditions for query in condition]
    for situation in situations(queries):
        allowance.spend(len(queries) * _QUERY_STEPS)
        active = frozenset(n for n, c in enumerate(conditions) if _holds(c, situation))
        key = (active, 0 if is_width_free else situation.width_px)
        distinct.setdefault(key, Setting(situation.name, situation.width_px, active))
    found = tuple(distinct.values())
    return found if len(found) > 1 else (Setting("", found[0].width_px, found[0].active),)


def _holds(condition: Condition, situation: Situation) -> bool:
    return all(applies(query, situation) for query in condition)


def _rules(
    css: str, media: str, allowance: Allowance
) -> Iterator[tuple[cssselect2.compiler.CompiledSelector, Reach]]:
    query = tuple(tinycss2.parse_component_value_list(media))
    nodes = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    for prelude, reach in _reaches(nodes, (query,) if query else ()):
        _pay(prelude, allowance)
        try:
            selectors = cssselect2.compile_selector_list(prelude)
        except cssselect2.SelectorError:
            continue
        yield from ((s, reach) for s in selectors if s.pseudo_element is None)


def _pay(prelude: Query, allowance: Allowance) -> None:
    """Pay for the reading of some selectors, and let none be so long that its use costs much."""
    allowance.spend(_CHARACTER_STEPS * len(tinycss2.serialize(prelude)))
    commas = [n for n, node in enumerate(prelude) if node == ","]
    for start, end in pairwise([-1, *commas, len(prelude)]):
        if len(tinycss2.serialize(prelude[start + 1 : end])) > _LONGEST_SELECTOR:
            raise TooComplex


def _reaches(nodes: Iterable[Node], condition: Condition) -> Iterator[tuple[Query, Reach]]:
    for node in nodes:
        if node.type == "qualified-rule":
            found = declared.from_nodes(tinycss2.parse_blocks_contents(node.content))
            if found.declared:
                yield node.prelude, Reach(condition, found)
        elif node.type == "at-rule" and node.content is not None:
            yield from _nested(node, condition)


def _nested(node: Node, condition: Condition) -> Iterator[tuple[Query, Reach]]:
    if node.lower_at_keyword == "media":
        query = tuple(node.prelude)
    elif node.lower_at_keyword in _UNANSWERABLE:
        query = _UNKNOWN
    else:
        return
    inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
    yield from _reaches(inner, (*condition, query))
