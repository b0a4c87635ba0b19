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
    r"%\}|\}\}",
    r"\{#.{0,40}#\}",
    r"\*\|[^|\n]{1,60}\|\*",
    r"%%[\w .:-]{1,60}%%",
    r"%\[?(?:recipient|subscriber|contact|user)[._][\w.]{1,40}\]?%?",
    rf"%(?:{_FIELDS})%",
    rf"\[%?(?:{_FIELDS})(?:\s*[,|][^\]\n]{{0,40}})?%?\]",
    rf"\{{(?<!\{{\{{)(?:{_FIELDS})\}}(?!\}})",
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
# Each begins with a character of its own, so that the search skips to the few that there are.
_UNFILLED = re.compile("|".join(_PLACEHOLDERS), re.IGNORECASE)
_NOBODY = re.compile("|".join(_EMPTY), re.IGNORECASE)
_NOBODY_HINTS = ("none", "null", "undefined", "nan", "nil", "n/a", "dear", " ,", "\t,", "\xa0,")
_NO_VALUE = re.compile(rf"(?<=[=/]){_NOTHING}(?=[/&?#]|$)", re.IGNORECASE)
_CLOSERS = ("%}", "}}")
_CONTEXT = 30


def marks(text: str) -> Iterator[str]:
    """Placeholders that were not filled, and greetings of nobody ("Dear None", "Hi ,")."""
    found = [(match.start(), _shown(match)) for match in _UNFILLED.finditer(text)]
    small = text.lower()
    if any(hint in small for hint in _NOBODY_HINTS):
        found += [(match.start(), match.group()) for match in _NOBODY.finditer(text)]
    return (" ".join(mark.split()) for _, mark in sorted(found))


def _shown(match: re.Match[str]) -> str:
    """Give a mark; one that only closes is shown with what stands before it in its line."""
    if match.group() not in _CLOSERS:
        return match.group()
    before = match.string[max(match.start() - _CONTEXT, 0) : match.start()]
    return before.rpartition("\n")[2] + match.group()


def marks_in_address(address: str) -> Iterator[str]:
    """Placeholders in a link, also where they were percent-encoded, or `None` as a value."""
    spellings = {address, unquote(address)}
    is_marked = any(_UNFILLED.search(text) or _NO_VALUE.search(text) for text in spellings)
    return iter([address] if is_marked else [])


def is_quoted(mark: str, code: str) -> bool:
    """Whether a mark also stands in a code sample, of which this is the plain-text twin."""
    return "".join(mark.split())[:20] in "".join(code.split())
