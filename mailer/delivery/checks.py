"""A campaign before the gate: its rendered copies, as the bytes that would leave."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from sqlalchemy.orm import Session

from mailer.campaigns import branches
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.campaigns.templating import BadTemplate
from mailer.compliance import gate
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.gate import Verdict
from mailer.delivery import audience, specimens
from mailer.delivery import readiness as knowledge
from mailer.delivery.composing import Unsendable
from mailer.delivery.inspection import Inspector
from mailer.delivery.lands import Countries, Lands
from mailer.delivery.office import Office
from mailer.links import Site

SAMPLE = 8
KINDS = 24
BEHIND = tuple(rule for rule in gate.RULES if rule.id in gate.SENDING_SIDE)
MEND_TEMPLATE = (
    "Mend the template, or give the variable a fallback: "
    '{{ subscriber.first_name | default: "friend" }}.'
)


class Refused(Exception):  # noqa: N818 - errors are named for the situation
    """The gate refuses the campaign; ``verdict`` says for which reasons."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__("; ".join(finding.title for finding in verdict.refusals))
        self.verdict = verdict


@dataclass(frozen=True)
class Examination:
    """A lawful campaign: the verdict, and the copies that it rests on.

    ``kinds`` are digests of the kinds of copies that were judged, ``sample`` is one copy's bytes,
    ``readers`` the real ones whose copies the gate has read.
    """

    verdict: Verdict
    office: Office
    kinds: tuple[bytes, ...]
    sample: bytes
    readers: tuple[Reader, ...]


def demand_lawful(
    session: Session, site: Site, campaign: Campaign, now: datetime, at: datetime | None = None
) -> Examination:
    """Return what the gate found on what leaves ``at`` (now, unless it is given), or raise Refused.

    Every way that sends calls this.
    """
    try:
        office = office_of(session, site, campaign, now)
    except BadTemplate as error:
        raise Refused(Verdict((unreadable(str(error)),))) from error
    office = replace(office, readiness=replace(office.readiness, is_start=True))
    inspector = Inspector(office, lambda: now, at or leaving(campaign, now))
    reader, read = specimens.nobody(campaign.dealing_field), tuple(sample(session, campaign, now))
    verdict = verdict_of(inspector, (reader, *read))
    if not verdict.is_lawful:
        raise Refused(verdict)
    kinds = tuple(digest for digest, _ in inspector.kinds)
    return Examination(verdict, office, kinds, specimens.copied(office, reader)[1], read)


def examined(
    session: Session, site: Site, campaign: Campaign, now: datetime, at: datetime | None = None
) -> Verdict:
    """Judge the copies of a sample of real readers, and of one of whom nothing is known.

    And of made-up readers who lead through the template's branches, until KINDS of copy are known:
    whichever is left out is judged when a reader's own copy is handed off. ``at`` is when it
    leaves; None means at its scheduled time, else now.
    """
    readers = (specimens.nobody(campaign.dealing_field), *sample(session, campaign, now))
    leaves = at or leaving(campaign, now)
    return verdict_on(lambda: office_of(session, site, campaign, now), readers, now, leaves)


def glanced(
    session: Session, site: Site, campaign: Campaign, now: datetime, lands: Lands
) -> Verdict:
    """Judge, while somebody writes, the copies that need no reader to be looked up."""
    readers = (specimens.nobody(campaign.dealing_field),)
    return verdict_on(
        lambda: office_of(session, site, campaign, now, lands.of),
        readers,
        now,
        leaving(campaign, now),
    )


def leaving(campaign: Campaign, now: datetime) -> datetime:
    return max(campaign.send_at or now, now)


def verdict_on(
    make: Callable[[], Office], readers: Iterable[Reader], now: datetime, at: datetime
) -> Verdict:
    try:
        office = make()
    except BadTemplate as error:
        return Verdict((unreadable(str(error)),))
    return verdict_of(Inspector(office, lambda: now, at), readers)


def office_of(
    session: Session,
    site: Site,
    campaign: Campaign,
    now: datetime,
    countries: Callable[[Session, Campaign, datetime], Countries] = audience.countries,
) -> Office:
    """Read a campaign, its audience's countries and the sending side; raises BadTemplate."""
    return replace(
        Office.of(session, site, campaign, now),
        audience_countries=countries(session, campaign, now),
        readiness=knowledge.readiness(session, site, campaign.sender, now),
        unwilling=audience.unwilling(session, campaign, now)
        if campaign.is_asking
        else (None, None),
    )


def verdict_of(inspector: Inspector, readers: Iterable[Reader]) -> Verdict:
    """Judge copies, and once what is behind all of them: the sending side."""
    found: dict[tuple[str, str | None, str], Finding] = {}
    for finding in chain(
        sampled(inspector, readers), branched(inspector), behind(inspector, readers)
    ):
        found.setdefault((finding.rule, finding.part, finding.fix), finding)
    order = {rule.id: place for place, rule in enumerate(gate.RULES)}
    ordered = sorted(found.values(), key=lambda finding: order.get(finding.rule, -1))
    return Verdict(tuple(ordered))


def sample(session: Session, campaign: Campaign, now: datetime) -> Iterator[Reader]:
    """Return the first and the newest readers who would be mailed."""
    for is_newest in (False, True):
        for row in audience.edge(session, campaign, now, SAMPLE // 2, is_newest=is_newest):
            yield Reader(row.email, row.name, row.attributes)


def sampled(inspector: Inspector, readers: Iterable[Reader]) -> Iterator[Finding]:
    for reader in readers:
        try:
            yield from judged(inspector, reader)
        except (BadTemplate, Unsendable) as error:
            yield unreadable(str(error))


def branched(inspector: Inspector) -> Iterator[Finding]:
    """Find what is wrong on the way through any branch; a made-up reader may lead nowhere."""
    for reader in branches.readers(inspector.office.compiled):
        if len(inspector.kinds) >= KINDS:
            return
        with suppress(BadTemplate, Unsendable):
            yield from judged(inspector, reader)


def behind(inspector: Inspector, readers: Iterable[Reader]) -> Iterator[Finding]:
    """Judge the sending side by the first copy that can be made."""
    for reader in readers:
        with suppress(BadTemplate, Unsendable):
            _, raw = specimens.copied(inspector.office, reader)
            url = inspector.office.site.unsubscribe(0, 0, 0)
            yield from gate.judge(inspector.candidate(raw, reader, url), BEHIND).findings
            return


def judged(inspector: Inspector, reader: Reader) -> tuple[Finding, ...]:
    """Return the findings on one reader's copy, as the bytes that would leave."""
    copy, raw = specimens.copied(inspector.office, reader)
    return inspector.findings(raw, copy, reader, inspector.office.site.unsubscribe(0, 0, 0))


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
