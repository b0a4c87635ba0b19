"""What a caller may tell the gate beside the message itself; what is left out is not known."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Relation(StrEnum):
    """What a transactional or relationship message is for, 15 U.S.C. 7702(17)(A)(i)-(v)."""

    transaction = "transaction"
    safety = "safety"
    account = "account"
    employment = "employment"
    delivery = "delivery"


@dataclass(frozen=True)
class Dealing:
    """The dealing with this reader that makes a message transactional.

    `reference` names it in the sender's books: an order, an account, a paid subscription.
    `opening` is how the part about it begins in the message; empty means the reference itself.
    `delivery` is the one relation where the content itself is what the reader is owed.
    """

    relation: Relation
    reference: str
    opening: str = ""


@dataclass(frozen=True)
class Party:
    """Somebody whose product the message promotes (16 CFR 316.2(m)).

    `is_designated`: the one sender for all. `is_promoted`: a product of its own is in the message.
    `is_suppression_applied`: readers who opted out of this party's mail are left out.
    """

    name: str
    is_designated: bool = False
    is_promoted: bool = True
    is_suppression_applied: bool = False


class Basis(StrEnum):
    """On what a reader's consent rests (GDPR art. 6, 7; CASL s.6, s.10)."""

    express = "express"
    purchase = "purchase"
    inquiry = "inquiry"
    unknown = "unknown"


@dataclass(frozen=True)
class Consent:
    """The record of one reader's consent to one list. What is empty is not on record.

    `wording` is the text shown to her, `wording_hash` its SHA-256; `source` the form or file;
    `asked_at` when she asked, `confirmed_at` when she confirmed by a press (double opt-in), and
    `was_pressed` that it was no mere opening of a link. `last_dealing_on`: the day of the purchase
    or inquiry that consent is implied from.
    """

    basis: Basis
    source: str = ""
    wording: str = ""
    wording_hash: str = ""
    asked_at: datetime | None = None
    confirmed_at: datetime | None = None
    was_pressed: bool = False
    last_dealing_on: date | None = None


@dataclass(frozen=True)
class OptOut:
    """One opt-out on record: from one list of a sender, or from everything (`list_id` empty).

    `rejoined_at`: when she confirmed anew, later than `at`.
    """

    address: str
    at: datetime
    list_id: str = ""
    rejoined_at: datetime | None = None


@dataclass(frozen=True)
class Recipient:
    """The reader of this copy. Her address is read from the To header, unless it is given.

    `country` is ISO alpha-2, empty if not known. `is_confirmed`: she confirmed by double opt-in,
    None if not known. `allows_wireless`: express prior authorisation as in 47 CFR 64.3100(d);
    not known counts as not given. `consent` and `opt_outs` of this sender's mail are on record;
    None means that they were not looked up. `demands_proof`: the list or its readers' law asks for
    proof of consent. `was_objector`: she is written to because she opted out.
    """

    address: str = ""
    country: str = ""
    is_confirmed: bool | None = None
    allows_wireless: bool = False
    consent: Consent | None = None
    opt_outs: tuple[OptOut, ...] | None = None
    demands_proof: bool = False
    was_objector: bool = False


@dataclass(frozen=True)
class Asking:
    """A message that asks its readers for their consent anew.

    `url` is this reader's own link to say yes by. Of the whole audience, `lapsed` counts those
    whose consent is over or was never given, `objectors` those who opted out; None: not known.
    """

    url: str
    lapsed: int | None = None
    objectors: int | None = None


@dataclass(frozen=True)
class Tracking:
    """What is known of opens and clicks counted by person.

    `demands_consent`: the list promises that nobody is counted without consent. `is_consented`:
    this reader's answer, None if not known, which counts as no. `addresses` are beginnings of
    links and images that count one person; `aggregate` of those that count without telling whom.
    """

    demands_consent: bool
    is_consented: bool | None = None
    addresses: tuple[str, ...] = ()
    aggregate: tuple[str, ...] = ()


@dataclass(frozen=True)
class Complaints:
    """Mail delivered and complaints received for the From domain, over the last 7 days."""

    delivered: int
    received: int
