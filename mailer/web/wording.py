"""Reasons and states in the words of the pages: why somebody gets no mail, what became of it."""

from datetime import timedelta

from mailer.compliance.readiness import Transfer
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.processors.models import Role
from mailer.delivery.relay_models import SeedState
from mailer.delivery.report_models import Cause, Resolution

COMPOSED = {
    "compiled": "Filled in: all that is the same for everybody was encoded once.",
    "rendered": "Rendered one by one: the template has conditions, loops or filters. A copy takes "
    "several times as long to make; what is the same for everybody was encoded once.",
}
REASONS = {
    "": "will be mailed",
    "blocklisted": "Blocklisted: this address is never mailed",
    "suppressed": "Suppressed: opted out of all mail from this sender, or of all mail",
    "unsubscribed": "Unsubscribed from the list",
    "restricted": "Restricted: the data may only be kept (Art. 18 GDPR)",
    "disabled": "Disabled by a colleague",
    "unconfirmed": "Has not confirmed the subscription yet",
    "paused": "Has paused all mail for a while",
    "chose other topics": "Chose other topics of the list",
    "wants fewer mails": "Wants one mail a week at most, and has had it",
    "consent is recent": "Not asked: the consent is recent, and does not end soon",
    "was asked before": "Not asked: was asked within the last six months",
    "consent expired": "Consent has run out: has to sign up and confirm anew",
    "erased": "Erased on request",
    "corrected her address": "Reads at another address since the campaign began",
    "outside the segments": "In none of the chosen segments",
    "in a segment left out": "In a segment that is left out",
    "cancelled": "Not mailed yet when the campaign was cancelled",
    "refused by the relay": "Refused by the relay for good",
    "bounced": "Came back after the relay had taken it",
    "no relay took it in three days": "No relay took it in three days",
    "put off too often": "Put off by the relay until no try was left",
    "no answer after the final dot": "The relay fell silent after the message; it may have arrived",
    "the sending process ended": "The sending process ended mid-message; it may have arrived",
}
CAUSES = {
    Cause.crash: "The sending process ended before the relay answered",
    Cause.close: "The relay closed the connection instead of answering",
    Cause.timeout: "The relay did not answer in time",
    Cause.garbage: "The relay gave an answer that cannot be read",
}
REFUSED_FOR = {
    "unsubscribed": "Unsubscribed herself",
    "objected": "Objected, told to staff",
    "imported": "Opted out in another program",
    "erased": "Erased at her request",
    "moved": "Its reader moved to another address",
    "complaint": "Complained",
    "blocked": "Blocked by us",
    "invalid": "Address does not work",
}
SUPPRESSED_BY_STAFF = (
    (
        "objected",
        "The person wants no mail",
        "Told by letter, phone or reply. Only a sign-up that she confirms herself undoes it.",
    ),
    ("blocked", "We do not want to write there", "Our own decision. An admin can end it."),
    ("invalid", "The address does not work", "Our own finding. An admin can end it."),
)
ALSO_UPLOADED = {
    "imported": "These people opted out in another program, or at another firm that wrote for us",
    "blocked": "We do not want to write there",
    "invalid": "These addresses do not work",
}
RESOLUTIONS = {
    Resolution.again: "Sent again",
    Resolution.journal: "Cleared up: its sender's journal was found",
    Resolution.word: "Taken to have arrived",
    Resolution.bounce: "Arrived at the relay: a bounce came back",
    Resolution.click: "Arrived: its link was followed",
    Resolution.webhook: "Arrived: the relay reported it",
}
# What relays mean by the codes they give most (RFC 5321 section 4.2.3, RFC 3463).
MEANINGS = {
    "4.2.2": "The mailbox is full",
    "4.7.0": "Put off for now, by a policy",
    "4.7.1": "Put off for now, by a policy",
    "5.1.1": "There is no such mailbox",
    "5.1.2": "There is no such domain",
    "5.1.10": "The domain takes no mail",
    "5.2.1": "The mailbox is closed",
    "5.2.2": "The mailbox is full",
    "5.3.4": "The message is too large",
    "5.7.1": "Refused by a policy",
    "5.7.26": "The sender is not authenticated",
    "421": "The relay is closing",
    "450": "The mailbox is busy",
    "451": "An error at the relay",
    "452": "The relay is short of room",
    "454": "Put off for now",
    "550": "The mailbox cannot be had",
    "552": "No room, or too large",
    "553": "The address is not taken",
    "554": "The message is not taken",
}
SEEDS = {
    SeedState.due: "about to be sent",
    SeedState.sent: "under way, not back yet",
    SeedState.passed: "came back whole",
    SeedState.failed: "came back broken",
    SeedState.lost: "never came back",
    SeedState.unsent: "was not sent",
}
TRANSFERS = {
    Transfer.none: "None noted",
    Transfer.domestic: "None needed: it stays in the country",
    Transfer.adequacy: "Adequacy decision for that country (GDPR art. 45)",
    Transfer.dpf: "Data Privacy Framework: the firm is certified",
    Transfer.scc: "Standard contractual clauses (GDPR art. 46)",
}
ROLES = {
    Role.processor: "Works for us, on our instructions",
    Role.joint: "Decides together with us",
    Role.controller: "Decides by itself what it does with the data",
}
STATES = {
    DeliveryStatus.pending: "waiting for its turn",
    DeliveryStatus.claimed: "about to be sent",
    DeliveryStatus.sending: "on the wire",
    DeliveryStatus.deferred: "put off by the relay, will be tried again",
    DeliveryStatus.accepted: "taken by the relay",
    DeliveryStatus.refused: "refused for good",
    DeliveryStatus.unknown: "handed over without an answer; sent again only if you say so",
    DeliveryStatus.suppressed: "left out: the reader said no",
    DeliveryStatus.excluded: "left out: may not be mailed",
    DeliveryStatus.expired: "given up: its time was over",
}


def refused(code: str) -> str:
    """Return what "550 5.1.1" means, as far as it can be told in general."""
    basic, _, enhanced = code.partition(" ")
    return MEANINGS.get(enhanced) or MEANINGS.get(basic, "")


def short(reason: str) -> str:
    return reason or "will be mailed"


def duration(left: timedelta) -> str:
    """Return a time left in words, as exact as a person cares for."""
    minutes = round(left.total_seconds() / 60)
    if minutes < 1:
        return "less than a minute"
    hours, minutes = divmod(minutes, 60)
    return f"about {hours} h {minutes} min" if hours else f"about {minutes} min"


def ending(story: str) -> str:
    """Return what the end of a conversation with a relay means; it begins with the phase."""
    known = "It may have arrived" if story.startswith("dot:") else "Nothing was sent"
    return f"{known} ({story})."
