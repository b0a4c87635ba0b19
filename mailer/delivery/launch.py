"""The ways a campaign sets off; each of them crosses the gate."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.audience import standing
from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import (
    attestation,
    audience,
    checks,
    claims,
    instance,
    overrides,
    portions,
    tallies,
)
from mailer.delivery.models import Delivery, DeliveryStatus, Portion
from mailer.delivery.overrides import Acceptance
from mailer.links import Site

# A schedule found this late after an outage or a restored backup waits for a person.
TOO_LATE = timedelta(hours=1)
BEFORE = (CampaignStatus.draft, CampaignStatus.scheduled)
# Who did it, in the audit log, where nobody pressed anything.
PROGRAM = "mailer"


class NoAudience(Exception):  # noqa: N818 - errors are named for the situation
    """Nobody would be mailed; ``arithmetic`` counts the people by what speaks against each."""

    def __init__(self, arithmetic: dict[str, int]) -> None:
        super().__init__("Nobody on the chosen lists may be mailed.")
        self.arithmetic = arithmetic


class PastTime(Exception):  # noqa: N818 - errors are named for the situation
    """A campaign cannot be scheduled for a time that is over."""


def schedule(
    session: Session,
    site: Site,
    campaign: Campaign,
    at: datetime,
    now: datetime,
    said: Acceptance | None = None,
) -> None:
    """Fix the time of sending; raises PastTime, Refused, NeedsOverride, NoAudience, WrongState.

    The gate judges it as of that time, and ``said`` accepts its warnings.
    """
    if at <= now:
        raise PastTime("Choose a time that is still ahead.")
    instance.demand_free(session)
    grasp(session, campaign)
    demand_audience(session, campaign, now)
    found = checks.demand_lawful(session, site, campaign, now, at)
    overrides.demand(session, campaign, found.verdict, said, now)
    lifecycle.schedule(session, campaign, at, now)


def start(
    session: Session, site: Site, campaign: Campaign, now: datetime, said: Acceptance | None = None
) -> None:
    """Freeze the audience and set the campaign running; ``said`` accepts the gate's warnings.

    Raises Refused, NeedsOverride, NoAudience, WrongState.
    """
    instance.demand_free(session)
    grasp(session, campaign)
    demand_audience(session, campaign, now)
    found = checks.demand_lawful(session, site, campaign, now, now)
    overrides.demand(session, campaign, found.verdict, said, now)
    if campaign.status not in BEFORE:
        raise lifecycle.WrongState(f"A campaign that is {campaign.status} is not started again.")
    lifecycle.start(session, campaign, now)
    campaign.ruleset = found.verdict.ruleset
    audience.freeze(session, campaign, now)
    attestation.attest_start(session, site, campaign, found, named(said), now)


def resume(
    session: Session, site: Site, campaign: Campaign, now: datetime, said: Acceptance | None = None
) -> None:
    """Let a paused campaign go on with the audience it had.

    Raises Refused, NeedsOverride, WrongState.
    """
    grasp(session, campaign)
    if campaign.status is not CampaignStatus.paused:
        raise lifecycle.WrongState(f"A campaign that is {campaign.status} cannot be resumed.")
    go_on(session, site, campaign, now, said)


def reopen(
    session: Session, site: Site, campaign: Campaign, now: datetime, said: Acceptance | None = None
) -> None:
    """Let a finished campaign run again, for copies that a person wants sent again.

    Raises Refused, NeedsOverride, WrongState.
    """
    grasp(session, campaign)
    if campaign.status is not CampaignStatus.finished:
        raise lifecycle.WrongState(f"A campaign that is {campaign.status} cannot be reopened.")
    go_on(session, site, campaign, now, said)


def go_on(
    session: Session, site: Site, campaign: Campaign, now: datetime, said: Acceptance | None
) -> None:
    """Take a campaign that has its audience through the gate, and let it run."""
    instance.demand_free(session)
    found = checks.demand_lawful(session, site, campaign, now, now)
    overrides.demand(session, campaign, found.verdict, said, now)
    lifecycle.start(session, campaign, now)
    portions.rouse(session, campaign.id, now)
    attestation.attest_start(session, site, campaign, found, named(said), now)


def named(said: Acceptance | None) -> str:
    """Return who sets a campaign off: a person, or the clock that a person has set."""
    if said is None:
        return "the schedule"
    return said.actor if isinstance(said.actor, str) else said.actor.email


def finish(session: Session, site: Site, campaign: Campaign, now: datetime) -> None:
    """Close a campaign in which everybody has an outcome; raises WrongState."""
    lifecycle.finish(session, campaign, now)
    attestation.attest_end(session, site, campaign, now)
    record(session, campaign, now, "finish")


def hold(session: Session, campaign: Campaign, now: datetime, why: str) -> None:
    """Pause a campaign that a person must see to; raises WrongState."""
    lifecycle.pause(session, campaign, now, why=why)
    record(session, campaign, now, "pause", why)


def record(
    session: Session, campaign: Campaign, now: datetime, action: str, reason: str = ""
) -> None:
    """Write down what the program did by itself. What people do is recorded where they ask."""
    subject = f"campaign {campaign.id}"
    audit.record(session, now, PROGRAM, f"campaign.{action}", subject, reason=reason)


def cancel(session: Session, site: Site, campaign: Campaign, now: datetime) -> None:
    """Stop for good: whoever has not been mailed is excluded, with that reason."""
    lifecycle.cancel(session, campaign, now)
    exclude_waiting(session, campaign.id, now)
    attestation.attest_end(session, site, campaign, now)


def sweep_cancelled(session: Session, now: datetime) -> None:
    """Exclude whom a sending process gave back after her campaign was cancelled."""
    left = (
        sa.select(Portion.campaign_id)
        .join(Campaign, Portion.campaign_id == Campaign.id)
        .where(
            Campaign.status == CampaignStatus.cancelled,
            Portion.next_at.is_not(None),
            Portion.lease.is_(None),
        )
        .distinct()
    )
    for campaign_id in session.scalars(left).all():
        exclude_waiting(session, campaign_id, now)


def exclude_waiting(session: Session, campaign_id: int, now: datetime) -> None:
    tallies.forget(session, campaign_id)
    portions.close(session, campaign_id)
    session.execute(
        sa.update(Delivery)
        .where(Delivery.campaign_id == campaign_id, Delivery.status.in_(claims.WAITING))
        .values(status=DeliveryStatus.excluded, reason="cancelled", finished_at=now)
        .execution_options(synchronize_session=False)
    )


def start_due(session: Session, site: Site, now: datetime) -> Iterator[Campaign]:
    """Start what its schedule calls for, one by one; what cannot go returns to draft, saying why.

    The caller commits after each, so that one campaign's trouble is not another's.
    """
    due = sa.select(Campaign).where(
        Campaign.status == CampaignStatus.scheduled, Campaign.send_at <= now
    )
    for campaign in session.scalars(due.order_by(Campaign.send_at)).all():
        if not is_still_due(session, campaign):
            continue  # another clock was quicker
        why = hindrance(session, site, campaign, now)
        if why:
            lifecycle.unschedule(session, campaign, now, why=why)
        record(session, campaign, now, "unschedule" if why else "start", why or "as scheduled")
        yield campaign


def senders_due(session: Session, now: datetime) -> list[int]:
    """Return who sends what ``start_due`` would start now."""
    due = sa.select(Campaign.sender_id).where(
        Campaign.status == CampaignStatus.scheduled, Campaign.send_at <= now
    )
    return list(session.scalars(due.distinct().order_by(Campaign.sender_id)))


def is_still_due(session: Session, campaign: Campaign) -> bool:
    """Take hold of a due campaign, and tell whether it is still scheduled now that it is ours."""
    grasp(session, campaign)
    return campaign.status is CampaignStatus.scheduled


def grasp(session: Session, campaign: Campaign) -> None:
    """Lock a campaign and its sender: what the gate judges is what starts, word for word."""
    session.refresh(campaign, with_for_update=True)
    session.refresh(campaign.sender, with_for_update=True)


def hindrance(session: Session, site: Site, campaign: Campaign, now: datetime) -> str:
    """Start a due campaign; return the reason when that cannot be, else an empty text."""
    if campaign.send_at is not None and now - campaign.send_at > TOO_LATE:
        return (
            f"It was due {campaign.send_at:%d %B %Y, %H:%M} UTC, which is long past. Send it again?"
        )
    try:
        start(session, site, campaign, now)
    except checks.Refused as refusal:
        rules = ", ".join(sorted({finding.rule for finding in refusal.verdict.refusals}))
        return f"The gate refused it when it was due: {rules}."
    except (overrides.NeedsOverride, NoAudience, lifecycle.WrongState) as error:
        return str(error)
    return ""


def demand_audience(session: Session, campaign: Campaign, now: datetime) -> None:
    counted = audience.arithmetic(session, campaign, now)
    if not counted.get(standing.MAILABLE):
        raise NoAudience(counted)
