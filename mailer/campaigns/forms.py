"""A template ready to be filled for any number of readers: compiled, or else rendered."""

from collections.abc import Iterable, Iterator

from liquid import BoundTemplate
from liquid.ast import Node
from liquid.builtin.content import ContentNode

from mailer.campaigns import shapes, slots, templating
from mailer.campaigns.imprint import Imprint
from mailer.campaigns.shapes import Filled, Piece, Shape
from mailer.campaigns.slots import Blank, Odd, Person, Slot

MOST_SHAPES = 1000
STAND_IN = "x"


class Form:
    """One template of a campaign.

    A template that holds nothing but plain tags is filled without the template language; any
    other, and any reader whose value is not a short plain text, goes through it. Both ways lead
    to the same pieces.
    """

    def __init__(self, template: BoundTemplate, imprint: Imprint, *, is_tidy: bool = False) -> None:
        """Read a template; ``is_tidy`` strips its text and squeezes its blank lines."""
        self.template = template
        self.imprint = imprint
        self.is_tidy = is_tidy
        if is_tidy:
            for node in contents(template.nodes):
                node.text = shapes.squeezed(node.text)
        self.literals = {node.text for node in contents(template.nodes)}
        self.literals |= {imprint.before, imprint.after, *map(imprint.printed, imprint.fixed)}
        self.known: dict[tuple[str | None, ...], Shape] = {}
        items = self.items()
        self.is_flat = items is not None
        self.slots = self.compiled(items or [])
        # What the author says where a reader has nothing stands as a value, and is none of hers.
        self.spoken = frozenset(
            item.default for item in items or [] if isinstance(item, Blank) and item.default
        )
        self.shape = self.shape_of(one if isinstance(one, str) else None for one in items or [])

    def filled(self, reader: Person, url: str) -> Filled:
        """Return the template as it is for one reader with her link; raises BadTemplate."""
        if self.is_flat:
            try:
                return Filled(self.shape, [slot(reader, url) for slot in self.slots])
            except Odd:
                pass
        return self.rendered(reader, url)

    def rendered(self, reader: Person, url: str) -> Filled:
        """Do what ``filled`` does by the template language alone."""
        variables = {**self.imprint.variables(url), "subscriber": reader.variables()}
        pieces = self.sorted(templating.poured(self.template, variables), url)
        whole = shapes.tidied(pieces) if self.is_tidy else list(pieces)
        shape = self.shape_of(text if is_literal else None for text, is_literal in whole)
        return Filled(shape, [text for text, is_literal in whole if not is_literal])

    def sorted(self, pieces: Iterable[str], url: str) -> Iterator[Piece]:
        """Tell literals from values; the footer is taken apart, the link in it is a value."""
        footer, literals = self.imprint.footer(url), self.literals
        for piece in pieces:
            if piece in literals:
                yield piece, True
            elif piece == footer:
                yield self.imprint.before, True
                yield (
                    footer[len(self.imprint.before) : len(footer) - len(self.imprint.after)],
                    False,
                )
                if self.imprint.after:
                    yield self.imprint.after, True
            else:
                yield shapes.LINE_END.sub("\n", piece), False

    def items(self) -> list[str | Blank] | None:
        """Return literals and blanks, None when the template holds more, or is too long."""
        items = slots.flat(self.template.nodes, self.imprint)
        if items is None:
            return None
        if self.is_tidy:
            blanks = (item for item in items if isinstance(item, Blank))
            pieces = [
                (shapes.squeezed(one), True) if isinstance(one, str) else (STAND_IN, False)
                for one in items
            ]
            items = [
                text if is_literal else next(blanks) for text, is_literal in shapes.tidied(pieces)
            ]
        most = sum(len(one) if isinstance(one, str) else slots.LONGEST_VALUE for one in items)
        return items if most <= templating.Language.output_stream_limit else None

    def compiled(self, items: list[str | Blank]) -> list[Slot]:
        """Return what fills each blank."""
        around = ["", *(one if isinstance(one, str) else "" for one in items), ""]
        return [
            slots.slot(
                item,
                is_html=self.imprint.is_html,
                is_strict=self.is_tidy and not is_apart(around[place], around[place + 2]),
            )
            for place, item in enumerate(items)
            if isinstance(item, Blank)
        ]

    def shape_of(self, pieces: Iterable[str | None]) -> Shape:
        """Return the one shape of these pieces; those that are not met again are let go."""
        key = tuple(pieces)
        shape = self.known.get(key)
        if shape is None:
            if len(self.known) >= MOST_SHAPES:
                self.known.clear()
            shape = self.known[key] = Shape(key)
        return shape


def is_apart(before: str, after: str) -> bool:
    """Tell whether a text may lack what stands between two literals, and still be tidy."""
    ended = len(before) - len(before.rstrip("\n"))
    is_seen = bool(before.strip()) and bool(after.strip())
    return is_seen and ended + shapes.leading(after) <= shapes.MOST_LINE_ENDS


def contents(nodes: Iterable[Node]) -> Iterator[ContentNode]:
    """Return the literals of a template, however deep they stand."""
    for node in nodes:
        if isinstance(node, ContentNode):
            yield node
        yield from contents(node.children(None))  # type: ignore[arg-type]  # read by includes only
