"""Uploads that wait to be imported and name a person who is being erased: they are thrown away."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import IO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.imports import batches
from mailer.audience.imports.models import Chunk, Import
from mailer.audience.imports.reading import archives, chunks
from mailer.audience.imports.reading.archives import BadFile

WHY = "A person in this file was erased meanwhile. Take her out of the file, and upload it again."
STEP = 1_000_000
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def cancel(session: Session, now: datetime, email: str) -> int:
    """End every import whose upload still lies here and holds an address; return how many.

    What such an import has added stays. An upload that cannot be read is thrown away as well.
    """
    held = sa.select(Chunk.import_id).distinct()
    found = session.execute(
        sa.select(Import.id, Import.size, Import.filename).where(Import.id.in_(held))
    )
    named = [one.id for one in found if is_named(session, one, email)]
    for number in named:
        with suppress(batches.WrongState):  # done a moment ago, and its bytes with it
            batches.cancel(session, now, number)
            batch = session.get_one(Import, number, populate_existing=True)
            batch.problem = WHY
    return len(named)


def is_any_named(session: Session, import_id: int, emails: Iterable[str]) -> bool:
    """Tell whether an upload that still lies here holds one of these addresses."""
    held = sa.select(Chunk.import_id).where(Chunk.import_id == Import.id).exists()
    chosen = sa.select(Import.id, Import.size, Import.filename).where(Import.id == import_id, held)
    batch = session.execute(chosen).one_or_none()
    return batch is not None and any(is_named(session, batch, one) for one in emails)


def is_named(session: Session, batch: sa.Row[int, int, str], email: str) -> bool:
    """Tell whether an upload holds an address, in any of its files and whichever case."""
    marks = [re.escape(email.casefold().encode(one)) for one in ENCODINGS]
    sought = re.compile(b"|".join(marks))
    overlap = max(map(len, marks))
    file = chunks.opened(session.get_bind().engine, batch.id, batch.size)
    try:
        return any(
            sought.search(piece)
            for part in archives.parts(file, batch.filename)
            for piece in pieces(part.open(), overlap)
        )
    except BadFile:
        return True


def pieces(file: IO[bytes], overlap: int) -> Iterator[bytes]:
    """Yield a file in lower case, each piece with the end of the one before."""
    end = b""
    while read := file.read(STEP):
        piece = end + read.lower()
        yield piece
        end = piece[-overlap:]
