"""A look at an HTML document before it is parsed: whether the parser would see all of it, soon."""

from typing import Any

from lxml import etree

from mailer.compliance.bounds import MOST_ATTRIBUTES, MOST_NESTED_TAGS, Obstacle, Unjudgeable


class _Sounding:
    """Follows the tags without building anything from them."""

    def __init__(self) -> None:
        self._level = 0

    def start(self, tag: str | bytes, attrib: dict[str | bytes, str | bytes]) -> None:
        del tag
        self._level += 1
        if self._level > MOST_NESTED_TAGS:
            raise _unjudgeable(f"its tags are nested more than {MOST_NESTED_TAGS} deep")
        if len(attrib) > MOST_ATTRIBUTES:
            raise _unjudgeable(f"one of its tags has more than {MOST_ATTRIBUTES} attributes")

    def end(self, tag: str | bytes) -> None:
        del tag
        self._level -= 1

    def close(self) -> None:
        """Answer the parser, which asks for a result."""


def sound(source: bytes) -> None:
    """Raise Unjudgeable if a document is too deep, or a tag too long, to be parsed in full."""
    target: Any = _Sounding()  # text and comments are not asked for
    parser = etree.HTMLParser(target=target, encoding="utf-8", huge_tree=True)
    etree.fromstring(source, parser)


def _unjudgeable(fault: str) -> Unjudgeable:
    evidence = f"The HTML cannot be judged: {fault}."
    return Unjudgeable(Obstacle(evidence, "Write it anew, or start from a template.", "HTML part"))
