"""What is known of the sending side: DNS, the reply mailbox, the relay, the opt-out on trial.

All of it is looked up by others; a field that is None was not looked up, and is judged as such.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

# 15 U.S.C. 7704(a)(4) gives 10 business days to act on an opt-out; a day outside is late enough.
LONGEST_SILENCE_HOURS = 24


class Spf(StrEnum):
    """What SPF (RFC 7208) says of the relay that sends for the From domain."""

    allowed = "pass"
    denied = "fail"
    absent = "none"
    broken = "permerror"
    unknown = "unknown"


@dataclass(frozen=True)
class PublishedKey:
    """One DKIM key of the sender: `bits` of RSA, 256 for Ed25519; `matches`: DNS holds its half.

    `fault` says in words what is wrong in DNS, empty when nothing is.
    """

    selector: str
    algorithm: str
    bits: int
    matches: bool
    fault: str = ""


@dataclass(frozen=True)
class Authentication:
    """What DNS says of the From domain (RFC 6376, 7208, 9989). `dmarc` is its p=, empty if none.

    `daily_volume` is the most that was mailed in a day of the last 30, None if not known.
    `spf_fault` and `dmarc_fault` say in words what is wrong in DNS, empty when nothing is.
    `is_strict`: the domain asks for signatures of exactly its own name (adkim=s).
    """

    domain: str
    checked_at: datetime
    keys: tuple[PublishedKey, ...]
    spf: Spf
    dmarc: str
    daily_volume: int | None = None
    spf_fault: str = ""
    dmarc_fault: str = ""
    is_strict: bool = False


@dataclass(frozen=True)
class ReplyMailbox:
    """An address that readers answer to (From, Reply-To).

    `accepts_mail`: its domain has an MX or address record. `answered_on`: the last day on which a
    letter of ours came back out of it, None if none ever did; `fault` says what befell the last.
    `is_automatic`: a program reads it and answers each letter, so that every week can be proven.
    """

    address: str
    accepts_mail: bool | None
    answered_on: date | None = None
    fault: str = ""
    is_automatic: bool = False


@dataclass(frozen=True)
class Intake:
    """The ways by which letters come back to us, opt-outs by mail among them.

    `silent_hours`: for how long none of them was well, or one has failed, whichever is longer; None
    if none ever was tried. `fault` says in words what fails, empty when nothing does.
    """

    silent_hours: float | None
    fault: str = ""

    @property
    def is_silent(self) -> bool:
        """Whether letters have not come in for longer than a mail server may rest."""
        return self.silent_hours is not None and self.silent_hours > LONGEST_SILENCE_HOURS


@dataclass(frozen=True)
class Replies:
    """The mailboxes that readers answer to; `intake` is None where we take no letters in."""

    mailboxes: tuple[ReplyMailbox, ...]
    intake: Intake | None = None


class Transfer(StrEnum):
    """On what basis personal data may go to a relay in another country (GDPR art. 44-46)."""

    domestic = "domestic"
    adequacy = "adequacy"
    dpf = "dpf"
    scc = "scc"
    none = "none"


@dataclass(frozen=True)
class Processor:
    """A party that readers' data is handed to, as registered; `is_own`: our own server.

    `contract` is what binds it (GDPR art. 28(3)), None if not known, or if none is called for.
    `review_days`: how long a review of its terms counts, None for as long as the rule says.
    """

    name: str
    legal_entity: str
    country: str
    is_own: bool
    transfer: Transfer
    transfer_checked_on: date | None = None
    reviewed_on: date | None = None
    contract: str | None = None
    review_days: int | None = None


@dataclass(frozen=True)
class Relay(Processor):
    """Who carries the mail, as registered: a processor (GDPR art. 28) or our own server.

    `seed_passed_on` is the last day on which a received copy passed the gate; `seed_fault` says
    what was wrong with the last one, empty when nothing was; `seed_remark` what it added or changed
    that the law does not forbid. Of one that is not registered only what its seed copies showed is
    known.
    """

    seed_passed_on: date | None = None
    seed_fault: str = ""
    seed_remark: str = ""
    is_registered: bool = True


@dataclass(frozen=True)
class Fetched:
    """One answer of a web server; header names in lower case.

    Redirects are not followed: they are recorded as what they are, a status and a Location.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def header(self, name: str) -> str:
        """Give the values of a header, joined by commas; empty if there is none."""
        return ", ".join(value for key, value in self.headers if key == name)


@dataclass(frozen=True)
class Posted:
    """One POST of the trial and how many of the sender's lists it took the canary off.

    `form` is how it was sent: "urlencoded" and "multipart" as RFC 8058 has it, "page" for the form
    of the page itself, pressed as a reader would; then `chosen` is the choice that was taken.
    """

    form: str
    answer: Fetched
    lists_left: int
    chosen: str = ""


@dataclass(frozen=True)
class OptOutTrial:
    """The opt-out tried by a canary reader against the public address, before anybody is mailed.

    `page` is a GET without cookies, None if nobody answered; `posts` are the POSTs that were
    answered; `again` is a second visit, after she had left. `was_harmless`: the GET changed
    nothing. `fault` says what kept the trial from being made or finished, empty if nothing did.
    `certificate_from` and `certificate_until` are the life of the server's certificate; `peer` is
    the network address that the public name led to. `key_days`: for how many days after the last
    send its links were still verified, None for ever. `sender_lists`: lists of this sender, on
    all of which the canary was; `sender_name`: as the page shows it. `is_recent`: made so lately
    that a send may rest on it.
    """

    url: str
    public_url: str
    tried_at: datetime
    page: Fetched | None
    posts: tuple[Posted, ...] = ()
    again: Fetched | None = None
    was_harmless: bool = False
    fault: str = ""
    certificate_from: date | None = None
    certificate_until: date | None = None
    peer: str = ""
    key_days: int | None = None
    sender_lists: int = 1
    sender_name: str = ""
    is_recent: bool = True

    @property
    def has_passed(self) -> bool:
        """Whether it was made to its end, and every press took the canary off."""
        answers = [one.answer.status for one in self.posts if one.lists_left]
        is_shown = self.page is not None and self.page.status == 200  # noqa: PLR2004 - HTTP's OK
        return is_shown and self.was_harmless and not self.fault and answers == [200] * 3

    def posted(self, form: str) -> Posted | None:
        """Give the POST that was sent in this form, None if it was not answered."""
        return next((one for one in self.posts if one.form == form), None)


@dataclass(frozen=True)
class Readiness:
    """Everything of the above, as far as it is known.

    `services` are those besides the relay who get readers' data from us.
    Until `grace_until` (a fresh installation's period for setting up) what needs a history is
    asked for, not demanded; None means that the period is over. `is_start`: judged because it is
    about to be sent, so that what was tried must have been tried lately.
    """

    authentication: Authentication | None = None
    replies: Replies | None = None
    relay: Relay | None = None
    services: tuple[Processor, ...] = ()
    trial: OptOutTrial | None = None
    grace_until: date | None = None
    is_start: bool = False

    def is_in_grace(self, today: date) -> bool:
        """Whether what needs a history is still asked for, not demanded."""
        return self.grace_until is not None and today < self.grace_until
