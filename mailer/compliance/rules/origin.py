"""Who carries the mail: named, reviewed, lawful for its readers, and tried with a seed copy."""

import re
from collections.abc import Iterator
from datetime import date

from mailer.compliance import transfers
from mailer.compliance.candidate import Candidate
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.readiness import Readiness, Relay, Spf
from mailer.compliance.rule import Reason, Rule

# The law names no periods. A quarter is how often terms are looked at where processors are kept
# in order; a month is how long a relay's silent change of its set-up may go unseen.
REVIEW_DAYS = 90
SEED_DAYS = 30

RELAY = "relay"
SEED = "seed copy"
_REGISTER = "Register the relay: its legal entity, its country and your contract with it."
_REVIEW = "Read the relay's terms again, and note under Relays that you did."
_SEED = "Name a seed mailbox in the settings, then send a seed copy through the relay."
_AGAIN = "Set the relay right, then send a seed copy: it must arrive as it was sent."
_COUNTRY = re.compile(r"[A-Za-z]{2}")


def _origin(case: Case) -> Iterator[Reason]:
    candidate = case.candidate
    readiness = candidate.readiness
    if candidate.development:
        yield _note("the development inbox carries this mail, and it reaches nobody.")
    elif readiness is None:
        yield _note("nothing is known of the relay that carries this message.")
    else:
        yield from _authorised(readiness)
        yield from _registered(readiness.relay, case)
        yield from _seeded(readiness.relay, case)


def _registered(relay: Relay | None, case: Case) -> Iterator[Reason]:
    if relay is None or not relay.is_registered:
        found = "Nothing is registered of the relay that carries this mail."
        yield _owed(found, _REGISTER, RELAY, case)
        return
    yield from _named(relay)
    yield from _transferred(relay, case.candidate)
    yield from _reviewed(relay, case)


def _note(why: str) -> Reason:
    fix = "Nothing to do here; in production the relay is judged before each campaign."
    return Reason(f"Not judged here: {why}", fix, None, Severity.note)


def _owed(evidence: str, fix: str, part: str, case: Case) -> Reason:
    """Give a reason for lacking a history: a note while a fresh installation is being set up."""
    readiness = case.candidate.readiness or Readiness()
    until = readiness.grace_until
    if until is None or not readiness.is_in_grace(case.candidate.today):
        return Reason(evidence, fix, part)
    when = f"Not set up yet; from {until.day} {until:%B %Y} on this refuses. {evidence}"
    return Reason(when, fix, part, Severity.note)


def _named(relay: Relay) -> Iterator[Reason]:
    if not relay.legal_entity.strip():
        found = f"The register does not say which legal entity runs {relay.name}."
        yield Reason(found, _REGISTER, RELAY)
    if not _COUNTRY.fullmatch(relay.country):
        found = f"The register does not say in which country {relay.name} is."
        yield Reason(found, _REGISTER, RELAY)


def _authorised(readiness: Readiness) -> Iterator[Reason]:
    known = readiness.authentication
    if known and known.spf is Spf.denied and not any(key.matches for key in known.keys):
        yield Reason(
            f"DNS denies that this relay may send for {known.domain}: SPF fails, no DKIM key fits.",
            "Publish the records that are shown with the sender, or use a relay that they name.",
            RELAY,
        )


def _transferred(relay: Relay, candidate: Candidate) -> Iterator[Reason]:
    """Give what speaks against handing European readers' data to this relay (GDPR art. 28, 44).

    Our own server is no other party to whom anything is transferred.
    """
    if relay.is_own:
        return
    people = transfers.europeans(candidate)
    fix = "Note the transfer basis under Relays, or choose a relay in the readers' own countries."
    fault = transfers.fault(relay, people, candidate.today) if people else None
    if fault:
        yield Reason(fault, fix, RELAY)
    elif transfers.is_doubtful(relay, candidate):
        found = f"Where the readers live is not known, and no transfer basis of {relay.name} is."
        yield Reason(found, fix, RELAY, Severity.warn)
    elif people and transfers.is_stale(relay, people, candidate.today):
        found = f"The transfer basis was last checked on {relay.transfer_checked_on}."
        yield Reason(found, "Check it again: certificates run for a year.", RELAY, Severity.warn)
    if people and relay.contract is not None and not relay.contract.strip():
        found = f"No contract with {relay.name} is noted; European readers' data needs one."
        yield Reason(found, "Note the data processing agreement under Relays.", RELAY)


def _reviewed(relay: Relay, case: Case) -> Iterator[Reason]:
    if relay.is_own:
        return
    fault = _age_fault(relay.reviewed_on, REVIEW_DAYS, case.candidate.today)
    if fault is None:
        return
    if relay.reviewed_on is None:
        yield _owed(f"The terms of {relay.name} have not been reviewed yet.", _REVIEW, RELAY, case)
    else:
        yield Reason(f"The last review of {relay.name} {fault}.", _REVIEW, RELAY)


def _seeded(relay: Relay | None, case: Case) -> Iterator[Reason]:
    if relay is None:
        yield _owed("No seed copy has come back through this relay yet.", _SEED, SEED, case)
        return
    if relay.seed_fault:
        yield Reason(f"The last seed copy: {relay.seed_fault}", _AGAIN, SEED)
        return
    if relay.seed_remark:
        found = f"The last seed copy: {relay.seed_remark}"
        yield Reason(found, _AGAIN, SEED, Severity.warn)
    fault = _age_fault(relay.seed_passed_on, SEED_DAYS, case.candidate.today)
    if relay.seed_passed_on is None:
        found = f"No seed copy has come back through {relay.name} yet."
        yield _owed(found, _SEED, SEED, case)
    elif fault:
        yield Reason(f"The last seed copy that passed {fault}.", _SEED, SEED)


def _age_fault(on: date | None, longest: int, today: date) -> str | None:
    """Say why something done on a day does not count today, or None."""
    if on is None:
        return "is missing"
    if on > today:
        return f"is dated {on}, which is still to come"
    days = (today - on).days
    return f"was {days} days ago; {longest} are allowed" if days > longest else None


ORIGIN_AND_PROVIDER = Rule(
    id="R05",
    name="origin-and-provider",
    title="Nobody answers for the relay that carries this mail",
    asks="Whoever carries the mail is bound by contract and was looked at lately.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(1)(A), (C), (b)(3), 7705; GDPR art. 28, 44-46; our promise to "
    "monitor third-party email services",
    check=_origin,
)
