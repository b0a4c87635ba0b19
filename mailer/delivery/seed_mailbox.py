"""The seed mailbox: a Maildir or an IMAP folder in which copies of our own mail arrive."""

import imaplib
import os
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from mailer.compliance.bounds import Unjudgeable
from mailer.compliance.mime import reading

LARGEST = 10_000_000  # bytes; a message that has grown beyond is not looked at
MOST = 200  # of the newest messages are searched
SLACK = timedelta(minutes=5)  # by which another machine's clock may be slow
IMAPS = 993
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


class Unreadable(Exception):  # noqa: N818 - errors are named for the situation
    """The mailbox cannot be read; the message says why, and never holds a password."""


@dataclass(frozen=True)
class Sought:
    """By what a copy is known again: its Message-ID, or its link, if a relay wrote the ID anew."""

    message_id: str
    link: str
    since: datetime

    def is_in(self, raw: bytes) -> bool:
        try:
            read = reading.read(raw)
            if any(self.message_id == header.value for header in read.named("Message-ID")):
                return True
            values = (header.value for header in read.named("List-Unsubscribe"))
            return any(self.link in text for text in (*values, *(part.text for part in read.parts)))
        except Unjudgeable:
            return self.message_id.encode() in raw  # broken on its way, but ours


@dataclass(frozen=True)
class Maildir:
    """A Maildir on this machine, such as the development inbox."""

    path: Path

    def find(self, sought: Sought) -> bytes | None:
        """Return the message that is sought, or None if it has not come; raises Unreadable."""
        earliest = (sought.since - SLACK).timestamp()
        try:
            files = sorted(self.files(earliest), reverse=True)[:MOST]
            kept = (Path(path).read_bytes() for _, path in files)
            return next((raw for raw in kept if sought.is_in(raw)), None)
        except OSError as error:
            raise Unreadable(f"{self.path}: {error.strerror}") from error

    def files(self, earliest: float) -> Iterator[tuple[float, str]]:
        for folder in ("new", "cur"):
            with os.scandir(self.path / folder) as entries:
                for entry in entries:
                    stat = entry.stat()
                    if stat.st_mtime >= earliest and stat.st_size <= LARGEST:
                        yield stat.st_mtime, entry.path


@dataclass(frozen=True)
class Imap:
    """A folder on an IMAP server, reached over verified TLS (RFC 9051, RFC 8314)."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    folder: str
    timeout: float

    def find(self, sought: Sought) -> bytes | None:
        """Return the message that is sought, or None if it has not come; raises Unreadable.

        Nothing is marked as read, moved or deleted.
        """
        with self.opened() as server:
            for number in self.numbers(server, sought.since):
                raw = fetched(server, number)
                if raw is not None and sought.is_in(raw):
                    return raw
        return None

    @contextmanager
    def opened(self, *, is_changed: bool = False) -> Iterator[imaplib.IMAP4_SSL]:
        """Sign in and choose the folder; raises Unreadable for what goes wrong meanwhile, too."""
        secure = ssl.create_default_context()
        try:
            server = imaplib.IMAP4_SSL(
                self.host, self.port, ssl_context=secure, timeout=self.timeout
            )
            with server:
                server.login(self.username, self.password)
                status, _ = server.select(quoted(self.folder), readonly=not is_changed)
                if status != "OK":
                    raise Unreadable(f"{self.host} has no folder {self.folder}.")
                yield server
        except (OSError, imaplib.IMAP4.error) as error:
            # Without the server's own words: some repeat what they were sent.
            raise Unreadable(f"{self.host}: {reason(error)}") from error

    def numbers(self, server: imaplib.IMAP4_SSL, since: datetime) -> list[str]:
        """Return the newest messages since a day, by UID, newest first."""
        day = since - timedelta(days=1)  # the server's day may begin earlier than ours
        found = server.uid("SEARCH", "SINCE", imap_date(day))
        return found[1][0].decode("ascii").split()[::-1][:MOST] if found[1][0] else []


def quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def imap_date(day: datetime) -> str:
    """RFC 9051 section 9: the month in English, whatever the locale."""
    at = 3 * (day.month - 1)
    return f"{day.day}-{MONTHS[at : at + 3]}-{day.year}"


def fetched(server: imaplib.IMAP4_SSL, number: str) -> bytes | None:
    size = SIZE.search(parts(server.uid("FETCH", number, "(RFC822.SIZE)")))
    if size is None or int(size.group(1)) > LARGEST:
        return None
    return literal(server.uid("FETCH", number, "(BODY.PEEK[])"))


def parts(answer: tuple[str, list[object]]) -> bytes:
    return b" ".join(piece for piece in answer[1] if isinstance(piece, bytes))


def literal(answer: tuple[str, list[object]]) -> bytes | None:
    """Return the message itself out of the answer to a FETCH."""
    found = (piece[1] for piece in answer[1] if isinstance(piece, tuple))
    return next((raw for raw in found if isinstance(raw, bytes)), None)


def reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be verified ({error.verify_message})."
    if isinstance(error, OSError):
        return f"{error.strerror or type(error).__name__}."
    return "it refused to sign in or to be searched."


Mailbox = Maildir | Imap


@dataclass(frozen=True)
class Seed:
    """Where seed copies are sent, and where they are found again."""

    address: str
    mailbox: Mailbox

    @classmethod
    def at(cls, address: str, url: str, timeout: float) -> Self | None:
        """Read ``maildir:/path`` or ``imaps://user:password@host/folder``; None if none is set."""
        if not address or not url:
            return None
        return cls(address, at(url, timeout))


def at(url: str, timeout: float) -> Mailbox:
    """Read ``maildir:/path`` or ``imaps://user:password@host/folder``; ``timeout`` in seconds."""
    if url.startswith("maildir:"):
        return Maildir(Path(url.removeprefix("maildir:")))
    parts = urlsplit(url)
    return Imap(
        host=parts.hostname or "",
        port=parts.port or IMAPS,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        timeout=timeout,
    )
