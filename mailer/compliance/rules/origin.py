"""Who gets readers' data: named, reviewed, lawful; and who carries mail, tried by seed copy."""

import re
from collections.abc import Iterator
from datetime import date

from mailer.compliance import transfers
from mailer.compliance.candidate import Candidate
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.readiness import Processor, Readiness, Relay, Spf
from mailer.compliance.rule import Reason, Rule

# The law names no periods. A quarter is how often terms are looked at where processors are kept
# in order; a month is how long a relay's silent change of its set-up may go unseen.
REVIEW_DAYS = 90
SEED_DAYS = 30

RELAY = "relay"
SEED = "seed copy"
SERVICE = "processor"
_PAGES = {RELAY: "Relays", SERVICE: "Processors"}
_REGISTER = "Register the relay: its legal entity, its country and your contract with it."
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
        for service in readiness.services:
            yield from _answered_for(service, SERVICE, case)


def _registered(relay: Relay | None, case: Case) -> Iterator[Reason]:
    if relay is None or not relay.is_registered:
        found = "Nothing is registered of the relay that carries this mail."
        yield _owed(found, _REGISTER, RELAY, case)
        return
    yield from _answered_for(relay, RELAY, case)


def _answered_for(party: Processor, part: str, case: Case) -> Iterator[Reason]:
    yield from _named(party, part)
    yield from _transferred(party, part, case.candidate)
    yield from _reviewed(party, part, case)


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


def _named(party: Processor, part: str) -> Iterator[Reason]:
    fix = _REGISTER if part == RELAY else "Complete its record under Processors."
    if not party.legal_entity.strip():
        yield Reason(f"The register does not say which legal entity runs {party.name}.", fix, part)
    if not _COUNTRY.fullmatch(party.country):
        yield Reason(f"The register does not say in which country {party.name} is.", fix, part)


def _authorised(readiness: Readiness) -> Iterator[Reason]:
    known = readiness.authentication
    if known and known.spf is Spf.denied and not any(key.matches for key in known.keys):
        yield Reason(
            f"DNS denies that this relay may send for {known.domain}: SPF fails, no DKIM key fits.",
            "Publish the records that are shown with the sender, or use a relay that they name.",
            RELAY,
        )


def _transferred(party: Processor, part: str, candidate: Candidate) -> Iterator[Reason]:
    """Give what speaks against handing European readers' data to it (GDPR art. 28, 44).

    Our own server is no other party to whom anything is transferred.
    """
    if party.is_own:
        return
    people = transfers.europeans(candidate)
    where = f"under {_PAGES[part]}"
    fix = f"Note the transfer basis {where}, or choose a {part} in the readers' own countries."
    fault = transfers.fault(party, people, candidate.today) if people else None
    if fault:
        yield Reason(fault, fix, part)
    elif transfers.is_doubtful(party, candidate):
        found = f"Where the readers live is not known, and no transfer basis of {party.name} is."
        yield Reason(found, fix, part, Severity.warn)
    elif people and transfers.is_stale(party, people, candidate.today):
        found = f"The transfer basis was last checked on {party.transfer_checked_on}."
        yield Reason(found, "Check it again: certificates run for a year.", part, Severity.warn)
    if people and party.contract is not None and not party.contract.strip():
        found = f"No contract with {party.name} is noted; European readers' data needs one."
        yield Reason(found, f"Note the data processing agreement {where}.", part)


def _reviewed(party: Processor, part: str, case: Case) -> Iterator[Reason]:
    if party.is_own:
        return
    longest = party.review_days or REVIEW_DAYS
    fault = _age_fault(party.reviewed_on, longest, case.candidate.today)
    fix = f"Read the terms of {party.name} again, and note under {_PAGES[part]} that you did."
    if fault is None:
        return
    if party.reviewed_on is None:
        yield _owed(f"The terms of {party.name} have not been reviewed yet.", fix, part, case)
    else:
        yield Reason(f"The last review of {party.name} {fault}.", fix, part)


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
    title="Nobody answers for a party that readers' data goes to",
    asks="Whoever carries the mail or keeps readers' data is bound and was looked at lately.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(1)(A), (C), (b)(3), 7705; GDPR art. 28, 44-46; our promise to "
    "monitor third-party email services",
    check=_origin,
)
