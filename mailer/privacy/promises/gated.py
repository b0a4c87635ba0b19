"""Proofs of what is promised about each mail: the rules of the gate, and who signs for it."""

import sqlalchemy as sa

from mailer.audience import senders
from mailer.campaigns.models import Campaign
from mailer.compliance import gate
from mailer.compliance.candidate import Kind
from mailer.compliance.finding import Severity
from mailer.delivery.models import Certificate, Occasion
from mailer.privacy.promises.proof import Ground, Proof, absent, broken, counted, kept

NO_SENDER = ("No sender is set up yet, so nobody is mailed.", "Set up a sender under Senders.")
KNOWN = frozenset(gate.ASKS)


def judged(ground: Ground, *rules: str) -> Proof:
    """Prove that these rules are asked of every campaign: each that began has its certificate."""
    missing = sorted(set(rules) - KNOWN)
    if missing:
        lost = f"The gate of this program does not know {', '.join(missing)}."
        return broken(lost, "Install the program anew.")
    certified = sa.exists().where(Certificate.campaign_id == Campaign.id)
    begun = sa.select(sa.func.count()).select_from(Campaign).where(Campaign.started_at.is_not(None))
    unjudged = ground.session.scalar(begun.where(~certified)) or 0
    if unjudged:
        told = f"{counted(unjudged, 'campaign')} began without a certificate of the gate."
        return broken(told, "Look under Campaigns how they were sent, and by whom.")
    starts = sa.select(sa.func.count(), sa.func.max(Certificate.at)).where(
        Certificate.occasion == Occasion.start
    )
    number, last = ground.session.execute(starts).one()
    asked = f"{', '.join(rules)} of rules {gate.RULESET}"
    if not number:
        return kept(f"{asked} stand before every start; no campaign has begun yet.", ground.now)
    return kept(f"{asked} judged {counted(number, 'start')} of campaigns; each is certified.", last)


def truthful(ground: Ground) -> Proof:
    return judged(ground, *(f"R{number:02}" for number in range(1, 12)))


def labelled(ground: Ground) -> Proof:
    return judged(ground, "R13", "R25")


def of_a_kind(ground: Ground) -> Proof:
    return judged(ground, "R25")


def announced(ground: Ground) -> Proof:
    """Prove that important announcements have a kind of their own, which advertises nothing."""
    proof = judged(ground, "R25")
    sent = sa.select(sa.func.count()).select_from(Campaign).where(Campaign.kind == Kind.service)
    number = ground.session.scalar(sent.where(Campaign.started_at.is_not(None))) or 0
    if proof.remedy:
        return proof
    return kept(f"{proof.evidence} {counted(number, 'service notice')} went out so far.", proof.at)


def addressed(ground: Ground) -> Proof:
    """Prove that each sender's postal address is true and vouched for (R15)."""
    found = senders.index(ground.session)
    if not found:
        return absent(*NO_SENDER)
    for sender in found:
        faults = gate.judge_sender(senders.record(sender), ground.now.date())
        refusals = [one for one in faults if one.severity is Severity.refuse]
        if refusals:
            return broken(f"{sender.legal_name}: {refusals[0].evidence}", refusals[0].fix)
    rules = judged(ground, "R14", "R15")
    named = "; ".join(f"{one.legal_name}, {one.city}" for one in found)
    return kept(f"{named}. {rules.evidence}", rules.at) if not rules.remedy else rules
