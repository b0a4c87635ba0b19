"""Results of seed copies: what is known of a relay, of a sender's signature, of a campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Sender
from mailer.campaigns.models import Campaign
from mailer.compliance.finding import Severity
from mailer.delivery.relay_models import SeedResult, SeedState

JUDGED = (SeedState.passed, SeedState.failed)


@dataclass(frozen=True)
class Standing:
    """What seed copies have shown of a relay; ``fault`` and ``remark`` are of the last one."""

    passed_on: date | None = None
    fault: str = ""
    remark: str = ""


def standing(session: Session, host: str) -> Standing:
    """Return what the copies that came back through a relay have shown."""
    last = session.scalar(judged(host).limit(1))
    if last is None:
        return Standing()
    passed = session.scalar(judged(host).where(SeedResult.state == SeedState.passed).limit(1))
    return Standing(
        passed_on=passed.received_at.date() if passed and passed.received_at else None,
        fault=told(last, Severity.refuse),
        remark=told(last, Severity.warn),
    )


def judged(host: str) -> sa.Select[SeedResult]:
    chosen = sa.select(SeedResult).where(SeedResult.host == host, SeedResult.state.in_(JUDGED))
    return chosen.order_by(SeedResult.received_at.desc(), SeedResult.id.desc())


def told(result: SeedResult, severity: Severity) -> str:
    """Return what the gate found of a severity, in one line."""
    found = (one["evidence"] or "" for one in result.findings if one["severity"] == severity.value)
    return " ".join(dict.fromkeys(found))


def relay_signs(session: Session, host: str, sender: Sender) -> bool:
    """Tell whether the last copy of this sender bore a sound signature that the relay added."""
    mine = Campaign.sender_id == sender.id
    last = session.scalar(judged(host).join(Campaign).where(mine).limit(1))
    return last is not None and last.relay_signs


def list_header(session: Session, campaign: Campaign) -> str | None:
    """Return the List-Id under which the campaign's list was last mailed, if it has only one."""
    if len(campaign.lists) != 1:
        return None
    mine = SeedResult.list_id == campaign.lists[0].id, SeedResult.list_header != ""
    chosen = sa.select(SeedResult.list_header).where(*mine)
    return session.scalar(chosen.order_by(SeedResult.id.desc()).limit(1))


def of_campaign(session: Session, campaign: Campaign) -> Sequence[SeedResult]:
    mine = sa.select(SeedResult).where(SeedResult.campaign_id == campaign.id)
    return session.scalars(mine.order_by(SeedResult.id.desc())).all()


def latest(session: Session, host: str, most: int) -> Sequence[SeedResult]:
    through = sa.select(SeedResult).where(SeedResult.host == host)
    return session.scalars(through.order_by(SeedResult.id.desc()).limit(most)).all()


def due(session: Session, now: datetime) -> list[int]:
    """Return the seed copies that are to be sent or looked for, the most urgent first."""
    chosen = sa.select(SeedResult.id).where(SeedResult.next_at <= now)
    return list(session.scalars(chosen.order_by(SeedResult.next_at)))


def queue(
    session: Session, host: str, campaign: Campaign, now: datetime, ahead_of: datetime | None = None
) -> SeedResult:
    """Add a seed copy that is to be sent now."""
    first: MailingList | None = campaign.lists[0] if campaign.lists else None
    made = SeedResult(
        campaign_id=campaign.id,
        host=host,
        state=SeedState.due,
        ahead_of=ahead_of,
        created_at=now,
        next_at=now,
        list_id=first.id if first else None,
        findings=[],
    )
    session.add(made)
    session.flush()
    return made


def is_owed(session: Session, campaign: Campaign) -> bool:
    """Tell whether no copy has gone ahead of this campaign's start yet."""
    ahead = sa.select(SeedResult.id).where(
        SeedResult.campaign_id == campaign.id, SeedResult.ahead_of.is_not(None)
    )
    return session.scalar(ahead.limit(1)) is None
