"""The post: a letter is kept before anybody reads it, read once, and thrown away in its time."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.audience import effects, former
from mailer.audience.effects import Channel
from mailer.audience.models import Subscriber, Suppression
from mailer.audience.suppressions import ERASED, UNSUBSCRIBED
from mailer.links import Site
from mailer.privacy.letters import acting, reading, whose
from mailer.privacy.letters.models import Kind, Letter
from mailer.privacy.letters.reading import Read
from mailer.privacy.letters.whose import Whose

# What a letter says stands at its beginning; the rest of a large one is pictures.
KEPT_BYTES = 1_000_000
LONGEST_ADDRESS = 320
AT_ONCE = 100
ACTOR = "mailbox"
CHANNELS = {Kind.opt_out: Channel.letter, Kind.complaint: Channel.complaint}
FAILED = "The program failed over it. Read it, and say what it is."


def keep(session: Session, now: datetime, mail_from: str, recipient: str, raw: bytes) -> int:
    """Keep a letter as it came, KEPT_BYTES of it at most; return its number. The caller commits.

    ``mail_from`` is empty for the null return path of reports and answering machines.
    """
    letter = Letter(
        received_at=now,
        mail_from=mail_from[:LONGEST_ADDRESS].replace("\0", ""),
        recipient=recipient[:LONGEST_ADDRESS].replace("\0", ""),
        raw=raw[:KEPT_BYTES],
        size=len(raw),
    )
    session.add(letter)
    session.flush()
    return letter.id


def waiting(session: Session) -> Sequence[int]:
    """Return what nobody has read yet, oldest first."""
    chosen = sa.select(Letter.id).where(Letter.read_at.is_(None))
    return session.scalars(chosen.order_by(Letter.id).limit(AT_ONCE)).all()


def taken(session: Session, number: int) -> Letter | None:
    """Return a letter that is ours to read; None when another process has it, or has had it."""
    chosen = sa.select(Letter).where(Letter.id == number, Letter.read_at.is_(None))
    return session.scalar(chosen.with_for_update(skip_locked=True))


def read(session: Session, site: Site, number: int, now: datetime) -> None:
    """Read a letter and do what it asks for; the caller commits.

    The same letter, handed over twice, is kept once and acts once.
    """
    letter = taken(session, number)
    if letter is None:
        return
    told = reading.read(letter.raw, letter.mail_from, letter.recipient)
    if is_known(session, told):
        session.delete(letter)
        return
    people = whose.found(session, now, site, told)
    letter.read_at, letter.kind, letter.mark = now, told.kind, told.mark
    letter.from_key = people.author_key
    letter.about_key = people.targets[0].key if people.targets else None
    letter.doubt = told.doubt
    if told.acts:
        obey(session, now, letter, told, people)
    elif told.kind is Kind.bounce:
        acting.settle(session, site.keys, told, now)
    if is_erased(session, letter):
        session.delete(letter)


def is_known(session: Session, told: Read) -> bool:
    same = sa.select(Letter.id).where(Letter.mark == told.mark, Letter.read_at.is_not(None))
    return told.mark is not None and session.scalar(same.limit(1)) is not None


def obey(session: Session, now: datetime, letter: Letter, told: Read, people: Whose) -> None:
    """Do at once what an opt-out or a complaint asks for, and note how long that took.

    Whoever complains of a copy is never brought back by a form (that is others' word, too); a
    complaint that only names an address might be anybody's, and counts as an opt-out.
    """
    letter.doubt = letter.doubt or people.doubt
    reason = UNSUBSCRIBED
    if told.kind is Kind.complaint and people.is_of_copy:
        reason = acting.COMPLAINT
    elif told.kind is Kind.complaint:
        letter.doubt = reading.UNPROVEN
    if not people.targets:
        return
    acting.refuse(session, now, people, acting.proof_of(letter, told), reason)
    letter.acted_at = now
    after = max(0.0, (now - letter.received_at).total_seconds())
    effects.note(session, now.date(), [(CHANNELS[told.kind], after)])
    told_of = f"{told.kind.value}, in force {after:.1f} s after it came"
    audit.record(session, now, ACTOR, f"letters.{told.kind.name}", subject(letter), reason=told_of)


def subject(letter: Letter) -> str:
    return f"letter {letter.id}"


def is_erased(session: Session, letter: Letter) -> bool:
    """Tell whether who wrote it was erased while it lay unread: then it goes as well."""
    people = [key for key in (letter.from_key, letter.about_key) if key is not None]
    since = sa.select(Suppression.id).where(
        Suppression.address_key.in_(people),
        Suppression.reason == ERASED,
        Suppression.lifted_at.is_(None),
        Suppression.created_at >= letter.received_at,
    )
    return session.scalar(since.limit(1)) is not None


def set_aside(session: Session, number: int, now: datetime) -> None:
    """Leave a letter to a person, over which the program failed; the caller commits."""
    letter = taken(session, number)
    if letter is not None:
        letter.read_at, letter.doubt = now, FAILED


def forget_those_of(session: Session, subscriber: Subscriber) -> None:
    """Throw away the letters of a person who is being erased, and those about her copies.

    From former addresses, too; not those of who had her present address before her.
    """
    columns = Letter.from_key, Letter.about_key
    mine = [former.own(session, subscriber, one, Letter.received_at) for one in columns]
    session.execute(sa.delete(Letter).where(sa.or_(*mine)))


def is_old(edge: datetime) -> sa.ColumnElement[bool]:
    """Ask, in SQL, for letters from before the edge; what nobody has read yet stays."""
    return sa.and_(Letter.received_at < edge, Letter.read_at.is_not(None))


def forget(session: Session, edge: datetime, free: sa.ColumnElement[bool]) -> int:
    """Throw away old letters that are ``free`` to go, AT_ONCE of them; return how many.

    The caller commits.
    """
    old = sa.select(Letter.id).where(is_old(edge), free)
    chosen = old.order_by(Letter.received_at).limit(AT_ONCE)
    ended = sa.delete(Letter).where(Letter.id.in_(chosen)).returning(Letter.id)
    return len(session.scalars(ended.execution_options(synchronize_session=False)).all())
