"""DKIM-Signature fields, read for what they claim to cover (RFC 6376 s3.5); nothing is verified."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from mailer.compliance.domains import is_within
from mailer.compliance.mailboxes import canonical
from mailer.compliance.message import Header, Message

_TAG = re.compile(r"\s*([A-Za-z]\w*)\s*=\s*(.*)", re.DOTALL)
_REQUIRED = ("v", "a", "b", "bh", "d", "h", "s")
# RFC 8301 forbids rsa-sha1; RFC 8463 adds Ed25519.
_ALGORITHMS = frozenset({"rsa-sha256", "ed25519-sha256"})
_DIGITS = re.compile(r"\d{1,12}")


@dataclass(frozen=True)
class Signature:
    """One signature: its tags, and why it cannot be read (None if it can)."""

    tags: dict[str, str]
    fault: str | None = None

    @property
    def domain(self) -> str:
        return canonical(self.tags.get("d", ""))

    @cached_property
    def covered(self) -> Counter[str]:
        """How often h= names each header, in lower case."""
        return Counter("".join(self.tags.get("h", "").split()).lower().split(":"))

    @property
    def expiry(self) -> int | None:
        """Give x=, in seconds since 1970, if there is one."""
        found = _DIGITS.fullmatch(self.tags.get("x", ""))
        return int(found.group()) if found else None

    def covers(self, message: Message, name: str) -> bool:
        """Whether every field of a name that the message has is signed, and there is one."""
        number = len(message.named(name))
        return 0 < number <= self.covered[name.lower()]


def signatures(message: Message) -> tuple[Signature, ...]:
    """Every DKIM-Signature of a message, in order."""
    return tuple(_signature(header) for header in message.named("DKIM-Signature"))


def _signature(header: Header) -> Signature:
    tags: dict[str, str] = {}
    text = header.body.decode("utf-8", "replace").strip()
    for piece in text.removesuffix(";").split(";"):
        match = _TAG.fullmatch(piece)
        if match is None:
            return Signature(tags, f"“{piece.strip()}” is no tag")
        name, value = match.group(1), match.group(2).strip()
        if name in tags:
            return Signature(tags, f"{name}= stands twice")
        tags[name] = value
    return Signature(tags, _fault(tags))


def _fault(tags: dict[str, str]) -> str | None:
    missing = [name for name in _REQUIRED if not tags.get(name)]
    if missing:
        return f"{missing[0]}= is missing"
    if tags["v"] != "1":
        return f"its version is {tags['v']}"
    algorithm = "".join(tags["a"].split()).lower()
    if algorithm not in _ALGORITHMS:
        return f"{algorithm} is no longer accepted"
    identity = tags.get("i", tags["d"]).rpartition("@")[2]
    return None if is_within(identity, {tags["d"]}) else f"i= is not of the domain {tags['d']}"
