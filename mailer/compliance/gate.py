"""The gate: every rule in order, and the verdict on one rendered message."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mailer.compliance.acts import Intake, Receipt, Release
from mailer.compliance.bounds import Unjudgeable
from mailer.compliance.candidate import Candidate, Kind, SenderRecord
from mailer.compliance.case import Case
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.packs import EVERY_PACK, PROMISED, Pack
from mailer.compliance.rule import Reason, Rule, Subject
from mailer.compliance.rules import (
    adult,
    asking,
    authentication,
    body,
    canada,
    consent,
    content,
    dealings,
    feedback,
    headers,
    identity,
    intake,
    kind,
    legibility,
    list_headers,
    offers,
    one_click,
    opt_out,
    opt_out_server,
    origin,
    parties,
    parts,
    promises,
    receipts,
    recipients,
    referrals,
    release,
    replies,
    sender,
    subject,
)

RULESET = "2026.11-5"

# What is asked of a message, in the order of the catalogue.
RULES: tuple[Rule[Case], ...] = (
    legibility.LEGIBILITY,
    identity.FROM_IDENTITY,
    authentication.AUTH_ALIGNMENT,
    replies.REPLY_ADDRESS_WORKS,
    headers.INTEGRITY,
    origin.ORIGIN_AND_PROVIDER,
    subject.FAKE_REPLY,
    dealings.FAKE_TRANSACTIONAL,
    offers.FALSE_URGENCY,
    promises.BODY_MISMATCH,
    subject.OBFUSCATION,
    subject.UNRESOLVED_MERGE,
    adult.EXPLICIT_LABEL,
    body.AD_LABEL,
    body.PHYSICAL_ADDRESS,
    sender.ADDRESS_RECORD,
    body.UNSUBSCRIBE_PRESENT,
    body.UNSUBSCRIBE_AT_BOTTOM,
    opt_out.EVERYTHING_OFFERED,
    opt_out.NOTHING_ELSE_ASKED,
    opt_out_server.LASTING,
    canada.CASL_IDENTIFICATION,
    parts.SIZE,
    parts.EQUIVALENCE,
    content.UNSAFE_CONTENT,
    kind.PRIMARY_PURPOSE,
    parties.DESIGNATED_SENDER,
    referrals.FORWARD_TO_FRIEND,
    recipients.OPTED_OUT,
    consent.SUPPRESSION_SCOPE,
    consent.CONSENT_PROOF,
    consent.CONSENT_EXPIRY,
    recipients.WIRELESS_DOMAIN,
    asking.RECONSENT_TO_OBJECTORS,
    recipients.ROLE_AND_TRAP,
    feedback.TRACKING_CONSENT,
    one_click.ONE_CLICK_HEADERS,
    list_headers.ONE_CLICK_DKIM,
    opt_out_server.ONE_CLICK_ENDPOINT,
    list_headers.LIST_IDENTITY,
    feedback.COMPLAINT_RATE_GATE,
)
# Rules about the sending side, not about a message: asked before a campaign starts, and never
# again of its single copies, since they would all be refused for a review that lapsed at midnight.
SENDING_SIDE = frozenset({"R02", "R03", "R05", "R18", "R19", "R20", "R42"})
OF_THE_MESSAGE = tuple(rule for rule in RULES if rule.id not in SENDING_SIDE)
# What is asked of people who are to be added, and of addresses that are to be handed out.
INTAKE_RULES: tuple[Rule[Intake], ...] = (
    intake.HARVESTED,
    intake.IMPORT_RESURRECTION,
    intake.UNDER_THIRTEEN,
)
RELEASE_RULES: tuple[Rule[Release], ...] = (release.OPTED_OUT_TRANSFER,)
# What is asked of a copy that came back through the relay, besides the rules about any message.
RECEIPT_RULES: tuple[Rule[Receipt], ...] = (receipts.UNCHANGED,)
# A rule about a message comes last: R05 is asked of what came back through the relay, too.
_ALL: tuple[Rule[Any], ...] = (*RECEIPT_RULES, *RELEASE_RULES, *INTAKE_RULES, *RULES)
# What each rule asks, in one sentence for whoever wants to know the law behind a finding.
ASKS = {rule.id: rule.asks for rule in _ALL}


@dataclass(frozen=True)
class Verdict:
    """All findings on a message, and the version of the rules that found them."""

    findings: tuple[Finding, ...]
    ruleset: str = RULESET

    @property
    def refusals(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.refuse)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.warn)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What was not judged here, and why."""
        return tuple(f for f in self.findings if f.severity is Severity.note)

    @property
    def is_lawful(self) -> bool:
        return not self.refusals

    @property
    def message(self) -> str:
        """The verdict in one sentence."""
        if self.refusals:
            return f"Refused for {_counted(len(self.refusals), 'reason')}{self._also()}."
        return f"Lawful{self._also()}."

    def as_dict(self) -> dict[str, object]:
        """`{"message": str, "violations": [finding, …], "not_judged": [finding, …]}`.

        Warnings are among the violations.
        """
        broken = [f.as_dict() for f in self.findings if f.severity is not Severity.note]
        return {
            "message": self.message,
            "violations": broken,
            "not_judged": [f.as_dict() for f in self.notes],
        }

    def _also(self) -> str:
        return f", {_counted(len(self.warnings), 'warning')}" if self.warnings else ""


def judge(candidate: Candidate, rules: tuple[Rule[Case], ...] = RULES) -> Verdict:
    """Judge one rendered message by every rule that binds its kind and its sender. Never raises.

    A rule that cannot cope with a message refuses it: what cannot be judged cannot be sent.
    """
    return _verdict(bound(candidate.kind, candidate.sender.packs, rules), Case(candidate))


def judge_intake(people: Intake) -> Verdict:
    """Judge people who are to be added by somebody else (R33, R34, R36). Never raises."""
    return _verdict(INTAKE_RULES, people)


def judge_release(addresses: Release) -> Verdict:
    """Judge addresses that are to be handed out (R32). Never raises."""
    return _verdict(RELEASE_RULES, addresses)


def judge_receipt(receipt: Receipt) -> Verdict:
    """Judge a copy as it came back from a seed mailbox (S4). Never raises.

    The findings are the relay's doing: what the same rules already said of the copy as it was
    sent is left out.
    """
    sent = receipt.sent
    known = {(f.rule, f.severity) for f in judge(sent, OF_THE_MESSAGE).findings}
    arrived = replace(sent, raw=receipts.untraced(receipt.received), relay_signs=False)
    found = judge(arrived, OF_THE_MESSAGE).findings
    new = tuple(finding for finding in found if (finding.rule, finding.severity) not in known)
    return Verdict((*_verdict(RECEIPT_RULES, receipt).findings, *new))


def bound(
    kind: Kind,
    packs: frozenset[Pack] = EVERY_PACK,
    rules: tuple[Rule[Case], ...] = RULES,
) -> tuple[Rule[Case], ...]:
    """Give the rules that bind a kind of message of a sender who keeps these packs."""
    kept = packs | PROMISED
    return tuple(rule for rule in rules if kind in rule.kinds and rule.packs & kept)


def judge_sender(record: SenderRecord, today: date) -> tuple[Finding, ...]:
    """Judge a sender record alone (R15), before there is any message; `today` dates it."""
    rule = sender.ADDRESS_RECORD
    return tuple(rule.finding(reason) for reason in sender.record_reasons(record, today))


def _verdict(rules: tuple[Rule[Subject], ...], subject: Subject) -> Verdict:
    # What keeps a message from being judged is said once, however many rules it keeps from it.
    found = dict.fromkeys(finding for rule in rules for finding in _findings(rule, subject))
    return Verdict(tuple(found))


def _findings(rule: Rule[Subject], subject: Subject) -> tuple[Finding, ...]:
    try:
        return tuple(dict.fromkeys(rule.finding(reason) for reason in rule.check(subject)))
    except Unjudgeable as refusal:
        return (legibility.LEGIBILITY.finding(legibility.reason(refusal.obstacle)),)
    except Exception as error:  # noqa: BLE001  # strange mail must be refused, not crash the gate
        return (rule.finding(_unjudged(error)),)


def _unjudged(error: Exception) -> Reason:
    return Reason(
        evidence=f"This rule could not judge the message: {type(error).__name__}.",
        fix="Simplify the message, or start again from a template. If it stays, report this.",
        severity=Severity.refuse,
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
