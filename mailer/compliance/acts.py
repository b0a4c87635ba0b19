"""Acts beside sending that the gate judges: people taken in, addresses handed out, copies back."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mailer.compliance.candidate import Candidate


class Provenance(StrEnum):
    """Where addresses come from, as the person who adds them attests."""

    own_form = "own_form"
    event_sheet = "event_sheet"
    customers = "customers"
    migration = "migration"
    purchased = "purchased"
    scraped = "scraped"
    appended = "appended"
    unknown = "unknown"


@dataclass(frozen=True)
class Newcomer:
    """One person to be added.

    `status` is the state asked for; `refusal` why she must not be mailed (her own opt-out, a
    bounce), None if nothing speaks against her. `fields` are the other columns by name, as given.
    """

    address: str
    status: str = ""
    refusal: str | None = None
    consented_at: datetime | None = None
    consent_source: str = ""
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Intake:
    """People to be added by somebody other than themselves: an import, the API, staff by hand.

    `evidence` names what proves the provenance (a file, a form). `is_for_children`: the list is
    meant for people under 13; `attested_for_children`: who vouches that the parents agreed.
    `columns` are the headings of the file, also of what is left out.
    """

    provenance: Provenance
    attested_by: str
    evidence: str
    people: tuple[Newcomer, ...]
    today: date
    is_for_children: bool = False
    attested_for_children: str = ""
    columns: tuple[str, ...] = ()


class Purpose(StrEnum):
    """Why addresses leave the installation."""

    own_use = "own_use"
    own_data = "own_data"
    compliance = "compliance"
    legal_order = "legal_order"
    processing = "processing"
    marketing = "marketing"


@dataclass(frozen=True)
class Leaver:
    """One address to be handed out.

    `is_opted_out` from any mail of the sender; `is_hashed`: it leaves as a keyed fingerprint only.
    """

    address: str
    is_opted_out: bool
    is_hashed: bool = False


@dataclass(frozen=True)
class Release:
    """Addresses to be handed out, to whom and why.

    `is_processor`: registered as one (GDPR art. 28). `reference` of the court's order or the
    person's request, where the purpose needs one.
    """

    purpose: Purpose
    to_whom: str
    is_processor: bool
    reference: str
    people: tuple[Leaver, ...]


@dataclass(frozen=True)
class Seal:
    """One DKIM signature of a received copy, as far as it could be verified (RFC 6376 s6).

    `body_holds`: bh= is the hash of the body that came. `holds`: the signature fits the key; None
    if the key is none of ours, and so was not at hand.
    """

    domain: str
    selector: str
    body_holds: bool
    holds: bool | None = None


@dataclass(frozen=True)
class Receipt:
    """A copy that was sent to a seed mailbox, and the bytes that came out of it."""

    sent: Candidate
    received: bytes
    seals: tuple[Seal, ...] = ()
