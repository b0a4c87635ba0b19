"""Finding campaigns: by state, page by page, the latest first."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from mailer.campaigns.models import Campaign, CampaignStatus

PER_PAGE = 25


def page(session: Session, status: CampaignStatus | None, number: int) -> Sequence[Campaign]:
    """Return the PER_PAGE campaigns of a page; pages count from 1."""
    chosen = sa.select(Campaign).options(joinedload(Campaign.sender))
    if status is not None:
        chosen = chosen.where(Campaign.status == status)
    latest = chosen.order_by(Campaign.updated_at.desc(), Campaign.id.desc())
    return session.scalars(latest.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()


def counts(session: Session) -> dict[CampaignStatus, int]:
    """Return how many campaigns are in each state, zeros included."""
    grouped = sa.select(Campaign.status, sa.func.count()).group_by(Campaign.status)
    counted = dict(iter(session.execute(grouped)))
    return {status: counted.get(status, 0) for status in CampaignStatus}


def in_states(session: Session, *states: CampaignStatus, most: int) -> Sequence[Campaign]:
    """Return the latest campaigns that are in one of these states."""
    chosen = sa.select(Campaign).where(Campaign.status.in_(states))
    latest = chosen.order_by(Campaign.updated_at.desc(), Campaign.id.desc())
    return session.scalars(latest.limit(most)).all()


def held(session: Session, most: int) -> Sequence[Campaign]:
    """Return the latest campaigns that wait for a person, with the reason in ``hold_reason``."""
    latest = sa.select(Campaign).order_by(Campaign.updated_at.desc(), Campaign.id.desc())
    return session.scalars(latest.where(Campaign.hold_reason != "").limit(most)).all()
