"""Marks that a template left behind: placeholders, and the words for "nothing" in their place."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from mailer.compliance import phrases

_FIELDS = (
    r"(?:f|l|m|first|last|full|user|sur|nick)?[ _-]?name|e-?mail(?:[ _]address)?|company|greeting|"
    r"salutation|unsubscribe(?:[ _]?(?:url|link))?|address|city|date|subject|phone|title|vorname|"
    r"nachname|anrede|pr[ée]nom|nom|nombre|apellido"
)
_PLACEHOLDERS = (
    r"\{\{.{0,60}",
    r"\{%.{0,60}",
    r".{0,30}(?:%\}|\}\})",
    r"\{#.{0,40}#\}",
    r"\*\|[^|\n]{1,60}\|\*",
    r"%%[\w .:-]{1,60}%%",
    r"%\[?(?:recipient|subscriber|contact|user)[._][\w.]{1,40}\]?%?",
    rf"%(?:{_FIELDS})%",
    rf"\[%?(?:{_FIELDS})(?:\s*[,|][^\]\n]{{0,40}})?%?\]",
    rf"(?<!\{{)\{{(?:{_FIELDS})\}}(?!\}})",
    rf"<<\s*(?:{_FIELDS})\s*>>",
    r"\$\{[\w.]{1,60}\}",
    r"<%=?.{0,60}",
    r"\[object Object\]",
)
_GREETING = "|".join(sorted(phrases.GREETINGS, key=len, reverse=True))
_NOTHING = r"(?:none|null|undefined|nan|nil|n/a)"
# No newline in the space: a run of them would be walked through again from each one.
_LINE_START = r"(?:^|\n)[^\S\n]*"
_EMPTY = (
    rf"\b(?:{_GREETING})\s+{_NOTHING}\b(?!\s+of\b)",
    rf"{_LINE_START}(?:{_GREETING})[ \t\xa0]+,",
    rf"{_LINE_START}dear\s*,",
    rf"{_LINE_START}{_NOTHING}\s*,",
    r"\bundefined\s*,",
)
_MARKS = re.compile("|".join(_PLACEHOLDERS + _EMPTY), re.IGNORECASE)
_ADDRESS_MARKS = re.compile(
    "|".join(_PLACEHOLDERS) + rf"|(?<=[=/]){_NOTHING}(?=[/&?#]|$)", re.IGNORECASE
)


def marks(text: str) -> Iterator[str]:
    """Placeholders that were not filled, and greetings of nobody ("Dear None", "Hi ,")."""
    return (" ".join(match.group().split()) for match in _MARKS.finditer(text))


def marks_in_address(address: str) -> Iterator[str]:
    """Placeholders in a link, also where they were percent-encoded, or `None` as a value."""
    found = _ADDRESS_MARKS.search(address) or _ADDRESS_MARKS.search(unquote(address))
    return iter([address] if found else [])


def is_quoted(mark: str, code: str) -> bool:
    """Whether a mark also stands in a code sample, of which this is the plain-text twin."""
    return "".join(mark.split())[:20] in "".join(code.split())
