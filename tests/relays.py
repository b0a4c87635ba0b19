"""Mail servers for the tests: one that keeps what it is given, and one that misbehaves."""

import asyncio
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 2.0.0 Ok"
TRACES = (
    b"Return-Path: <bounces@relay.test>\r\n"
    b"Received: from mailer by relay.test; Mon, 2 Mar 2026 15:30:00 +0000\r\n"
    b"Authentication-Results: relay.test; dkim=pass\r\n"
)


@dataclass(frozen=True)
class Caught:
    """One message as it crossed the wire: SMTP envelope and raw bytes, line ends included."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    content: bytes


@dataclass
class Refusal:
    """A reply to give instead of the usual one, ``times`` over (None: always)."""

    command: str
    reply: str
    to: str | None
    times: int | None


@dataclass
class Sink:
    """A relay on the loopback that takes every message unless told otherwise.

    ``caught`` holds the accepted messages in order; ``connections`` counts the clients. A
    connection carries ``most`` messages (0: any number), then MAIL is answered 421. Answers to
    final dots take as many seconds as ``pauses`` say of the recipient's domain, and answers to
    RCPT take ``thinks`` seconds. With a
    ``maildir`` it hands on what it took, as ``alter`` changes it and with trace fields on top.
    """

    port: int = 0
    caught: list[Caught] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    connections: int = 0
    most: int = 0
    pauses: dict[str, float] = field(default_factory=dict)
    thinks: float = 0.0
    begun: dict[SMTP, int] = field(default_factory=dict)
    maildir: Path | None = None
    alter: Callable[[bytes], bytes] = bytes

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def answer(
        self, command: str, reply: str, *, to: str | None = None, times: int | None = None
    ) -> None:
        """Reply so to MAIL, RCPT or DATA (after the final dot); ``to`` limits it to a reader."""
        self.refusals.append(Refusal(command, reply, to, times))

    def reply(self, command: str, recipients: list[str]) -> str | None:
        for refusal in self.refusals:
            if refusal.command != command or refusal.times == 0:
                continue
            if refusal.to is not None and refusal.to not in recipients:
                continue
            if refusal.times is not None:
                refusal.times -= 1
            return refusal.reply
        return None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session
        begun = self.begun[server] = self.begun.get(server, 0) + 1
        if self.most and begun > self.most:
            return "421 4.7.0 Enough messages on this connection"
        if reply := self.reply("MAIL", []):
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return OK

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        await asyncio.sleep(self.thinks)
        if reply := self.reply("RCPT", [address]):
            return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return OK

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        if reply := self.reply("DATA", envelope.rcpt_tos):
            return reply
        content = envelope.original_content or b""
        if pause := self.pauses.get(envelope.rcpt_tos[0].rpartition("@")[2]):
            await asyncio.sleep(pause)
        self.caught.append(Caught(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        self.hand_on(content)
        return OK

    def hand_on(self, content: bytes) -> None:
        if self.maildir is not None:
            for folder in ("new", "cur", "tmp"):
                (self.maildir / folder).mkdir(parents=True, exist_ok=True)
            name = f"{len(self.caught)}.1.relay"
            (self.maildir / "new" / name).write_bytes(TRACES + self.alter(content))

    def protocol(self) -> SMTP:
        self.connections += 1
        return SMTP(self, hostname="sink.test", ident="sink")


@contextmanager
def running_sink() -> Iterator[Sink]:
    """Run a sink for as long as the block lasts.

    The whole loop lives in a thread: this one may already carry the loop of the browser.
    """
    sink = Sink()
    loop = asyncio.new_event_loop()
    ready, over = threading.Event(), asyncio.Event()

    async def serve() -> None:
        server = await loop.create_server(sink.protocol, "127.0.0.1", 0)
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()
        await over.wait()
        server.close()
        conversations = asyncio.all_tasks() - {asyncio.current_task()}
        for conversation in conversations:
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


class Rudeness(Enum):
    """What a relay may do instead of answering."""

    hang = auto()
    close = auto()


HANG, CLOSE = Rudeness.hang, Rudeness.close
MANNERS = {"EHLO": "250 rude.test", "DATA": "354 Go on", "QUIT": "221 Bye"}


@dataclass
class RudeRelay:
    """A relay that keeps to the protocol until the moment it was told to break it.

    ``behaviour`` maps a moment (``greeting``, a command such as ``MAIL``, or ``message``: after
    the final dot) to HANG, CLOSE, or the raw bytes to send. ``messages`` holds what was read
    up to the final dot, whether or not it was then answered.
    """

    port: int
    behaviour: dict[str, Rudeness | bytes] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def converse(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb", buffering=0) as wire:
            if not self.say(wire, "greeting", "220 rude.test ESMTP"):
                return
            while line := wire.readline():
                command = line.split()[0].decode("ascii", "replace").upper() if line.split() else ""
                self.commands.append(line.decode("ascii", "replace").rstrip("\r\n"))
                if not self.say(wire, command, MANNERS.get(command, OK)) or command == "QUIT":
                    return
                if command == "DATA" and not self.take_message(wire):
                    return

    def take_message(self, wire: socket.SocketIO) -> bool:
        lines: list[bytes] = []
        while (line := wire.readline()) and line != b".\r\n":
            lines.append(line)
        if not line:
            return False
        self.messages.append(b"".join(lines))
        return self.say(wire, "message", OK)

    def say(self, wire: socket.SocketIO, moment: str, usual: str) -> bool:
        """Answer; False when the conversation is over."""
        act = self.behaviour.get(moment, f"{usual}\r\n".encode())
        if isinstance(act, bytes):
            wire.write(act)
            return True
        if act is HANG:
            self.over.wait()
        return False


@contextmanager
def running_rude_relay() -> Iterator[RudeRelay]:
    """Run a misbehaving relay for as long as the block lasts; set its ``behaviour`` freely."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                relay.converse(self.request)
            except OSError:
                return  # the client hung up first

    class Listener(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Listener(("127.0.0.1", 0), Handler) as server:
        relay = RudeRelay(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield relay
        finally:
            relay.over.set()
            server.shutdown()
            thread.join()
