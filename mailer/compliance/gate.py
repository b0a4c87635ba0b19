"""The gate: every rule in order, and the verdict on one rendered message."""

from dataclasses import dataclass
from datetime import date

from mailer.compliance.acts import Intake, Release
from mailer.compliance.candidate import Candidate, Kind, SenderRecord
from mailer.compliance.case import Case
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.packs import EVERY_PACK, PROMISED, Pack
from mailer.compliance.rule import Reason, Rule, Subject
from mailer.compliance.rules import (
    adult,
    authentication,
    body,
    canada,
    content,
    dealings,
    feedback,
    headers,
    identity,
    kind,
    list_headers,
    offers,
    one_click,
    parties,
    parts,
    promises,
    recipients,
    replies,
    sender,
    subject,
)

RULESET = "2026.11-1"

# What is asked of a message, in the order of the catalogue.
RULES: tuple[Rule[Case], ...] = (
    identity.FROM_IDENTITY,
    authentication.AUTH_ALIGNMENT,
    replies.REPLY_ADDRESS_WORKS,
    headers.INTEGRITY,
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
    canada.CASL_IDENTIFICATION,
    parts.SIZE,
    parts.EQUIVALENCE,
    content.UNSAFE_CONTENT,
    kind.PRIMARY_PURPOSE,
    parties.DESIGNATED_SENDER,
    recipients.OPTED_OUT,
    recipients.WIRELESS_DOMAIN,
    recipients.ROLE_AND_TRAP,
    feedback.TRACKING_CONSENT,
    one_click.ONE_CLICK_HEADERS,
    list_headers.ONE_CLICK_DKIM,
    list_headers.LIST_IDENTITY,
    feedback.COMPLAINT_RATE_GATE,
)
# What is asked of people who are to be added, and of addresses that are to be handed out.
INTAKE_RULES: tuple[Rule[Intake], ...] = ()
RELEASE_RULES: tuple[Rule[Release], ...] = ()


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


def judge_intake(intake: Intake) -> Verdict:
    """Judge people who are to be added by somebody else (R33, R34, R36). Never raises."""
    return _verdict(INTAKE_RULES, intake)


def judge_release(release: Release) -> Verdict:
    """Judge addresses that are to be handed out (R32). Never raises."""
    return _verdict(RELEASE_RULES, release)


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
    return Verdict(tuple(finding for rule in rules for finding in _findings(rule, subject)))


def _findings(rule: Rule[Subject], subject: Subject) -> tuple[Finding, ...]:
    try:
        return tuple(dict.fromkeys(rule.finding(reason) for reason in rule.check(subject)))
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
