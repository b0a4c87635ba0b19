"""Replies out of a stream of bytes (RFC 5321 section 4.2), with an end to every one of them."""

from collections.abc import Iterator

LONGEST_REPLY = 64 * 1024
MOST_LINES = 100
SHOWN = 40
CODES = range(200, 600)
# How a line may begin: the last of a reply with its code, one before it with the code negated.
LAST = {f"{code}{mark}".encode(): code for code in CODES for mark in (" ", "\r", "")}
HEADS = LAST | {f"{code}-".encode(): -code for code in CODES}


class Garbled(Exception):  # noqa: N818 - errors are named for the situation
    """What came is no reply, or one without an end."""


class Reading:
    """What was received and is not yet a whole reply."""

    __slots__ = ("before", "code", "rest", "size")

    def __init__(self) -> None:
        self.rest = b""
        self.before: list[bytes] = []
        self.code = 0
        self.size = 0

    @property
    def is_empty(self) -> bool:
        return not self.rest and not self.before

    def replies(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the code and the text of each reply that is now whole; raises Garbled.

        The lines of a text keep their line ends.
        """
        lines = (self.rest + data if self.rest else data).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            code = HEADS.get(line[:4], 0)
            if code > 0 and not self.before:
                yield code, line[4:]
            elif self.is_last(code, line):
                text = b"\n".join(self.before)
                self.before = []
                yield code, text
        if self.size * bool(self.before) + len(self.rest) > LONGEST_REPLY:
            raise Garbled("the relay's answer did not end")

    def is_last(self, code: int, line: bytes) -> bool:
        """Keep one line of a longer reply; True when that was its last; raises Garbled."""
        if not code or (self.before and abs(code) != self.code):
            raise Garbled(f"the relay answered {line[:SHOWN].decode('ascii', 'replace')!r}")
        self.size = len(line) + (self.size if self.before else 0)
        self.code = abs(code)
        self.before.append(line[4:])
        if code < 0 and (len(self.before) >= MOST_LINES or self.size > LONGEST_REPLY):
            raise Garbled("the relay's answer did not end")
        return code > 0
