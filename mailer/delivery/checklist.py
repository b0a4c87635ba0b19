"""What a lawful send needs of this installation, and how far it is: the gate's own answer.

Each item is what the gate's rules say of a specimen letter and of what is known of the sending
side; so the list and the gate cannot disagree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.audience.models import Sender
from mailer.campaigns.rendering import Rendered
from mailer.compliance import gate
from mailer.compliance.candidate import Candidate
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.rules.origin import RELAY, SEED, SERVICE
from mailer.delivery import composing, seeds, signing
from mailer.delivery import readiness as knowledge
from mailer.delivery.composing import Envelope
from mailer.links import Site


class State(StrEnum):
    """How far an item is. ``later`` refuses from a day on, ``broken`` refuses now."""

    done = "done"
    remark = "remark"
    later = "later"
    broken = "broken"
    unjudged = "unjudged"


@dataclass(frozen=True)
class Need:
    """Something that has to be in place; ``rules`` judge it, by ``part`` if one judges several."""

    key: str
    title: str
    why: str
    rules: tuple[str, ...]
    part: str | None = None


@dataclass(frozen=True)
class Item:
    """A need and how far it is; ``findings`` say what is missing and how to mend it."""

    need: Need
    state: State
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Checklist:
    """All items for one sender. ``grace_until``: the day from which what is asked for refuses."""

    items: tuple[Item, ...]
    grace_until: date

    @property
    def judged(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.state is not State.unjudged)

    @property
    def done(self) -> int:
        return sum(item.state in (State.done, State.remark) for item in self.judged)

    @property
    def is_broken(self) -> bool:
        return any(item.state is State.broken for item in self.items)

    @property
    def is_complete(self) -> bool:
        return self.done == len(self.judged)


SENDER = Need(
    "sender",
    "A sender",
    "Every mail names the person or company that answers for it (15 U.S.C. 7704(a)(1)).",
    (),
)
NEEDS = (
    Need(
        "address",
        "A postal address, vouched for",
        "Every commercial mail carries a valid postal address, vouched for once a year "
        "(15 U.S.C. 7704(a)(5)(A)(iii); 16 CFR 316.2(p)).",
        ("R15",),
    ),
    Need(
        "dns",
        "DNS records of the From domain",
        "SPF and DMARC let mailbox providers tell your mail from a forgery (RFC 7208, RFC 9989; "
        "Gmail, Yahoo and Microsoft demand them of bulk senders).",
        ("R02",),
    ),
    Need(
        "key",
        "A signing key",
        "One-click unsubscription is offered only where a DKIM signature covers its headers "
        "(RFC 8058 s4).",
        ("R41",),
    ),
    Need(
        "replies",
        "A reply mailbox that is read",
        "Readers may answer, and may opt out by answering (15 U.S.C. 7704(a)(3)(A)).",
        ("R03",),
    ),
    Need(
        "relay",
        "The relay, registered and reviewed",
        "Who hands readers' data to another firm answers for it (GDPR art. 28, 44-46), and our "
        "policy promises to monitor such services; read again every 90 days.",
        ("R05",),
        RELAY,
    ),
    Need(
        "processors",
        "Everybody else who gets readers' data, reviewed",
        "Hosts, backups and other services are answered for like the relay (GDPR art. 28, 44-46); "
        "each record says how often its terms are read again.",
        ("R05",),
        SERVICE,
    ),
    Need(
        "seed",
        "A seed copy that came back whole",
        "A copy of your own mail shows what the relay does to it: whether the one-click headers "
        "are still there and signed (RFC 8058 s4); not older than 30 days.",
        ("R05",),
        SEED,
    ),
    Need(
        "trial",
        "The opt-out, tried",
        "The way out must work for 30 days after each mail, and be tried before the first reader "
        "depends on it (15 U.S.C. 7704(a)(3); RFC 8058 s3.2).",
        ("R18", "R19", "R42"),
    ),
    Need(
        "public",
        "A public address with https",
        "Mail programs offer one click only to an https address (RFC 8058 s3.1).",
        ("R40",),
    ),
)
NAMED = frozenset(rule for need in NEEDS for rule in need.rules)
ASKED = tuple(rule for rule in gate.RULES if rule.id in NAMED)
TEXT = "A specimen: its headers and signature are judged, its words are not."


def checklist(session: Session, site: Site, sender: Sender | None, now: datetime) -> Checklist:
    """Return how far everything is for a sender, as the gate judges it today.

    Without a sender only that one is missing; the rest depends on who sends.
    """
    until = knowledge.grace_until(session, now)
    if sender is None:
        unjudged = tuple(Item(need, State.unjudged) for need in NEEDS)
        return Checklist((Item(SENDER, State.broken), *unjudged), until)
    findings = gate.judge(specimen(session, site, sender, now), ASKED).findings
    items = (item(need, findings, development=site.development) for need in NEEDS)
    return Checklist((Item(SENDER, State.done), *items), until)


def item(need: Need, findings: tuple[Finding, ...], *, development: bool) -> Item:
    mine = tuple(of(need, findings))
    asked = {rule.id for rule in ASKED}
    if not asked.intersection(need.rules):
        return Item(need, State.unjudged)
    return Item(need, state(mine, development=development), mine)


def of(need: Need, findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """Give the findings about a need; one that names no part is about all that its rule judges."""
    for finding in findings:
        if finding.rule in need.rules and (need.part is None or finding.part in (need.part, None)):
            yield finding


def state(findings: tuple[Finding, ...], *, development: bool) -> State:
    """Sum up the findings about a need; what development is excused from is not judged there."""
    severities = {finding.severity for finding in findings}
    if Severity.refuse in severities:
        return State.broken
    if development and severities:
        return State.unjudged
    if Severity.note in severities:
        return State.later
    return State.remark if severities else State.done


def specimen(session: Session, site: Site, sender: Sender, now: datetime) -> Candidate:
    """Return a letter of this sender's, with headers and signature as all of them are made."""
    domain = sender.from_address.rpartition("@")[2]
    url = site.unsubscribe(0, 0, 0)
    envelope = Envelope(
        from_name=sender.from_name,
        from_address=sender.from_address,
        reply_to=sender.reply_to,
        to=sender.reply_to,
        message_id=composing.message_id(site.keys, domain, 0),
        date=now,
        unsubscribe_url=url,
        list_id=f"<specimen.{domain}>",
        letters=site.letters,
    )
    raw = composing.composed(envelope, Rendered(TEXT, f"<p>{TEXT}</p>", TEXT))
    return Candidate(
        raw=signing.signed(raw, signing.signers(session, site.keys, sender)),
        sender=senders.record(sender),
        unsubscribe_url=url,
        today=now.date(),
        development=site.development,
        relay_signs=seeds.relay_signs(session, site.relay_of(sender.from_address), sender),
        readiness=knowledge.readiness(session, site, sender, now),
    )
