"""What handing one message over costs us: `python -m bench.lines`.

Eight lines give 20 KB messages to a sink that only reads and answers, in a process of its own.
The figures are the CPU time of our process alone. The yardstick beside it writes the same bytes
and waits for the same answers on the same loop, and understands nothing.
"""

import asyncio
import gc
import multiprocessing
import sys
from collections.abc import Coroutine
from multiprocessing.connection import Connection
from time import process_time
from typing import Any, cast

import uvloop

from bench import table
from mailer.delivery.approval import Approved
from mailer.delivery.smtp.line import Line
from mailer.delivery.smtp.parcel import Parcel
from mailer.delivery.smtp.relay import Relay
from mailer.delivery.smtp.reply import Lost, Refused, Reply

MESSAGES = 20_000
LINES = 8
ROUNDS = 3
MOST = 4.0  # times the yardstick
ROW = b'<td style=3D"color: #123">Hello dear reader, this row is all there is</td>\r\n'
LETTER = Approved(b"Subject: x\r\n\r\n" + ROW * (20_480 // len(ROW)), "none")
OFFER = b"MAIL FROM:<news@example.com>\r\nRCPT TO:<rosa@example.org>\r\nDATA\r\n"
ANSWERS = {b"DATA": b"354 Go on\r\n", b"QUIT": b"221 Bye\r\n"}
GREETING = b"250-sink.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


class Sink(asyncio.Protocol):
    """Reads and answers, and keeps nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.rest, self.is_message = b"", False
        self.transport.write(b"220 sink.test\r\n")

    def data_received(self, data: bytes) -> None:
        answers, self.rest = [], self.rest + data
        while answer := self.answer():
            answers.append(answer)
        self.transport.write(b"".join(answers))

    def answer(self) -> bytes:
        end = b"\r\n.\r\n" if self.is_message else b"\r\n"
        taken, found, rest = self.rest.partition(end)
        if not found:
            self.rest = self.rest[-4:] if self.is_message else self.rest
            return b""
        self.rest = rest
        if self.is_message:
            self.is_message = False
            return b"250 2.0.0 Ok: queued as 4XyZzY1Qwk\r\n"
        verb = taken[:4]
        self.is_message = verb == b"DATA"
        return GREETING if verb == b"EHLO" else ANSWERS.get(verb, b"250 2.1.0 Ok\r\n")


def sink(told: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(serve())


class Source:
    """So many parcels for the same reader, each released at once."""

    def __init__(self) -> None:
        self.left = self.open = MESSAGES
        self.over = asyncio.get_running_loop().create_future()

    def next(self, line: Line) -> Parcel | None:
        del line
        if not self.left:
            return None
        self.left -= 1
        return Parcel("news@example.com", "rosa@example.org", LETTER)

    def ready(self, line: Line, parcel: Parcel) -> None:
        line.release(parcel)

    def answered(self, line: Line, parcel: Parcel, reply: Reply) -> None:
        del line, parcel, reply
        self.open -= 1
        if not self.open:
            self.over.set_result(None)

    def lost(self, line: Line, parcel: Parcel | None, loss: Lost | Refused) -> None:
        del line, parcel
        self.over.set_exception(loss)


async def ours(port: int, messages: int) -> None:
    source = Source()
    relay = Relay.at(f"smtp://127.0.0.1:{port}?messages={messages}", 60)
    lines = [Line(relay, "bench.test", source) for _ in range(LINES)]
    for line in lines:
        line.wake()
    await source.over
    for line in lines:
        line.quit()
        await line.gone()


class Bare(asyncio.Protocol):
    """Writes as much as a line does, whenever a 354 comes."""

    def __init__(self, over: "asyncio.Future[None]", counted: list[int]) -> None:
        self.over, self.counted = over, counted

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(OFFER)

    def data_received(self, data: bytes) -> None:
        if b"354" not in data:
            return
        self.counted[0] -= 1
        if not self.counted[0]:
            self.over.set_result(None)
        self.transport.write(b"".join((LETTER.raw, b".\r\n", OFFER)))


async def bare(port: int) -> None:
    loop = asyncio.get_running_loop()
    over, counted = loop.create_future(), [MESSAGES]
    made = [
        await loop.create_connection(lambda: Bare(over, counted), "127.0.0.1", port)
        for _ in range(LINES)
    ]
    await over
    for transport, _ in made:
        transport.abort()


def spent(work: Coroutine[Any, Any, None]) -> float:
    """Return the microseconds of CPU that a message took."""
    gc.collect()
    start = process_time()
    uvloop.run(work)
    return (process_time() - start) / MESSAGES * 1e6


def main() -> int:
    """Print the table; the answer is 1 when the target is missed."""
    mine, its = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=sink, args=(its,), daemon=True)
    process.start()
    port = mine.recv()
    rounds = [
        (spent(ours(port, MESSAGES)), spent(bare(port)), spent(ours(port, 100)))
        for _ in range(ROUNDS)
    ]
    process.terminate()
    own, yardstick, renewed = (sorted(times)[ROUNDS // 2] for times in zip(*rounds, strict=True))
    is_met = own <= MOST * yardstick
    print(f"{MESSAGES} messages of {len(LETTER.raw) / 1000:.0f} KB over {LINES} lines, µs of CPU")
    verdict = table.verdict(f"<= {MOST:.0f} times the yardstick", is_met=is_met)
    table.line("one message handed over", f"{own:.1f} µs", verdict)
    table.line("100 messages a connection", f"{renewed:.1f} µs")
    table.line("yardstick: bytes out, answers in", f"{yardstick:.1f} µs")
    table.line("ours / yardstick", f"{own / yardstick:.1f} times")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
