"""What a relay offers in its answer to EHLO (RFC 5321 section 4.1.1.1)."""

from dataclasses import dataclass
from typing import Self

AUTH_OF_OLD = "AUTH="  # how early servers and clients spelled it


@dataclass(frozen=True)
class Extensions:
    """The extensions that we make use of; ``size`` in bytes, None where there is no limit."""

    is_pipelining: bool = False
    is_chunking: bool = False
    is_eight_bit: bool = False
    is_utf8: bool = False
    is_sized: bool = False
    size: int | None = None
    mechanisms: frozenset[str] = frozenset()

    @classmethod
    def offered(cls, answer: str) -> Self:
        """Read the lines of an answer to EHLO."""
        lines = [line.strip().upper() for line in answer.splitlines()[1:]]
        found = dict(words(line) for line in lines if line)
        auth = [line.replace(AUTH_OF_OLD, "AUTH ").split()[1:] for line in lines if is_auth(line)]
        return cls(
            is_pipelining="PIPELINING" in found,
            is_chunking="CHUNKING" in found,
            is_eight_bit="8BITMIME" in found,
            is_utf8="SMTPUTF8" in found,
            is_sized="SIZE" in found,
            size=limit(found.get("SIZE", "")),
            mechanisms=frozenset(one for line in auth for one in line),
        )


def words(line: str) -> tuple[str, str]:
    keyword, _, rest = line.partition(" ")
    return keyword, rest


def is_auth(line: str) -> bool:
    return line.startswith(("AUTH ", AUTH_OF_OLD))


def limit(text: str) -> int | None:
    """Return the number after SIZE; none, or 0, says that there is no fixed limit (RFC 1870)."""
    return int(text) or None if text.isascii() and text.isdecimal() else None
