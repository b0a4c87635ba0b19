"""Letters for a person: the list, one letter in plain text, and her word on what it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience import effects
from mailer.audience.effects import Channel
from mailer.audience.models import Subscriber
from mailer.links import Site
from mailer.privacy.letters import acting, own_words, post, reading, whose
from mailer.privacy.letters.models import Answer, Kind, Letter
from mailer.privacy.letters.parts import Unreadable, taken_apart
from mailer.privacy.letters.reading import Read

PER_PAGE = 50


class Answered(Exception):  # noqa: N818 - errors are named for the situation
    """Somebody has said already what this letter was."""


class NobodyFound(Exception):  # noqa: N818 - errors are named for the situation
    """Nobody can be told from the letter; she must be found by hand."""


@dataclass(frozen=True)
class Shown:
    """A letter as its page shows it: never HTML, whatever came."""

    letter: Letter
    read: Read
    text: str
    readers: Sequence[Subscriber]


@dataclass(frozen=True)
class Line:
    """A letter as the list shows it."""

    letter: Letter
    author: str
    subject: str


def number_in_doubt(session: Session) -> int:
    counted = sa.select(sa.func.count()).select_from(Letter).where(in_doubt())
    return session.scalar(counted) or 0


def in_doubt() -> sa.ColumnElement[bool]:
    return (Letter.doubt != "") & Letter.answered_at.is_(None)


def page(session: Session, *, before: int = 0, everything: bool = False) -> list[Line]:
    """Return PER_PAGE letters, newest first: those in doubt, or all that were read."""
    chosen = sa.select(Letter).where(Letter.read_at.is_not(None))
    if not everything:
        chosen = chosen.where(in_doubt())
    if before:
        chosen = chosen.where(Letter.id < before)
    return [line(one) for one in session.scalars(chosen.order_by(Letter.id.desc()).limit(PER_PAGE))]


def line(letter: Letter) -> Line:
    head = letter.raw[:20_000].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    try:
        mail = taken_apart(head + b"\n\n")
    except Unreadable:
        return Line(letter, letter.mail_from, "")
    return Line(letter, reading.author(mail, letter.mail_from), mail.field("subject"))


def shown(session: Session, letter: Letter) -> Shown:
    """Return one letter with whom it may be from; her words are all that she wrote and quoted."""
    read = reading.read(letter.raw, letter.mail_from, letter.recipient)
    people = {letter.from_key, letter.about_key} - {None}
    chosen = sa.select(Subscriber).where(Subscriber.address_key.in_(people))
    return Shown(letter, read, whole(letter), session.scalars(chosen.order_by(Subscriber.id)).all())


def whole(letter: Letter) -> str:
    """Return all of a letter's text; of one that cannot be taken apart, its bytes."""
    try:
        mail = taken_apart(letter.raw)
    except Unreadable:
        return letter.raw[:20_000].decode("utf-8", "replace")
    return own_words.all_words(mail)


def answer(
    session: Session,
    site: Site,
    letter: Letter,
    said: Answer,
    actor: User,
    now: datetime,
) -> None:
    """Take a person's word on what a letter was; an opt-out holds from this moment.

    Raises Answered, and NobodyFound for an opt-out of nobody. What the program has put in force
    already stays: only the reader takes that back. The caller commits.
    """
    read = reading.read(letter.raw, letter.mail_from, letter.recipient)
    people = whose.found(session, now, site, read)
    session.refresh(letter, with_for_update=True)
    if letter.answered_at is not None:
        raise Answered
    if said is Answer.opt_out:
        if not people.targets:
            raise NobodyFound
        acting.refuse(session, now, people, acting.proof_of(letter, read, actor.email))
        if letter.acted_at is None:
            took = (now - letter.received_at).total_seconds()
            effects.note(session, now.date(), [(Channel.letter, took)])
        letter.acted_at, letter.kind = letter.acted_at or now, Kind.opt_out
    letter.answered_at, letter.answered_by, letter.answer = now, actor.email, said
    audit.record(session, now, actor, f"letters.{said.name}", post.subject(letter))
