"""The template language of campaigns: Liquid, cut down to what cannot hurt."""

import re
from typing import ClassVar, TextIO, cast

from liquid import BoundTemplate, Environment, FalsyStrictUndefined, RenderContext, Token
from liquid.exceptions import LiquidError, OutputStreamLimitError
from liquid.undefined import UNDEFINED

# Without `times`: numbers have no bound, and squaring one in a loop never ends.
FILTERS = frozenset(
    [
        "abs",
        "at_least",
        "at_most",
        "capitalize",
        "ceil",
        "default",
        "divided_by",
        "downcase",
        "escape",
        "first",
        "floor",
        "last",
        "minus",
        "modulo",
        "plus",
        "round",
        "size",
        "strip",
        "truncate",
        "truncatewords",
        "upcase",
    ]
)
TAGS = frozenset(
    [
        "assign",
        "break",
        "case",
        "comment",
        "content",
        "continue",
        "echo",
        "for",
        "if",
        "illegal",
        "output",
        "unless",
    ]
)
LONGEST_MESSAGE = 200
LONGEST_TAG = 500
MOST_TAGS = 500
CLOSING = {"{{": "}}", "{%": "%}"}
OPENING = re.compile(r"\{\{|\{%")
WORD = re.compile(r"\w+")
LOOKED_UP = "what a tag looks up by a value is undefined"
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# Filters let Python's own errors through: {{ "nan" | floor }} is one.
FAILURES = (LiquidError, ArithmeticError, TypeError, ValueError, RecursionError)


class BadTemplate(Exception):  # noqa: N818 - errors are named for the situation
    """A template cannot be read or rendered; the message says why, in the author's words."""


class Missing(FalsyStrictUndefined):
    """A variable that nobody has: it may be asked for and given a default, never printed."""

    force_liquid_default = True

    def __init__(
        self,
        name: str,
        *,
        token: Token | None,
        obj: object = UNDEFINED,
        hint: str | None = None,
    ) -> None:
        super().__init__(name, token=token, obj=obj, hint=hint)
        # A name may be looked up by a reader's own value, which the message must not tell.
        asked = WORD.findall(self.msg.removesuffix(" is undefined"))
        if token is not None and any(word not in token.source for word in asked):
            self.msg = LOOKED_UP

    def __hash__(self) -> int:
        return hash(self.name)


class Language(Environment):
    """Liquid with bounds: a template that loops or grows ends in an error, never in a hang."""

    loop_iteration_limit: ClassVar[int] = 10_000
    output_stream_limit: ClassVar[int] = 500_000
    local_namespace_limit: ClassVar[int] = 100_000
    context_depth_limit: ClassVar[int] = 10

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for name in set(self.filters) - FILTERS:
            del self.filters[name]
        for name in set(self.tags) - TAGS:
            del self.tags[name]


HTML = Language(autoescape=True, undefined=Missing)
TEXT = Language(undefined=Missing)


def spans(source: str) -> list[tuple[int, int]]:
    """Return where each tag begins and ends; raises BadTemplate beyond the bounds.

    In one pass and before anything else reads the text: the language's own reader takes minutes
    over some that are short. A range such as (1..9) counts to any number, so there is none.
    """
    found: list[tuple[int, int]] = []
    while opening := OPENING.search(source, found[-1][1] if found else 0):
        start = opening.start()
        end = source.find(CLOSING[opening[0]], start, start + LONGEST_TAG) + 2
        tag = source[start:end]
        if not tag:
            begun = source[start : start + 20]
            raise BadTemplate(f"The tag that begins {begun!r} is not closed, or too long.")
        if ".." in QUOTED.sub("", tag):
            raise BadTemplate(f"A range cannot be used: {tag}")
        found.append((start, end))
        if len(found) > MOST_TAGS:
            raise BadTemplate(f"There are more than {MOST_TAGS} tags.")
    return found


def parsed(language: Language, source: str) -> BoundTemplate:
    """Return the compiled template; raises BadTemplate."""
    spans(source)
    try:
        return language.from_string(source)
    except LiquidError as error:
        raise BadTemplate(complaint(error)) from error
    except RecursionError as error:
        raise BadTemplate("The template is nested too deeply.") from error


class Basin:
    """Catches what a template writes, piece by piece: each literal as the object that it is."""

    __slots__ = ("pieces", "room")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.room = Language.output_stream_limit

    def write(self, text: str) -> int:
        self.room -= len(text)
        if self.room < 0:
            raise OutputStreamLimitError("output stream limit reached", token=None)
        if text:
            self.pieces.append(text)
        return len(text)


def poured(template: BoundTemplate, variables: dict[str, object]) -> list[str]:
    """Return the rendered text as the literals and values that it is made of, none empty.

    Raises BadTemplate.
    """
    basin = Basin()
    context = RenderContext(template, globals=template.make_globals(variables))
    try:
        template.render_with_context(context, cast("TextIO", basin))
    except FAILURES as error:
        raise BadTemplate(complaint(error)) from error
    return basin.pieces


def filled(template: BoundTemplate, variables: dict[str, object]) -> str:
    """Return the rendered text; raises BadTemplate."""
    return "".join(poured(template, variables))


def complaint(error: Exception) -> str:
    text = (str(error) or type(error).__name__).splitlines()[0][:LONGEST_MESSAGE].rstrip(".")
    return f"The template cannot be used: {text}."
