"""Requests in the words of the pages: what is asked, under which law, and how it ends."""

from mailer.privacy.clocks import Regime
from mailer.privacy.requests.words import About, Channel, Kind, Outcome, State, Way

KINDS = {
    Kind.access: "A copy of the data",
    Kind.portability: "The data for another service",
    Kind.correction: "Correction",
    Kind.erasure: "Erasure",
    Kind.restriction: "Restriction",
    Kind.objection: "Objection",
    Kind.withdrawal: "Withdrawal of consent",
    Kind.complaint: "Complaint",
    Kind.opt_out: "No more mail",
    Kind.no_sale: "Do not sell",
}
REGIMES = {
    Regime.gdpr: "GDPR: one month, and two more with reasons",
    Regime.uk: "UK GDPR: one month, and two more with reasons",
    Regime.ccpa: "CCPA: confirm in 10 business days, answer in 45 days, and 45 more",
    Regime.policy: "No law: what our own policy promises",
}
CHANNELS = {
    Channel.page: "The page Your data",
    Channel.mail: "Mail",
    Channel.letter: "Letter",
    Channel.phone: "Phone",
    Channel.other: "Another way",
    Channel.own: "Nobody asked: we did it ourselves",
}
STATES = {
    State.received: "Received",
    State.identified: "Identified",
    State.paused: "Clock stopped",
    State.held: "Waits for a legal hold",
    State.closed: "Closed",
}
OUTCOMES = {
    Outcome.granted: "Granted",
    Outcome.partly: "Granted in part",
    Outcome.refused: "Refused, with reasons and where to complain",
    Outcome.dropped: "Taken back by the person",
    Outcome.moot: "Ended without an answer: her data was erased",
}
UPHELD = {
    Outcome.granted: "Upheld",
    Outcome.partly: "Upheld in part",
    Outcome.refused: "Not upheld, with reasons and where to complain",
}
ABOUTS = {
    About.receipt: "That the request arrived",
    About.extension: "Why it takes longer",
    About.answer: "The answer",
    About.hold: "That her erasure waits, why, and where to complain",
}
WAYS = {
    Way.mail: "By mail, which leaves at once",
    Way.post: "By letter, which we post",
    Way.phone: "By phone or in person",
    Way.page: "On the page Your data",
}
PROOFS = {
    "mailbox": "By mail to the address that we know",
    "call back": "Called back at a number that we knew",
    "in person": "Known in person",
    "agent": "An agent with a power of attorney, confirmed by mail",
}


def endings(kind: Kind) -> dict[Outcome, str]:
    """Return how a request of this kind may end by a colleague's word."""
    words = OUTCOMES | UPHELD if kind is Kind.complaint else OUTCOMES
    return {one: text for one, text in words.items() if one is not Outcome.moot}
