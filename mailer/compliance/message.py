"""A message as rules read it: its headers, raw and decoded, and the parts that readers are shown.

A strange header raises nothing, it is kept as it stands; but what mail programs read in different
ways raises Unjudgeable where it is asked for.
"""

import re
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mailer.compliance import charsets
from mailer.compliance.bounds import MOST_FIELDS, Obstacle, Unjudgeable

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_ENCLOSED = re.compile(r"<([^<>]*)>")
# A folded line of nothing but blanks ends the headers for some programs (RFC 5322 s3.2.2).
_BLANK_FOLD = re.compile(rb"\n[ \t]+\r?(?:\n|\Z)")
_HEAD_END = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_FIELD_END = re.compile(rb"\r?\n(?![ \t])")
_ENCODED_WORD = re.compile(
    r"=\?([^?\s]{1,80})\?([bq])\?((?:[^?]|\?(?!=)){0,999})\?=", re.IGNORECASE
)
_ENCODED_START = re.compile(r"=\?[^?\s]{1,80}\?[bq]\?", re.IGNORECASE)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_QUOTED = re.compile(r"(?:[^=]|=[0-9A-Fa-f]{2})*+")


@dataclass(frozen=True)
class Header:
    """One header field: `raw` with its folds, `body` unfolded bytes after the colon."""

    name: str
    raw: bytes
    body: bytes

    @property
    def is_folded(self) -> bool:
        return b"\n" in self.raw

    @cached_property
    def value(self) -> str:
        """The body as a reader sees it: encoded words decoded, outer white space gone."""
        return decoded(self.body)

    def uris(self) -> tuple[str, ...]:
        """Give what stands in angle brackets (RFC 2369), white space inside kept."""
        return tuple(_ENCLOSED.findall(characters(self.body, "utf-8")))


@dataclass(frozen=True)
class Head:
    """The headers of a message or of a part of it, and where its body starts.

    `strays` are lines among the headers that are no header. `is_cut`: there are more headers than
    are judged, and the body is not to be found.
    """

    headers: tuple[Header, ...]
    strays: tuple[bytes, ...]
    body_start: int
    is_cut: bool = False

    def named(self, name: str) -> tuple[Header, ...]:
        wanted = name.lower()
        return tuple(h for h in self.headers if h.name.lower() == wanted)


@dataclass(frozen=True)
class Part:
    """A body part that a mail program shows: `kind` html, text or amp."""

    kind: str
    label: str
    text: str


@dataclass(frozen=True)
class Message:
    """A message of RFC 5322, read. `obstacle` is what keeps its body from being judged."""

    raw: bytes
    head: Head
    shown: tuple[Part, ...]
    obstacle: Obstacle | None = None

    @property
    def headers(self) -> tuple[Header, ...]:
        """All fields, in order. Raises Unjudgeable if there are too many."""
        return self._whole_head().headers

    @property
    def strays(self) -> tuple[bytes, ...]:
        return self.head.strays

    @property
    def parts(self) -> tuple[Part, ...]:
        """What readers are shown in place, in order. Raises Unjudgeable if nobody can tell."""
        if self.obstacle:
            raise Unjudgeable(self.obstacle)
        return self.shown

    def named(self, name: str) -> tuple[Header, ...]:
        """All fields of a name, in order; duplicates are kept. Raises as `headers` does."""
        return self._whole_head().named(name)

    def _whole_head(self) -> Head:
        if self.head.is_cut and self.obstacle:
            raise Unjudgeable(self.obstacle)
        return self.head


def head(raw: bytes, start: int, end: int, most_bytes: int) -> Head:
    """Read the headers of what lies between two places, with CRLF or LF line ends."""
    window = raw[start : min(end, start + most_bytes)]
    blank = _HEAD_END.search(window)
    lines = window[: blank.start()] if blank else window
    fields = list(filter(None, _FIELD_END.split(lines, MOST_FIELDS)))
    headers: list[Header] = []
    strays: list[bytes] = []
    for field in fields:
        match = None if _BLANK_FOLD.search(field) else _FIELD.fullmatch(field)
        if match is None:
            strays.append(field)
        else:
            name = match.group(1).decode("ascii")
            headers.append(Header(name, field, _FOLD.sub(b"", match.group(2))))
    is_cut = len(fields) > MOST_FIELDS or (blank is None and end - start > most_bytes)
    body_start = start + (blank.end() if blank else len(window))
    return Head(tuple(headers), tuple(strays), body_start, is_cut)


def decoded(body: bytes) -> str:
    """Give a header body with its encoded words (RFC 2047) decoded.

    Bytes beyond ASCII are read as UTF-8; those that mean nothing in it become U+FFFD. Raises
    Unjudgeable when an encoded word is broken, or in a charset that not every program knows.
    """
    text = characters(body, "utf-8").strip()
    return "".join(_word(charset, data, text) for charset, data in _pieces(text))


def _word(charset: str, data: bytes, text: str) -> str:
    said = charsets.decoded(data, charset)
    if said is None:
        raise _unreadable(text)
    return said


def _pieces(text: str) -> Iterator[tuple[str, bytes]]:
    """Give charset and bytes of each run; a letter may begin in one word and end in the next."""
    charset, held, end = "utf-8", b"", 0
    for match in _ENCODED_WORD.finditer(text):
        between = text[end : match.start()]
        if between.strip() or not end:
            yield charset, held
            yield "utf-8", _plain(between)
            held = b""
        named = match.group(1).partition("*")[0].lower()
        if named != charset:
            yield charset, held
            held = b""
        charset, end = named, match.end()
        held += _data(match.group(2), match.group(3), text)
    yield charset, held
    yield "utf-8", _plain(text[end:])


def _plain(text: str) -> bytes:
    if _ENCODED_START.search(text):
        raise _unreadable(text)
    return text.encode("utf-8", "replace")


def _data(encoding: str, encoded: str, text: str) -> bytes:
    is_base64 = encoding in "bB"
    if not encoded.isascii() or not (_BASE64 if is_base64 else _QUOTED).fullmatch(encoded):
        raise _unreadable(text)
    return a2b_base64(encoded) if is_base64 else a2b_qp(encoded, header=True)


def _unreadable(text: str) -> Unjudgeable:
    return Unjudgeable(
        Obstacle(
            f"A header holds an encoded word that mail programs read in different ways: {text}",
            "Encode it by RFC 2047 in UTF-8, whole and without a mistake.",
            "headers",
        )
    )


def characters(data: bytes, charset: str) -> str:
    """Bytes as text; those that mean nothing in the charset become U+FFFD."""
    return data.decode(charset, "replace")
