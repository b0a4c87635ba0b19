"""The one door out: an SMTP client that says what happened and in which phase (RFC 5321)."""

import base64
import re
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

from mailer.delivery.approval import Approved

LONGEST_REPLY = 64 * 1024
MOST_LINES = 100
THREE_DIGITS = re.compile(r"[2-5][0-9][0-9]")
MAILBOX = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")  # printable ASCII without space and brackets
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class BadRelay(Exception):  # noqa: N818 - errors are named for the situation
    """The relay's address cannot be read; the message says how one looks."""


class Lost(Exception):  # noqa: N818 - errors are named for the situation
    """The connection ended or stalled. ``phase`` says where.

    Before the final dot no message was handed over (RFC 5321 section 4.1.1.4); after it, nobody
    can say (RFC 1047): then ``phase`` is ``dot``.
    """

    def __init__(self, phase: str, why: str) -> None:
        super().__init__(f"{phase}: {why}")
        self.phase = phase
        self.why = why


@dataclass(frozen=True)
class Relay:
    """Where mail is handed over; ``timeout`` in seconds bounds each phase by the wall clock."""

    host: str
    port: int
    scheme: str
    username: str
    password: str
    timeout: float

    @classmethod
    def at(cls, url: str, timeout: float) -> Self:
        """Read ``smtp://``, ``smtp+starttls://`` or ``smtps://``; raises BadRelay."""
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise BadRelay("A relay looks like smtp+starttls://user:password@mail.example.com:587.")
        if parts.username and parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
            raise BadRelay("A password needs smtp+starttls:// or smtps://, or it crosses in clear.")
        return cls(
            host=parts.hostname,
            port=parts.port or SCHEMES[parts.scheme],
            scheme=parts.scheme,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            timeout=timeout,
        )


@dataclass(frozen=True)
class Reply:
    """What the relay answered, and to which command."""

    phase: str
    code: int
    text: str

    @property
    def is_positive(self) -> bool:
        return 200 <= self.code < 400  # noqa: PLR2004 - RFC 5321 section 4.2.1


class Refused(Exception):  # noqa: N818 - errors are named for the situation
    """The relay answered before any message was offered, and the answer was no."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.phase}: {reply.code} {reply.text}")
        self.reply = reply


class Connection:
    """One session with a relay. Use ``offer``, then ``release`` or ``close``.

    As a context manager it is closed at the end, however that comes.
    """

    def __init__(self, relay: Relay, name: str) -> None:
        """Connect, greet, secure and sign in; raises Lost or Refused."""
        self.relay = relay
        self.buffer = b""
        self.deadline = 0.0
        self.socket = self.connected()
        try:
            self.demand("banner", None)
            extensions = self.demand("ehlo", f"EHLO {name}").text.upper()
            if relay.scheme == "smtp+starttls":
                self.demand("starttls", "STARTTLS")
                self.secure()
                extensions = self.demand("ehlo", f"EHLO {name}").text.upper()
            if relay.username:
                self.sign_in()
            self.eight_bit = "8BITMIME" in extensions
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def connected(self) -> socket.socket:
        address = (self.relay.host, self.relay.port)
        try:
            raw = socket.create_connection(address, timeout=self.relay.timeout)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.relay.scheme == "smtps":
                return ssl.create_default_context().wrap_socket(
                    raw, server_hostname=self.relay.host
                )
        except OSError as error:
            raise Lost("connect", error.strerror or str(error)) from error
        return raw

    def secure(self) -> None:
        if self.buffer:
            raise Lost("starttls", "the relay spoke before encryption began")
        try:
            self.socket = ssl.create_default_context().wrap_socket(
                self.socket, server_hostname=self.relay.host
            )
        except OSError as error:
            raise Lost("starttls", str(error)) from error

    def sign_in(self) -> None:
        secret = f"\0{self.relay.username}\0{self.relay.password}".encode()
        self.demand("auth", f"AUTH PLAIN {base64.b64encode(secret).decode()}")

    def offer(self, sender: str, recipient: str, message: Approved) -> Reply | None:
        """Bring an approved message as far as its last line, without the final dot.

        Returns None when only the dot is missing, else the relay's refusal. Raises Lost, and
        ValueError for an address that could carry a command of its own.
        """
        demand_mailbox(sender, recipient)
        data = stuffed(message.raw)
        for phase, command in (
            ("mail", f"MAIL FROM:<{sender}>" + (" BODY=8BITMIME" if self.eight_bit else "")),
            ("rcpt", f"RCPT TO:<{recipient}>"),
            ("data", "DATA"),
        ):
            reply = self.ask(phase, command)
            if not reply.is_positive:
                return self.reset(reply)
        self.write("body", data)
        return None

    def release(self) -> Reply:
        """Send the final dot: from here on the message may be delivered. Raises Lost("dot")."""
        return self.ask("dot", ".")

    def reset(self, refusal: Reply) -> Reply:
        """Return the refusal after clearing the transaction; raises Lost."""
        if refusal.code != 421:  # noqa: PLR2004 - the relay is closing, RFC 5321 section 3.8
            self.ask("rset", "RSET")
        return refusal

    def demand(self, phase: str, command: str | None) -> Reply:
        reply = self.ask(phase, command)
        if not reply.is_positive:
            raise Refused(reply)
        return reply

    def ask(self, phase: str, command: str | None) -> Reply:
        """Send a command and return the whole reply, within the relay's time; raises Lost."""
        self.deadline = time.monotonic() + self.relay.timeout
        if command is not None:
            self.write(phase, command.encode("ascii") + b"\r\n")
        lines: list[str] = []
        while len(lines) < MOST_LINES:
            line = self.line(phase)
            code, mark, text = line[:3], line[3:4], line[4:]
            if not THREE_DIGITS.fullmatch(code) or mark not in {"", " ", "-"}:
                raise Lost(phase, f"the relay answered {line[:40]!r}")
            lines.append(text)
            if mark != "-":
                return Reply(phase, int(code), printable(" ".join(lines)[:LONGEST_REPLY]))
        raise Lost(phase, "the relay's answer did not end")

    def write(self, phase: str, data: bytes) -> None:
        try:
            self.socket.settimeout(self.relay.timeout)
            self.socket.sendall(data)
        except OSError as error:
            raise Lost(phase, str(error)) from error

    def line(self, phase: str) -> str:
        while b"\n" not in self.buffer:
            if len(self.buffer) > LONGEST_REPLY:
                raise Lost(phase, "the relay's answer did not end")
            self.buffer += self.received(phase)
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def received(self, phase: str) -> bytes:
        # By the wall clock: a relay that sends a byte now and then must not hold us for ever.
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise Lost(phase, f"no answer within {self.relay.timeout:g} seconds")
        try:
            self.socket.settimeout(remaining)
            data = self.socket.recv(4096)
        except TimeoutError as error:
            raise Lost(phase, f"no answer within {self.relay.timeout:g} seconds") from error
        except OSError as error:
            raise Lost(phase, str(error)) from error
        if not data:
            raise Lost(phase, "the relay closed the connection")
        return data

    def close(self) -> None:
        """Drop the connection. Without a final dot, a message offered is no message."""
        self.socket.close()

    def quit(self) -> None:
        """Say goodbye, if the relay still listens, and close."""
        with self, suppress(Lost):
            self.ask("quit", "QUIT")

    def send(self, sender: str, recipient: str, message: Approved) -> Reply:
        """Hand over one message and say goodbye; returns the relay's last word. Raises Lost."""
        with self:
            reply = self.offer(sender, recipient, message) or self.release()
            self.quit()
        return reply


def demand_mailbox(*addresses: str) -> None:
    """Guard the commands: what is written into one cannot end it. Raises ValueError."""
    for address in addresses:
        if not MAILBOX.fullmatch(address):
            raise ValueError("not an address that a relay can be given")


def printable(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)


def stuffed(message: bytes) -> bytes:
    """Return the body as DATA carries it: dots doubled at line starts, one line end at the end."""
    text = message.replace(b"\r\n.", b"\r\n..")
    text = b"." + text if text.startswith(b".") else text
    return text if text.endswith(b"\r\n") else text + b"\r\n"
