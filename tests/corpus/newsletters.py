"""The newsletters among the hard ham: chosen by what they say, read as their authors wrote them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message as Mime
from functools import cache

from tests.corpus import archive

LINK = re.compile(r"https?://", re.IGNORECASE)
# What a newsletter says of itself at its end, and a person who writes to another does not.
OF_A_LIST = re.compile(r"unsubscrib|un-subscrib|subscri|opt[ -]?out|remove", re.IGNORECASE)


@dataclass(frozen=True)
class Newsletter:
    """One mail of the corpus: its number there, its subject and its two bodies, "" if missing."""

    number: str
    subject: str
    html: str
    text: str


@cache
def newsletters() -> tuple[Newsletter, ...]:
    """Return the mails that link to the web and speak of subscribing or being removed: 226."""
    mails = (newsletter(number, raw) for number, raw in archive.hard_ham().items())
    return tuple(mail for mail in mails if is_newsletter(mail))


def is_newsletter(mail: Newsletter) -> bool:
    body = mail.html + mail.text
    return bool(LINK.search(body) and OF_A_LIST.search(body))


def newsletter(number: str, raw: bytes) -> Newsletter:
    """Read one mail; parts of a kind are joined."""
    mime = message_from_bytes(raw)
    subject = " ".join(unwrapped(str(mime["Subject"] or "")).split())
    html = "\n".join(parts(mime, "text/html"))
    return Newsletter(number, subject, html, "\n".join(parts(mime, "text/plain")))


def parts(mime: Mime, kind: str) -> Iterator[str]:
    for part in mime.walk():
        if part.get_content_type() == kind:
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            yield payload.decode(western(part.get_content_charset()), "replace")


def unwrapped(subject: str) -> str:
    pieces = decode_header(subject)
    return "".join(
        piece if isinstance(piece, str) else piece.decode(western(charset), "replace")
        for piece, charset in pieces
    )


def western(charset: str | None) -> str:
    """Read what claims to be Latin-1 as every mail program does (WHATWG Encoding Standard)."""
    return "windows-1252" if charset in {None, "us-ascii", "iso-8859-1"} else str(charset)
