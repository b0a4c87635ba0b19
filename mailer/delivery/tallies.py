"""Counts of a campaign's people that are kept run by run, so that a report reads few rows.

A run is counted again only while somebody works on it. Whoever changes deliveries says so
first (``forget``), and whoever is through with a run counts it (``keep``).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign
from mailer.delivery import counting, told
from mailer.delivery.models import Delivery, DeliveryStatus, Portion

# The sum keeps databases from the index on campaigns: they would read all of one for each portion.
WITHIN = (Delivery.campaign_id + 0 == Portion.campaign_id) & Delivery.id.between(
    Portion.first_id, Portion.last_id
)


def of_campaign(session: Session, campaign_id: int) -> counting.Counts:
    """Return the counts of a whole audience: kept runs summed up, the others counted now.

    Which runs are counted is decided once, so that nobody is counted twice or left out when a
    worker takes or keeps a run meanwhile.
    """
    counts = counting.Counts()
    columns = Portion.first_id, Portion.last_id, Portion.counts
    chosen = sa.select(*columns).where(Portion.campaign_id == campaign_id)
    runs = session.execute(chosen).all()
    for *_, kept in runs:
        if kept is not None:
            counts.add(kept)
    moving = [(first, last) for first, last, kept in runs if kept is None]
    if runs and not moving:
        return counts
    known = tuple(counts.domains) or counting.largest_domains(session, campaign_id)
    for first, last in moving:
        count_run(session, campaign_id, known, first, last, counts)
    if not runs:
        for values in session.execute(altogether(known), {"campaign": campaign_id}):
            counting.Grouped.of(values).into(counts)
    return counts


def around(
    session: Session, campaign_id: int, status: DeliveryStatus | None, before: int, most: int
) -> tuple[list[tuple[int, int]] | None, int]:
    """Return the runs that hold ``most`` people of a state, and how many of theirs to pass over.

    ``before`` is how many to pass over in the whole audience. None: it has no runs.
    """
    found: list[tuple[int, int]] = []
    moving = in_motion(session, campaign_id, status)
    chosen = sa.select(Portion).where(Portion.campaign_id == campaign_id).order_by(Portion.first_id)
    runs = session.scalars(chosen).all()
    for run in runs:
        kept = run.counts
        people = moving.get(run.first_id, 0) if kept is None else number_in(kept, status)
        if found or before < people:
            found.append((run.first_id, run.last_id))
            most -= people
        else:
            before -= people
        if most + before <= 0:
            break
    return (found if runs else None), before


def in_motion(session: Session, campaign_id: int, status: DeliveryStatus | None) -> dict[int, int]:
    """Return how many people of a state each run holds whose figures are not kept."""
    counted = sa.select(Portion.first_id, sa.func.count()).join(Delivery, WITHIN)
    chosen = counted.where(Portion.campaign_id == campaign_id, Portion.counts.is_(None))
    if status is not None:
        chosen = chosen.where(Delivery.status == status)
    return dict(iter(session.execute(chosen.group_by(Portion.first_id))))


def number_in(counts: Mapping[str, Any], status: DeliveryStatus | None) -> int:
    states: Mapping[str, int] = counts["states"]
    return sum(states.values()) if status is None else states.get(status, 0)


def begin(session: Session, campaign_id: int) -> None:
    """Count the portions of an audience that was just frozen, in the transaction that froze it."""
    portions = sa.select(Portion.id).where(Portion.campaign_id == campaign_id)
    count_again(session, campaign_id, session.scalars(portions).all())


def forget(session: Session, campaign_id: int) -> None:
    """Say that the rows of a campaign are about to change. A claim says it of its own portion."""
    session.execute(
        sa.update(Portion)
        .where(
            Portion.campaign_id == campaign_id,
            Portion.counts.is_not(None),
            Portion.is_final.is_(False),
        )
        .values(counts=None)
        .execution_options(synchronize_session=False)
    )


def forget_those_of(session: Session, rows: sa.ColumnElement[bool]) -> None:
    """Say that these deliveries are about to change, by somebody without their runs' lease.

    Locks their campaigns, so that nobody counts a run meanwhile; so it comes before the change.
    """
    theirs = sa.select(Delivery.campaign_id).where(rows)
    campaigns = sa.select(Campaign.id).where(Campaign.id.in_(theirs)).order_by(Campaign.id)
    session.execute(campaigns.with_for_update(key_share=True))
    within = Delivery.id.between(Portion.first_id, Portion.last_id)
    session.execute(
        sa.update(Portion)
        .where(
            Portion.campaign_id.in_(theirs),
            Portion.is_final.is_(False),
            sa.exists().where(Delivery.campaign_id == Portion.campaign_id, within, rows),
        )
        .values(counts=None)
        .execution_options(synchronize_session=False)
    )


def hold_still(session: Session, campaign_id: int) -> None:
    """Keep those who change rows without a lease out of a campaign until the commit.

    Before a portion is given back and counted, and after its last outcome is committed.
    """
    told.run(session, holding_still(), {"campaign": campaign_id})


@cache
def holding_still() -> sa.Select[int]:
    chosen = sa.select(Campaign.id).where(Campaign.id == sa.bindparam("campaign"))
    return chosen.with_for_update(read=True)


def count_again(session: Session, campaign_id: int, portions: Collection[int]) -> None:
    """Count these portions, and keep the figures."""
    keep(session, counted(session, campaign_id, portions))


def counted(
    session: Session, campaign_id: int, portions: Collection[int]
) -> dict[int, counting.Counts]:
    """Count these portions."""
    known = known_domains(session, campaign_id)
    found: dict[int, counting.Counts] = {}
    given = {"campaign": campaign_id, "portions": list(portions)}
    for one, first, last in told.run(session, bounds(), given).all():
        found[one] = counts = counting.Counts(domains=told_apart(known))
        count_run(session, campaign_id, known, first, last, counts)
    return found


def count_run(
    session: Session,
    campaign_id: int,
    known: tuple[str, ...],
    first: int,
    last: int,
    counts: counting.Counts,
) -> None:
    """Add the people of one run. One by one: no database joins runs it has no statistics of."""
    given = {"campaign": campaign_id, "first": first, "last": last}
    for values in told.run(session, of_run(known), given):
        counting.Grouped.of(values).into(counts)


@cache
def bounds() -> sa.Select[*tuple[Any, ...]]:
    portions: sa.BindParameter[Any] = sa.bindparam("portions", expanding=True)
    chosen = sa.select(Portion.id, Portion.first_id, Portion.last_id)
    mine = Portion.campaign_id == sa.bindparam("campaign")
    return chosen.where(mine, Portion.id.in_(portions))


def keep(session: Session, found: Mapping[int, counting.Counts]) -> None:
    """Keep the figures of portions that nobody else may change before the commit."""
    changes = [
        {
            "portion": one,
            "its_people": counts.people,
            "its_open_ones": counts.open_ones,
            "its_accepted": counts.states[DeliveryStatus.accepted],
            "its_counts": counts.as_dict(),
        }
        for one, counts in found.items()
    ]
    if changes:
        session.connection().execute(keeping(), changes)


@cache
def keeping() -> sa.UpdateBase:
    values = {
        column: sa.bindparam(f"its_{column.key}", type_=column.type)
        for column in (Portion.people, Portion.open_ones, Portion.accepted, Portion.counts)
    }
    return sa.update(Portion).where(Portion.id == sa.bindparam("portion")).values(values)


def told_apart(domains: Iterable[str]) -> defaultdict[str, Counter[str]]:
    return defaultdict(Counter, {domain: Counter() for domain in domains})


def known_domains(session: Session, campaign_id: int) -> tuple[str, ...]:
    """Return the domains that this campaign's kept runs tell apart, or choose them now."""
    one = told.run(session, kept_counts(), {"campaign": campaign_id}).scalar()
    return tuple(one["domains"]) if one else counting.largest_domains(session, campaign_id)


@cache
def kept_counts() -> sa.Select[*tuple[Any, ...]]:
    is_kept = Portion.counts.is_not(None)
    chosen = sa.select(Portion.counts).where(Portion.campaign_id == sa.bindparam("campaign"))
    return chosen.where(is_kept).limit(1)


@lru_cache(maxsize=16)
def of_run(known: tuple[str, ...]) -> sa.Select[*tuple[Any, ...]]:
    """Return the counting of a run's rows; ``campaign``, ``first`` and ``last`` are parameters."""
    mine = Delivery.campaign_id + 0 == sa.bindparam("campaign")
    within = Delivery.id.between(sa.bindparam("first"), sa.bindparam("last"))
    return counting.grouped(counting.told(known).where(mine, within))


def altogether(known: tuple[str, ...]) -> sa.Select[*tuple[Any, ...]]:
    """Return the counting of a campaign without runs, in lines of the same shape."""
    rows = counting.told(known).where(Delivery.campaign_id == sa.bindparam("campaign"))
    return counting.grouped(rows)
