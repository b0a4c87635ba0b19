"""Whom the message claims to come from: one mailbox, of a proven domain, under a true name."""

import re
import unicodedata
from collections.abc import Iterator

from mailer.compliance import disguise, names
from mailer.compliance.candidate import SenderRecord
from mailer.compliance.case import Case
from mailer.compliance.domains import is_within
from mailer.compliance.finding import Severity
from mailer.compliance.mailboxes import Mailbox, canonical, mailboxes
from mailer.compliance.rule import Reason, Rule
from mailer.compliance.words import Words

_OWN = "Use a name that is registered for the sender, such as “{}”, or register this one first."
_MOST_JUDGED = 5
_LONGEST_NAME = 500
_PLAIN = "Type the From name again, in ordinary letters and without pasting it."
_ADDRESS = re.compile(
    r"(?<![^\s@<>\"',;:()])[^\s@<>\"',;:()]+\s?@\s?[^\s@<>\"',;:().]+(?:\.[^\s@<>\"',;:().]+)+"
)
# Neither a group ("Acme:news@acme.example;") nor a route (RFC 5322 s4.4).
_ONE_MAILBOX = re.compile(r"[^\s@<>,;:()\[\]\\]+@[^\s@<>,;:()\\]+")
_SITE = re.compile(
    r"(?<![\w.-])(?:[\w-]{1,63}\.){1,4}(?:com|net|org|info|biz|io|co|gov|edu|eu|ai)\b(?![\w.-])"
)


def _from_identity(case: Case) -> Iterator[Reason]:
    headers = case.message.named("From")
    found = [mailbox for header in headers for mailbox in mailboxes(header)]
    if len(headers) != 1 or len(found) != 1:
        shown = ", ".join(m.address for m in found) or "none"
        yield Reason(
            evidence=f"{len(headers)} From headers with {len(found)} mailboxes: {shown}",
            fix="A message has one From header with one mailbox; remove the others.",
            part="From",
        )
    for mailbox in found[:_MOST_JUDGED]:
        yield from _domain(mailbox, case.candidate.sender)
        yield from _name(mailbox, case)


def _domain(mailbox: Mailbox, record: SenderRecord) -> Iterator[Reason]:
    proven = record.domains or (canonical(record.from_address.rpartition("@")[2]),)
    is_plain = bool(_ONE_MAILBOX.fullmatch(mailbox.address))
    if not is_plain or not is_within(mailbox.domain, proven):
        yield Reason(
            evidence=f"From is {mailbox.address}; the sender's domains are {', '.join(proven)}.",
            fix="Send from an address of your own domain, or prove that this domain is yours.",
            part="From",
        )


def _name(mailbox: Mailbox, case: Case) -> Iterator[Reason]:
    record, name = case.candidate.sender, mailbox.name[:_LONGEST_NAME]
    if not name.strip():
        return
    if len(mailbox.name) > _LONGEST_NAME:
        found = f"The From name is {len(mailbox.name)} characters long: {name}"
        yield Reason(found, f"Shorten it to {_LONGEST_NAME} characters at most.", "From")
    yield from _letters(name, record)
    yield from _addresses(name, mailbox, record)
    brand = names.borrowed(name, case.candidate.foreign_brands, record)
    if brand:
        found = f"From shows “{name}”, which bears the brand “{brand}”."
        yield Reason(found, _OWN.format(record.legal_name), "From")
    yield from _bearing(name, record)


def _letters(name: str, record: SenderRecord) -> Iterator[Reason]:
    """Find characters that deceive, but for words that are registered just so ("µTorrent")."""
    known = {odd for own in names.registered(record) for odd in disguise.oddities(own)}
    for oddity in disguise.oddities(name):
        if oddity not in known or "“" not in oddity:
            yield Reason(f"The From name “{name}” holds {oddity}.", _PLAIN, "From")


def _addresses(name: str, mailbox: Mailbox, record: SenderRecord) -> Iterator[Reason]:
    """Find another address, or another's site, put where the reader looks for the sender."""
    text = unicodedata.normalize("NFKC", name)
    own = "".join(mailbox.address.split()).lower()
    others = ["".join(found.split()) for found in _ADDRESS.findall(text)]
    proven = (*record.domains, record.from_address.rpartition("@")[2], mailbox.domain)
    known = " ".join(names.registered(record)).lower()
    sites = [] if others else _SITE.findall(text.lower())
    sites = [site for site in sites if site not in known and not is_within(site, proven)]
    for other in (*(o for o in others if o.lower().strip(".") != own), *sites):
        yield Reason(
            evidence=f"The From name shows “{other}”, but the mail is from {mailbox.address}.",
            fix="Take the address out of the From name.",
            part="From",
        )


def _bearing(name: str, record: SenderRecord) -> Iterator[Reason]:
    bearing = names.bearing(name, record)
    shown = _ADDRESS.sub("", unicodedata.normalize("NFKC", name))
    if bearing.is_own or not Words(shown).texts:
        return
    fix = _OWN.format(record.legal_name)
    if bearing.imitated:
        found = f"The From name “{name}” imitates “{bearing.imitated}” with other letters."
        yield Reason(found, _PLAIN, "From")
        return
    known = ", ".join(names.registered(record)[:3])
    yield Reason(
        evidence=f"The From name “{name}” is none of the sender's names: {known}.",
        fix=fix,
        part="From",
        severity=Severity.warn if bearing.is_akin else None,
    )


FROM_IDENTITY = Rule(
    id="R01",
    name="from-identity",
    title="The message does not say truthfully who sends it",
    asks="From names the sender, or a person of the sender's, at a domain of the sender's own.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(1), (a)(6), 7702(8); RFC 5322 s3.6.2; Dir. 2002/58/EC art. 13(4); "
    "Competition Act 74.011",
    check=_from_identity,
)
