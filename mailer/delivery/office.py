"""One campaign's messages: what is the same for all is read once, what is hers is filled in."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.campaigns import rendering, stated
from mailer.campaigns.footer import Footer
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader, Rendered
from mailer.compliance.candidate import Candidate, Kind, SenderRecord
from mailer.compliance.inputs import Recipient
from mailer.compliance.readiness import Readiness
from mailer.delivery import certificates, composing, seeds, signing
from mailer.delivery import readiness as knowledge
from mailer.delivery.composing import Envelope
from mailer.links import Site

ALPHA_2 = 2  # letters in a country's code, ISO 3166-1


@dataclass(frozen=True)
class Office:
    """Everything that a campaign's messages share, as plain values.

    Plain, so that sending holds no transaction open while it waits for a relay.
    """

    site: Site
    campaign_id: int
    kind: Kind
    from_name: str
    from_address: str
    reply_to: str
    record: SenderRecord
    sent_at: datetime
    compiled: rendering.Compiled
    signers: tuple[signing.Signer, ...]
    stated: stated.Stated
    digest: str
    readiness: Readiness
    relay_signs: bool
    list_header: str | None
    list_public_id: str
    audience_countries: frozenset[str] | None = None

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
            sent_at=campaign.started_at or now,
            compiled=rendering.compiled(campaign),
            signers=signing.signers(session, site.keys, sender),
            stated=stated.of(campaign),
            digest=digest(campaign, record),
            readiness=knowledge.readiness(session, site, sender, now),
            relay_signs=seeds.relay_signs(session, site.relay_of(sender.from_address), sender),
            list_header=seeds.list_header(session, campaign),
            list_public_id=campaign.lists[0].public_id if campaign.lists else "sample",
        )

    @property
    def domain(self) -> str:
        return self.from_address.rpartition("@")[2]

    def rendered(self, reader: Reader, unsubscribe_url: str) -> Rendered:
        """Return one reader's words; raises BadTemplate."""
        label = self.record.labels()[0] if self.kind is Kind.commercial else ""
        footer = Footer(
            label, self.record.block(), unsubscribe_url, (self.reply_to, *self.record.contact())
        )
        return self.compiled.rendered(reader, footer)

    def message(
        self, copy: Rendered, to: str, unsubscribe_url: str, list_public_id: str, number: int
    ) -> bytes:
        """Return one reader's signed message; ``number`` tells its Message-ID from the others'.

        The List-Id (RFC 2919) is the list's own, the same for every campaign. Raises Unsendable.
        """
        envelope = Envelope(
            from_name=self.from_name,
            from_address=self.from_address,
            reply_to=self.reply_to,
            to=to,
            message_id=composing.message_id(self.site.keys, self.domain, self.campaign_id, number),
            date=self.sent_at,
            unsubscribe_url=unsubscribe_url,
            list_id=f"<{list_public_id}.{self.domain}>",
        )
        return signing.signed(composing.composed(envelope, copy), self.signers)

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
        )


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
