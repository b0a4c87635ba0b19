"""Sending again the copies that nobody can say arrived: only on a person's word."""

from datetime import datetime

from sqlalchemy.orm import Session

from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import launch, portions, unknowns
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.overrides import Acceptance
from mailer.delivery.report_models import Resolution
from mailer.links import Site

# A campaign that was cancelled stays so: whoever cancels wants nothing more to leave.
SENDS_AGAIN = (CampaignStatus.running, CampaignStatus.paused, CampaignStatus.finished)


def resend(
    session: Session, site: Site, campaign: Campaign, now: datetime, said: Acceptance
) -> int:
    """Let the copies in doubt wait for their turn again; return how many there are.

    Whoever has left meanwhile is stopped by the fence, as always. A finished campaign runs again,
    through the gate as when it is resumed; a paused one stays paused. Raises WrongState when
    nothing is in doubt or the campaign was cancelled; Refused and NeedsOverride by the gate.
    """
    launch.grasp(session, campaign)
    if not unknowns.number(session, campaign.id):
        raise lifecycle.WrongState("None of its copies is in doubt any more.")
    if campaign.status not in SENDS_AGAIN:
        raise lifecycle.WrongState(f"A campaign that is {campaign.status} sends nothing again.")
    if campaign.status is CampaignStatus.finished:
        launch.reopen(session, site, campaign, now, said)
    ended = unknowns.resolve(
        session,
        unknowns.open_of(campaign.id),
        Resolution.again,
        launch.named(said),
        now,
        {"status": DeliveryStatus.pending, "next_at": now, "finished_at": None},
    )
    portions.call(session, campaign.id, now)
    return len(ended)
