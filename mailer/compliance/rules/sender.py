"""Who sends: the record of the sender, above all the postal address behind every message."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from mailer.compliance import merge, postal
from mailer.compliance.candidate import AddressKind, PostalAddress, SenderRecord
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.rule import Reason, Rule
from mailer.compliance.words import plain

_MAILBOX = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\".]+|[^\s@<>,;:\"]+@localhost")
_PO_BOX = re.compile(
    r"\bp(?:ost)?\.?\s*o(?:ffice)?\.?\s*box\b|\bpostfach\b|\bbo[iî]te postale\b|\bb\.?\s?p\.?\s+\d|"
    r"\bapartado (?:de correos|postal)\b|\bcasella postale\b|\bpostbus\b"
)
_PMB = re.compile(r"\bpmb\b|#\s*\w")
_PLACEHOLDER = re.compile(
    r"\byour (?:company|name|address|street|city|business|organi[sz]ation)\b|\blorem\b|\bipsum\b|"
    r"\banytown\b|\bcity,? state\b|^(?:city|town|state|zip|street|address|country)$|"
    r"\bstreet address\b|\baddress line\b|\b(?:company|sender) name\b|\bexample (?:street|city)\b|"
    r"\bmusterstra(?:ss|ß)e\b|\bmusterstadt\b|\bx{3,}\b|^t\.?b\.?[ad]\.?$|^n/?a$|^none$|^-+$"
)
_NO_PLACE = re.compile(r"^(?:the )?(?:internet|online|web|cloud|remote)$|https?:|www\.|\bsee our\b")
_PERHAPS_REAL = re.compile(r"^(?:123|1234) (?:main|any|fake|some) (?:st|street|road|rd)\b\.?")
_EMPTY_POSTCODES = frozenset({"00000", "99999", "000000", "0000", "xxxxx"})
# Where the United States Postal Service has post office boxes.
_USPS = frozenset({"US", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW", "UM"})
_YEAR_DAYS = 366
_ELEVEN_MONTHS_DAYS = 335
_NAMES = {
    "street_address": "the street line",
    "city": "the city",
    "country_area": "the state or region",
    "postal_code": "the postcode",
    "country_code": "the country",
    "city_area": "the district",
}
_PAGE = "in the sender's settings."


@lru_cache(maxsize=64)
def record_reasons(record: SenderRecord, today: date) -> tuple[Reason, ...]:
    """Why a sender record is not complete and attested on a given day (16 CFR 316.2(p)).

    It is asked for every copy of a campaign, and the same for all of them.
    """
    return (
        *_identity(record),
        *_placeholders(record),
        *_country_rules(record.address),
        *_street_line(record.address),
        *_kind(record.address),
        *_attestation(record.address, today),
    )


def _check(case: Case) -> tuple[Reason, ...]:
    return record_reasons(case.candidate.sender, case.candidate.today)


def _identity(record: SenderRecord) -> Iterator[Reason]:
    if not plain(record.legal_name):
        yield Reason("There is no legal name.", f"Enter the full legal name {_PAGE}", "legal_name")
    for name, text in (("from_address", record.from_address), ("reply_to", record.reply_to)):
        is_optional = name == "reply_to" and not text
        if not is_optional and not _MAILBOX.fullmatch(text):
            fix = f"Enter a working email address {_PAGE}"
            yield Reason(f"{name}: “{text}” is no email address.", fix, name)


def _placeholders(record: SenderRecord) -> Iterator[Reason]:
    address = record.address
    fix = f"Enter the real postal address {_PAGE}"
    fields = [("legal_name", record.legal_name), ("city", address.city)]
    fields += [("region", address.region), *(("lines", line) for line in address.lines)]
    for name, text in fields:
        find = _PLACEHOLDER.fullmatch if name == "legal_name" else _PLACEHOLDER.search
        is_empty_word = find(plain(text)) or next(merge.marks(text), None)
        is_nowhere = name != "legal_name" and _NO_PLACE.search(plain(text))
        if is_empty_word or is_nowhere:
            yield Reason(f"{name}: “{text}” is a placeholder.", fix, name)
        elif _PERHAPS_REAL.match(plain(text)):
            found = f"{name}: “{text}” looks like a placeholder."
            yield Reason(found, "Confirm that this is the real address.", name, Severity.warn)
    if _is_empty_postcode(address):
        found = f"postcode: “{address.postcode}” is a placeholder."
        yield Reason(found, fix, "postcode")


def _is_empty_postcode(address: PostalAddress) -> bool:
    """12345 is a real ZIP code, but of one company in Schenectady only."""
    code = address.postcode.strip()
    is_elsewhere = plain(address.city) != "schenectady"
    return code.lower() in _EMPTY_POSTCODES or (
        code == "12345" and address.country.upper() == "US" and is_elsewhere
    )


def _country_rules(address: PostalAddress) -> Iterator[Reason]:
    values = {
        "country_code": address.country.upper(),
        "country_area": address.region,
        "city": address.city,
        "postal_code": address.postcode,
        "street_address": "\n".join(line for line in address.lines if line.strip()),
    }
    for field, fault in postal.faults(values).items():
        name = _NAMES.get(field, field)
        verb = "is missing" if fault == postal.REQUIRED else "does not fit the rest"
        shown = values.get(field, "")
        found = f"{name.capitalize()} {verb}" + (f": “{shown}”." if shown else ".")
        yield Reason(found, f"Correct {name} {_PAGE}", field)


def _street_line(address: PostalAddress) -> Iterator[Reason]:
    """Ask about US lines that seem to name no place; whoever knows better may say so."""
    is_empty = not plain("".join(address.lines))
    if address.country.upper() == "US" and not is_empty and not postal.is_us_line(address.lines):
        found = f"“{' / '.join(address.lines)}” names neither house and street nor a box."
        fix = "Give house number and street, or the box; if it is right as it is, vouch for it."
        yield Reason(found, fix, "lines", Severity.warn)


def _kind(address: PostalAddress) -> Iterator[Reason]:
    text = plain(" / ".join(address.lines))
    has_box, is_usps = bool(_PO_BOX.search(text)), address.country.upper() in _USPS
    if address.kind is AddressKind.street and has_box:
        fix = f"Choose “PO box” as the kind of address {_PAGE}"
        yield Reason(f"“{address.lines[0]}” is a post office box, not a street.", fix, "kind")
    if address.kind is AddressKind.usps_po_box and not (has_box and is_usps):
        fix = f"Give the line as “PO Box 123” in the USA, or a street address {_PAGE}"
        yield Reason("No post office box of the US Postal Service is named.", fix, "kind")
    if address.kind is AddressKind.cmra_pmb and not _PMB.search(text):
        fix = f"Add the mailbox number as “PMB 12” or “#12” {_PAGE}"
        yield Reason("A private mailbox needs “PMB” or “#” in its address.", fix, "kind")


def _attestation(address: PostalAddress, today: date) -> Iterator[Reason]:
    fix = f"Confirm {_PAGE[:-1]} that the address is valid; confirm it again every 12 months."
    attested = address.attested_on
    if not address.attested_by.strip() or attested is None:
        yield Reason("Nobody has confirmed that this address is valid.", fix, "attested_by")
    elif attested > today:
        yield Reason(f"The address was confirmed on {attested}, a later day.", fix, "attested_on")
    elif (today - attested).days > _YEAR_DAYS:
        yield Reason(f"The address was last confirmed on {attested}.", fix, "attested_on")
    elif (today - attested).days > _ELEVEN_MONTHS_DAYS:
        found = f"The address was last confirmed on {attested}; after a year this refuses."
        yield Reason(found, fix, "attested_on", Severity.warn)


ADDRESS_RECORD = Rule(
    id="R15",
    name="sender-address-record",
    title="The sender record is incomplete or not confirmed",
    asks="The sender's record is complete, and somebody vouched for it within a year.",
    severity=Severity.refuse,
    citation="16 CFR 316.2(p); 15 U.S.C. 7702(9), 7704(a)(5)(A)(iii)",
    check=_check,
)
