"""What a template's plain tags print, as functions that need no template engine."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import markupsafe
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import (
    FilteredExpression,
    Path,
    PositionalArgument,
    StringLiteral,
)
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.output import OutputNode

from mailer.campaigns.imprint import Imprint
from mailer.campaigns.shapes import LINE_END

LONGEST_VALUE = 1000
LONGEST_ESCAPED = LONGEST_VALUE // 5  # what takes the place of a sign has at most five
SAFE_IN_HTML = re.compile(rf"[^&<>\"'\r]{{1,{LONGEST_VALUE}}}")
SAFE_IN_TEXT = re.compile(rf"[^\r\n]{{1,{LONGEST_VALUE}}}")
# Where white space could be stripped, or an empty value bring line ends together.
SAFE_IN_ITSELF = re.compile(rf"(?!\s)[^\r\n]{{1,{LONGEST_VALUE}}}(?<!\s)")
# What the language reads as a question about a thing, not as a name in it.
ASKED = frozenset({"size", "first", "last"})


class Person(Protocol):
    """A reader, as templates ask for her."""

    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def attributes(self) -> Mapping[str, object]: ...
    def variables(self) -> dict[str, object]: ...


class Odd(Exception):  # noqa: N818 - errors are named for the situation
    """A value is not a plain short text: the template language itself must print it."""


Lookup = Callable[[Person, str], object]
# A reader's value as it is printed, given her and her own link; raises Odd.
Slot = Callable[[Person, str], str]


@dataclass(frozen=True)
class Blank:
    """A plain tag: what it asks for, and what it prints when that is empty or missing."""

    lookup: Lookup
    default: str | None = None


def own_link(_: Person, url: str) -> str:
    return url


LINK = Blank(own_link)
FIELDS: dict[str, Lookup] = {
    "email": lambda reader, _: reader.email,
    "name": lambda reader, _: reader.name,
    "first_name": lambda reader, _: reader.name.strip().partition(" ")[0],
    "last_name": lambda reader, _: reader.name.strip().partition(" ")[2].strip(),
}


def flat(nodes: Iterable[Node], imprint: Imprint) -> list[str | Blank] | None:
    """Return a template as literals and blanks; None when it holds more than those."""
    found: list[str | Blank] = []
    for node in nodes:
        items = of_node(node, imprint)
        if items is None:
            return None
        found += [item for item in items if item != ""]
    return found


def of_node(node: Node, imprint: Imprint) -> list[str | Blank] | None:
    if isinstance(node, ContentNode):
        return [node.text]
    if isinstance(node, OutputNode) and isinstance(node.expression, FilteredExpression):
        return of_expression(node.expression, imprint)
    return None


def of_expression(expression: FilteredExpression, imprint: Imprint) -> list[str | Blank] | None:
    left, filters = expression.left, expression.filters or []
    if isinstance(left, StringLiteral) and not filters:
        # Never escaped: the author wrote it.
        return [LINE_END.sub("\n", left.value)]
    if not isinstance(left, Path):
        return None
    return of_reader(left, filters) if filters else of_path(left, imprint)


def of_path(path: Path, imprint: Imprint) -> list[str | Blank] | None:
    match path.path:
        case ["legal_footer"]:
            return [imprint.before, LINK, imprint.after]
        case [str() as name] if name in {"unsubscribe_url", "renewal_url"}:
            return of_link(name, imprint)
        case [str() as name] if name in imprint.fixed:
            return [imprint.printed(name)]
    return of_reader(path, [])


def of_link(name: str, imprint: Imprint) -> list[str | Blank] | None:
    """Return a link of the reader's own; None where the campaign has none of this name."""
    if name == "unsubscribe_url":
        return [LINK]
    renewal = imprint.renewal
    return [Blank(lambda _, url: renewal(url))] if renewal else None


def of_reader(path: Path, filters: list[Filter]) -> list[str | Blank] | None:
    lookup, default = lookup_of(path), stated_default(filters) if filters else None
    if lookup is None or (filters and default is None):
        return None
    return [Blank(lookup, default)]


def lookup_of(path: Path) -> Lookup | None:
    match path.path:
        case ["subscriber", "attributes", str() as name] if name not in ASKED:
            return lambda reader, _: reader.attributes.get(name)
        case ["subscriber", str() as name]:
            return FIELDS.get(name)
        case _:
            return None


def stated_default(filters: list[Filter]) -> str | None:
    """Return the text that `default` gives; None if that is not all that the filters do."""
    match filters:
        case [Filter(name="default", args=[PositionalArgument(value=StringLiteral(value=text))])]:
            return text if SAFE_IN_ITSELF.fullmatch(text) else None
        case _:
            return None


def slot(blank: Blank, *, is_html: bool, is_strict: bool) -> Slot:
    """Return what fills a blank; with ``is_strict`` a value must be visible at both its ends.

    Her own link is made here, and needs no look.
    """
    lookup, default = blank.lookup, blank.default
    if blank is LINK:
        return own_link
    safe = SAFE_IN_HTML if is_html else SAFE_IN_ITSELF if is_strict else SAFE_IN_TEXT
    is_safe = safe.fullmatch

    def printed(reader: Person, url: str) -> str:
        value = lookup(reader, url)
        if type(value) is str and is_safe(value):
            return value
        if default is not None and (value is None or value == ""):
            return default
        if is_strict or type(value) is not str or len(value) > LONGEST_ESCAPED:
            raise Odd
        if is_html:
            return str(markupsafe.escape(LINE_END.sub("\n", value)))
        if value:
            raise Odd
        return ""

    return printed
