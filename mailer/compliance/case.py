"""What a rule is shown: the candidate, its message, and what a reader can see of it."""

from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from mailer.compliance.bounds import Obstacle, Unjudgeable
from mailer.compliance.candidate import Candidate
from mailer.compliance.message import Message, Part
from mailer.compliance.mime.reading import read
from mailer.compliance.visible import page
from mailer.compliance.visible.reading import Surface

_TOO_DEEP = Obstacle(
    "The HTML cannot be judged: its styles hold brackets within brackets without end.",
    "Simplify the style sheet, or start again from a template.",
    "HTML part",
)


@dataclass(frozen=True)
class Case:
    """A candidate together with all that is derived from it, each worked out once.

    `shown` are body parts to judge in place of the message's own; None means these.
    """

    candidate: Candidate
    shown: tuple[Part, ...] | None = None

    @cached_property
    def message(self) -> Message:
        return read(self.candidate.raw)

    @property
    def surfaces(self) -> tuple[Surface, ...]:
        """Every body part, as it is seen in each situation (width, colour scheme).

        AMP parts are not among them: few programs show them, and a rule of its own judges them.
        Raises Unjudgeable, at once if again.
        """
        if isinstance(self._surfaces, Obstacle):
            raise Unjudgeable(self._surfaces)
        return self._surfaces

    @cached_property
    def _surfaces(self) -> tuple[Surface, ...] | Obstacle:
        try:
            if self.shown is not None:
                return tuple(map(page.surface, self.shown))
            self.trees  # noqa: B018  # what is too deep or too long is refused before it is walked
            return tuple(page.surface(part) for part in self.message.parts if part.kind != "amp")
        except Unjudgeable as refusal:
            return refusal.obstacle
        except RecursionError:
            return _TOO_DEEP

    @cached_property
    def trees(self) -> tuple[tuple[Part, etree._Element], ...]:
        """Every HTML and AMP part with its parsed document."""
        marked = (part for part in self.message.parts if part.kind != "text")
        return tuple((part, page.parsed(part.text)) for part in marked)

    @cached_property
    def unsubscribe_url(self) -> str | None:
        """The recipient's link: as given, else the one that the List-Unsubscribe header names."""
        if self.candidate.unsubscribe_url is not None:
            return self.candidate.unsubscribe_url
        listed = [uri for header in self.message.named("List-Unsubscribe") for uri in header.uris()]
        return next((uri for uri in listed if uri.lower().startswith(("https:", "http:"))), None)
