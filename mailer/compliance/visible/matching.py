"""Which declarations of a style sheet reach each element, within an allowance.

A selector may look through all ancestors or siblings of an element, and again from each of
those, so that no count of selectors and elements tells beforehand what they cost together.
"""

from collections.abc import Iterator
from typing import Any

import cssselect2
from lxml import etree

from mailer.compliance.visible.allowance import Allowance
from mailer.compliance.visible.declared import Block

Matches = dict[etree._Element, list[tuple[int, Block]]]  # noqa: SLF001  # its type
_TEST_STEPS = 3
_WRAPPER_STEPS = 20


class Matcher(cssselect2.Matcher):  # type: ignore[misc]  # without types
    """Selectors with what they declare; every test of an element costs."""

    @staticmethod
    def add_relevant_selectors(element: "Wrapper", selectors: list[Any], found: list[Any]) -> None:
        element.allowance.spend(_TEST_STEPS * len(selectors))
        cssselect2.Matcher.add_relevant_selectors(element, selectors, found)


class Wrapper(cssselect2.ElementWrapper):  # type: ignore[misc]  # without types
    """An element that counts, before a selector looks through its kin, how many those are."""

    def __init__(self, element: etree._Element, parent: "Wrapper | None", **place: Any) -> None:  # noqa: ANN401
        self.allowance: Allowance = parent.allowance if parent else Allowance()
        super().__init__(element, parent, **place)

    @property
    def ancestors(self) -> tuple["Wrapper", ...]:
        found: tuple[Wrapper, ...] = super().ancestors
        self.allowance.spend(len(found))
        return found

    @property
    def previous_siblings(self) -> tuple["Wrapper", ...]:
        self.allowance.spend(self.index)
        found: tuple[Wrapper, ...] = super().previous_siblings
        return found

    @property
    def etree_siblings(self) -> list[etree._Element]:
        self.allowance.spend(len(self._siblings))
        return self._siblings

    @etree_siblings.setter
    def etree_siblings(self, siblings: list[etree._Element]) -> None:
        self._siblings = siblings

    def iter_children(self) -> Iterator["Wrapper"]:
        for child in super().iter_children():
            self.allowance.spend(_WRAPPER_STEPS)
            yield child


def matches(root: etree._Element, matcher: Matcher, allowance: Allowance) -> Matches:
    """Give the declarations that reach each element, from weakest to strongest."""
    top = Wrapper.from_html_root(root)
    top.allowance = allowance
    return {
        wrapper.etree_element: [payload for *_, payload in matcher.match(wrapper)]
        for wrapper in top.iter_subtree()
    }
