"""A campaign before the gate: its rendered copies, as the bytes that would leave."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing
from mailer.audience.models import Subscriber
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.campaigns.templating import BadTemplate
from mailer.compliance import gate
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.gate import Verdict
from mailer.delivery import audience
from mailer.delivery.composing import Unsendable
from mailer.delivery.office import Office
from mailer.links import Site

SAMPLE = 8
NOBODY = "reader@example.com"
STAND_IN = "A-10023"
MEND_TEMPLATE = (
    "Mend the template, or give the variable a fallback: "
    '{{ subscriber.first_name | default: "friend" }}.'
)


class Refused(Exception):  # noqa: N818 - errors are named for the situation
    """The gate refuses the campaign; ``verdict`` says for which reasons."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__("; ".join(finding.title for finding in verdict.refusals))
        self.verdict = verdict


def demand_lawful(
    session: Session, site: Site, campaign: Campaign, now: datetime, at: datetime | None = None
) -> Verdict:
    """Return the gate's verdict on what leaves ``at`` (now, unless it is given), or raise Refused.

    Every way that sends calls this.
    """
    verdict = examined(session, site, campaign, now, at)
    if not verdict.is_lawful:
        raise Refused(verdict)
    return verdict


def examined(
    session: Session, site: Site, campaign: Campaign, now: datetime, at: datetime | None = None
) -> Verdict:
    """Judge the copies of a sample of real readers and of one of whom nothing is known.

    ``at`` is when it leaves; None means at its scheduled time, else now.
    """
    readers = (nobody(campaign), *sample(session, campaign))
    return verdict_on(session, site, campaign, readers, now, at or leaving(campaign, now))


def glanced(session: Session, site: Site, campaign: Campaign, now: datetime) -> Verdict:
    """Judge, while somebody writes, the one copy that needs no reader to be looked up."""
    readers = (nobody(campaign),)
    return verdict_on(session, site, campaign, readers, now, leaving(campaign, now))


def leaving(campaign: Campaign, now: datetime) -> datetime:
    return max(campaign.send_at or now, now)


def nobody(campaign: Campaign) -> Reader:
    """Return somebody of whom only the address is known, and her dealing where there must be one.

    Templates that lean on a name fail here, not later.
    """
    field = campaign.dealing_field
    return Reader(NOBODY, attributes={field: STAND_IN} if field else {})


def verdict_on(
    session: Session,
    site: Site,
    campaign: Campaign,
    readers: Iterable[Reader],
    now: datetime,
    at: datetime,
) -> Verdict:
    try:
        office = Office.of(session, site, campaign, now)
    except BadTemplate as error:
        return Verdict((unreadable(str(error)),), gate.RULESET)
    found: dict[tuple[str, str | None, str], Finding] = {}
    for reader in readers:
        for finding in judged(office, reader, now, at):
            found.setdefault((finding.rule, finding.part, finding.fix), finding)
    order = {rule.id: place for place, rule in enumerate(gate.RULES)}
    ordered = sorted(found.values(), key=lambda finding: order.get(finding.rule, -1))
    return Verdict(tuple(ordered), gate.RULESET)


def sample(session: Session, campaign: Campaign) -> Iterator[Reader]:
    """Return the first and the newest readers who would be mailed."""
    people = audience.candidates(campaign)
    for order in (people.c.subscriber_id, people.c.subscriber_id.desc()):
        chosen = (
            sa.select(Subscriber)
            .join(people, Subscriber.id == people.c.subscriber_id)
            .where(people.c.reason == standing.MAILABLE)
            .order_by(order)
            .limit(SAMPLE // 2)
        )
        for row in session.scalars(chosen):
            yield Reader(row.email, row.name, row.attributes)


def judged(office: Office, reader: Reader, now: datetime, at: datetime) -> tuple[Finding, ...]:
    """Return the gate's findings on one reader's copy, as the bytes that would leave."""
    url = office.site.unsubscribe(0, 0, 0)
    try:
        raw = office.message(office.rendered(reader, url), reader.email, url, "sample", 0)
    except (BadTemplate, Unsendable) as error:
        return (unreadable(str(error)),)
    return gate.judge(office.candidate(raw, url, reader, now, at)).findings


def is_readable(verdict: Verdict) -> bool:
    """Tell whether there was a message to judge at all."""
    return all(finding.fix != MEND_TEMPLATE for finding in verdict.findings)


def unreadable(complaint: str) -> Finding:
    """Return the finding for a template that cannot be rendered: its merge marks stay (R11)."""
    rule = next(rule for rule in gate.RULES if rule.id == "R11")
    return Finding(
        rule=rule.id,
        name=rule.name,
        title=rule.title,
        severity=Severity.refuse,
        citation=rule.citation,
        evidence=complaint,
        fix=MEND_TEMPLATE,
        part=None,
    )
