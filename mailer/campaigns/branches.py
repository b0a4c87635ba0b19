"""Made-up readers who lead through the branches of a template, so that each can be judged."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice, product

from liquid import BoundTemplate
from liquid.ast import Node
from liquid.expression import Expression

from mailer.campaigns.rendering import Compiled, Reader

MOST = 256
# The tags that show one reader what another does not see.
CONDITIONS = frozenset({"if", "unless", "case", "for"})
STAND_IN = "Sample"
ABSENT = object()
NAMED = ("name", "first_name", "last_name")


@dataclass(frozen=True)
class Question:
    """A field of the reader that decides what she sees, and answers that may lead elsewhere."""

    field: str
    answers: Sequence[object]


def readers(compiled: Compiled) -> Iterator[Reader]:
    """Return readers whose fields take every value that a condition compares, at most MOST.

    Made of the template's own comparisons, so that each of them could exist: branches that no
    reader can reach together are not mixed.
    """
    templates = (compiled.subject, compiled.html, compiled.text)
    if not any(CONDITIONS & template.analyze().tags.keys() for template in templates):
        return iter(())
    return (reader(answers) for answers in islice(combined(questions(templates)), MOST))


def questions(templates: Iterable[BoundTemplate]) -> list[Question]:
    fields: dict[str, None] = {}
    literals: dict[object, None] = {}
    for template in templates:
        variables = template.analyze().globals.get("subscriber", ())
        fields |= dict.fromkeys(str(one.segments[-1]) for one in variables)
        literals |= dict.fromkeys(compared(template))
    return [Question(field, answers(field, list(literals))) for field in fields]


def compared(template: BoundTemplate) -> Iterator[object]:
    """Return the plain values that stand in a template's tags."""
    for node in nodes(template.nodes):
        for one in chain.from_iterable(map(expressions, node.expressions())):
            value = getattr(one, "value", None)
            if isinstance(value, str | int | float):
                yield value


def nodes(some: Iterable[Node]) -> Iterator[Node]:
    for node in some:
        yield node
        yield from nodes(node.children(None))  # type: ignore[arg-type]  # read by includes only


def expressions(one: Expression) -> Iterator[Expression]:
    yield one
    for inner in one.children():
        yield from expressions(inner)


def answers(field: str, literals: list[object]) -> list[object]:
    if field == "email":
        return ["reader@example.com", *(address(one) for one in literals if isinstance(one, str))]
    if field in NAMED:
        return [ABSENT, STAND_IN, *(one for one in literals if isinstance(one, str))]
    beside = [one + step for one in literals if isinstance(one, int | float) for step in (-1, 1)]
    every = [ABSENT, True, STAND_IN, (STAND_IN,), *literals, *beside]
    return list({(type(one), one): one for one in every}.values())  # 1 and True are two answers


def address(literal: str) -> str:
    """Return an address that holds a text."""
    local, at, domain = literal.rpartition("@")
    return f"{local or 'reader'}@{domain}" if at else f"{literal or 'reader'}@example.com"


def combined(some: list[Question]) -> Iterator[dict[str, object]]:
    """Return answers to all questions: every answer, then every pair, beside nothing and all."""
    bases = [{one.field: one.answers[place] for one in some} for place in (0, -1)]
    yield from bases
    for number, base in product((1, 2), bases):
        for chosen in combinations(some, number):
            for given in product(*(one.answers for one in chosen)):
                yield base | dict(zip((one.field for one in chosen), given, strict=True))


def reader(given: dict[str, object]) -> Reader:
    known = {field: answer for field, answer in given.items() if answer is not ABSENT}
    email = str(known.pop("email", "reader@example.com"))
    name = str(known.pop("name", ""))
    first, last = (str(known.pop(part, "")) for part in ("first_name", "last_name"))
    return Reader(email, name or f"{first} {last}".strip(), known)
