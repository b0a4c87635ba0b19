"""Selectors, compiled once, and an index of which may reach an element."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cssselect2
import tinycss2
from tinycss2.ast import Node

from mailer.compliance.visible.allowance import Allowance, TooComplex
from mailer.compliance.visible.tree import Element

LONGEST = 200
_CHARACTER_STEPS = 50
_TEST_STEPS = 3
# Browsers know these, and what they select depends on more than the mail.
_UNANSWERABLE = frozenset(
    [
        "read-only",
        "read-write",
        "placeholder-shown",
        "default",
        "indeterminate",
        "required",
        "optional",
        "valid",
        "invalid",
        "in-range",
        "out-of-range",
        "defined",
        "dir",
        "open",
        "closed",
        "popover-open",
        "modal",
        "fullscreen",
        "picture-in-picture",
        "autofill",
        "blank",
        "state",
        "-webkit-any",
        "-moz-any",
        "is-not",
        "user-valid",
        "user-invalid",
        "muted",
        "playing",
        "paused",
        "-webkit-autofill",
        "-webkit-full-screen",
        "heading",
        "host",
        "host-context",
        "has-slotted",
        "active-view-transition",
        "buffering",
        "stalled",
        "seeking",
        "volume-locked",
        "xr-overlay",
        "target-current",
        "hover",
    ]
)
# Declarations for these change the text of the element itself.
_OF_TEXT = frozenset({"first-line", "first-letter", "details-content"})
_BOXES = frozenset({"before", "after"})


@dataclass(frozen=True, slots=True)
class Selector:
    """`box` is "before" or "after" for what is put into an element. `is_unsure`: may not reach."""

    test: Callable[[Element], bool]
    specificity: tuple[int, int, int]
    id: str | None
    class_name: str | None
    tag: str | None
    box: str = ""
    is_unsure: bool = False


@lru_cache(maxsize=1024)
def compiled(prelude: str) -> tuple[Selector, ...]:
    """Give the selectors of a list; none if a browser would pass over the list."""
    nodes = tinycss2.parse_component_value_list(prelude, skip_comments=True)
    try:
        found = cssselect2.compile_selector_list(nodes)
    except cssselect2.SelectorError:
        bare = list(_without_unanswerable(nodes))
        found = _compiled(bare) if len(bare) < len(nodes) else []
        return tuple(_selector(one, is_unsure=True) for one in found if _is_wanted(one))
    except (SyntaxError, NotImplementedError, TypeError) as error:  # what cssselect2 cannot write
        raise TooComplex from error
    return tuple(_selector(one, is_unsure=False) for one in found if _is_wanted(one))


def pay(prelude: Iterable[Node], allowance: Allowance) -> str:
    """Pay for the reading of some selectors, none of which may be so long that its use costs much.

    Give them as one string.
    """
    nodes = list(prelude)
    text = tinycss2.serialize(nodes)
    allowance.spend(_CHARACTER_STEPS * len(text))
    commas = [n for n, node in enumerate(nodes) if node == ","]
    for start, end in pairwise([-1, *commas, len(nodes)]):
        if len(text) > LONGEST and len(tinycss2.serialize(nodes[start + 1 : end])) > LONGEST:
            raise TooComplex
    return str(text)


def _compiled(nodes: list[Node]) -> list[cssselect2.compiler.CompiledSelector]:
    try:
        return list(cssselect2.compile_selector_list(nodes or "*"))
    except cssselect2.SelectorError:
        return []


def _is_wanted(one: cssselect2.compiler.CompiledSelector) -> bool:
    return not one.never_matches and (
        one.pseudo_element is None or str(one.pseudo_element) in _OF_TEXT | _BOXES
    )


def _selector(one: cssselect2.compiler.CompiledSelector, *, is_unsure: bool) -> Selector:
    pseudo = str(one.pseudo_element or "")
    return Selector(
        one.test,
        one.specificity,
        one.id,
        one.class_name,
        one.lower_local_name,
        pseudo if pseudo in _BOXES else "",
        is_unsure or pseudo in _OF_TEXT,
    )


def _without_unanswerable(nodes: list[Node]) -> Iterator[Node]:
    """Leave out `:read-only` and its like, so that the rest selects as much or more."""
    waiting: list[Node] = []
    for node in nodes:
        if node == ":":
            waiting.append(node)
            continue
        name = getattr(node, "lower_value", None) or getattr(node, "lower_name", "")
        if len(waiting) == 1 and name in _UNANSWERABLE:
            waiting = []
            continue
        yield from waiting
        waiting = []
        yield node
    yield from waiting


class Index:
    """Selectors by what the element must have, each with a number that stands for its rule."""

    def __init__(self, *, is_loose: bool) -> None:
        self._fold = str.lower if is_loose else str
        self._ids: dict[str, list[tuple[Selector, int]]] = {}
        self._classes: dict[str, list[tuple[Selector, int]]] = {}
        self._tags: dict[str, list[tuple[Selector, int]]] = {}
        self._others: list[tuple[Selector, int]] = []

    def add(self, selector: Selector, number: int) -> None:
        entry = (selector, number)
        if selector.id is not None:
            self._ids.setdefault(self._fold(selector.id), []).append(entry)
        elif selector.class_name is not None:
            self._classes.setdefault(self._fold(selector.class_name), []).append(entry)
        elif selector.tag is not None:
            self._tags.setdefault(selector.tag, []).append(entry)
        else:
            self._others.append(entry)

    def matching(self, element: Element) -> list[tuple[Selector, int]]:
        """Give the selectors that reach an element. Raises TooComplex."""
        asked = self._tags.get(element.local_name, []) + self._others
        if element.id:
            asked += self._ids.get(self._fold(element.id), [])
        for name in element.classes:
            asked += self._classes.get(name, [])
        element.allowance.spend(_TEST_STEPS * len(asked))
        return [entry for entry in asked if entry[0].test(element)]
