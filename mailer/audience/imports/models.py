"""The tables of imports: the batch, its bytes, what went wrong, and ids of former systems."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.words import words
from mailer.compliance.acts import Provenance
from mailer.db import Base, Id, primary_key


class State(StrEnum):
    """Where a batch is. Those in AT_WORK are taken up by worker processes."""

    uploaded = "uploaded"
    checking = "checking"
    checked = "checked"
    running = "running"
    paused = "paused"
    finished = "finished"
    failed = "failed"
    cancelled = "cancelled"
    undoing = "undoing"
    undone = "undone"


AT_WORK = (State.checking, State.running, State.undoing)


class Basis(StrEnum):
    """What these people agreed to before they came here; it decides what they can become."""

    double_opt_in = "double_opt_in"
    opt_in = "opt_in"
    customer = "customer"
    inquiry = "inquiry"


class Outcome(StrEnum):
    """What became of a row. Every row has exactly one."""

    added = "added"
    updated = "updated"
    already_there = "already_there"
    kept_unsubscribed = "kept_unsubscribed"
    suppressed = "suppressed"
    opted_out = "opted_out"
    duplicate = "duplicate"
    invalid = "invalid"
    refused = "refused"


class System(StrEnum):
    """Whose unsubscribe links an import keeps alive."""

    listmonk = "listmonk"
    mailtrain = "mailtrain"
    phplist = "phplist"


class Import(Base):
    """One batch. ``position`` is the number of rows that are done of ``total``.

    ``reading`` tells how the bytes become rows, ``mapping`` what each column is. ``duplicates``
    holds the numbers of rows whose address came before, packed. ``lease`` names the process that
    works on it. ``began_on`` is the day from which consent counts where a row names none.
    ``parents_by`` is who vouched that parents agreed, where a list lets children in.
    """

    __tablename__ = "imports"

    id: Mapped[int] = primary_key()
    state: Mapped[State] = mapped_column(words(State), default=State.uploaded, index=True)
    filename: Mapped[str] = mapped_column(sa.String(200))
    size: Mapped[int] = mapped_column(Id, default=0)
    reading: Mapped[dict[str, object]] = mapped_column(sa.JSON, default=dict)
    mapping: Mapped[list[list[str]]] = mapped_column(sa.JSON, default=list)
    list_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    provenance: Mapped[Provenance | None] = mapped_column(words(Provenance))
    basis: Mapped[Basis | None] = mapped_column(words(Basis))
    evidence: Mapped[str] = mapped_column(sa.String(300), default="")
    began_on: Mapped[date | None] = mapped_column(sa.Date)
    attested_by: Mapped[str] = mapped_column(sa.String(254), default="")
    attested_at: Mapped[datetime | None]
    parents_by: Mapped[str] = mapped_column(sa.String(254), default="", server_default="")
    overwrite: Mapped[bool] = mapped_column(default=False)
    total: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    forecast: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)
    counts: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)
    undone: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)
    findings: Mapped[list[dict[str, str]]] = mapped_column(sa.JSON, default=list)
    duplicates: Mapped[bytes] = mapped_column(sa.LargeBinary, default=b"")
    problem: Mapped[str] = mapped_column(sa.String(300), default="")
    created_by: Mapped[str] = mapped_column(sa.String(254))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(sa.String(32))
    lease_until: Mapped[datetime | None]


class Chunk(Base):
    """Some of the uploaded bytes, so that any machine can work on them; gone when they are done."""

    __tablename__ = "import_chunks"

    import_id: Mapped[int] = mapped_column(
        sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)

    __table_args__ = ()


class Fault(Base):
    """A row that was not simply taken, by its line and the reason; never by what stood in it.

    ``part`` counts the files of an archive from 0.
    """

    __tablename__ = "import_faults"
    __table_args__ = (
        sa.Index("ix_import_faults_import_id_id", "import_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.id", ondelete="CASCADE"))
    part: Mapped[int]
    line: Mapped[int]
    outcome: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(300))


class ForeignId(Base):
    """How a former system named a reader in her unsubscribe links, which still lie in inboxes."""

    __tablename__ = "foreign_ids"

    system: Mapped[System] = mapped_column(words(System), primary_key=True)
    foreign_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(
        sa.ForeignKey("subscribers.id", ondelete="CASCADE"), index=True
    )
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("lists.id"))

    __table_args__ = ()
