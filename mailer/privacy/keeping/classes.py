"""What is kept for how long: each class with its usual period, its bounds, and who says so."""

from dataclasses import dataclass
from enum import StrEnum


class Class(StrEnum):
    """The classes, in the order in which a run goes through them."""

    unconfirmed = "unconfirmed"
    imports = "imports"
    security = "security"
    archives = "archives"
    subscription = "subscription"
    proof = "proof"
    correspondence = "correspondence"
    requests = "requests"
    incidents = "incidents"
    analytics = "analytics"
    audit = "audit"


class Unit(StrEnum):
    days = "days"
    months = "months"


@dataclass(frozen=True)
class Bound:
    """A number of days or months, and who says that it is not to be less, or more."""

    length: int
    citation: str


@dataclass(frozen=True)
class Rule:
    """One class: what it is, from when its period counts, and how long that may be."""

    title: str
    what: str
    since: str
    unit: Unit
    usual: Bound
    least: Bound
    most: Bound

    def spelled(self, length: int) -> str:
        """Return a period in words."""
        return f"{length} {self.unit.removesuffix('s') if length == 1 else self.unit}"


LIMITATION = "Art. 5(1)(e) GDPR: no longer than the purpose needs"
OWN = "our own privacy policy"

RULES = {
    Class.unconfirmed: Rule(
        "Sign-ups that nobody confirmed",
        "Places on lists that were asked for and never confirmed, and readers who have no other.",
        "the last confirmation mail",
        Unit.days,
        Bound(7, LIMITATION),
        Bound(1, "a confirmation link must have time to be pressed"),
        Bound(90, LIMITATION),
    ),
    Class.imports: Rule(
        "Uploaded files",
        "Files of addresses that were uploaded, and with which nobody went on.",
        "the upload",
        Unit.days,
        Bound(7, LIMITATION),
        Bound(1, "an import must have time to be checked"),
        Bound(30, LIMITATION),
    ),
    Class.security: Rule(
        "Counts against abuse",
        "Which mailbox asked for which mail. Networks of visitors are cut to /24 or /48 before "
        "they are written, and stay only as proof of consent.",
        "the request",
        Unit.days,
        Bound(7, "Art. 6(1)(f), recital 49 GDPR"),
        Bound(7, "mails to one mailbox are counted over seven days"),
        Bound(90, LIMITATION),
    ),
    Class.archives: Rule(
        "Copies of data, to be fetched",
        "Archives that were promised to readers by mail, encrypted; once fetched they go at once.",
        "the mail with the link, which works for that long",
        Unit.days,
        Bound(7, LIMITATION),
        Bound(1, "the person must have time to fetch it (Art. 12(2) GDPR)"),
        Bound(30, LIMITATION),
    ),
    Class.subscription: Rule(
        "Readers who have left",
        "Address, name, fields and wishes of readers who are on no open list any more. Their "
        "opt-outs stay in force under the keyed fingerprint.",
        "leaving the last list, or its closing",
        Unit.months,
        Bound(1, f"{OWN}: as long as you remain subscribed, or the service is cancelled"),
        Bound(0, "Art. 17(1)(b) GDPR"),
        Bound(36, "Art. 5(1)(e) GDPR; sections 195, 199 BGB: claims lapse after three years"),
    ),
    Class.proof: Rule(
        "Proof of consent",
        "What somebody who has left was shown and decided, under the keyed fingerprint.",
        "the last decision",
        Unit.months,
        Bound(60, "28 U.S.C. 2462: penalties lapse after five years"),
        Bound(36, "Art. 7(1), 17(3)(e) GDPR; sections 195, 199 BGB"),
        Bound(120, LIMITATION),
    ),
    Class.correspondence: Rule(
        "Letters",
        "What readers wrote to the reply mailbox.",
        "the day it came",
        Unit.months,
        Bound(12, f"{OWN}: as long as needed, and 12 months after"),
        Bound(1, "an answer must be possible (Art. 12(3) GDPR)"),
        Bound(36, LIMITATION),
    ),
    Class.requests: Rule(
        "Requests",
        "Who asked for what about her data. Afterwards the request names nobody.",
        "the answer",
        Unit.months,
        Bound(24, "11 CCR 7101(a): at least 24 months"),
        Bound(24, "11 CCR 7101(a): at least 24 months"),
        Bound(60, LIMITATION),
    ),
    Class.incidents: Rule(
        "People of incidents",
        "Whom an incident affected. What happened and what was done stays in the register.",
        "the closing of the incident",
        Unit.months,
        Bound(36, "Art. 33(5) GDPR; sections 195, 199 BGB"),
        Bound(12, "Art. 33(5) GDPR: the authority may verify"),
        Bound(120, LIMITATION),
    ),
    Class.analytics: Rule(
        "Copies of campaigns",
        "What became of each person's copy. The sums stay, without numbers below five by domain "
        "or reason.",
        "the end of the campaign",
        Unit.months,
        Bound(26, f"{OWN}: 26 months"),
        Bound(1, "bounces and complaints come late"),
        Bound(60, "28 U.S.C. 2462: penalties lapse after five years"),
    ),
    Class.audit: Rule(
        "The audit log",
        "Who of us did what, to whom and why; readers stand in it by number alone. It is one "
        "chain: its first entries go, and none while anything is on hold.",
        "the act",
        Unit.months,
        Bound(60, "28 U.S.C. 2462: penalties lapse after five years"),
        Bound(36, "Art. 5(2) GDPR; sections 195, 199 BGB"),
        Bound(120, LIMITATION),
    ),
}
