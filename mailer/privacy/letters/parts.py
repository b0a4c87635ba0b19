"""A letter taken apart, however badly it is made: header fields, words, and what a report tells."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser, HeaderParser

MOST_PARTS = 200
LONGEST_TEXT = 100_000
# Python reads such a field in a time that grows with the square of its length.
LONGEST_FIELD = 4000
CONTENT_FIELD = re.compile(
    rb"^content-[a-z-]+:(?:[^\n]*\n[ \t])*[^\n]*", re.IGNORECASE | re.MULTILINE
)

Fields = Mapping[str, tuple[str, ...]]


class Unreadable(Exception):  # noqa: N818 - errors are named for the situation
    """The letter is too broken, or too cunning, to be taken apart."""


@dataclass(frozen=True)
class Mail:
    """``fields`` by lower-case name. ``plain`` and ``html`` are the letter's own parts.

    ``report_type`` is that of multipart/report (RFC 6522), with the fields of its machine part in
    ``report`` and those of the message that it is about in ``inner``.
    """

    fields: Fields
    plain: str = ""
    html: str = ""
    report_type: str = ""
    report: Fields | None = None
    inner: Fields | None = None

    def field(self, name: str) -> str:
        return first(self.fields, name)


def first(fields: Fields | None, name: str) -> str:
    """Return the first field of this name, empty if there is none."""
    return (fields or {}).get(name, ("",))[0]


def taken_apart(raw: bytes) -> Mail:
    """Read a letter (RFC 5322, MIME); raises Unreadable. Forwarded messages stay closed."""
    if any(len(found[0]) > LONGEST_FIELD for found in CONTENT_FIELD.finditer(raw)):
        raise Unreadable("a field of the header is too long")
    try:
        return read(BytesParser(policy=policy.compat32).parsebytes(raw))
    except Exception as error:
        raise Unreadable(type(error).__name__) from error


def read(message: Message) -> Mail:
    parts = list(opened(message))
    is_report = message.get_content_type() == "multipart/report"
    return Mail(
        fields=fields_of(message),
        plain=joined(one for one in parts if one.get_content_type() == "text/plain"),
        html=joined(one for one in parts if one.get_content_type() == "text/html"),
        report_type=str(message.get_param("report-type") or "").lower() if is_report else "",
        report=report_of(message) if is_report else None,
        inner=inner_of(message) if is_report else None,
    )


def opened(message: Message) -> Iterator[Message]:
    """Yield the parts that a mail program shows as the letter itself."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        one = waiting.pop()
        seen += 1
        if one.get_content_maintype() == "multipart" and one.is_multipart():
            waiting.extend(reversed(children(one)))
        elif one.get_content_maintype() == "text" and not is_attached(one):
            yield one


def children(message: Message) -> list[Message]:
    held = message.get_payload()
    return [one for one in held if isinstance(one, Message)] if isinstance(held, list) else []


def is_attached(part: Message) -> bool:
    return str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def joined(parts: Iterable[Message]) -> str:
    text = "\n".join(map(text_of, parts))[:LONGEST_TEXT]
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def text_of(part: Message) -> str:
    held = part.get_payload(decode=True)
    if not isinstance(held, bytes):
        return ""
    return spelled(held[: LONGEST_TEXT * 4], str(part.get_param("charset") or ""))


def spelled(held: bytes, charset: str) -> str:
    """Return bytes as text that can be shown; of a wrong charset, as what they can be."""
    for name in (charset, "utf-8"):
        try:
            return held.decode(name or "utf-8").encode("utf-8", "replace").decode()
        except (LookupError, ValueError):
            continue
    return held.decode("latin-1")


def fields_of(message: Message) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in message.raw_items():
        key = name.lower()
        found[key] = (*found.get(key, ()), decoded(value))
    return found


def decoded(value: object) -> str:
    """Return a field's value unfolded, with its encoded words (RFC 2047) read."""
    held = str(value)[:LONGEST_TEXT].encode("utf-8", "surrogateescape")
    text = " ".join(spelled(held, "utf-8").replace("\0", "").split())
    try:
        pieces = decode_header(text)
    except ValueError:  # broken base64: what stands there is what there is
        return text
    read = (spelled(one, name or "") if isinstance(one, bytes) else one for one, name in pieces)
    return "".join(read)


def report_of(message: Message) -> dict[str, tuple[str, ...]]:
    """Return the fields of the machine part; of a delivery status those of each recipient, too."""
    for part in children(message):
        kind = part.get_content_type()
        if kind in {"message/delivery-status", "message/feedback-report"}:
            found: dict[str, tuple[str, ...]] = {}
            for block in blocks(part):
                for name, values in fields_of(block).items():
                    found[name] = (*found.get(name, ()), *values)
            return found
    return {}


def blocks(part: Message) -> list[Message]:
    """Return the groups of fields; the parser keeps them as messages of their own, or not."""
    return children(part) or [HeaderParser(policy=policy.compat32).parsestr(text_of(part).strip())]


def inner_of(message: Message) -> dict[str, tuple[str, ...]]:
    """Return the header of the message that a report is about."""
    for part in children(message):
        kind = part.get_content_type()
        if kind == "message/rfc822" and children(part):
            return fields_of(children(part)[0])
        if kind in {"text/rfc822-headers", "message/rfc822-headers", "message/rfc822"}:
            return fields_of(HeaderParser(policy=policy.compat32).parsestr(text_of(part).lstrip()))
    return {}
