"""One campaign's messages: what is the same for all is read once, what is hers is filled in."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Self

from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.campaigns import rendering, stated
from mailer.campaigns.footer import Footer
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Copy, Reader, Rendered, Stencil
from mailer.compliance.candidate import Candidate, Kind, SenderRecord
from mailer.compliance.inputs import Asking, Recipient
from mailer.compliance.readiness import Readiness
from mailer.delivery import certificates, message_ids, seeds, signing
from mailer.delivery.composing import Envelope
from mailer.delivery.wire import Wire
from mailer.links import Site

ALPHA_2 = 2  # letters in a country's code, ISO 3166-1


@dataclass(frozen=True)
class Office:
    """Everything that a campaign's messages share, as plain values.

    Plain, so that sending holds no transaction open while it waits for a relay. ``made_at`` is the
    Date of its messages (RFC 5322 section 3.6.1): a copy may leave days after the first.
    ``audience_countries``, ``readiness`` and ``unwilling`` (how many of whom it would ask for their
    consent have none that holds, and have opted out) only a start needs, and checks.office_of
    looks them up.
    """

    site: Site
    campaign_id: int
    kind: Kind
    from_name: str
    from_address: str
    reply_to: str
    record: SenderRecord
    made_at: datetime
    compiled: rendering.Compiled
    signers: tuple[signing.Signer, ...]
    stated: stated.Stated
    digest: str
    relay_signs: bool
    list_header: str | None
    list_public_id: str
    audience_countries: frozenset[str] | None = None
    readiness: Readiness = field(default_factory=Readiness)
    unwilling: tuple[int | None, int | None] = (None, None)

    @classmethod
    def of(cls, session: Session, site: Site, campaign: Campaign, now: datetime) -> Self:
        """Read a campaign; raises BadTemplate."""
        sender, record = campaign.sender, senders.record(campaign.sender)
        return cls(
            site=site,
            campaign_id=campaign.id,
            kind=campaign.kind,
            from_name=sender.from_name,
            from_address=sender.from_address,
            reply_to=sender.reply_to,
            record=record,
            made_at=now,
            compiled=rendering.compiled(campaign),
            signers=signing.signers(session, site.keys, sender),
            stated=stated.of(campaign),
            digest=digest(campaign, record),
            relay_signs=seeds.relay_signs(session, site.relay_of(sender.from_address), sender),
            list_header=seeds.list_header(session, campaign),
            list_public_id=campaign.lists[0].public_id if campaign.lists else "sample",
        )

    @property
    def domain(self) -> str:
        return self.from_address.rpartition("@")[2]

    @cached_property
    def stencil(self) -> Stencil:
        """The campaign's words, all that its copies share filled in."""
        label = self.record.labels()[0] if self.kind is Kind.commercial else ""
        contact = (self.reply_to, *self.record.contact())
        renewal = self.site.renewal if self.stated.is_asking else None
        return self.compiled.stencil(Footer(label, self.record.block(), "", contact), renewal)

    @cached_property
    def wire(self) -> Wire:
        """What puts the copies on the wire; raises Unsendable."""
        envelope = Envelope(
            from_name=self.from_name,
            from_address=self.from_address,
            reply_to=self.reply_to,
            to=self.reply_to,
            message_id="",
            date=self.made_at,
            unsubscribe_url="",
            list_id="",
            letters=self.site.letters,
        )
        return Wire(envelope, f"{self.domain}/{self.campaign_id}/{self.digest}", self.signers)

    def copy(self, reader: Reader, unsubscribe_url: str) -> Copy:
        """Return one reader's words in pieces; raises BadTemplate."""
        return self.stencil.copy(reader, unsubscribe_url)

    def rendered(self, reader: Reader, unsubscribe_url: str) -> Rendered:
        """Return one reader's words; raises BadTemplate."""
        return self.copy(reader, unsubscribe_url).rendered()

    def message(
        self, copy: Copy, to: str, unsubscribe_url: str, list_public_id: str, number: int
    ) -> bytes:
        """Return one reader's signed message; ``number`` tells its Message-ID from the others'.

        The List-Id (RFC 2919) is the list's own, the same for every campaign. Raises Unsendable.
        """
        wire = self.wire
        campaign = self.campaign_id or 0  # a draft that was not kept yet has no number
        own = message_ids.message_id(self.site.keys, wire.domain, campaign, number)
        return wire.message(copy, to, unsubscribe_url, list_public_id, own)

    def candidate(
        self, raw: bytes, unsubscribe_url: str, reader: Reader, now: datetime, at: datetime
    ) -> Candidate:
        """Return one reader's message as the gate is shown it ``now``, when it leaves ``at``."""
        return Candidate(
            raw=raw,
            sender=self.record,
            unsubscribe_url=unsubscribe_url,
            today=now.date(),
            kind=self.kind,
            development=self.site.development,
            recipient=Recipient(reader.email, country(reader)),
            kind_reason=self.stated.kind_reason,
            adult=self.stated.adult,
            offer=self.stated.offer,
            at=at,
            synonyms=self.stated.synonyms,
            promoted_parties=self.stated.parties,
            dealing=self.stated.dealing(reader.attributes),
            audience_countries=self.audience_countries,
            list_id=self.list_header,
            relay_signs=self.relay_signs,
            readiness=self.readiness,
            asking=self.asking(unsubscribe_url),
        )

    def asking(self, unsubscribe_url: str) -> Asking | None:
        """Return how a reader is asked for her consent anew; None where she is not."""
        if not self.stated.is_asking:
            return None
        return Asking(self.site.renewal(unsubscribe_url), *self.unwilling)


def digest(campaign: Campaign, record: SenderRecord) -> str:
    """Return the SHA-256 (hex) of all that makes a campaign's copies, but for its readers."""
    sender = campaign.sender
    words = (campaign.subject, campaign.body, campaign.text, campaign.content_type, campaign.kind)
    names = (sender.from_name, sender.from_address, sender.reply_to)
    made_of = certificates.canonical([words, names, record, stated.of(campaign)])
    return hashlib.sha256(made_of.encode()).hexdigest()


def country(reader: Reader) -> str:
    """Return the reader's country as her attributes tell it, ISO alpha-2; empty if they do not."""
    told = str(reader.attributes.get("country", "")).strip().upper()
    return told if len(told) == ALPHA_2 and told.isascii() and told.isalpha() else ""
