"""CSS declarations reduced to the properties that can hide text, with shorthands taken apart.

As in a browser, a declaration with a value that means nothing leaves the one before it in force.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import tinycss2
from tinycss2.ast import Node

from mailer.compliance.visible import shorthands
from mailer.compliance.visible.properties import GLOBAL, NAMES, OTHER_NAMES, Value, is_valid, word

# A size of some percent of anything is no trick, a fraction of one percent may be.
_EXTENTS = frozenset({"width", "max-width", "height", "max-height", "font-size", "line-height"})
_VIEWS = ("vw", "vmin", "vmax", "svw", "lvw", "dvw", "vi", "cqw", "cqi", "cqmin", "cqmax")
_NO_SLIVER, _NEVER = 2.0, float("inf")
_LONGEST_KEPT = 4000


@dataclass(frozen=True, slots=True)
class Declared:
    """One property with its value, white space and comments left out.

    `is_open`: variables stand in the value, so that shorthands are taken apart later.
    """

    name: str
    value: Value
    important: bool
    is_open: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Declarations in order. `is_relative`: the width of the window decides what they amount to.

    `has_variables`: variables are set or used, which some mail programs do not know.
    """

    declared: tuple[Declared, ...]
    is_relative: bool
    has_variables: bool


def declarations(css: str) -> Block:
    """Give the declarations of a style attribute, in order."""
    return _kept(css) if len(css) <= _LONGEST_KEPT else _read(css)


def _read(css: str) -> Block:
    return from_nodes(tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True))


_kept = lru_cache(maxsize=4096)(_read)


def from_nodes(nodes: Iterable[Node]) -> Block:
    """Give the declarations among parsed nodes; anything else there is passed over."""
    found = tuple(
        declared
        for node in nodes
        if node.type == "declaration"
        for declared in _declared(node.name, meaningful(node.value), important=node.important)
    )
    return Block(
        found,
        any(_is_relative(declared) for declared in found),
        any(d.is_open or d.name.startswith("--") for d in found),
    )


def _is_relative(declared: Declared) -> bool:
    least = _NO_SLIVER if declared.name in _EXTENTS else _NEVER
    return any(
        (node.type == "percentage" and node.value < least)
        or (node.type == "dimension" and node.lower_unit in _VIEWS)
        or node.type == "function"
        for node in declared.value
    )


def meaningful(nodes: Iterable[Node]) -> Value:
    return tuple(node for node in nodes if node.type not in ("whitespace", "comment"))


def _declared(name: str, value: Value, *, important: bool) -> Iterator[Declared]:
    if name.startswith("--"):
        yield Declared(name, value, important)
        return
    name = OTHER_NAMES.get(name.lower(), name.lower())
    if has_variable(value):
        yield Declared(name, value, important, is_open=True)
        return
    for long_name, part in longhands(name, value):
        yield Declared(long_name, part, important)


def longhands(name: str, value: Value) -> Iterator[tuple[str, Value]]:
    """Give what a declaration without variables sets; nothing if it is void."""
    for long_name, part in shorthands.expanded(name, value):
        is_global = word(part) in GLOBAL and long_name in NAMES
        if is_global or is_valid(long_name, part):
            yield long_name, part


def has_variable(nodes: Iterable[Node]) -> bool:
    """Whether var() stands anywhere in a value, or in a function or block of it."""
    return any(
        (node.type == "function" and (node.lower_name == "var" or has_variable(node.arguments)))
        or (node.type in ("() block", "[] block", "{} block") and has_variable(node.content))
        for node in nodes
    )
