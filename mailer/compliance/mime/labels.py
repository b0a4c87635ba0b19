"""Content-Type and its like, taken apart as far as all mail programs agree (RFC 2045 s5.1)."""

import re
from dataclasses import dataclass

_COMMENT = re.compile(r"\((?:[^()\\]|\\.){0,200}\)")
_PIECE = re.compile(r'"((?:[^"\\]|\\.)*+)("?)|(;)|([^";]+)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Label:
    """A field such as `text/html; charset=utf-8`, in lower case but for the parameters' values.

    `doubtful` are parameters that are given twice, in pieces (RFC 2231) or without a closing
    quote, so that mail programs take them for different things.
    """

    word: str
    parameters: dict[str, str]
    doubtful: frozenset[str]


def label(text: str) -> Label:
    """Take a field body apart. Nothing is an error; what is no `name=value` is passed over."""
    segments = _segments(text)
    parameters: dict[str, str] = {}
    doubtful: set[str] = set()
    for segment, is_open in segments[1:]:
        spelt, _, value = segment.partition("=")
        name, star, _ = spelt.strip().lower().partition("*")
        if star or is_open or parameters.setdefault(name, value.strip()) != value.strip():
            doubtful.add(name)
    word, is_open = segments[0]
    return Label(word.strip().lower() + '"' * is_open, parameters, frozenset(doubtful))


def _segments(text: str) -> list[tuple[str, bool]]:
    """Give what stands between semicolons, unquoted, and whether a quote was left open in it."""
    found = [("", False)]
    for quoted, closer, end, plain in _PIECE.findall(text):
        said, is_open = found[-1]
        if end:
            found.append(("", False))
        elif plain:
            found[-1] = (said + _COMMENT.sub(" ", plain), is_open)
        else:
            found[-1] = (said + _ESCAPE.sub(r"\1", quoted), is_open or not closer)
    return found
