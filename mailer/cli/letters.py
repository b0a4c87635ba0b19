"""Where the messages to check come from: files, folders, maildirs, mboxes, standard input."""

import mmap
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mailer.compliance.bounds import MOST_BYTES

# The line that an mbox puts before each message (RFC 4155); it bears a time.
_ENVELOPE = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]{0,300}\d\d:\d\d[^\n]{0,300}\n")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_STDIN = "-"


class Unreadable(Exception):  # noqa: N818 - errors are named for the situation
    """There is no message where one was said to be; the text says why."""


@dataclass(frozen=True)
class Letter:
    """One message to check. Its bytes are read only when they are needed, by whom they are.

    `start` and `end` say where in an mbox it lies. `fault` says why there is nothing to read.
    """

    name: str
    file: Path | None = None
    start: int = 0
    end: int | None = None
    held: bytes = b""
    fault: str = ""

    def raw(self) -> bytes:
        """Give the message, or a byte more of it than is judged. Raises Unreadable."""
        if self.fault:
            raise Unreadable(self.fault)
        data = self.held if self.file is None else self._read(self.file)
        envelope = _ENVELOPE.match(data)
        return _QUOTED_FROM.sub(rb"\1", data[envelope.end() :]) if envelope else data

    def _read(self, file: Path) -> bytes:
        most = MOST_BYTES + 1
        size = most if self.end is None else min(self.end - self.start, most)
        try:
            with file.open("rb") as stream:
                stream.seek(self.start)
                return stream.read(size)
        except OSError as error:
            raise Unreadable(f"{self.name}: {error.strerror}.") from error


def letters(paths: Iterable[Path]) -> Iterator[Letter]:
    """Give the messages behind some paths, in order. A path without any gives one with a fault."""
    for path in paths:
        try:
            if str(path) == _STDIN:
                data = sys.stdin.buffer.read()
                yield from _split(str(path), None, data)
            elif path.is_dir():
                yield from _in_folder(path)
            else:
                yield from _in_file(path)
        except OSError as error:
            yield Letter(str(path), fault=f"{path}: {error.strerror}.")


def _in_folder(folder: Path) -> Iterator[Letter]:
    is_maildir = (folder / "cur").is_dir() and (folder / "new").is_dir()
    inside = [*(folder / "new").iterdir(), *(folder / "cur").iterdir()] if is_maildir else ()
    found = sorted(inside) if is_maildir else sorted(folder.rglob("*.eml"))
    for file in found:
        yield from _in_file(file)
    if not found:
        fault = f"{folder} holds no message: it has no .eml file and is no maildir with mail."
        yield Letter(str(folder), fault=fault)


def _in_file(file: Path) -> Iterator[Letter]:
    with file.open("rb") as stream:
        if stream.read(5) != b"From ":
            yield Letter(str(file), file)
            return
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield from list(_split(str(file), file, data))


def _split(name: str, file: Path | None, data: bytes | mmap.mmap) -> Iterator[Letter]:
    starts = [match.start() for match in _ENVELOPE.finditer(data)] or [0]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(data)], strict=True), 1):
        label = name if len(starts) == 1 else f"{name}#{number}"
        held = b"" if file else bytes(data[start:end])
        yield Letter(label, file, start, end, held)
