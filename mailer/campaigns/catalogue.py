"""Finding campaigns: by state, page by page, the latest first."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from mailer.audience.models import MailingList
from mailer.campaigns.models import Campaign, CampaignStatus

PER_PAGE = 25


Lists = Collection[int] | None


def page(
    session: Session, status: CampaignStatus | None, number: int, lists: Lists = None
) -> Sequence[Campaign]:
    """Return the PER_PAGE campaigns of a page; pages count from 1. See ``within`` for ``lists``."""
    chosen = sa.select(Campaign).options(joinedload(Campaign.sender)).where(within(lists))
    if status is not None:
        chosen = chosen.where(Campaign.status == status)
    latest = chosen.order_by(Campaign.updated_at.desc(), Campaign.id.desc())
    return session.scalars(latest.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()


def counts(session: Session, lists: Lists = None) -> dict[CampaignStatus, int]:
    """Return how many campaigns are in each state, zeros included."""
    grouped = sa.select(Campaign.status, sa.func.count()).group_by(Campaign.status)
    counted = dict(iter(session.execute(grouped.where(within(lists)))))
    return {status: counted.get(status, 0) for status in CampaignStatus}


def within(lists: Lists) -> sa.ColumnElement[bool]:
    """Ask for campaigns that go to these lists and to no others; None is all campaigns."""
    if lists is None:
        return sa.true()
    hers = MailingList.id.in_(lists)
    return sa.and_(Campaign.lists.any(hers), ~Campaign.lists.any(~hers))


def in_states(session: Session, *states: CampaignStatus, most: int) -> Sequence[Campaign]:
    """Return the latest campaigns that are in one of these states."""
    chosen = sa.select(Campaign).where(Campaign.status.in_(states))
    latest = chosen.order_by(Campaign.updated_at.desc(), Campaign.id.desc())
    return session.scalars(latest.limit(most)).all()


def held(session: Session, most: int) -> Sequence[Campaign]:
    """Return the latest campaigns that wait for a person, with the reason in ``hold_reason``."""
    latest = sa.select(Campaign).order_by(Campaign.updated_at.desc(), Campaign.id.desc())
    return session.scalars(latest.where(Campaign.hold_reason != "").limit(most)).all()
