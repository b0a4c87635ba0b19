"""What is put before the gate: the rendered message, who sends it, and to what purpose."""

from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum

from mailer.compliance import phrases, postal
from mailer.compliance.inputs import Asking, Complaints, Dealing, Party, Recipient, Tracking
from mailer.compliance.offer import Offer
from mailer.compliance.packs import EVERY_PACK, Pack
from mailer.compliance.readiness import Readiness


class Kind(StrEnum):
    """The primary purpose of a message (16 CFR 316.3); anything unstated is commercial.

    A service notice concerns the service that its readers use, and advertises nothing.
    """

    commercial = "commercial"
    editorial = "editorial"
    transactional = "transactional"
    service = "service"


class AddressKind(StrEnum):
    """The three kinds of physical address that 16 CFR 316.2(p) allows."""

    street = "street"
    usps_po_box = "usps_po_box"
    cmra_pmb = "cmra_pmb"


@dataclass(frozen=True)
class PostalAddress:
    """A valid physical postal address and who vouched for it, when.

    `lines` are the street or box lines, `country` is ISO 3166-1 alpha-2.
    """

    lines: tuple[str, ...]
    city: str
    region: str
    postcode: str
    country: str
    kind: AddressKind
    attested_by: str
    attested_on: date | None

    def block(self) -> tuple[str, ...]:
        """Give the lines as printed: street, locality in the country's own order, country."""
        return postal.block(self.lines, self.city, self.region, self.postcode, self.country)


@dataclass(frozen=True)
class SenderRecord:
    """Who answers for the message. `trade_names` are brands that may look like a reply ("Re:Mix").

    `ad_labels` are the accepted advertising labels; none given means the default in each language.
    `person_names` are people who may stand in From. `domains` are those proven to be the sender's;
    none given means that of `from_address`, unproven. `phone` and `website` are as printed.
    `packs` are the bodies of law that this sender keeps, all unless some are switched off.
    """

    legal_name: str
    from_address: str
    reply_to: str
    address: PostalAddress
    ad_labels: tuple[str, ...] = ()
    trade_names: tuple[str, ...] = ()
    person_names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    phone: str = ""
    website: str = ""
    packs: frozenset[Pack] = EVERY_PACK

    def labels(self) -> tuple[str, ...]:
        if self.ad_labels:
            return self.ad_labels
        return tuple(label.format(sender=self.legal_name) for label in phrases.AD_LABELS)

    def contact(self) -> tuple[str, ...]:
        """How to reach the sender besides by post and by answering, as printed."""
        return tuple(way for way in (self.phone, self.website) if way)

    def block(self) -> tuple[str, ...]:
        """Legal name and address as they must stand in the footer, line by line."""
        return (self.legal_name, *self.address.block())


@dataclass(frozen=True)
class Candidate:
    """One rendered message, as bytes, with all that is needed to judge it.

    `unsubscribe_url` is this recipient's own link; None takes it from the List-Unsubscribe header.
    `standing` is the reason why this recipient must not be mailed, None if there is none.
    `development`: http:// on a loopback host and a missing signature are not judged, but noted.
    `adult` says that the content is sexually oriented (16 CFR 316.4), `is_adult_consented` that
    this reader agreed beforehand to receive it (15 U.S.C. 7704(d)(2)); not known counts as no.
    `kind_reason` says why a message is of its kind; empty refuses any but commercial mail (R25),
    None means that nobody could be asked.
    `offer` holds the facts behind the subject's claims; None turns each claim into a warning.
    `at` is the moment of sending, with a zone; None means some time on `today`, and only what is
    false all day long is contradicted. `zone` is the reader's; None takes that of the offer.
    `synonyms` pairs words of the subject with words that stand for them in the body, as an editor
    vouches.
    `destinations` pairs our own redirecting links with where they lead; a link that is not
    listed is judged by where it points itself.
    `foreign_brands` are names of others that From must not bear (R01); none given means that only
    the sender's own names decide. `promoted_parties` are the advertisers (R26); none given means
    that the sender advertises alone. `dealing` makes a message transactional (R25); without one it
    is refused as such. `recipient` is who reads this copy (R21, R35, R38).
    `audience_countries` of all readers, ISO alpha-2, with "" among them if those of some are not
    known, None if nobody's is (R05, R21). `wireless_domains` have been on the FCC's list for 30
    days, in addition to those that are shipped (R35).
    `list_id` is what this list has been called so far (R43); None means it cannot be compared.
    `tracking` and `complaints` (R39, R44): None means not judged. `relay_signs`: a received copy
    has shown that the relay adds the DKIM signature, so that R41 does not ask for it here.
    `readiness` is what is known of the sending side (R02, R03, R05, R18-R20, R42); None means that
    nothing is, as when a message from elsewhere is checked, and is noted as not judged.
    `asking`: the message asks for consent anew (R37); None means that it does not.
    """

    raw: bytes
    sender: SenderRecord
    unsubscribe_url: str | None
    today: date
    kind: Kind = Kind.commercial
    standing: str | None = None
    development: bool = False
    opt_out_phrases: tuple[str, ...] = phrases.OPT_OUT
    adult: bool = False
    is_adult_consented: bool = False
    offer: Offer | None = None
    at: datetime | None = None
    zone: tzinfo | None = None
    synonyms: tuple[tuple[str, str], ...] = ()
    destinations: tuple[tuple[str, str], ...] = ()
    foreign_brands: tuple[str, ...] = ()
    promoted_parties: tuple[Party, ...] = ()
    dealing: Dealing | None = None
    recipient: Recipient = field(default_factory=Recipient)
    audience_countries: frozenset[str] | None = None
    wireless_domains: tuple[str, ...] = ()
    list_id: str | None = None
    tracking: Tracking | None = None
    complaints: Complaints | None = None
    relay_signs: bool = False
    readiness: Readiness | None = None
    kind_reason: str | None = None
    asking: Asking | None = None
