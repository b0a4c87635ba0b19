"""Whether personal data of readers in Europe may go to a party in another country."""

from collections.abc import Iterable
from datetime import date

from mailer.compliance.candidate import Candidate
from mailer.compliance.packs import Pack
from mailer.compliance.readiness import Processor, Transfer

# A certificate under the Data Privacy Framework runs for a year.
_CHECKED_DAYS = 366
_EEA = frozenset(
    str.split(
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
    )
)
# Their law asks for the same: UK GDPR, and the Swiss Federal Act on Data Protection.
_EUROPE = _EEA | {"GB", "CH"}
# Decisions of the Commission under art. 45; that on the United States covers certified firms only.
_ADEQUATE = _EEA | frozenset(
    {"AD", "AR", "BR", "CA", "CH", "FO", "GB", "GG", "IL", "IM", "JE", "JP", "KR", "NZ", "UY"}
)
# Where a basis reaches; standard contractual clauses reach anywhere.
_REACH = {Transfer.adequacy: _ADEQUATE, Transfer.dpf: frozenset({"US"})}
_MISFITS = {
    Transfer.adequacy: "there is no adequacy decision for that country.",
    Transfer.dpf: "the Data Privacy Framework is for firms in the United States.",
}


def europeans(candidate: Candidate) -> frozenset[str]:
    """Give the countries with European data protection among readers and sender.

    A sender who is established there owes it to readers anywhere (GDPR art. 3(1)).
    """
    readers = {candidate.recipient.country, *(candidate.audience_countries or ())}
    return in_europe((*readers, candidate.sender.address.country))


def in_europe(countries: Iterable[str]) -> frozenset[str]:
    """Give those of the countries (ISO alpha-2) that have European data protection."""
    known = {country.strip().upper() for country in countries}
    return frozenset("GB" if country == "UK" else country for country in known) & _EUROPE


def is_doubtful(party: Processor, candidate: Candidate) -> bool:
    """Whether a party without any basis might get data of Europeans, for all that is known."""
    audience = candidate.audience_countries
    is_unknown = (audience is None or "" in audience) and not candidate.recipient.country.strip()
    is_abroad = party.transfer is Transfer.none and party.country.upper() not in _EEA
    return is_abroad and is_unknown and Pack.eu in candidate.sender.packs


def fault(party: Processor, people: frozenset[str], today: date) -> str | None:
    """Say why this party's transfer basis does not do for people in these countries, or None."""
    country = party.country.upper()
    if _is_at_home(country, people):
        return None
    checked = party.transfer_checked_on
    if party.transfer in (Transfer.none, Transfer.domestic):
        return f"{party.name} is in {country}, and no basis for a transfer there is noted."
    if country not in _REACH.get(party.transfer, {country}):
        return f"{party.name} is in {country}: {_MISFITS[party.transfer]}"
    is_dated = checked is not None and checked <= today
    return None if is_dated else f"No day is noted on which the basis of {party.name} was checked."


def is_stale(party: Processor, people: frozenset[str], today: date) -> bool:
    """Whether a basis that is needed was checked more than a year ago."""
    checked = party.transfer_checked_on or today
    is_needed = not _is_at_home(party.country.upper(), people)
    return is_needed and (today - checked).days > _CHECKED_DAYS


def _is_at_home(country: str, people: frozenset[str]) -> bool:
    """Whether data of these people does not leave its law's reach by going to a country."""
    return country in _EEA or people == {country}
