"""Media queries, answered for one situation of a reader with yes, no or "nobody knows"."""

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tinycss2.ast import Node

from mailer.compliance.visible import lengths

DESK_PX = 1000
PHONE_PX = 375
_NARROWEST_PX, _WIDEST_PX = 320, 1920
_ROOT = lengths.Scale(lengths.ROOT_PX, 0.0, 0.0)
_TYPES = {"all": True, "screen": True, "print": False, "speech": False, "tv": False}
_BOUNDS: dict[str, Callable[[float, float], bool]] = {
    "min-width": operator.ge,
    "min-device-width": operator.ge,
    "max-width": operator.le,
    "max-device-width": operator.le,
    "width": operator.eq,
    "device-width": operator.eq,
}
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
_CONNECTIVES = ("and", "or", "not", "only")

Answer = bool | None


@dataclass(frozen=True)
class Situation:
    """`guess` answers the queries that nobody can answer, such as the pixel density."""

    width_px: int
    is_dark: bool
    guess: bool

    @property
    def name(self) -> str:
        scheme = ", dark mode" if self.is_dark else ""
        return f"{self.width_px} px wide{scheme}"


def situations(queries: Iterable[tuple[Node, ...]]) -> tuple[Situation, ...]:
    """Desk, phone, and each side of every width at which the style changes; light and dark."""
    breaks = {int(px) for query in queries for px in _sizes(query) if px < _WIDEST_PX}
    near = {b + step for b in breaks for step in (-1, 0, 1)}
    extra = sorted(w for w in near - {DESK_PX, PHONE_PX} if _NARROWEST_PX <= w <= _WIDEST_PX)
    return tuple(
        Situation(width, is_dark, guess)
        for guess in (False, True)
        for is_dark in (False, True)
        for width in (DESK_PX, PHONE_PX, *extra)
    )


def applies(query: tuple[Node, ...], situation: Situation) -> bool:
    """Whether a list of media queries holds; an empty list always does."""
    answers = [_condition(part, situation) for part in _split(query)]
    if True in answers or not answers:
        return True
    return situation.guess if None in answers else False


def _split(nodes: Iterable[Node]) -> list[list[Node]]:
    """Give the queries between the commas, without white space."""
    parts: list[list[Node]] = [[]]
    for node in nodes:
        if node == ",":
            parts.append([])
        elif node.type not in ("whitespace", "comment"):
            parts[-1].append(node)
    return [part for part in parts if part]


def _condition(nodes: list[Node], situation: Situation) -> Answer:
    """Answer terms joined by `and` or by `or`; `not` before a type denies the whole query."""
    words = [_word(node) for node in nodes]
    if words[:1] == ["not"]:
        return _denied(_condition(nodes[1:], situation))
    answers = [
        _term(n, situation) for n, w in zip(nodes, words, strict=True) if w not in _CONNECTIVES
    ]
    if "not" in words:
        return None
    return _any(answers) if "or" in words else _all(answers)


def _denied(answer: Answer) -> Answer:
    return None if answer is None else not answer


def _all(answers: list[Answer]) -> Answer:
    return False if False in answers else None if None in answers else True


def _any(answers: list[Answer]) -> Answer:
    return True if True in answers else None if None in answers else False


def _word(node: Node) -> str:
    return str(node.lower_value) if node.type == "ident" else ""


def _term(node: Node, situation: Situation) -> Answer:
    if node.type != "() block":
        return _TYPES.get(_word(node))
    inner = [n for n in node.content if n.type not in ("whitespace", "comment")]
    if inner and (inner[0].type == "() block" or _word(inner[0]) == "not"):
        return _condition(inner, situation)
    return _feature(inner, situation)


def _feature(inner: list[Node], situation: Situation) -> Answer:
    names = [n.lower_value for n in inner if n.type == "ident"]
    if names[:1] == ["prefers-color-scheme"]:
        return len(names) == 1 or names[1] == ("dark" if situation.is_dark else "light")
    if names == ["width"] and len(inner) == 1:
        return True
    return _bound(inner, situation) if ":" in inner else _range(inner, situation)


def _bound(inner: list[Node], situation: Situation) -> Answer:
    """Answer (max-width: 480px)."""
    test = _BOUNDS.get(_word(inner[0]))
    size = lengths.px(inner[-1], _ROOT)
    return test(situation.width_px, size) if test and size is not None else None


def _range(inner: list[Node], situation: Situation) -> Answer:
    """Answer (width <= 480px) and (320px < width <= 480px)."""
    terms: list[float] = []
    signs: list[str] = [""]
    for node in inner:
        if node.type == "literal":
            signs[-1] += node.value
        else:
            width = float(situation.width_px) if _is_width(node) else lengths.px(node, _ROOT)
            terms.append(float("nan") if width is None else width)
            signs.append("")
    tests = [_COMPARISONS.get(sign) for sign in signs[1:-1]]
    if not tests or any(term != term for term in terms):  # noqa: PLR0124  # NaN: not a length
        return None
    return all(
        test(one, other)
        for test, one, other in zip(tests, terms, terms[1:], strict=False)
        if test is not None
    )


def _is_width(node: Node) -> bool:
    return _word(node) in ("width", "device-width")


def _sizes(nodes: Iterable[Node]) -> Iterator[float]:
    for node in nodes:
        if node.type == "() block":
            yield from _sizes(node.content)
        elif node.type in ("dimension", "function"):
            size = lengths.px(node, _ROOT)
            if size is not None:
                yield size
