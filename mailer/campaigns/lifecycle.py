"""The states a campaign goes through, and the only ways from one to the next."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign, CampaignStatus

draft, scheduled, running, paused, cancelled, finished = CampaignStatus

FROM: dict[CampaignStatus, tuple[CampaignStatus, ...]] = {
    draft: (scheduled,),
    scheduled: (draft,),
    running: (draft, scheduled, paused, finished),
    paused: (running,),
    cancelled: (running, paused),
    finished: (running,),
}


class WrongState(Exception):  # noqa: N818 - errors are named for the situation
    """The campaign is in a state from which this cannot be done; the message names both."""


def schedule(session: Session, campaign: Campaign, at: datetime, now: datetime) -> None:
    move(session, campaign, scheduled, now, send_at=at, hold_reason="")


def unschedule(session: Session, campaign: Campaign, now: datetime, *, why: str = "") -> None:
    """Return a scheduled campaign to draft; ``why`` says what it waits for, if not a person."""
    move(session, campaign, draft, now, send_at=None, hold_reason=why)


def start(session: Session, campaign: Campaign, now: datetime) -> None:
    """Let a campaign run, for the first time or on; mailer.delivery.launch tells which is which."""
    began = campaign.started_at or now
    move(session, campaign, running, now, started_at=began, finished_at=None, hold_reason="")


def pause(session: Session, campaign: Campaign, now: datetime, *, why: str = "") -> None:
    move(session, campaign, paused, now, hold_reason=why)


def cancel(session: Session, campaign: Campaign, now: datetime) -> None:
    move(session, campaign, cancelled, now, finished_at=now, hold_reason="")


def finish(session: Session, campaign: Campaign, now: datetime) -> None:
    move(session, campaign, finished, now, finished_at=now)


def move(
    session: Session, campaign: Campaign, to: CampaignStatus, now: datetime, **values: object
) -> None:
    """Change the state in one guarded statement, so that two at once cannot both do it.

    Raises WrongState when the campaign is not in a state that leads there.
    """
    changed = session.execute(
        sa.update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.status.in_(FROM[to]))
        .values(status=to, updated_at=now, **values)
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    session.refresh(campaign)
    if changed is None:
        raise WrongState(f"A campaign that is {campaign.status} cannot become {to}.")
