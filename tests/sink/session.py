"""One conversation with the sink: pipelined (RFC 2920), its replies in the order of commands."""

import asyncio
import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from tests.sink import journal
from tests.sink.journal import Journal, Taken
from tests.sink.orders import Orders

END = b"\r\n.\r\n"
HEAD_END = b"\r\n\r\n"
TAIL = 1024
LONGEST_HEAD = 8192
LAST_WORDS = (b"DATA\r\n", b"QUIT\r\n", b"RSET\r\n")
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
GREETING = b"220 sink.test ESMTP\r\n"
EXTENSIONS = (
    b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
    b"250-ENHANCEDSTATUSCODES\r\n250 SIZE 52428800\r\n"
)
OK = b"250 2.0.0 Ok\r\n"
GO_ON = b"354 Go on\r\n"
BYE = b"221 2.0.0 Bye\r\n"
FULL = b"421 4.7.0 Enough messages on this connection\r\n"
NOBODY = b"554 5.5.1 No valid recipients\r\n"
WHAT = b"500 5.5.2 What?\r\n"
CLOSING = b"421"


@dataclass
class House:
    """What all conversations share: the orders, the journal (None: keep nothing), the counts."""

    orders: Orders = field(default_factory=Orders)
    journal: Journal | None = None
    counts: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(
            ("connections", "open", "most_open", "messages", "bytes", "refused", "first", "last"),
            0.0,
        )
    )
    open: set["Conversation"] = field(default_factory=set)

    def heed(self, path: Path) -> None:
        """Read the orders anew, and hang up on everybody if they say so."""
        self.orders = Orders.read(path)
        for one in list(self.open) if self.orders.is_down else ():
            one.transport.abort()


class Conversation(asyncio.Protocol):
    """Reads commands and messages; of a message it keeps the head, and that only for a journal."""

    transport: asyncio.Transport

    def __init__(self, house: House) -> None:
        self.house = house
        self.replies: deque[list[bytes]] = deque()  # an empty slot: its reply is not known yet
        self.rest = b""
        self.in_message = self.is_over = self.is_hasty = False
        self.head, self.has_head = b"", False
        self.sender = self.recipient = ""
        self.taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        counts = self.house.counts
        counts["connections"] += 1
        if self.house.orders.is_down:
            self.transport.abort()
            return
        self.house.open.add(self)
        counts["open"] = len(self.house.open)
        counts["most_open"] = max(counts["most_open"], counts["open"])
        self.transport.write(GREETING)

    def connection_lost(self, error: Exception | None) -> None:
        del error
        self.is_over = True
        self.house.open.discard(self)
        self.house.counts["open"] = len(self.house.open)

    def data_received(self, data: bytes) -> None:
        if self.rest:
            data, self.rest = self.rest + data, b""
        at, size = 0, len(data)
        while at < size and not self.is_over:
            at = self.message_part(data, at) if self.in_message else self.line(data, at)
        self.flush()

    def line(self, data: bytes, at: int) -> int:
        """Answer one command; return where the next begins."""
        end = data.find(b"\r\n", at)
        if end < 0:
            self.rest = data[at:]
            return len(data)
        self.command(data[at:end])
        self.is_hasty = self.is_hasty or (self.in_message and end + 2 < len(data))
        # A message may begin with its end: the line end before it belongs to both.
        return end if self.in_message else end + 2

    def message_part(self, data: bytes, at: int) -> int:
        """Read on in a message; return where the next command begins."""
        end = self.end(data, at)
        until = end if end >= 0 else max(at, len(data) - len(END) + 1)
        if self.house.journal is not None and not self.has_head:
            self.head += data[at : min(until, at + LONGEST_HEAD)]
            self.has_head = HEAD_END in self.head
        self.house.counts["bytes"] += until - at
        if end < 0:
            self.rest = data[until:]
            return len(data)
        self.in_message = False
        self.message()
        return end + len(END)

    def end(self, data: bytes, at: int) -> int:
        """Find the end of the message, -1 when it is not there yet.

        Looking through all of it would be most of what a message costs here. Whoever waits for
        354, as he must, can have sent only commands behind it: it is near the end, or nowhere.
        """
        if self.is_hasty:
            return data.find(END, at)
        end = data.rfind(END, max(at, len(data) - TAIL))
        if end < 0 and data.endswith(LAST_WORDS):
            return data.find(END, at)
        return end

    def command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"MAIL":
            self.mail(line)
        elif verb == b"RCPT":
            self.rcpt(line)
        elif verb == b"DATA":
            self.in_message = bool(self.recipient)
            self.say(GO_ON if self.in_message else NOBODY)
        elif verb in {b"EHLO", b"HELO"}:
            self.say(EXTENSIONS)
        elif verb == b"QUIT":
            self.say(BYE)
            self.is_over = True
        else:
            self.say(OK if verb in {b"RSET", b"NOOP"} else WHAT)

    def mail(self, line: bytes) -> None:
        most = self.house.orders.most
        if most and self.taken >= most:
            self.say(FULL)
            return
        self.sender, self.recipient = address(line), ""
        self.say(OK)

    def rcpt(self, line: bytes) -> None:
        recipient = address(line)
        refusal = self.house.orders.at_rcpt.get(recipient)
        self.recipient = "" if refusal else recipient
        self.house.counts["refused"] += bool(refusal)
        self.say(refusal.encode() + b"\r\n" if refusal else OK)

    def message(self) -> None:
        """Take a message, or refuse it as ordered; the reply follows when it is on the disk."""
        house, at = self.house, journal.now()
        self.taken += 1
        count = house.counts["messages"] = house.counts["messages"] + 1
        house.counts["last"], house.counts["first"] = at, house.counts["first"] or at
        refusal = house.orders.at_dot.get(self.recipient)
        if house.orders.every and count % house.orders.every == 0:
            refusal = refusal or house.orders.reply
        slot: list[bytes] = []
        self.replies.append(slot)
        if refusal:
            house.counts["refused"] += 1
            self.answer(slot, refusal.encode() + b"\r\n", 0)
        elif house.journal is None:
            self.answer(slot, OK, house.orders.wait(self.recipient))
        else:
            wait = house.orders.wait(self.recipient)
            entry = Taken(self.message_id(), self.sender, self.recipient, at)
            house.journal.add(entry, lambda: self.answer(slot, OK, wait))
        self.head, self.has_head = b"", False

    def message_id(self) -> str:
        found = MESSAGE_ID.search(self.head)
        return found[1].decode("ascii", "replace") if found else journal.MISSING

    def answer(self, slot: list[bytes], reply: bytes, wait: float) -> None:
        if wait:
            asyncio.get_running_loop().call_later(wait, self.answer, slot, reply, 0)
            return
        slot.append(reply)
        self.flush()

    def say(self, reply: bytes) -> None:
        self.replies.append([reply])
        self.is_over = self.is_over or reply.startswith(CLOSING)

    def flush(self) -> None:
        """Write all replies whose turn has come."""
        ready: list[bytes] = []
        while self.replies and self.replies[0]:
            ready += self.replies.popleft()
        if ready and not self.transport.is_closing():
            self.transport.write(b"".join(ready))
        if self.is_over and not self.replies:
            self.transport.close()


def address(line: bytes) -> str:
    """Return the address between the angle brackets of a command."""
    return line[line.find(b"<") + 1 : line.find(b">")].decode("utf-8", "replace")
