"""Which declaration of each property wins, and what variables in it stand for."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from tinycss2.ast import FunctionBlock, Node

from mailer.compliance.visible import shorthands
from mailer.compliance.visible.allowance import TooComplex
from mailer.compliance.visible.declared import Block, Declared, longhands, meaningful
from mailer.compliance.visible.properties import GLOBAL, INHERITED, NAMES, Value, word

Style = dict[str, Value]
Variables = Mapping[str, Value]
Known = Callable[[str], Value | None]

NO_VARIABLES: Variables = {}
_LONGEST = 500
_MOST = 300


@lru_cache(maxsize=4096)
def plain_style(blocks: tuple[Block, ...], hint_count: int) -> Style:
    """Merge blocks, given from weakest to strongest; the first so many are hints of the markup."""
    return _merged(_ordered(blocks), blocks[:hint_count])


def style(
    blocks: tuple[Block, ...], hint_count: int, around: Variables, *, knows_variables: bool
) -> tuple[Style, Variables]:
    """Merge blocks in which variables may stand; give the variables that hold inside, too.

    Raises TooComplex when those grow beyond measure.
    """
    found = _ordered(blocks)
    if not knows_variables:
        plain = [d for d in found if not d.is_open and d.name in NAMES]
        return _merged(plain, blocks[:hint_count]), NO_VARIABLES
    variables = _variables([d for d in found if d.name.startswith("--")], around)
    filled = [closed for d in found for closed in _closed(d, variables)]
    return _merged(filled, blocks[:hint_count]), variables


def _ordered(blocks: Iterable[Block]) -> list[Declared]:
    return sorted((d for block in blocks for d in block.declared), key=lambda d: d.important)


def _merged(found: Iterable[Declared], hints: tuple[Block, ...]) -> Style:
    merged: Style = {}
    for declared in found:
        stated = word(declared.value)
        if stated not in GLOBAL:
            merged[declared.name] = declared.value
            continue
        merged.pop(declared.name, None)
        if stated == "initial" and declared.name in INHERITED:
            merged[declared.name] = declared.value
        if stated.startswith("revert"):
            own = {d.name: d.value for block in hints for d in block.declared}
            merged |= {n: value for n, value in own.items() if n == declared.name}
    return merged


def _variables(found: list[Declared], around: Variables) -> Variables:
    if not found:
        return around
    stated = {d.name: d.value for d in found}
    done: dict[str, Value | None] = {}

    def known(name: str) -> Value | None:
        """Give what a variable stands for; None if it is not set, or stands for itself."""
        if name not in stated or word(stated[name]) in ("inherit", "unset", "revert"):
            return around.get(name)
        if name not in done:
            done[name] = None
            is_set = word(stated[name]) != "initial" and len(done) <= _MOST
            done[name] = _filled(stated[name], known) if is_set else None
        return done[name]

    values = {name: known(name) for name in {**around, **stated}}
    return {name: value for name, value in values.items() if value is not None}


def _closed(declared: Declared, variables: Variables) -> Iterable[Declared]:
    """Fill in variables. A value that then means nothing counts as `unset`."""
    if not declared.is_open:
        return (declared,) if declared.name in NAMES else ()
    value = _filled(declared.value, variables.get)
    found = {} if value is None else dict(longhands(declared.name, value))
    return [
        Declared(name, found.get(name, shorthands.UNSET), declared.important)
        for name in shorthands.names(declared.name) & NAMES
    ]


def _filled(value: Value, known: Known) -> Value | None:
    filled: list[Node] = []
    for node in value:
        part = _filled_node(node, known)
        if part is None:
            return None
        filled += part
        if len(filled) > _LONGEST:
            raise TooComplex
    return tuple(filled)


def _filled_node(node: Node, known: Known) -> Value | None:
    if node.type != "function":
        return (node,)
    arguments = meaningful(node.arguments)
    if node.lower_name == "var":
        return _meant(arguments, known)
    inner = _filled(arguments, known)
    place = (node.source_line, node.source_column)
    return None if inner is None else (FunctionBlock(*place, node.name, inner),)


def _meant(arguments: Value, known: Known) -> Value | None:
    """Give what var() stands for, or what it falls back on."""
    name = arguments[0].value if arguments and arguments[0].type == "ident" else ""
    found = known(name)
    if found is None and len(arguments) > 1 and arguments[1] == ",":
        return _filled(arguments[2:], known)
    return found
