"""The words of the register: what is asked, by which way, and how far it has come."""

from enum import StrEnum


class Kind(StrEnum):
    """What a person asks for; the articles are those of the GDPR."""

    access = "access"  # Art. 15
    portability = "portability"  # Art. 20
    correction = "correction"  # Art. 16
    erasure = "erasure"  # Art. 17
    restriction = "restriction"  # Art. 18
    objection = "objection"  # Art. 21
    withdrawal = "withdrawal"  # Art. 7(3)
    complaint = "complaint"
    opt_out = "opt-out"  # 15 U.S.C. 7704(a)(4)
    no_sale = "do-not-sell"  # Cal. Civ. Code 1798.120


# What must be as easy as it was to say yes, and harms nobody: it is done before anybody asks who.
NO_MAIL = frozenset({Kind.objection, Kind.withdrawal, Kind.opt_out})
# Likewise, though nothing has to be done: nothing is sold here.
AT_ONCE = NO_MAIL | {Kind.no_sale}
# What hands out or changes data: only for whom it belongs to.
GUARDED = frozenset(
    {Kind.access, Kind.portability, Kind.correction, Kind.erasure, Kind.restriction}
)
# What others who have the data must be told once it is granted (Art. 19 GDPR).
PASSED_ON = frozenset({Kind.correction, Kind.erasure, Kind.restriction})


class Channel(StrEnum):
    page = "page"
    mail = "mail"
    letter = "letter"
    phone = "phone"
    other = "other"
    own = "own"  # nobody asked: an act of ours, of which others must be told


# By which ways a request comes that staff enters.
TO_STAFF = (Channel.mail, Channel.letter, Channel.phone, Channel.other)


class State(StrEnum):
    received = "received"
    identified = "identified"
    paused = "paused"
    held = "held"  # an erasure that a legal hold keeps waiting
    closed = "closed"


OPEN = tuple(one for one in State if one is not State.closed)


class Outcome(StrEnum):
    granted = "granted"
    partly = "partly"
    refused = "refused"
    dropped = "dropped"
    moot = "moot"


class About(StrEnum):
    """What a person is told about her request."""

    receipt = "receipt"
    extension = "extension"
    answer = "answer"
    hold = "hold"


class Way(StrEnum):
    """By which way she is told; only mail is sent by the program."""

    mail = "mail"
    post = "post"
    phone = "phone"
    page = "page"
