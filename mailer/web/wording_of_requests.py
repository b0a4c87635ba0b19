"""Requests in the words of the pages: what is asked, under which law, and how it ends."""

from mailer.privacy.clocks import Regime
from mailer.privacy.requests.words import Channel, Kind, Outcome, State

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
}
STATES = {
    State.received: "Received",
    State.identified: "Identified",
    State.paused: "Clock stopped",
    State.closed: "Closed",
}
OUTCOMES = {
    Outcome.granted: "Granted",
    Outcome.partly: "Granted in part",
    Outcome.refused: "Refused, with reasons and where to complain",
    Outcome.dropped: "Taken back by the person",
}
PROOFS = {
    "mailbox": "Answered from the address that we know",
    "call back": "Called back at a number that we knew",
    "in person": "Known in person",
    "agent": "An agent with a power of attorney, confirmed by mail",
}
