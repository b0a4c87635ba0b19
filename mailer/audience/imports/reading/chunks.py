"""The uploaded bytes in the database: written in pieces, read like a file from any place."""

import io
from collections.abc import Callable
from functools import lru_cache
from typing import IO

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from mailer.audience.imports.models import Chunk
from mailer.audience.imports.reading.archives import BadFile

SIZE = 1_000_000
LARGEST = 512_000_000
BUFFER = 256_000


def store(session: Session, import_id: int, file: IO[bytes]) -> int:
    """Write an upload down in pieces and return its size in bytes; raises BadFile."""
    size = 0
    for number, content in enumerate(iter(lambda: file.read(SIZE), b"")):
        size += len(content)
        if size > LARGEST:
            raise BadFile(f"The file is larger than {LARGEST // 1_000_000} MB. Split it.")
        values = {"import_id": import_id, "number": number, "content": content}
        session.execute(sa.insert(Chunk), values)
    if not size:
        raise BadFile("The file is empty. Nothing was imported.")
    return size


def forget(session: Session, import_id: int) -> None:
    session.execute(sa.delete(Chunk).where(Chunk.import_id == import_id))


def opened(engine: Engine, import_id: int, size: int) -> IO[bytes]:
    """Return the upload as a file that only reads and may be sought in.

    It asks over connections of its own, so that another thread may use it.
    """
    chosen = sa.select(Chunk.content).where(
        Chunk.import_id == import_id, Chunk.number == sa.bindparam("piece")
    )

    def fetch(number: int) -> bytes:
        with engine.connect().execution_options(read_only=True) as connection:
            return connection.execute(chosen, {"piece": number}).scalar_one_or_none() or b""

    return io.BufferedReader(Stored(fetch, size), BUFFER)


class Stored(io.RawIOBase):
    """Pieces of SIZE bytes, the last one shorter, as one stream."""

    def __init__(self, fetch: Callable[[int], bytes], size: int) -> None:
        self.fetch = lru_cache(2)(fetch)
        self.size = size
        self.at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence]
        self.at = max(0, start + offset)
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        number, offset = divmod(self.at, SIZE)
        piece = self.fetch(number)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)
