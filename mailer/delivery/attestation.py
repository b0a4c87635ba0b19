"""What a certificate says: what was approved and why, and what became of it."""

import base64
import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing
from mailer.campaigns.models import Campaign
from mailer.compliance import dkim, gate
from mailer.compliance.mime import reading
from mailer.compliance.readiness import Readiness
from mailer.delivery import audience, cells, certificates, overrides, statistics
from mailer.delivery.certificates import Statement
from mailer.delivery.checks import Examination
from mailer.delivery.discretion import discreet
from mailer.delivery.models import Certificate, Delivery, Occasion, Override
from mailer.links import Site

FEW_NOT_MEANT = "on the lists, and not meant"


def attest_start(
    session: Session,
    site: Site,
    campaign: Campaign,
    found: Examination,
    by: str,
    now: datetime,
) -> Certificate:
    """Write the page on a campaign that the gate has just let go; ``by`` names who sent it."""
    office, verdict = found.office, found.verdict
    is_first = certificates.last_start(session, campaign.id) is None
    occasion = Occasion.start if is_first else Occasion.resume
    certificates.note_kinds(session, campaign.id, found.kinds)
    content: dict[str, object] = {
        "by": by,
        "campaign": {"name": campaign.name, "subject": campaign.subject, "kind": campaign.kind},
        "stated": office.stated,
        "sender": office.record,
        "printed": office.record.block(),
        "ruleset": verdict.ruleset,
        "asked": [
            f"{rule.id} {rule.name}" for rule in gate.bound(office.kind, office.record.packs)
        ],
        "found": [one.as_dict() for one in discreet(verdict.findings, found.readers)],
        "overrides": [written(one) for one in overrides.in_force(session, campaign).values()],
        "ready": ready(office.readiness),
        **to_whom(session, campaign, occasion, now),
        "kinds": sorted(digest.hex() for digest in found.kinds),
        "sample": {
            "sha256": hashlib.sha256(found.sample).hexdigest(),
            "message": base64.b64encode(found.sample).decode(),
            "signed": signatures(found.sample),
        },
    }
    statement = Statement(campaign.id, occasion, office.digest, content)
    return certificates.issue(session, site.keys, statement, now)


def attest_end(session: Session, site: Site, campaign: Campaign, now: datetime) -> Certificate:
    """Write the page on a campaign that is over: everybody's outcome, in numbers."""
    first, last = session.execute(
        sa.select(sa.func.min(Delivery.sending_at), sa.func.max(Delivery.sending_at)).where(
            Delivery.campaign_id == campaign.id
        )
    ).one()
    content: dict[str, object] = {
        "status": campaign.status,
        **to_whom(session, campaign, Occasion.end, now),
        "first_handed_over": first,
        "last_handed_over": last,
        "kinds": certificates.kinds(session, campaign.id),
    }
    approved = certificates.last_start(session, campaign.id)
    source = approved.source if approved else ""
    statement = Statement(campaign.id, Occasion.end, source, content)
    return certificates.issue(session, site.keys, statement, now)


def to_whom(
    session: Session, campaign: Campaign, occasion: Occasion, now: datetime
) -> dict[str, object]:
    """Return the audience by reason as it is frozen at the start, by what became of it later on.

    Small numbers are told by state alone: the page outlives whoever is erased (``cells``).
    """
    if occasion is Occasion.start:
        counted = audience.arithmetic(session, campaign, now)
        # Apart, so that the others sum to how many were frozen.
        out = {why: counted.pop(why) for why in audience.NOT_MEANT & counted.keys()}
        inside = cells.told(counted, spare=standing.MAILABLE)
        return {"audience": inside + cells.told(out, few=FEW_NOT_MEANT)}
    report = statistics.report(session, campaign)
    reasons = cells.told(report.reasons)
    return {"audience": report.audience, "states": report.states, "reasons": reasons}


def ready(known: Readiness) -> dict[str, object]:
    """Return what was known of the sending side, the trial of the opt-out without its pages."""
    trial = known.trial
    return {
        "authentication": known.authentication,
        "replies": known.replies,
        "relay": known.relay,
        "processors": known.services,
        "opt_out": trial
        and {
            "tried_at": trial.tried_at,
            "at": trial.public_url,
            "has_passed": trial.has_passed,
            "was_harmless": trial.was_harmless,
            "answers": {one.form: one.answer.status for one in trial.posts},
            "fault": trial.fault,
        },
    }


def written(one: Override) -> dict[str, object]:
    return {"rule": one.rule, "by": one.actor, "why": one.reason, "at": one.at}


def signatures(raw: bytes) -> list[dict[str, str]]:
    """Return what each DKIM signature of a message covers (RFC 6376 section 3.5)."""
    found = dkim.signatures(reading.read(raw))
    return [{name: one.tags.get(name, "") for name in ("d", "s", "a", "h")} for one in found]
