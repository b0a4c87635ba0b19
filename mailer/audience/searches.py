"""Readers searched and paged: a page is read from where it begins, however many there are."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import neg
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from mailer.audience import folding
from mailer.audience.models import Subscriber, Subscription
from mailer.audience.words import SubscriberStatus, SubscriptionStatus

PAGE_SIZE = 50
# So many are counted and no more: what lies beyond is told as "more than".
COUNTED = 10_000
READER_STATUSES = frozenset(status.value for status in SubscriberStatus)
LIST_STATUSES = frozenset(status.value for status in SubscriptionStatus)

Test = sa.ColumnElement[bool]


@dataclass(frozen=True)
class Search:
    """What is asked for. ``text`` is how an address or a name begins, or ``@`` and a domain.

    ``status`` is that of the reader, or (with or without a list) that of a subscription.
    ``anywhere`` looks for the text in every part of addresses and names, which reads all of them.
    ``also`` is a further condition over Subscriber, such as a segment's.
    """

    text: str = ""
    list_id: int | None = None
    status: str = ""
    anywhere: bool = False
    also: Test | None = None


@dataclass(frozen=True)
class Page:
    """Readers, newest first. ``newer`` and ``older`` are where the neighbouring pages begin."""

    rows: Sequence[Subscriber]
    total: int
    newer: int | None
    older: int | None

    @property
    def is_more(self) -> bool:
        """Tell whether there are more than were counted."""
        return self.total > COUNTED


def page(
    session: Session, search: Search, before: int | None = None, after: int | None = None
) -> Page:
    """Return the page of those who came before a reader, or right after one, or the newest.

    The newest COUNTED and one are read in one go: that counts them and holds most pages. What no
    index answers may have to look at everybody, and does so once.
    """
    upwards = after is not None and before is None
    edge = after if upwards else before
    known = session.scalars(ordered(search, None, COUNTED + 1)).all()
    ids = beside(known, edge, upwards=upwards)
    if ids is None:
        ids = session.scalars(ordered(search, edge, PAGE_SIZE + 1, upwards=upwards)).all()
    if upwards and len(ids) <= PAGE_SIZE:  # the beginning is always a whole page
        edge, upwards, ids = None, False, known[: PAGE_SIZE + 1]
    shown = list(ids[:PAGE_SIZE])[:: -1 if upwards else 1]
    has_more = len(ids) > PAGE_SIZE
    return Page(
        rows=loaded(session, shown),
        total=len(known),
        newer=shown[0] if shown and edge is not None else None,
        older=shown[-1] if shown and (upwards or has_more) else None,
    )


def beside(known: Sequence[int], edge: int | None, *, upwards: bool) -> Sequence[int] | None:
    """Return a page's readers from the newest ones, and one more; None where they reach too far."""
    if upwards:
        newer = bisect_left(known, -(edge or 0), key=neg)
        whole = newer < len(known) or len(known) <= COUNTED
        return known[max(0, newer - PAGE_SIZE - 1) : newer][::-1] if whole else None
    start = 0 if edge is None else bisect_right(known, -edge, key=neg)
    found = known[start : start + PAGE_SIZE + 1]
    return found if len(found) > PAGE_SIZE or len(known) <= COUNTED else None


def loaded(session: Session, ids: Sequence[int]) -> Sequence[Subscriber]:
    found = sa.select(Subscriber).where(Subscriber.id.in_(ids)).order_by(Subscriber.id.desc())
    options = selectinload(Subscriber.subscriptions).joinedload(Subscription.list)
    return session.scalars(found.options(options)).all()


def count(session: Session, search: Search, most: int | None = None) -> int:
    """Count the readers found, ``most`` at the most."""
    found = ordered(search, None, most) if most else sa.select(Subscriber.id).where(test(search))
    return session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0


def ordered(
    search: Search, edge: int | None, most: int, *, upwards: bool = False
) -> sa.Select[Any]:
    """Return the numbers of readers in the order of a page, ``most`` at the most."""
    if search.text and not search.anywhere:
        runs = [one.subquery() for one in by_beginning(search)]
    elif search.list_id is not None and not search.text and search.also is None:
        runs = [
            ranged(one, Subscription.subscriber_id, edge, most, upwards=upwards).subquery()
            for one in by_place(search)
        ]
    else:
        found = sa.select(Subscriber.id).where(test(search))
        return ranged(found, Subscriber.id, edge, most, upwards=upwards)
    united = sa.union(*(sa.select(one.c[0].label("id")) for one in runs)).subquery()
    return ranged(sa.select(united.c.id), united.c.id, edge, most, upwards=upwards)


def by_beginning(search: Search) -> list[sa.Select[Any]]:
    """Return whom each index of texts finds, so many that more need not be read for any page.

    Left together in one condition, PostgreSQL may rather walk through all readers.
    """
    rest = test(replace(search, text=""))
    if search.text.startswith("@"):
        name = search.text[1:].translate(folding.SMALL)
        here = folding.domain(Subscriber.email) == name
        return [sa.select(Subscriber.id).where(here, rest).limit(COUNTED + 1)]
    return [
        sa.select(Subscriber.id)
        .where(folding.begins(one, search.text), rest)
        .order_by(folding.folded(one))
        .limit(COUNTED + 1)
        for one in (Subscriber.email, Subscriber.name)
    ]


def by_place(search: Search) -> list[sa.Select[Any]]:
    """Return who is on a list, for each status: its index holds them in the order of readers."""
    statuses = [search.status] if search.status in LIST_STATUSES else sorted(LIST_STATUSES)
    found = []
    for status in statuses:
        one = sa.select(Subscription.subscriber_id).where(
            Subscription.list_id == search.list_id,
            Subscription.status == SubscriptionStatus(status),
        )
        if search.status in READER_STATUSES:
            one = one.join(Subscriber).where(Subscriber.status == search.status)
        found.append(one)
    return found


def ranged(
    found: sa.Select[Any],
    column: Any,  # noqa: ANN401 - a column of either kind
    edge: int | None,
    most: int,
    *,
    upwards: bool,
) -> sa.Select[Any]:
    if edge is not None:
        found = found.where(column > edge if upwards else column < edge)
    return found.order_by(column.asc() if upwards else column.desc()).limit(most)


def test(search: Search) -> Test:
    """Return the search as one condition over Subscriber."""
    conditions: list[Test] = [] if search.also is None else [search.also]
    if search.text:
        conditions.append(by_text(search))
    if search.status in READER_STATUSES:
        conditions.append(Subscriber.status == SubscriberStatus(search.status))
    if search.list_id is not None or search.status in LIST_STATUSES:
        conditions.append(placed(search))
    return sa.and_(sa.true(), *conditions)


def by_text(search: Search) -> Test:
    if search.anywhere:
        columns = (Subscriber.email, Subscriber.name)
        return sa.or_(*(folding.contains(one, search.text) for one in columns))
    if search.text.startswith("@"):
        return folding.domain(Subscriber.email) == search.text[1:].translate(folding.SMALL)
    address, name = (
        folding.begins(one, search.text) for one in (Subscriber.email, Subscriber.name)
    )
    return sa.or_(address, name)


def placed(search: Search) -> Test:
    place = sa.select(Subscription.id).where(Subscription.subscriber_id == Subscriber.id)
    if search.list_id is not None:
        place = place.where(Subscription.list_id == search.list_id)
    if search.status in LIST_STATUSES:
        place = place.where(Subscription.status == SubscriptionStatus(search.status))
    return place.correlate(Subscriber).exists()
