"""One campaign's messages: what is the same for all is read once, what is hers is filled in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.campaigns import rendering
from mailer.campaigns.footer import Footer
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader, Rendered
from mailer.compliance.candidate import Candidate, Kind, SenderRecord
from mailer.delivery import composing, signing
from mailer.delivery.composing import Envelope
from mailer.links import Site


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

    @classmethod
    def of(cls, session: Session, site: Site, campaign: Campaign, now: datetime) -> Self:
        """Read a campaign; raises BadTemplate."""
        sender = campaign.sender
        return cls(
            site=site,
            campaign_id=campaign.id,
            kind=campaign.kind,
            from_name=sender.from_name,
            from_address=sender.from_address,
            reply_to=sender.reply_to,
            record=senders.record(sender),
            sent_at=campaign.started_at or now,
            compiled=rendering.compiled(campaign),
            signers=signing.signers(session, site.keys, sender),
        )

    @property
    def domain(self) -> str:
        return self.from_address.rpartition("@")[2]

    def rendered(self, reader: Reader, unsubscribe_url: str) -> Rendered:
        """Return one reader's words; raises BadTemplate."""
        label = self.record.labels()[0] if self.kind is Kind.commercial else ""
        footer = Footer(label, self.record.block(), unsubscribe_url, self.record.contact())
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

    def candidate(self, raw: bytes, unsubscribe_url: str, today: date) -> Candidate:
        """Return one reader's message as the gate is shown it."""
        return Candidate(
            raw=raw,
            sender=self.record,
            unsubscribe_url=unsubscribe_url,
            today=today,
            kind=self.kind,
            development=self.site.development,
        )
