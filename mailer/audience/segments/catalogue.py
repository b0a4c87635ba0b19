"""Segments by name: kept, renamed, thrown away, and what their rules may ask about."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import rows
from mailer.audience.models import MailingList
from mailer.audience.segments import fields, rules
from mailer.audience.segments.models import Segment
from mailer.audience.segments.rules import Group, Offers
from mailer.audience.segments.vocabulary import OF_LIST, PLAIN, About, Offer


class NameTaken(Exception):  # noqa: N818 - errors are named for the situation
    """There is a segment of that name already."""


def offers(session: Session, more: Iterable[Offer] = ()) -> Offers:
    """Return all that rules may ask about; ``more`` is what other packages add."""
    lists = session.execute(
        sa.select(MailingList.id, MailingList.name).order_by(MailingList.name, MailingList.id)
    )
    found = [
        *(fields.offer(field) for field in fields.index(session)),
        *(Offer(About.list, str(row.id), f"List “{row.name}”", OF_LIST) for row in lists),
        *more,
        *PLAIN,
    ]
    return {(one.about.value, one.key): one for one in found}


def index(session: Session) -> Sequence[Segment]:
    return session.scalars(sa.select(Segment).order_by(Segment.name, Segment.id)).all()


def create(session: Session, now: datetime, name: str, tree: Group) -> int:
    """Add a segment and return its id; raises NameTaken."""
    kept = rules.written(tree)
    added = rows.insert_missing(
        session, Segment, name=name, rules=kept, created_at=now, updated_at=now
    )
    if added is None:
        raise NameTaken("There is a segment of this name already.")
    return added


def edit(session: Session, now: datetime, segment: Segment, name: str, tree: Group) -> None:
    """Change a segment, also for the campaigns that name it; raises NameTaken."""
    twin = sa.select(Segment.id).where(Segment.name == name, Segment.id != segment.id)
    if session.scalar(twin.limit(1)) is not None:
        raise NameTaken("There is a segment of this name already.")
    segment.name, segment.rules, segment.updated_at = name, rules.written(tree), now
    session.flush()
