"""Mailboxes in an address header, taken apart so that nothing in it can hide (RFC 5322 s3.4)."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from mailer.compliance.message import Header, characters, decoded

_CLOSERS = {'"': '"', "(": ")", "<": ">"}


@dataclass(frozen=True)
class Mailbox:
    """`name` is the display name as shown, `address` as written; either may be empty."""

    name: str
    address: str

    @property
    def local(self) -> str:
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        return canonical(self.address.rpartition("@")[2])


@dataclass
class _Draft:
    """One mailbox in the making: what stood outside of <…>, and what stood in each."""

    outside: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)

    def mailboxes(self) -> list[Mailbox]:
        phrase = " ".join("".join(self.outside).split())
        if not self.angles:
            return [Mailbox("", phrase)] if phrase else []
        name = decoded(phrase.encode("utf-8", "replace"))
        return [Mailbox(name, "".join(angle.split())) for angle in self.angles]


def mailboxes(header: Header) -> tuple[Mailbox, ...]:
    """Every mailbox that a mail program might read in a header; two <…> in a row are two."""
    found: list[Mailbox] = []
    draft = _Draft()
    for kind, text in _tokens(characters(header.body, "utf-8")):
        if kind == "<":
            draft.angles.append(text)
        elif kind in ",;" and kind:
            found += draft.mailboxes()
            draft = _Draft()
        elif kind != "(":
            draft.outside.append(text)
    return (*found, *draft.mailboxes())


def first_mailboxes(headers: Iterable[Header], most: int = 5) -> list[Mailbox]:
    """Give the first few mailboxes of some headers; a list of thousands is refused elsewhere."""
    return [one for header in islice(headers, most) for one in mailboxes(header)[:most]][:most]


@lru_cache(maxsize=1024)
def canonical(domain: str) -> str:
    """Give a domain as the DNS knows it: lower case, A-labels, no dot at the end."""
    name = domain.strip().rstrip(".").lower()
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def _tokens(text: str) -> list[tuple[str, str]]:
    """Cut a header body: `"` quoted text, `(` comment, `<` address, `,` or `;` ends, else plain."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        mark = text[at]
        if mark in _CLOSERS:
            inside, at = _enclosed(text, at)
            found.append((mark, inside))
        else:
            found.append((mark if mark in ",;" else "", mark))
            at += 1
    return found


def _enclosed(text: str, start: int) -> tuple[str, int]:
    """Give what an opening mark encloses, escapes undone, and where to go on reading."""
    opener, depth, pieces = text[start], 1, []
    closer, at = _CLOSERS[opener], start + 1
    while at < len(text):
        mark = text[at]
        if mark == "\\" and opener != "<":
            at += 1
            mark = text[at : at + 1]
        elif mark == closer:
            depth -= 1
            if not depth:
                break
        elif mark == opener == "(":
            depth += 1
        pieces.append(mark)
        at += 1
    return "".join(pieces), at + 1


def key(address: str) -> str:
    """Give the form by which mailboxes are told apart: case and the domain's spelling are nothing.

    What follows a + and the dots stay: those are different mailboxes to most providers.
    """
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return f"{local.casefold()}@{canonical(domain)}"
