"""What belongs into DNS for a sender, what is there now, and what that means."""

from dataclasses import dataclass
from datetime import datetime

from mailer.audience.models import Sender
from mailer.compliance.domains import is_aligned
from mailer.compliance.readiness import Spf
from mailer.delivery import rotation, signing
from mailer.delivery.domains import Facts
from mailer.delivery.models import SigningKey
from mailer.delivery.rotation import Stage


@dataclass(frozen=True)
class Line:
    """One record: where it belongs, what to put there (empty: nothing), what is there now.

    ``state`` is pass, warn, refuse or unknown, and ``words`` says it.
    """

    what: str
    name: str
    value: str
    there: str
    state: str
    words: str
    kind: str = "TXT"


def wanted(sender: Sender, facts: Facts | None, spf_term: str) -> list[Line]:
    """Return what SPF, DMARC and mail of the sender's domains should be and are."""
    mail = (
        [mail_line(domain, takes=takes) for domain, takes in facts.takes_mail.items()]
        if facts
        else []
    )
    return [spf_line(sender, facts, spf_term), dmarc_line(sender, facts), *mail]


def mail_line(domain: str, *, takes: bool) -> Line:
    words = "It takes mail." if takes else "It takes no mail: neither MX nor address record."
    return Line("Mail", domain, "", "", "pass" if takes else "refuse", words, "MX")


def spf_line(sender: Sender, facts: Facts | None, term: str) -> Line:
    domain = sender.from_address.rpartition("@")[2]
    if facts is None:
        return Line("SPF", domain, spf_value("", term), "", "unknown", "Not looked up yet.")
    judgement = facts.spf
    state, words = {
        Spf.allowed: ("pass", "It lets the relay send."),
        Spf.denied: ("warn", f"It does not let the relay send. {judgement.fault}"),
        Spf.absent: ("warn", "There is no SPF record."),
        Spf.broken: ("warn", f"It cannot be used. {judgement.fault}"),
        Spf.unknown: ("unknown", judgement.fault),
    }[judgement.spf]
    is_wanted = judgement.spf in {Spf.denied, Spf.absent}
    value = spf_value(judgement.record, term) if is_wanted else ""
    return Line("SPF", domain, value, judgement.record, state, words)


def spf_value(record: str, term: str) -> str:
    """Return the record with the relay's term put in front, or a new one; empty without a term."""
    rest = record.partition(" ")[2] or "~all"
    return f"v=spf1 {term} {rest}" if term else ""


def dmarc_line(sender: Sender, facts: Facts | None) -> Line:
    domain = sender.from_address.rpartition("@")[2]
    name = f"_dmarc.{domain}"
    reports = sender.reply_to or sender.from_address
    # Reports to another organisation need a record of its consent (RFC 9990).
    if not is_aligned(reports.rpartition("@")[2], domain):
        reports = sender.from_address
    value = f"v=DMARC1; p=none; rua=mailto:{reports}"
    if facts is None:
        return Line("DMARC", name, value, "", "unknown", "Not looked up yet.")
    policy = facts.dmarc
    if not policy.policy:
        words = policy.fault or "There is no DMARC record."
        return Line("DMARC", name, value, policy.record, "warn", words)
    words = f"In force: {policy.policy}."
    if policy.domain != domain:
        words = f"In force through {policy.domain}: {policy.policy}."
    return Line("DMARC", f"_dmarc.{policy.domain}", "", policy.record, "pass", words)


def key_line(sender: Sender, key: SigningKey, facts: Facts | None, now: datetime) -> Line:
    """Return where a key's record belongs and what DNS shows there."""
    place = signing.name(key, sender.from_address.rpartition("@")[2])
    of_key = {one.selector: one for one in facts.keys} if facts else {}
    found, stage = of_key.get(key.selector), rotation.stage(key, now)
    if stage is Stage.removable:
        return Line("DKIM", place, "", "", "pass", "Nothing needs this record any more.")
    value = signing.record(key)
    if found is None:
        return Line("DKIM", place, value, "", "unknown", "Not looked up yet.")
    if found.matches:
        return Line("DKIM", place, value, value, "pass", "DNS shows this key.")
    state = "refuse" if stage is Stage.signing else "warn"
    return Line("DKIM", place, value, "", state, found.fault)
