"""What is put before the gate: the rendered message, who sends it, and to what purpose."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mailer.compliance import phrases, postal


class Kind(StrEnum):
    """The primary purpose of a message (16 CFR 316.3); anything unstated is commercial."""

    commercial = "commercial"
    editorial = "editorial"
    transactional = "transactional"


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
    """

    legal_name: str
    from_address: str
    reply_to: str
    address: PostalAddress
    ad_labels: tuple[str, ...] = ()
    trade_names: tuple[str, ...] = ()

    def labels(self) -> tuple[str, ...]:
        if self.ad_labels:
            return self.ad_labels
        return tuple(label.format(sender=self.legal_name) for label in phrases.AD_LABELS)

    def block(self) -> tuple[str, ...]:
        """Legal name and address as they must stand in the footer, line by line."""
        return (self.legal_name, *self.address.block())


@dataclass(frozen=True)
class Candidate:
    """One rendered message, as bytes, with all that is needed to judge it.

    `unsubscribe_url` is this recipient's own link; None takes it from the List-Unsubscribe header.
    `standing` is the reason why this recipient must not be mailed, None if there is none.
    `development` forgives http:// on a loopback host, with a warning.
    """

    raw: bytes
    sender: SenderRecord
    unsubscribe_url: str | None
    today: date
    kind: Kind = Kind.commercial
    standing: str | None = None
    development: bool = False
    opt_out_phrases: tuple[str, ...] = phrases.OPT_OUT
