"""Copies of old campaigns: each person's row goes, the sums stay (promise N5)."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import closing
from mailer.delivery.models import Delivery, Portion
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.classes import Class
from mailer.privacy.keeping.models import Held
from mailer.privacy.keeping.sweeps.leavers import gone
from mailer.privacy.keeping.sweeps.sweep import Ground, Step, Sweep

# Rows in one transaction: some tenths of a second, and undone in as little when it is killed.
PORTION = 20_000
ENDED = (CampaignStatus.finished, CampaignStatus.cancelled)


def is_over(ground: Ground) -> sa.ColumnElement[bool]:
    ended_at = sa.func.coalesce(Campaign.finished_at, Campaign.updated_at)
    free = holds.none_on(Held.campaign, Campaign.id, ground.now)
    return sa.and_(Campaign.status.in_(ENDED), ended_at < ground.edge, free)


def is_free(ground: Ground) -> sa.ColumnElement[bool]:
    """Ask, in SQL, whether nothing holds a copy but, perhaps, its campaign."""
    if not holds.is_any(ground.session, ground.now):  # millions of rows need not be asked
        return sa.true()
    return sa.and_(
        holds.none_on(Held.list, Delivery.list_id, ground.now),
        holds.none_on_key(Delivery.address_key, ground.now),
    )


def counted(ground: Ground) -> dict[str, int]:
    rows = sa.select(sa.func.count()).select_from(Delivery)
    rows = rows.join(Campaign, Campaign.id == Delivery.campaign_id)
    number = ground.session.scalar(rows.where(is_over(ground), is_free(ground)))
    return {"deliveries": number or 0}


def due(ground: Ground, after: int) -> Campaign | None:
    """Return the next campaign that still has rows to lose."""
    copies = sa.select(Delivery.id).where(Delivery.campaign_id == Campaign.id, is_free(ground))
    chosen = sa.select(Campaign).where(
        Campaign.id > after, is_over(ground), copies.correlate(Campaign).exists()
    )
    return ground.session.scalars(chosen.order_by(Campaign.id).limit(1)).first()


def portion(ground: Ground, after: int) -> Step:
    """Throw away the copies of the next PORTION numbers: those of a campaign follow one another.

    ``after`` is the campaign that is through. The first portion of a campaign keeps its sums; the
    row that has them tells how far it is, so that nobody goes through the same numbers twice.
    """
    campaign = due(ground, after)
    if campaign is None:
        return Step({}, None)
    last = final(ground.session, campaign.id)
    if last is None:
        closing.close(ground.session, campaign)
        last = final(ground.session, campaign.id)
    assert last is not None  # noqa: S101 - it was just made
    first = last.first_id or closing.span(ground.session, campaign.id)[0]
    within = Delivery.id.between(first, min(first + PORTION - 1, last.last_id))
    # The sum keeps databases from reading all of the campaign for each portion.
    its_own = sa.and_(Delivery.campaign_id + 0 == campaign.id, is_free(ground))
    number = gone(ground.session, sa.delete(Delivery).where(within, its_own))
    has_more = first + PORTION <= last.last_id
    # What is on hold lies behind: another night begins from the front.
    last.first_id = first + PORTION if has_more else 0
    ground.session.flush()
    return Step({"deliveries": number}, after if has_more else campaign.id)


def final(session: Session, campaign_id: int) -> Portion | None:
    chosen = sa.select(Portion).where(Portion.campaign_id == campaign_id, Portion.is_final)
    return session.scalars(chosen).one_or_none()


SWEEPS = (Sweep(Class.analytics, counted, portion),)
