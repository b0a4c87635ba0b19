"""The development inbox: an SMTP server on loopback that keeps what it receives in a Maildir."""

import itertools
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser, BytesParser
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"  # never anything else: the inbox asks nobody who they are
LARGEST = 10_000_000
HEADER_BYTES = 64_000
NAME = re.compile(r"[0-9]{20}\.[0-9]+\.[0-9]+")
ADDRESS = re.compile(r"https?://[^\s<>\"]+")
# Python's parser breaks on malformed mail in more ways than can be named: each place that asks
# it for something catches all of them, so that one message spoils neither the list nor its page.
UNREADABLE = "(This part cannot be read; see the raw message.)"


@dataclass(frozen=True)
class Summary:
    """One line of the inbox; ``at`` is seconds since 1970, ``name`` is the file's."""

    name: str
    at: float
    sender: str
    recipient: str
    subject: str


@dataclass(frozen=True)
class Link:
    label: str
    url: str


class Keeper:
    """Writes each message, byte for byte, into the Maildir."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.numbers = itertools.count()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ANN401, N802
        del server, session
        # The time comes first and has a fixed width, so that names sort as messages came.
        name = f"{time.time_ns():020d}.{os.getpid()}.{next(self.numbers)}"
        written = self.directory / "tmp" / name
        written.write_bytes(envelope.content)
        written.rename(self.directory / "new" / name)
        return "250 Kept in the development inbox"


@contextmanager
def receiving(directory: Path, port: int) -> Iterator[None]:
    """Receive mail on loopback for as long as the block lasts; OSError when the port is taken."""
    for folder in ("tmp", "new", "cur"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    with socket.create_server((HOST, port)):
        pass  # the controller below would need seconds to find out that the port is taken
    controller = Controller(
        Keeper(directory),
        hostname=HOST,
        port=port,
        data_size_limit=LARGEST,
        ident="Mailer development inbox",
    )
    controller.start()
    try:
        yield
    finally:
        controller.stop()


def names(directory: Path) -> list[str]:
    """Return the names of all messages, newest first; no message is opened."""
    try:
        with os.scandir(directory / "new") as files:
            found = [file.name for file in files if NAME.fullmatch(file.name)]
    except FileNotFoundError:
        return []
    return sorted(found, reverse=True)


def summary(directory: Path, name: str) -> Summary:
    """Return what the list shows of a message; only its header is read."""
    with (directory / "new" / name).open("rb") as file:
        head = BytesHeaderParser(policy=policy.default).parsebytes(file.read(HEADER_BYTES))
    return Summary(
        name=name,
        at=int(name.partition(".")[0]) / 1e9,
        sender=header(head, "From"),
        recipient=header(head, "To"),
        subject=header(head, "Subject"),
    )


def header(message: Message, name: str) -> str:
    """Return a header field decoded; empty when there is none."""
    try:
        return str(message.get(name, ""))
    except Exception:  # noqa: BLE001 - see UNREADABLE
        return UNREADABLE


def raw(directory: Path, name: str) -> bytes | None:
    """Return a message as it came, or None when there is none of that name."""
    if not NAME.fullmatch(name):
        return None
    try:
        return (directory / "new" / name).read_bytes()
    except FileNotFoundError:
        return None


def forget(directory: Path, address: str) -> None:
    """Throw away every message that holds an address, whoever it is to."""
    sought = address.casefold().encode()
    for name in names(directory):
        if sought in (raw(directory, name) or b"").lower():
            (directory / "new" / name).unlink(missing_ok=True)


def parsed(content: bytes) -> EmailMessage:
    """Return a message taken apart; what is too deep to be is a message that says so."""
    try:
        message = BytesParser(policy=policy.default).parsebytes(content)
    except Exception:  # noqa: BLE001 - see UNREADABLE
        message = EmailMessage()
        message.set_content(UNREADABLE)
    assert isinstance(message, EmailMessage)  # noqa: S101 - the default policy makes no other
    return message


def body(message: EmailMessage, kind: str) -> str:
    """Return the ``html`` or ``plain`` part as text; empty when the message has none."""
    try:
        part = message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""
    except Exception:  # noqa: BLE001 - see UNREADABLE
        return UNREADABLE


def header_block(content: bytes) -> str:
    """Return the header fields as they stand on the wire, folding and all."""
    head, _, _ = content.partition(b"\r\n\r\n")
    return head.decode("utf-8", "backslashreplace").replace("\r\n", "\n")


def one_click(message: EmailMessage) -> str:
    """Return the https or http link of List-Unsubscribe, when RFC 8058 allows to post to it."""
    if "List-Unsubscribe-Post" not in message:
        return ""
    urls = re.findall(r"<(https?://[^>]+)>", header(message, "List-Unsubscribe"))
    return urls[0] if urls else ""


def links(message: EmailMessage) -> list[Link]:
    """Return the web links of both parts, each address once, in the order of reading."""
    reader = LinkReader()
    with suppress(AssertionError):  # on a broken declaration; the links before it stand
        reader.feed(body(message, "html"))
    found = {link.url: link for link in reversed(reader.found)}
    bare = [url.rstrip(".,;)") for url in ADDRESS.findall(body(message, "plain"))]
    ordered = dict.fromkeys([*(link.url for link in reader.found), *bare])
    return [found.get(url, Link(url, url)) for url in ordered]


class LinkReader(HTMLParser):
    """Collects the anchors of a mail with the words they show."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Link] = []
        self.url = ""
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        url = dict(attrs).get("href") or ""
        if tag == "a" and ADDRESS.fullmatch(url):
            self.url, self.words = url, []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.url:
            label = " ".join("".join(self.words).split())
            self.found.append(Link(label or self.url, self.url))
            self.url = ""
