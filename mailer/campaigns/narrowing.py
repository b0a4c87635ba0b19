"""The segments that narrow a campaign's lists: chosen, and which of them may not be."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.segments import rules
from mailer.audience.segments.models import Segment
from mailer.audience.segments.rules import Group
from mailer.campaigns.models import Campaign, CampaignStatus, campaign_exclusions, campaign_segments

OPEN = (
    CampaignStatus.draft,
    CampaignStatus.scheduled,
    CampaignStatus.running,
    CampaignStatus.paused,
)


def chosen(session: Session, ids: Collection[int]) -> list[Segment]:
    if not ids:
        return []
    found = sa.select(Segment).where(Segment.id.in_(ids)).order_by(Segment.id)
    return list(session.scalars(found))


def problems(session: Session, inside: Collection[int], outside: Collection[int]) -> dict[str, str]:
    """Return what is wrong with the choice of segments, by the form's fields."""
    found = {}
    for field, ids in (("segment_ids", inside), ("exclusion_ids", outside)):
        if len(chosen(session, ids)) != len(set(ids)):
            found[field] = "One of the segments is gone."
    if any(is_of_leavers(one) for one in chosen(session, inside)):
        found["segment_ids"] = (
            "A segment picks people because they have unsubscribed. Nobody who left is written "
            "to for having left (R37); such a segment can only be left out."
        )
    return found


def is_of_leavers(segment: Segment) -> bool:
    return rules.gathers_leavers(rules.kept(segment.rules))


def campaigns_with(session: Session, segment_id: int) -> list[Campaign]:
    """Return the campaigns that name a segment, those that are not over first."""
    naming = sa.union(
        *(
            sa.select(table.c.campaign_id).where(table.c.segment_id == segment_id)
            for table in (campaign_segments, campaign_exclusions)
        )
    )
    found = sa.select(Campaign).where(Campaign.id.in_(naming)).order_by(Campaign.id.desc())
    return sorted(session.scalars(found), key=lambda one: one.status not in OPEN)


def demand_usable(session: Session, segment_id: int, tree: Group) -> None:
    """Let a segment be changed unless a campaign that is not over would reach leavers by it.

    Raises InUse.
    """
    if not rules.gathers_leavers(tree):
        return
    for campaign in campaigns_with(session, segment_id):
        if campaign.status in OPEN and segment_id in {one.id for one in campaign.segments}:
            raise InUse(
                f"The campaign “{campaign.name}” mails this segment, and nobody is written to for "
                "having left (R37). Take the segment out of the campaign first."
            )


class InUse(Exception):  # noqa: N818 - errors are named for the situation
    """A campaign names the segment; the message says which."""
