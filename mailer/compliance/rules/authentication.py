"""Whether the From domain vouches for the message: its signature, and what DNS says of it."""

from collections.abc import Iterator
from datetime import timedelta

from mailer.compliance import dkim, grace
from mailer.compliance.case import Case
from mailer.compliance.dkim import Signature
from mailer.compliance.domains import is_aligned
from mailer.compliance.finding import Severity
from mailer.compliance.mailboxes import first_mailboxes
from mailer.compliance.packs import Pack
from mailer.compliance.readiness import Authentication, PublishedKey, Spf
from mailer.compliance.rule import Reason, Rule

# RFC 8301 s3.2: signers MUST use at least 1024 bits and SHOULD use at least 2048.
_LEAST_BITS = 1024
_GOOD_BITS = 2048
# Gmail, Yahoo and Microsoft ask for SPF and DMARC from about this many messages a day.
_BULK = 5000
_FRESH = timedelta(days=7)
_PART = "DKIM-Signature"
# What a reader is shown, or answers to: a field that is not signed may be added on the way.
_SHOWN = ("Subject", "Date", "To", "Reply-To")
_SIGN = "Sign last, with a key of the From domain; Mailer does so once the sender has a DKIM key."
_PUBLISH = "Publish the DNS record that the sender's page shows, then press “Look again” there."
_SPF = {
    Spf.absent: "has no SPF record",
    Spf.broken: "has an SPF record that cannot be used",
    Spf.denied: "does not let the relay send for it (SPF)",
}


def _auth_alignment(case: Case) -> Iterator[Reason]:
    not_here = grace.development(case.candidate, "the domains")
    if not_here:
        yield not_here
        return
    readiness = case.candidate.readiness
    known = readiness.authentication if readiness else None
    senders = [one.domain for one in first_mailboxes(case.message.named("From"))]
    if known is not None and known.domain not in senders:
        known = None
    yield from _signed(case, known, senders)
    if known is None:
        evidence = f"DNS of {', '.join(senders) or 'the From domain'} has not been looked up."
        yield grace.unknown(case.candidate, evidence, "Press “Look again” on the sender's page.")
    else:
        yield from _domain(case, known)


def _signed(case: Case, known: Authentication | None, senders: list[str]) -> Iterator[Reason]:
    """One sound signature is enough: receivers take the best one."""
    found = dkim.signatures(case.message)
    is_strict = known is not None and known.is_strict
    faults = [next(_faults(one, case, senders, is_strict=is_strict), None) for one in found]
    sound = [one for one, fault in zip(found, faults, strict=True) if fault is None]
    if sound:
        yield from _unsigned(sound, case)
        yield from _keys(sound, known) if known else ()
    elif not case.candidate.relay_signs:
        none = ["The message bears no DKIM signature."]
        yield from (Reason(fault, _SIGN, _PART) for fault in faults or none if fault)


def _faults(
    signature: Signature, case: Case, senders: list[str], *, is_strict: bool
) -> Iterator[str]:
    """Why receivers cannot take a signature as the word of the From domain; the first counts."""
    which = f"The signature of {signature.domain or 'nobody'}"
    if signature.fault:
        yield f"{which} cannot be used: {signature.fault}."
    if not any(is_aligned(signature.domain, sender) for sender in senders):
        yield f"{which} is not of the From domain {', '.join(senders) or '(none)'}."
    elif is_strict and signature.domain not in senders:
        yield f"{which} is not of {senders[0]} itself, which its DMARC record asks for (adkim=s)."
    if not signature.covers(case.message, "From"):
        yield f"{which} does not cover From."
    for name in _SHOWN:
        if 0 < signature.covered[name.lower()] < len(case.message.named(name)):
            yield f"{which} was made before a second {name} was added."
    if "l" in signature.tags:
        yield f"{which} covers only a part of the body: l={signature.tags['l']}"


def _unsigned(sound: list[Signature], case: Case) -> Iterator[Reason]:
    for name in _SHOWN:
        is_there = bool(case.message.named(name))
        if is_there and not any(one.covers(case.message, name) for one in sound):
            found = f"No signature covers {name}: it may be changed on the way unseen."
            yield Reason(found, _SIGN, _PART, Severity.warn)


def _keys(sound: list[Signature], known: Authentication) -> Iterator[Reason]:
    """Compare with DNS: a signature whose key is not published is none."""
    keys = {key.selector: key for key in known.keys}
    judged = [(one, keys.get(one.tags["s"])) for one in sound]
    doubts = [_doubt(one, key, known) for one, key in judged]
    good = [key for (_, key), doubt in zip(judged, doubts, strict=True) if key and not doubt]
    for doubt in filter(None, doubts):
        yield Reason(doubt, _PUBLISH, _PART, Severity.warn if good else None)
    longest = max((key.bits for key in good if key.algorithm == "rsa"), default=None)
    if good and longest is None:
        found = "The message is signed with Ed25519 only, which many receivers cannot verify."
        yield Reason(found, "Sign with an RSA key of 2048 bits as well.", _PART, Severity.warn)
    elif longest is not None and longest < _GOOD_BITS:
        found = f"The longest DKIM key has {longest} bits."
        yield Reason(found, "Make new keys on the sender's page (2048 bits).", _PART, Severity.warn)


def _doubt(signature: Signature, key: PublishedKey | None, known: Authentication) -> str | None:
    name = f"{signature.tags['s']}._domainkey.{signature.domain}"
    if key is None or signature.domain != known.domain:
        return f"{name} is no key of this sender."
    if not key.matches:
        return key.fault or f"{name} does not hold the key that signs."
    if key.algorithm == "rsa" and key.bits < _LEAST_BITS:
        return f"The key {name} has {key.bits} bits; receivers take none below {_LEAST_BITS}."
    return None


def _domain(case: Case, known: Authentication) -> Iterator[Reason]:
    if case.candidate.today - known.checked_at.date() > _FRESH:
        evidence = f"DNS of {known.domain} was last looked up on {known.checked_at.date()}."
        yield grace.unknown(case.candidate, evidence, "Press “Look again” on the sender's page.")
    if Pack.bulk in case.candidate.sender.packs:
        yield from _providers(known)


def _providers(known: Authentication) -> Iterator[Reason]:
    """Ask for what the great mailbox providers want; of bulk senders, without exception."""
    severity = None if (known.daily_volume or 0) >= _BULK else Severity.warn
    much = f" {known.daily_volume:,} messages left in a day." if severity is None else ""
    if not known.dmarc:
        found = f"{known.domain} has no DMARC record in force. {known.dmarc_fault}".rstrip()
        yield Reason(f"{found}{much}", _PUBLISH, "DMARC", severity)
    if known.spf in _SPF:
        found = f"{known.domain} {_SPF[known.spf]}. {known.spf_fault}".rstrip()
        yield Reason(f"{found}{much}", _PUBLISH, "SPF", severity)
    elif known.spf is Spf.unknown:
        found = f"Not judged here: whether SPF lets the relay send. {known.spf_fault}".rstrip()
        fix = "Say in MAILER_SPF what the SPF record must hold, such as include:relay.example."
        yield Reason(found, fix, "SPF", Severity.note)


# That From is vouched for is our own promise of no false addresses, and binds every sender; what
# only the mailbox providers ask (SPF, DMARC) is asked of those who keep their terms.
AUTH_ALIGNMENT = Rule(
    id="R02",
    name="auth-alignment",
    title="The From domain does not vouch for the message",
    asks="The From domain vouches for the mail by SPF, DKIM and DMARC.",
    severity=Severity.refuse,
    citation="RFC 6376; RFC 7208; RFC 9989; RFC 8301 s3; Gmail, Yahoo and Microsoft sender rules",
    check=_auth_alignment,
    packs=frozenset({Pack.promises, Pack.bulk}),
)
