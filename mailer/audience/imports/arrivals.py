"""A file that arrives: kept, read for its shape, and given a proposal of what its columns are."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import IO

from sqlalchemy.orm import Session

from mailer.audience.imports.models import Import, State
from mailer.audience.imports.reading import archives, chunks, formats, texts
from mailer.audience.imports.reading.archives import BadFile
from mailer.audience.imports.reading.targets import WEIGHT, Target
from mailer.audience.imports.rows import Sheet, sheets

HEADLESS = "email"
SAMPLES = 3
LONGEST_SAMPLE = 40
READABLE = (State.uploaded, State.checked)


def create(session: Session, now: datetime, actor: str, filename: str, file: IO[bytes]) -> Import:
    """Keep an upload, find out how it is to be read, and propose what its columns are.

    ``file`` may be sought in. Raises BadFile, with words for the person who uploaded it.
    """
    batch = Import(
        filename=filename[-200:] or "upload.csv",
        created_by=actor,
        created_at=now,
        state=State.uploaded,
    )
    found = read(file, batch.filename)
    batch.reading = {"sheets": [sheet.as_dict() for sheet in found]}
    batch.mapping = proposal(found)
    session.add(batch)
    session.flush()
    file.seek(0)
    batch.size = chunks.store(session, batch.id, file)
    return batch


def read(file: IO[bytes], filename: str) -> list[Sheet]:
    """Return the files of an upload, those of people who left before all others."""
    found = []
    for part in archives.parts(file, filename):
        try:
            with archives.whole():
                dialect = texts.dialect(part)
        except BadFile as error:
            raise BadFile(f"{part.name}: {error}") from error
        form = formats.detected(dialect.columns)
        found.append(Sheet(part.name, form.title, dialect, form.standing))
    return sorted(found, key=lambda sheet: -WEIGHT[sheet.standing])


def proposal(found: Sequence[Sheet]) -> list[list[str]]:
    """Return what each heading, in whichever of the files, most likely is."""
    mapping: dict[str, Target] = {}
    for sheet in found:
        if not sheet.dialect.columns:
            mapping.setdefault(HEADLESS, Target.email)
        form = formats.detected(sheet.dialect.columns)
        targets = formats.proposed(sheet.dialect.columns, form)
        for heading, target in zip(sheet.dialect.columns, targets, strict=True):
            mapping.setdefault(heading, target)
    return [[heading, target.value] for heading, target in mapping.items()]


def samples(session: Session, batch: Import, most: int = SAMPLES) -> dict[str, list[str]]:
    """Return the first values under each heading: what the column is, they show."""
    found: dict[str, list[str]] = {}
    if batch.state not in READABLE:
        return found
    file = chunks.opened(session.get_bind().engine, batch.id, batch.size)
    named = {part.name: part for part in archives.parts(file, batch.filename)}
    for sheet in sheets(batch):
        columns = sheet.dialect.columns or (HEADLESS,)
        for _, cells in islice(texts.rows(named[sheet.name], sheet.dialect), most):
            for heading, cell in zip(
                columns, cells if isinstance(cells, list) else (), strict=False
            ):
                shown = found.setdefault(heading, [])
                if cell.strip() and len(shown) < most:
                    shown.append(cell.strip()[:LONGEST_SAMPLE])
    return found
