"""The refusals in force, as staff look through them: nobody's address stands there."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber, Suppression
from mailer.audience.suppressing.staff import Target
from mailer.audience.words import Scope

PER_PAGE = 50


@dataclass(frozen=True)
class Search:
    """``before`` is the number of the last row of the page before this one, 0 for the first."""

    scope: Scope | None = None
    reason: str = ""
    before: int = 0


@dataclass(frozen=True)
class Row:
    """``reader`` is who it is about while she has a row here."""

    held: Suppression
    reader: Subscriber | None


@dataclass(frozen=True)
class Page:
    """``next`` is the ``before`` of the page after this one, None on the last."""

    rows: Sequence[Row]
    next: int | None


def page(session: Session, search: Search) -> Page:
    """Return the newest refusals in force that match; each page costs the same."""
    chosen = joined().where(Suppression.lifted_at.is_(None))
    if search.before:
        chosen = chosen.where(Suppression.id < search.before)
    if search.scope is not None:
        chosen = chosen.where(Suppression.scope == search.scope)
    if search.reason:
        chosen = chosen.where(Suppression.reason == search.reason)
    found = session.execute(chosen.order_by(Suppression.id.desc()).limit(PER_PAGE + 1)).all()
    rows = [Row(*one) for one in found[:PER_PAGE]]
    return Page(rows, rows[-1].held.id if len(found) > PER_PAGE else None)


def about(session: Session, who: Target) -> list[Row]:
    """Return all that was ever in force for an address and its domain, newest first."""
    chosen = joined().where(Suppression.address_key.in_({*who.keys, *who.domains}))
    return [Row(*one) for one in session.execute(chosen.order_by(Suppression.id.desc()))]


def joined() -> sa.Select[Suppression, Subscriber]:
    return sa.select(Suppression, Subscriber).outerjoin(
        Subscriber, Subscriber.address_key == Suppression.address_key
    )
