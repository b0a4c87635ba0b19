"""Canada's law on who must be named, and how to be reached, in a commercial message."""

import re
from collections.abc import Iterator
from itertools import chain

from mailer.compliance import names
from mailer.compliance.candidate import SenderRecord
from mailer.compliance.case import Case
from mailer.compliance.domains import is_within
from mailer.compliance.finding import Severity
from mailer.compliance.links import host_of
from mailer.compliance.packs import Pack
from mailer.compliance.rule import NOT_TRANSACTIONAL, Reason, Rule
from mailer.compliance.rules.recipients import readers
from mailer.compliance.sighting import readings
from mailer.compliance.visible.reading import Reading, Surface
from mailer.compliance.words import phrase

_EMAIL = re.compile(r"@([\w-]+(?:\.[\w-]+)+)")
_SITE = re.compile(r"(?<![\w.@/-])(?:https?://)?([\w-]+(?:\.[\w-]+)+)")
_NOT_DIGITS = re.compile(r"\D+")
_LEAST_DIGITS = 6
_COUNTRY = "CA"


def _identification(case: Case) -> Iterator[Reason]:
    """Harsh if a reader is known to be in Canada; silent if none of a known audience is."""
    is_canadian = _is_canadian(case)
    if is_canadian is False:
        return
    severity = Severity.refuse if is_canadian else Severity.warn
    for surface in case.surfaces:
        for evidence, fix in _lacks(surface, case):
            yield Reason(f"{surface.label}: {evidence}", fix, surface.label, severity)


def _is_canadian(case: Case) -> bool | None:
    """Whether this reader or any of the audience is in Canada; None if nobody knows."""
    candidate = case.candidate
    country, audience = candidate.recipient.country.upper(), candidate.audience_countries
    known = {country, *(name.upper() for name in audience or ())} - {""}
    if _COUNTRY in known or any(is_within(reader.domain, ("ca",)) for reader in readers(case)):
        return True
    is_unknown = audience is None or "" in audience
    return None if is_unknown and not country else False


def _lacks(surface: Surface, case: Case) -> Iterator[tuple[str, str]]:
    record = case.candidate.sender
    shown = readings(surface)
    if not all(_is_reachable(reading, case) for reading in shown):
        yield (
            "no telephone number, email address or web address of the sender is seen",
            "Add an email address, telephone number or website of yours to the footer.",
        )
    for party in (record.legal_name, *(p.name for p in case.candidate.promoted_parties)):
        wanted = [phrase(name) for name in (party, names.short(party))]
        if not all(any(r.words.occurrences(name) for name in wanted) for r in shown):
            yield f"{party} is not named", f"Name {party} and for whom the message is sent."


def _is_reachable(reading: Reading, case: Case) -> bool:
    """Whether a reading shows how to reach the sender, besides the way out."""
    text = reading.text.replace(case.unsubscribe_url or "\0", " ")
    runs = (place.run for place in reading.places)
    links = {run.href for run in runs if run.href and run.text.strip()}
    return (
        any(_reaches(link, case) for link in links)
        or _names_domain(text, _own_domains(case))
        or _shows_phone(text, case.candidate.sender)
    )


def _names_domain(text: str, own: tuple[str, ...]) -> bool:
    """Whether a text shows an email or web address of these domains, in whatever alphabet."""
    if text.isascii() and not any(domain.lower() in text.lower() for domain in own):
        return False
    return any(is_within(m[1], own) for m in chain(_EMAIL.finditer(text), _SITE.finditer(text)))


def _reaches(link: str, case: Case) -> bool:
    if link == case.unsubscribe_url:
        return False
    scheme, _, rest = link.partition(":")
    if scheme.lower() == "tel":
        return bool(_NOT_DIGITS.sub("", rest))
    mailbox = rest.partition("?")[0].rpartition("@")[2] if scheme.lower() == "mailto" else ""
    return is_within(mailbox or host_of(link), _own_domains(case))


def _shows_phone(text: str, record: SenderRecord) -> bool:
    digits = _NOT_DIGITS.sub("", record.phone)
    return len(digits) >= _LEAST_DIGITS and digits in _NOT_DIGITS.sub("", text)


def _own_domains(case: Case) -> tuple[str, ...]:
    record = case.candidate.sender
    mail = (address.rpartition("@")[2] for address in (record.from_address, record.reply_to))
    site = host_of(record.website) or host_of(f"//{record.website}")
    return tuple(domain for domain in (*record.domains, *mail, site.removeprefix("www.")) if domain)


CASL_IDENTIFICATION = Rule(
    id="R21",
    name="casl-identification",
    title="The message does not say how to reach its sender, as Canada asks",
    asks="The message names the sender, a postal address, and a telephone, mail or web address.",
    severity=Severity.warn,
    citation="CASL s. 6(2)(a)-(b); SOR/2012-36 s. 2",
    check=_identification,
    kinds=NOT_TRANSACTIONAL,
    packs=frozenset({Pack.casl}),
)
