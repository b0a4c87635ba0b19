"""The notice to the affected (Art. 34 GDPR), as a campaign; and the report to the authority."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience import standing
from mailer.audience.affected import AffectedPerson, is_affected
from mailer.audience.models import MailingList, Sender, Subscriber, Subscription
from mailer.audience.words import ListStatus
from mailer.campaigns.models import Campaign
from mailer.compliance.candidate import Kind
from mailer.delivery.audience import placed
from mailer.privacy import clocks
from mailer.privacy.clocks import Desk
from mailer.privacy.incidents import affected, register
from mailer.privacy.incidents.models import Incident

REASON = "It tells people that a breach of their personal data affected them (Art. 34 GDPR)."
UNKNOWN = "(not known yet)"
BODY = """Hello,

on {noticed} we noticed that something has happened to data that we keep about you.

**What happened.** {happened}

**Which data.** {data}

**What may follow from it.** {consequences}

**What we have done, and what you can do.** {measures}

**Whom to ask.** {contact}

You get this message although you may have ended our mail, because the law wants you to be told.

{{{{ legal_footer }}}}
"""
FORM = """Notification of a personal data breach to the supervisory authority
(Art. 33(3) GDPR)

Controller: {controller}
Register number: {number}

1. Times
   First noticed:        {noticed}
   Aware since:          {aware}
   72 hours end:         {until}

2. Nature of the breach (a)
   {happened}
   Categories of data: {data}
   People concerned, approximately: {people}
   Records concerned, approximately: {records}

3. Contact for more information (b)
   {contact}

4. Likely consequences (c)
   {consequences}

5. Measures taken or proposed (d)
   {measures}

6. The people concerned
   {told}

7. If this comes later than 72 hours: the reasons for the delay
   {late}
"""


class NobodyAffected(Exception):  # noqa: N818 - errors are named for the situation
    """None of the affected is on an open list of that sender, so nobody would be told."""


def lists(session: Session, incident_id: int, sender_id: int) -> Sequence[MailingList]:
    """Return the open lists of a sender on which somebody affected is, or was."""
    there = (
        sa.select(Subscription.list_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(is_affected(incident_id))
    )
    chosen = sa.select(MailingList).where(
        MailingList.sender_id == sender_id,
        MailingList.status == ListStatus.active,
        MailingList.id.in_(there),
    )
    return session.scalars(chosen.order_by(MailingList.id)).all()


def draft(
    session: Session, now: datetime, actor: User | str, incident: Incident, sender: Sender
) -> Campaign:
    """Make a draft of the notice, which goes through the gate as any campaign.

    Whoever has ended our mail is reached, too; who was erased, has a restriction, or whose mailbox
    is invalid or blocked is not. Raises NobodyAffected. The caller commits.
    """
    found = lists(session, incident.id, sender.id)
    if not found:
        raise NobodyAffected
    campaign = Campaign(
        sender_id=sender.id,
        name=f"Notice: incident {incident.id}",
        subject="Personal data breach: what happened and what you can do",
        kind=Kind.service,
        kind_reason=REASON,
        incident_id=incident.id,
        body=BODY.format(**texts(incident), noticed=f"{incident.noticed_at:%d %B %Y}"),
        created_at=now,
        updated_at=now,
        lists=list(found),
    )
    session.add(campaign)
    session.flush()
    register.note(session, now, actor, incident, "draft_notice", f"campaign {campaign.id}")
    return campaign


def campaigns(session: Session, incident_id: int) -> Sequence[Campaign]:
    """Return the notices about an incident: what was sent when, with its certificates."""
    mine = sa.select(Campaign).where(Campaign.incident_id == incident_id)
    return session.scalars(mine.order_by(Campaign.id)).all()


def unreached(session: Session, incident_id: int) -> int:
    """Return how many of the affected no mail may reach: they are to be told by another way.

    They are not here any more, on no open list, or something bars them as ``draft`` says.
    """
    open_lists = session.scalars(
        sa.select(MailingList.id).where(MailingList.status == ListStatus.active)
    ).all()
    reached = (
        sa.select(sa.func.count(Subscriber.id.distinct()))
        .select_from(placed(open_lists))
        .join(AffectedPerson, AffectedPerson.address_key == Subscriber.address_key)
        .where(
            AffectedPerson.incident_id == incident_id,
            standing.refusal_of_notice() == standing.MAILABLE,
        )
    )
    return affected.count(session, incident_id) - (session.scalar(reached) or 0)


def texts(incident: Incident) -> dict[str, str]:
    names = ("happened", "data", "consequences", "measures", "contact")
    return {name: getattr(incident, name) or UNKNOWN for name in names}


def form(session: Session, desk: Desk, incident: Incident, controller: str) -> str:
    """Return the report to the authority as plain text, filled from the register (Art. 33(3)).

    Times are those of the desk's zone.
    """
    until, _ = register.deadlines(desk, incident)
    told = register.told_at(session, incident)
    chosen = affected.count(session, incident.id)
    return FORM.format(
        **texts(incident),
        controller=controller or UNKNOWN,
        number=incident.id,
        noticed=spelled(desk, incident.noticed_at),
        aware=spelled(desk, incident.aware_at),
        until=spelled(desk, until.at),
        people=incident.people if incident.people is not None else (chosen or UNKNOWN),
        records=incident.records if incident.records is not None else UNKNOWN,
        told=f"told since {spelled(desk, told)}" if told else "not told yet",
        late=incident.unreported or "not late",
    )


def spelled(desk: Desk, at: datetime) -> str:
    return clocks.spelled(at.astimezone(desk.zone))
