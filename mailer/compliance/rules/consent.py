"""What is on record between a reader and the sender: consent, its age, and opt-outs."""

import hashlib
from collections.abc import Iterator

from mailer.compliance import lapse
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.inputs import Basis, Consent, OptOut
from mailer.compliance.mailboxes import key
from mailer.compliance.packs import Pack
from mailer.compliance.rule import NOT_TRANSACTIONAL, Reason, Rule
from mailer.compliance.rules.recipients import readers

# The countries whose law puts the burden of proof on the sender: EU, EEA, Switzerland, UK, Canada.
_PROVING = frozenset(
    str.split(
        "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE "
        "IS LI NO CH GB CA"
    )
)
_PART = "recipient"


def _suppression_scope(case: Case) -> Iterator[Reason]:
    """Hold each opt-out on record against the address, as mailboxes are told apart."""
    candidate = case.candidate
    for reader in readers(case):
        own = key(reader.address)
        for opt_out in candidate.recipient.opt_outs or ():
            if not _is_in_force(opt_out) or not _reaches(opt_out, candidate.list_id):
                continue
            when = f"{opt_out.at:%d %B %Y}"
            if key(opt_out.address) == own:
                scope = "this list" if opt_out.list_id else "all mail of this sender"
                yield Reason(
                    f"{reader.address} opted out of {scope} on {when}.",
                    "Leave this reader out. Only her own confirmed sign-up undoes an opt-out.",
                    _PART,
                )
            elif _untagged(opt_out.address) == _untagged(reader.address):
                yield Reason(
                    f"{opt_out.address} opted out on {when}; {reader.address} may be the same one.",
                    "Ask whether this is the same person before you write.",
                    _PART,
                    Severity.warn,
                )


def _is_in_force(opt_out: OptOut) -> bool:
    return opt_out.rejoined_at is None or opt_out.rejoined_at <= opt_out.at


def _reaches(opt_out: OptOut, list_id: str | None) -> bool:
    """Whether an opt-out binds mail of this list; of a list that is not known, it does."""
    return not opt_out.list_id or list_id is None or opt_out.list_id == list_id


def _untagged(address: str) -> str:
    local, _, domain = key(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _consent_proof(case: Case) -> Iterator[Reason]:
    recipient = case.candidate.recipient
    if recipient.consent is None:
        return
    is_owed = recipient.demands_proof or recipient.country in _PROVING
    for fault in _unproven(recipient.consent, is_confirmed_owed=is_owed):
        yield Reason(
            fault,
            "Ask the reader to confirm by email, or leave her out: the proof is yours to give.",
            _PART,
            None if is_owed else Severity.warn,
        )


def _unproven(consent: Consent, *, is_confirmed_owed: bool) -> Iterator[str]:
    """Say what is missing in a record of consent (GDPR art. 7(1); CASL s.13)."""
    if not consent.source.strip():
        yield "It is not on record where this reader gave her consent."
    if consent.asked_at is None:
        yield "It is not on record when this reader gave her consent."
    if consent.basis is Basis.unknown:
        yield "It is not on record on what this reader's consent rests."
    if consent.basis is Basis.express:
        yield from _unproven_wording(consent)
        if is_confirmed_owed and consent.confirmed_at is None:
            yield "This reader never confirmed her address."
        elif is_confirmed_owed and not consent.was_pressed:
            yield "Her confirmation link was opened, perhaps by a program; she never pressed."


def _unproven_wording(consent: Consent) -> Iterator[str]:
    digest = hashlib.sha256(consent.wording.encode()).hexdigest()
    if not consent.wording_hash and not consent.wording:
        yield "It is not on record to what text this reader consented."
    elif consent.wording and consent.wording_hash and consent.wording_hash != digest:
        yield "The text on record is not the one that this reader consented to."


def _consent_expiry(case: Case) -> Iterator[Reason]:
    """Find implied consent that has run out; express consent does not."""
    recipient, today = case.candidate.recipient, case.candidate.today
    consent = recipient.consent
    if consent is None or consent.basis is Basis.express:
        return
    began = consent.last_dealing_on or (consent.asked_at.date() if consent.asked_at else None)
    ended = None if began is None else lapse.last_day(consent.basis, began)
    if ended is not None and today <= ended:
        return
    when = f"ended on {ended:%d %B %Y}" if ended else "has no date that it could be counted from"
    yield Reason(
        f"Consent implied from a {_name(consent.basis)} {when}.",
        "Leave this reader out. While the time runs, a plain message may ask for her consent.",
        _PART,
        None if recipient.country == "CA" else Severity.warn,
    )


def _name(basis: Basis) -> str:
    return "dealing of unknown kind" if basis is Basis.unknown else basis.value


SUPPRESSION_SCOPE = Rule(
    id="R29",
    name="suppression-scope",
    title="An opt-out on record reaches this mail",
    asks="An opt-out holds for the address, on every list of the sender that it covers.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7702(14), (16)(B), 7704(a)(4)",
    check=_suppression_scope,
    kinds=NOT_TRANSACTIONAL,
)
CONSENT_PROOF = Rule(
    id="R30",
    name="consent-proof",
    title="The reader's consent cannot be proven",
    asks="For each reader there is proof of consent.",
    severity=Severity.refuse,
    citation="GDPR art. 6(1)(a), 7(1); Dir. 2002/58/EC art. 13(1), (2); CASL s.6(1)(a), 10, 13",
    check=_consent_proof,
    kinds=NOT_TRANSACTIONAL,
    packs=frozenset({Pack.eu, Pack.casl}),
)
CONSENT_EXPIRY = Rule(
    id="R31",
    name="consent-expiry",
    title="The reader's implied consent has run out",
    asks="Consent that runs out is not relied upon afterwards.",
    severity=Severity.refuse,
    citation="CASL s.10(9), (10)",
    check=_consent_expiry,
    kinds=NOT_TRANSACTIONAL,
    packs=frozenset({Pack.casl}),
)
