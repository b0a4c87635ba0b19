"""A message parsed once: raw and decoded headers, and the parts that a reader may be shown.

Nothing here raises on strange mail: what cannot be read is kept as it stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as Mime

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_ENCLOSED = re.compile(r"<([^<>]*)>")
_HEAD_END = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_FIELD_END = re.compile(rb"\r?\n(?![ \t])")


@dataclass(frozen=True)
class Header:
    """One header field: `raw` with its folds, `body` unfolded bytes after the colon."""

    name: str
    raw: bytes
    body: bytes

    @property
    def is_folded(self) -> bool:
        return b"\n" in self.raw

    @property
    def value(self) -> str:
        """The body as a reader sees it: encoded words decoded, outer white space gone."""
        return decoded(self.body)

    def uris(self) -> tuple[str, ...]:
        """Give what stands in angle brackets (RFC 2369), white space inside kept."""
        return tuple(_ENCLOSED.findall(characters(self.body, "utf-8")))


@dataclass(frozen=True)
class Part:
    """A body part that a mail program shows: `kind` html, text or amp."""

    kind: str
    label: str
    text: str


@dataclass(frozen=True)
class Message:
    """`strays` are lines among the headers that are no header."""

    raw: bytes
    headers: tuple[Header, ...]
    strays: tuple[bytes, ...]
    parts: tuple[Part, ...]

    def named(self, name: str) -> tuple[Header, ...]:
        """All fields of a name, in order; duplicates are kept."""
        return tuple(h for h in self.headers if h.name.lower() == name.lower())


def read(raw: bytes) -> Message:
    """Parse the bytes of an RFC 5322 message, with CRLF or LF line ends."""
    end = _HEAD_END.search(raw)
    head = raw[: end.start()] if end else raw
    headers: list[Header] = []
    strays: list[bytes] = []
    for field in filter(None, _FIELD_END.split(head)):
        match = _FIELD.fullmatch(field)
        if match is None:
            strays.append(field)
        else:
            name = match.group(1).decode("ascii")
            headers.append(Header(name, field, _FOLD.sub(b"", match.group(2))))
    return Message(raw, tuple(headers), tuple(strays), _parts(raw))


def decoded(body: bytes) -> str:
    """Give a header body with its encoded words decoded; bytes that mean nothing become U+FFFD."""
    text = characters(body, "utf-8").strip()
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(
        piece if isinstance(piece, str) else characters(piece, charset or "utf-8")
        for piece, charset in pieces
    )


def characters(data: bytes, charset: str) -> str:
    """Bytes as text in the charset they claim, or in UTF-8 if there is no such charset."""
    try:
        return data.decode(charset, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


_KINDS = {"text/html": "html", "text/plain": "text", "text/x-amp-html": "amp"}


def _parts(raw: bytes) -> tuple[Part, ...]:
    found = [(_KINDS[leaf.get_content_type()], leaf) for leaf in _leaves(message_from_bytes(raw))]
    parts: list[Part] = []
    for kind, leaf in found:
        total = sum(1 for other, _ in found if other == kind)
        number = sum(1 for part in parts if part.kind == kind) + 1
        name = {"html": "HTML part", "text": "text part", "amp": "AMP part"}[kind]
        label = name if total == 1 else f"{name} {number} of {total}"
        parts.append(Part(kind, label, _text(leaf)))
    return tuple(parts)


def _leaves(root: Mime) -> Iterator[Mime]:
    """Give the parts shown in place: neither attachments nor what is inside an attached message."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting.extend(reversed(_children(part)))
        elif part.get_content_type() in _KINDS and not _is_attachment(part):
            yield part


def _children(part: Mime) -> list[Mime]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Mime)]


def _is_attachment(part: Mime) -> bool:
    return str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def _text(leaf: Mime) -> str:
    payload = leaf.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    return characters(data, leaf.get_content_charset() or "utf-8")
