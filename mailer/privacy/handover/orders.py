"""Archives that were promised by mail: owed, made, sealed, fetched once, and forgotten."""

import hmac
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.audience.models import Subscriber
from mailer.delivery import biography
from mailer.delivery.reply_probes import Outcome
from mailer.privacy.archive import messages
from mailer.privacy.archive.models import Archive, ArchivePiece
from mailer.privacy.handover import sealing

RETRY = timedelta(minutes=2)
MOST_TRIES = 8  # each waits twice as long as the one before: about 8 hours in all
GIVEN_UP = "The mail with the link could not be delivered. Send it again, or hand the file over."
ACTOR = "her link"


class DeadLink(Exception):  # noqa: N818 - errors are named for the situation
    """The link leads to no archive: it was fetched, its time is over, or it never was ours."""


def order(session: Session, now: datetime, subscriber_id: int) -> Archive:
    """Owe a reader her archive by mail; one that is owed already is returned. The caller commits.

    A copy that waits for her is replaced: its link is dead from now on.
    """
    mine = Archive.subscriber_id == subscriber_id
    owed = session.scalar(sa.select(Archive).where(mine, Archive.due_at.is_not(None)))
    if owed is not None:
        return owed
    for old in session.scalars(sa.select(Archive).where(mine, Archive.downloaded_at.is_(None))):
        forget(session, old)
    made = Archive(subscriber_id=subscriber_id, asked_at=now, due_at=now)
    session.add(made)
    session.flush()
    return made


def of_reader(session: Session, subscriber_id: int) -> Sequence[Archive]:
    """Return a reader's archives, the newest first."""
    mine = sa.select(Archive).where(Archive.subscriber_id == subscriber_id)
    return session.scalars(mine.order_by(Archive.id.desc())).all()


def due(session: Session, now: datetime) -> Sequence[int]:
    chosen = sa.select(Archive.id).where(Archive.due_at <= now).order_by(Archive.due_at)
    return session.scalars(chosen).all()


def take(session: Session, archive_id: int, now: datetime) -> Subscriber | None:
    """Take an archive that is owed, and return its reader. It comes due again unless it leaves.

    The caller commits before it is made.
    """
    owed = session.get(Archive, archive_id, with_for_update=True, populate_existing=True)
    if owed is None or owed.due_at is None or owed.due_at > now:
        return None
    if owed.tries >= MOST_TRIES:
        owed.due_at, owed.problem = None, owed.problem or GIVEN_UP
        return None
    owed.due_at = now + RETRY * 2**owed.tries
    owed.tries += 1
    reader = session.get_one(Subscriber, owed.subscriber_id)
    owed.done, owed.total = 0, messages.number(session, reader)
    session.flush()
    return reader


def tell(session: Session, archive_id: int, done: int) -> None:
    """Note how many messages are rendered."""
    mine = sa.update(Archive).where(Archive.id == archive_id).values(done=done)
    session.execute(mine.execution_options(synchronize_session=False))


def keep(
    session: Session, archive_id: int, secret: bytes, content: bytes, now: datetime, life: timedelta
) -> bool:
    """Keep an archive sealed, in place of an earlier try, and its link alive for ``life``.

    False when she was erased meanwhile.
    """
    owed = session.get(Archive, archive_id, with_for_update=True, populate_existing=True)
    if owed is None:
        return False
    forget(session, owed)
    for at, piece in enumerate(sealing.sealed(archive_id, secret, content)):
        values = {"archive_id": archive_id, "number": at, "content": piece}
        session.execute(sa.insert(ArchivePiece), values)
    owed.token_hash, owed.made_at, owed.expires_at = sealing.mark(secret), now, now + life
    owed.done = owed.total
    session.flush()
    return True


def note(session: Session, archive_id: int, outcome: Outcome, now: datetime) -> None:
    """Note what became of the mail with the link; what could not leave opens nothing.

    A refusal by the mailbox is final; what the gate refuses can be mended, and comes due again.
    """
    owed = session.get(Archive, archive_id, with_for_update=True, populate_existing=True)
    if owed is None:
        return
    if outcome.is_sent:
        owed.mailed_at, owed.due_at, owed.problem = now, None, ""
        subject = biography.subject(owed.subscriber_id)
        audit.record(session, now, "desk", "privacy.archive_mailed", subject)
        return
    owed.problem = outcome.fault[:300]
    forget(session, owed)
    if outcome.is_final:
        owed.due_at = None


def usable(session: Session, text: str, now: datetime) -> tuple[Archive, bytes]:
    """Return the archive behind a link, and its secret; raises DeadLink."""
    number, secret = sealing.read(text) or (0, b"")
    found = session.get(Archive, number) if number else None
    if found is None or not hmac.compare_digest(found.token_hash, sealing.mark(secret)):
        raise DeadLink
    if found.downloaded_at is not None or found.expires_at is None or now > found.expires_at:
        raise DeadLink
    return found, secret


def size(session: Session, archive_id: int) -> tuple[int, int]:
    """Return how many pieces an archive has, and how many bytes they are in the clear."""
    counted = sa.select(sa.func.count(), sa.func.sum(sa.func.length(ArchivePiece.content)))
    mine = counted.where(ArchivePiece.archive_id == archive_id)
    number, total = session.execute(mine).one()
    return number, (total or 0) - number * sealing.TAG_BYTES


def pieces(session: Session, archive_id: int, secret: bytes, count: int) -> Iterator[bytes]:
    """Yield an archive in the clear, piece by piece; raises Unopened."""
    for at in range(count):
        piece = session.get_one(ArchivePiece, (archive_id, at))
        yield sealing.opened(archive_id, secret, at, piece.content, is_last=at == count - 1)
        session.expunge(piece)


def finish(session: Session, archive_id: int, now: datetime) -> None:
    """Note that an archive was handed out whole; its link is dead and its bytes are gone."""
    found = session.get(Archive, archive_id, with_for_update=True)
    if found is not None and found.downloaded_at is None:
        found.downloaded_at = now
        forget(session, found)
        log(session, now, found, "fetched")


def log(session: Session, now: datetime, found: Archive, what: str) -> None:
    subject = biography.subject(found.subscriber_id)
    audit.record(session, now, ACTOR, f"privacy.archive_{what}", subject)


def forget(session: Session, found: Archive) -> None:
    """Throw the bytes of an archive away, and with them what its link was good for."""
    session.execute(sa.delete(ArchivePiece).where(ArchivePiece.archive_id == found.id))
    found.token_hash, found.expires_at = b"", None
