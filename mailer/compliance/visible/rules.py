"""The rules of style sheets, nested ones and those inside of conditions and layers laid flat."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_to_bytes

import tinycss2
from tinycss2.ast import Node

from mailer.compliance.visible import selectors
from mailer.compliance.visible.allowance import Allowance, TooComplex
from mailer.compliance.visible.declared import Block, from_nodes, meaningful
from mailer.compliance.visible.properties import Value

Query = tuple[Node, ...]
Condition = tuple[Query, ...]
Sources = tuple[tuple[str, str], ...]
Frames = dict[str, tuple[Block, ...]]
Layer = tuple[float, ...]

# Stands for a condition that nobody can answer.
UNKNOWN: Query = tuple(tinycss2.parse_component_value_list("(unknown)"))
_OUTSIDE: Layer = (float("inf"),)
_UNANSWERABLE = frozenset({"supports", "container", "scope", "starting-style", "when", "else"})
_DEEPEST = 12
_SMALL = 0.6
# They serve fonts and nothing else.
_FONT_HOSTS = frozenset(
    """fonts.googleapis.com use.typekit.net p.typekit.net fonts.bunny.net use.fontawesome.com
    fast.fonts.net cloud.typography.com api.fontshare.com rsms.me""".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Rule:
    """What is declared for the elements that `prelude` selects, if its condition holds."""

    prelude: str
    condition: Condition
    block: Block
    layer: Layer


@dataclass
class Book:
    """All that some style sheets say."""

    allowance: Allowance
    rules: list[Rule] = field(default_factory=list)
    frames: Frames = field(default_factory=dict)
    small_fonts: set[str] = field(default_factory=set)
    variables: dict[str, Value] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    layers: dict[tuple[str, ...], Layer] = field(default_factory=dict)

    @property
    def is_layered(self) -> bool:
        return bool(self.layers)


@dataclass(frozen=True)
class _Within:
    """Where a rule stands: its conditions, the layer, and the selectors that it is nested in."""

    condition: Condition = ()
    layer: tuple[str, ...] = ()
    prelude: str = ""
    depth: int = 0

    def deeper(
        self, *queries: Query, layer: tuple[str, ...] | None = None, prelude: str | None = None
    ) -> "_Within":
        if self.depth >= _DEEPEST:
            raise TooComplex
        return _Within(
            (*self.condition, *queries),
            self.layer if layer is None else layer,
            self.prelude if prelude is None else prelude,
            self.depth + 1,
        )


def read(sources: Sources, allowance: Allowance) -> Book:
    """Read style sheets, each given as its text and its `media` attribute. Raises TooComplex."""
    book = Book(allowance)
    for css, media in sources:
        query = tuple(tinycss2.parse_component_value_list(media))
        _sheet(book, css, _Within((query,) if query else ()))
    return book


def address(url: str, book: Book, within: _Within) -> None:
    """Read a sheet that its own address holds; note one that lies elsewhere."""
    lower = url.strip().lower()
    if lower.startswith("data:"):
        _sheet(book, _data(url.strip()), within.deeper())
    elif lower.startswith(("http:", "https:", "//")):
        host = lower.split("//", 1)[-1].split("/", 1)[0]
        if host not in _FONT_HOSTS:
            book.elsewhere.append(url)


def _sheet(book: Book, css: str, within: _Within) -> None:
    nodes = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    _all(book, nodes, within)


def _data(url: str) -> str:
    """Give the text of a data: address (RFC 2397)."""
    head, _, body = url.partition(",")
    if not head.lower().replace(" ", "").endswith(";base64"):
        return unquote(body)
    try:
        return base64.b64decode(unquote_to_bytes(body), validate=False).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _all(book: Book, nodes: Iterable[Node], within: _Within) -> None:
    for node in nodes:
        if node.type == "qualified-rule":
            _style(book, node, within)
        elif node.type == "at-rule":
            _at_rule(book, node, within)


def _style(book: Book, node: Node, within: _Within) -> None:
    prelude = selectors.pay(node.prelude, book.allowance)
    inner = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    if within.prelude:
        prelude = _nested(prelude, within.prelude)
        within = within.deeper(UNKNOWN)
    _add(book, prelude, inner, within)
    _all(book, (n for n in inner if n.type != "declaration"), within.deeper(prelude=prelude))


def _add(book: Book, prelude: str, nodes: Iterable[Node], within: _Within) -> None:
    block = from_nodes(nodes)
    if block.declared and prelude:
        book.rules.append(Rule(prelude, within.condition, block, _rank(book, within.layer)))


def _nested(prelude: str, around: str) -> str:
    """Give a nested selector as one that stands alone (CSS Nesting)."""
    parent = f":is({around})"
    nodes = tinycss2.parse_component_value_list(prelude, skip_comments=True)
    parts: list[list[Node]] = [[]]
    for node in nodes:
        parts[-1].append(node) if node != "," else parts.append([])
    made = []
    for part in parts:
        text = tinycss2.serialize(part).strip()
        is_related = any(node == "&" for node in part) or "&" in text
        made.append(text.replace("&", parent) if is_related else f"{parent} {text}")
    if sum(map(len, made)) > selectors.LONGEST * len(made):
        raise TooComplex
    return ",".join(made)


def _at_rule(book: Book, node: Node, within: _Within) -> None:
    name = node.lower_at_keyword
    if name == "media":
        _inside(book, node, within.deeper(tuple(node.prelude)))
    elif name in _UNANSWERABLE:
        _inside(book, node, within.deeper(UNKNOWN))
    elif name == "layer":
        _layer(book, node, within)
    elif name == "import":
        _import(book, node, within)
    elif name in ("keyframes", "-webkit-keyframes"):
        _keyframes(book, node)
    elif name in ("font-face", "property"):
        _descriptors(book, node)


def _inside(book: Book, node: Node, within: _Within) -> None:
    """Read what a condition holds: rules, and declarations where it is nested in a rule."""
    if node.content is None:
        return
    inner = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    if within.prelude:
        _add(book, within.prelude, inner, within)
        _all(book, (n for n in inner if n.type != "declaration"), within)
    else:
        rules = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
        _all(book, rules, within)


def _layer(book: Book, node: Node, within: _Within) -> None:
    names = tinycss2.serialize(node.prelude).split(",")
    if node.content is None:
        for name in names:
            _rank(book, (*within.layer, *name.strip().split(".")))
        return
    name = names[0].strip() or f" {len(book.layers)}"
    layer = (*within.layer, *name.split("."))
    _rank(book, layer)
    _inside(book, node, within.deeper(UNKNOWN, layer=layer))


def _rank(book: Book, layer: tuple[str, ...]) -> Layer:
    """Give the place of a layer among all: later ones are stronger, what is in none strongest."""
    rank: Layer = ()
    for size in range(1, len(layer) + 1):
        path = layer[:size]
        siblings = sum(len(known) == size and known[:-1] == path[:-1] for known in book.layers)
        rank = book.layers.setdefault(path, (*rank, float(siblings)))
    book.allowance.spend(len(layer) * len(book.layers))
    return (*rank, *_OUTSIDE)


def _import(book: Book, node: Node, within: _Within) -> None:
    parts = meaningful(node.prelude)
    if not parts:
        return
    first, rest = parts[0], parts[1:]
    url = first.value if first.type in ("url", "string") else _argument(first)
    is_plain = not any(n.type == "function" or n == "layer" for n in rest)
    query = tuple(rest) if is_plain else UNKNOWN
    address(url, book, within.deeper(query) if query else within)


def _argument(node: Node) -> str:
    """Give the address in url("…"), where it is a function."""
    inner = [n.value for n in getattr(node, "arguments", ()) if n.type == "string"]
    return str(inner[0]) if inner else ""


def _keyframes(book: Book, node: Node) -> None:
    """Keep the first frame and then the last, which holds when the animation is over."""
    names = meaningful(node.prelude)
    if node.content is None or not names:
        return
    rules = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
    styled = sorted((r for r in rules if r.type == "qualified-rule"), key=_share)
    frames = [from_nodes(_inner(rule)) for rule in styled]
    if frames:
        book.frames[str(names[0].value)] = (frames[0], frames[-1])


def _share(rule: Node) -> float:
    """Give the moment of a keyframe in percent."""
    first = meaningful(rule.prelude)[0] if meaningful(rule.prelude) else None
    if first is not None and first.type == "percentage":
        return float(first.value)
    return 100.0 if first is not None and getattr(first, "lower_value", "") == "to" else 0.0


def _inner(rule: Node) -> list[Node]:
    found: list[Node] = tinycss2.parse_blocks_contents(rule.content, skip_comments=True)
    return found


def _descriptors(book: Book, node: Node) -> None:
    if node.content is None:
        return
    stated = {n.lower_name: meaningful(n.value) for n in _inner(node) if n.type == "declaration"}
    names = [n.value for n in meaningful(node.prelude) if n.type == "ident"]
    if names and "initial-value" in stated:
        book.variables[str(names[0])] = stated["initial-value"]
    sizes = [n.value for n in stated.get("size-adjust", ()) if n.type == "percentage"]
    if sizes and sizes[0] / 100 < _SMALL:
        family = " ".join(str(n.value) for n in stated.get("font-family", ()))
        book.small_fonts.add(family.strip().lower())
