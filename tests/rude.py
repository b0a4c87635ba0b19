"""A relay that breaks the protocol at one step in one way, and a source that takes notes."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mailer.delivery.approval import Approved
from mailer.delivery.smtp.line import Line
from mailer.delivery.smtp.parcel import Parcel
from mailer.delivery.smtp.relay import Relay, Times
from mailer.delivery.smtp.reply import Lost, Refused, Reply

T = TypeVar("T")
BRIEF = 0.4
BUFFER = 64 * 1024
TIMES = Times(reach=5, command=5, data=5, body=5, dot=5, transaction=10, idle=10)
USUAL = {
    "banner": b"220 rude.test ESMTP\r\n",
    "DATA": b"354 Go on\r\n",
    "QUIT": b"221 2.0.0 Bye\r\n",
    "STARTTLS": b"220 Go on\r\n",
    "AUTH": b"235 2.7.0 Welcome\r\n",
    "dot": b"250 2.0.0 Queued\r\n",
}
OK = b"250 2.0.0 Ok\r\n"
PIPELINING = ("PIPELINING", "8BITMIME", "AUTH PLAIN")

Act = Callable[["Talk"], Awaitable[bool]]  # True: the conversation goes on


@dataclass
class Talk:
    """One conversation."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    refused: bool = False
    taken: int = 0

    async def say(self, data: bytes) -> bool:
        self.writer.write(data)
        await self.writer.drain()
        return True


async def close(talk: Talk) -> bool:
    talk.writer.close()
    return False


async def reset(talk: Talk) -> bool:
    raw: socket.socket = talk.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    talk.writer.transport.abort()
    return False


async def hang(talk: Talk) -> bool:
    await asyncio.sleep(60)
    return talk.refused


async def drip(talk: Talk) -> bool:
    """Say one byte now and then: each comes in time, the answer never."""
    for byte in b"250-2.0.0 Please stand by, " * 20:
        await talk.say(bytes([byte]))
        await asyncio.sleep(BRIEF / 5)
    return False


async def babble(talk: Talk) -> bool:
    """Begin an answer that has no end."""
    while True:
        await talk.say(b"250-and another thing\r\n" * 1000)


def saying(data: bytes) -> Act:
    async def act(talk: Talk) -> bool:
        await talk.say(data)
        if data.startswith(b"421"):
            await asyncio.sleep(BRIEF / 5)  # closing at once on unread bytes would take it back
            talk.writer.close()
        return not data.startswith(b"421")

    return act


CODES = {
    name: saying(f"{name} What a pity\r\n".encode())
    for name in (
        *("421 4.3.2", "450 4.2.1", "451 4.3.0", "452 4.3.1", "454 4.7.0"),
        *("501 5.5.4", "550 5.1.1", "550 5.7.1", "552 5.2.2", "554 5.7.1"),
    )
}
SILENCES: dict[str, Act] = {"close": close, "RST": reset, "hang": hang, "1 B/s": drip}
NOISES = {"garbage": saying(b"what?\r\n"), "endless 250-": babble}
ODD = {"20 kB line": saying(b"250 " + b"x" * 20_000 + b"\r\n"), "bare 250": saying(b"250\r\n")}
FAULTS: dict[str, Act] = SILENCES | CODES | NOISES | ODD


@dataclass
class Rude:
    """A relay that does ``act`` the first time it comes to ``step``.

    ``offers`` are its extensions; ``refuses`` the recipients that it knows nothing of. A lenient
    one says 354 to DATA all the same (RFC 2920 section 3.1).
    """

    step: str = ""
    act: Act = hang
    offers: tuple[str, ...] = PIPELINING
    refuses: frozenset[str] = frozenset()
    is_lenient: bool = False
    port: int = 0
    talks: int = 0
    commands: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    is_done: bool = False

    def relay(self, scheme: str = "smtp", login: str = "", times: Times = TIMES) -> Relay:
        return Relay.at(f"{scheme}://{login}127.0.0.1:{self.port}", BRIEF, times)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talks += 1
        talk = Talk(reader, writer)
        try:
            if await self.begins(talk):
                while await self.answer(talk):
                    pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client hung up first
        finally:
            writer.close()

    async def begins(self, talk: Talk) -> bool:
        if self.step == "connect":
            return await self.act(talk)
        return await self.at("banner", talk, USUAL["banner"])

    async def at(self, step: str, talk: Talk, usual: bytes) -> bool:
        if step == self.step and not self.is_done:
            self.is_done = True
            return await self.act(talk)
        return await talk.say(usual)

    async def answer(self, talk: Talk) -> bool:
        line = (await talk.reader.readuntil(b"\r\n"))[:-2].decode()
        self.commands.append(line)
        verb = line.split(" ")[0]
        usual = USUAL.get(verb, OK)
        if verb == "EHLO":
            usual = "".join(f"250-{one}\r\n" for one in ("rude.test", *self.offers)).encode() + OK
        if verb == "RCPT":
            talk.refused = any(one in line for one in self.refuses)
            usual = b"550 5.1.1 Who?\r\n" if talk.refused else OK
        if verb == "BDAT":
            return await self.take_chunk(talk, int(line.split(" ")[1]))
        is_empty = talk.refused and not self.is_lenient
        if verb == "DATA" and is_empty:
            usual = b"503 5.5.1 No recipient\r\n"
        is_open = await self.at(verb, talk, usual) and verb != "QUIT"
        takes = verb == "DATA" and not is_empty and not (self.step == verb and self.is_done)
        return await self.take_message(talk) if is_open and takes else is_open

    async def take_message(self, talk: Talk) -> bool:
        if self.step == "body":
            await talk.reader.readexactly(1000)
            return await self.at("body", talk, OK)
        lines = []
        while (line := await talk.reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line)
        if not lines:
            return await self.at("empty", talk, b"554 5.5.1 No recipient\r\n")
        self.messages.append(b"".join(lines))
        talk.taken += 1
        return await self.at("dot", talk, USUAL["dot"])

    async def take_chunk(self, talk: Talk, size: int) -> bool:
        if self.step == "body":
            await talk.reader.readexactly(1000)
            return await self.at("body", talk, OK)
        self.messages.append(await talk.reader.readexactly(size))
        return await self.at("dot", talk, USUAL["dot"])


@asynccontextmanager
async def running(rude: Rude) -> AsyncIterator[Rude]:
    """Run a relay on this loop for as long as the block lasts."""
    tasks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(rude.converse(reader, writer)))

    listener = socket.create_server(("127.0.0.1", 0))
    # Small buffers, so that a relay that stops reading is felt.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    rude.port = listener.getsockname()[1]
    server = await asyncio.start_server(begin, sock=listener, limit=BUFFER)
    try:
        yield rude
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


Event = tuple[str, str, str, int]


@dataclass
class Notes:
    """A source of parcels for rosa, carl, …; ``told`` holds what became of them, in order."""

    message: Approved
    names: list[str]
    holds: bool = False
    told: list[Event] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    ready_now: list[Parcel] = field(default_factory=list)

    def next(self, line: Line) -> Parcel | None:
        del line
        if not self.names:
            return None
        name = self.names.pop(0)
        return Parcel("news@example.com", f"{name}@example.org", self.message, claim=name)

    def ready(self, line: Line, parcel: Parcel) -> None:
        self.ready_now.append(parcel)
        self.changed.set()
        if not self.holds:
            assert line.release(parcel)

    def answered(self, line: Line, parcel: Parcel, reply: Reply) -> None:
        self.note(line, "answered", parcel, reply.phase, reply.code)

    def lost(self, line: Line, parcel: Parcel | None, loss: Lost | Refused) -> None:
        code = loss.reply.code if isinstance(loss, Refused) else 0
        self.note(line, "lost", parcel, loss.phase, code)

    def note(self, line: Line, what: str, parcel: Parcel | None, phase: str, code: int) -> None:
        del line
        self.told.append((what, parcel.claim if parcel else "", phase, code))
        self.changed.set()

    async def until(self, is_so: Callable[[], bool], seconds: float = 5) -> None:
        """Wait until something holds; fails when it never does."""
        async with asyncio.timeout(seconds):
            while not is_so():
                self.changed.clear()
                await self.changed.wait()


def apart(run: Callable[[Coroutine[Any, Any, T]], T]) -> Callable[[Coroutine[Any, Any, T]], T]:
    """Return ``run`` in a thread of its own: a browser's test may have left a loop in this one."""

    def ran(work: Coroutine[Any, Any, T]) -> T:
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(run, work).result()

    return ran
