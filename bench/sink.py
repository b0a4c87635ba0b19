"""A relay that only reads and answers, as fast as it can: `python -m bench.sink PORT`.

One loop over epoll and one buffer for all connections; of a body it looks for the end, no more.
At SIGTERM it prints a line of JSON: the messages it took and their bytes, dots included.
"""

import json
import select
import signal
import socket
import time
from collections import deque
from types import FrameType

import click

HOST = "127.0.0.2"  # not the address of the development inbox, which would take it for its own
END = b"\r\n.\r\n"
LINE = b"\r\n"
TAKEN = b"250 2.0.0 Ok: queued as 4XyZzY1Qwk\r\n"
DONE = b"250 2.1.0 Ok\r\n"
ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"DATA": b"354 Go on\r\n",
    b"QUIT": b"221 Bye\r\n",
}
BUFFER = 1 << 18


class Connection:
    """One client; ``rest`` is what came of a line, or of a body's end, without its other half."""

    __slots__ = ("is_in_body", "owed", "rest", "socket")

    def __init__(self, client: socket.socket) -> None:
        self.socket = client
        self.rest = b""
        self.is_in_body = False
        self.owed = 0  # late answers, which what is said next must not overtake


class Sink:
    """All connections; the answer to a body waits for ``delay`` seconds, and all after it."""

    def __init__(self, port: int, delay: float) -> None:
        self.delay = delay
        self.messages = self.bytes = 0
        self.buffer = bytearray(BUFFER)
        self.server = socket.create_server((HOST, port), backlog=1000)
        self.connections: dict[int, Connection] = {}
        self.late: deque[tuple[float, Connection, bytes]] = deque()
        self.poll = select.epoll()
        self.poll.register(self.server, select.EPOLLIN)

    def serve(self) -> None:
        door = self.server.fileno()
        while True:
            for number, _ in self.poll.poll(self.patience()):
                if number == door:
                    self.welcome()
                else:
                    self.read(self.connections[number])
            self.answer_late()

    def patience(self) -> float | None:
        return max(0.0, self.late[0][0] - time.monotonic()) if self.late else None

    def welcome(self) -> None:
        client, _ = self.server.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections[client.fileno()] = Connection(client)
        self.poll.register(client, select.EPOLLIN)
        client.send(b"220 sink\r\n")

    def read(self, one: Connection) -> None:
        try:
            size = one.socket.recv_into(self.buffer)
        except ConnectionError:
            size = 0
        if not size:
            del self.connections[one.socket.fileno()]
            one.socket.close()
            return
        before = self.messages
        said = self.answers(one, size)
        if one.owed or (self.delay and self.messages > before):
            one.owed += 1
            self.late.append((time.monotonic() + self.delay, one, said))
        elif said:
            self.say(one, said)

    def answers(self, one: Connection, size: int) -> bytes:
        """Return what is to be said to that much in the buffer."""
        data: bytes | bytearray = self.buffer
        if one.rest:
            data = one.rest + data[:size]
            size = len(data)
        start, answers = 0, []
        while True:
            mark = END if one.is_in_body else LINE
            at = data.find(mark, start, size)
            if at < 0:
                break
            answers.append(self.answer(one, bytes(data[start : start + 4]), at - start))
            start = at + len(mark)
        # Of a body only what may be the beginning of its end is kept.
        one.rest = bytes(data[max(start, size - 4) if one.is_in_body else start : size])
        return b"".join(answers)

    def answer(self, one: Connection, verb: bytes, size: int) -> bytes:
        if one.is_in_body:
            one.is_in_body = False
            self.messages += 1
            self.bytes += size + len(END)
            return TAKEN
        one.is_in_body = verb == b"DATA"
        return ANSWERS.get(verb, DONE)

    def answer_late(self) -> None:
        now = time.monotonic()
        while self.late and self.late[0][0] <= now:
            _, one, said = self.late.popleft()
            one.owed -= 1
            self.say(one, said)

    def say(self, one: Connection, said: bytes) -> None:
        try:
            one.socket.send(said)
        except OSError:
            return  # it went away; its end is read next


def end(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise SystemExit(0)


@click.command()
@click.argument("port", type=int)
@click.option("--delay", default=0.0, help="How long the answer to a body takes, in seconds.")
def main(port: int, delay: float) -> None:
    """Listen on 127.0.0.2 until SIGTERM."""
    signal.signal(signal.SIGTERM, end)
    sink = Sink(port, delay)
    try:
        sink.serve()
    finally:
        print(json.dumps({"messages": sink.messages, "bytes": sink.bytes}), flush=True)


if __name__ == "__main__":
    main()
