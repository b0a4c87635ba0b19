"""What an upload is: one text file, an archive of some, or something that is no list at all."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

LARGEST = 2_000_000_000  # bytes, unpacked
MOST_PARTS = 50
MOST_RATIO = 100
HEAD = 8
TAIL = 66_000  # bytes; the last record of an archive stands there
LARGEST_CONTENTS = 200_000
DAMAGED = "The archive is damaged. Make it anew, or upload the files one by one."
WORKBOOK = "This is an Excel workbook. In Excel, save it as “CSV UTF-8”, and upload that file."
NO_TEXT = "This is no text file with columns. Export the list as CSV, and upload that file."
KNOWN = (
    (b"\xd0\xcf\x11\xe0", WORKBOOK),
    (b"%PDF", NO_TEXT),
    (b"\x1f\x8b", "This is a gzip archive. Unpack it, or make a zip archive of it."),
    (b"Rar!", "This is a RAR archive. Unpack it, or make a zip archive of it."),
    (b"7z\xbc\xaf", "This is a 7z archive. Unpack it, or make a zip archive of it."),
    (b"\x89PNG", NO_TEXT),
)


class BadFile(ValueError):  # noqa: N818 - errors are named for the situation
    """The upload cannot be read as a list of people; the message says what to do."""


@dataclass(frozen=True)
class Part:
    """One text file of an upload; ``open`` gives its bytes from the beginning."""

    name: str
    open: Callable[[], IO[bytes]]


def parts(file: IO[bytes], filename: str) -> list[Part]:
    """Return the text files of an upload, by name; raises BadFile."""
    head = rewound(file).read(HEAD)
    if not head.startswith(b"PK"):
        for magic, words in KNOWN:
            if head.startswith(magic):
                raise BadFile(words)
        return [Part(filename, lambda: rewound(file))]
    demand_small(file)
    with whole():
        return packed(zipfile.ZipFile(rewound(file)))


@contextmanager
def whole() -> Iterator[None]:
    """Turn what reading a damaged archive raises into words."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise BadFile(DAMAGED) from error


def demand_small(file: IO[bytes]) -> None:
    """Refuse an archive whose table of contents would fill the memory (APPNOTE 4.3.16)."""
    file.seek(0, io.SEEK_END)
    file.seek(max(0, file.tell() - TAIL))
    tail = file.read(TAIL)
    at = tail.rfind(b"PK\x05\x06")
    size = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if size > LARGEST_CONTENTS or b"PK\x06\x07" in tail[max(0, at - 20) : max(0, at)]:
        raise BadFile(f"The archive holds more than {MOST_PARTS} files. Upload only the lists.")


def packed(archive: zipfile.ZipFile) -> list[Part]:
    """Return the text files of an archive, which is never written to disk; raises BadFile."""
    members = [one for one in archive.infolist() if not one.is_dir() and not is_rubbish(one)]
    names = {one.filename for one in members}
    if "[Content_Types].xml" in names or any(name.startswith("xl/") for name in names):
        raise BadFile(WORKBOOK)
    if "mimetype" in names:
        raise BadFile("This is a spreadsheet. Save it as CSV, and upload that file.")
    texts = [one for one in members if one.filename.lower().endswith((".csv", ".txt", ".tsv"))]
    if not texts:
        raise BadFile("The archive holds no CSV file.")
    demand_harmless(members)
    chosen = sorted(texts, key=lambda one: one.filename)
    return [Part(last_name(one), opening(archive, one)) for one in chosen]


def is_rubbish(member: zipfile.ZipInfo) -> bool:
    name = last_name(member)
    return member.filename.startswith("__MACOSX/") or name.startswith(".")


def last_name(member: zipfile.ZipInfo) -> str:
    return member.filename.replace("\\", "/").rpartition("/")[2][:200]


def demand_harmless(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(one.file_size for one in members)
    stored = sum(one.compress_size for one in members)
    if len(members) > MOST_PARTS:
        raise BadFile(f"The archive holds more than {MOST_PARTS} files. Upload only the lists.")
    if unpacked > LARGEST or unpacked > MOST_RATIO * max(stored, 1):
        raise BadFile("The archive grows beyond measure when unpacked, and was not opened.")
    if any(one.flag_bits & 1 for one in members):
        raise BadFile("The archive has a password. Make one without.")


def opening(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    # A member reads no further than the size that it declares, which was judged before.
    return lambda: archive.open(member)


def rewound(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return file
