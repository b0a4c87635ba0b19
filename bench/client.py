"""A client that asks one server as fast as it answers, over some connections that stay open."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import uvloop

END = b"\r\n\r\n"
LENGTH = b"content-length: "


@dataclass
class Seen:
    """Seconds that each answer took, how many were not as expected, and the whole time."""

    times: list[float] = field(default_factory=list)
    faults: list[bytes] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds


class Line(asyncio.Protocol):
    """One connection: the next request leaves when the last one is answered."""

    def __init__(self, requests: Iterator[bytes], seen: Seen, done: "asyncio.Future[None]") -> None:
        self.requests, self.seen, self.done = requests, seen, done
        self.buffer, self.began = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.ask()

    def ask(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(END)
        if not end or len(body) < expected(head):
            return
        self.seen.times.append(time.perf_counter() - self.began)
        if not self.buffer.startswith(b"HTTP/1.1 200"):
            self.seen.faults.append(self.buffer[:200])
        self.buffer = b""
        self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)
        if error is not None:
            self.seen.faults.append(str(error).encode())


def expected(head: bytes) -> int:
    """Return how long the body is to be, as the head says."""
    return int(head.lower().partition(LENGTH)[2].partition(b"\r")[0] or 0)


def asked(port: int, requests: Iterator[bytes], connections: int) -> Seen:
    """Send all requests over so many connections; return what came of it."""
    return uvloop.run(ask_all(port, requests, connections))


async def ask_all(port: int, requests: Iterator[bytes], connections: int) -> Seen:
    loop, seen = asyncio.get_running_loop(), Seen()
    done: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    for one in done:
        await loop.create_connection(lambda one=one: Line(requests, seen, one), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*done)
    seen.seconds = time.perf_counter() - began
    return seen
