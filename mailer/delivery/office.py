"""One campaign's messages: what is the same for all is read once, what is hers is filled in."""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Self

from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.campaigns import rendering
from mailer.campaigns.footer import Footer
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader, Rendered
from mailer.compliance.candidate import Kind
from mailer.delivery import composing, signing
from mailer.delivery.composing import Envelope
from mailer.links import Site


class Unlawful(Exception):  # noqa: N818 - errors are named for the situation
    """One reader's own copy lacks what the law wants; the message says what."""


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
    label: str
    address: tuple[str, ...]
    date: datetime
    compiled: rendering.Compiled
    signers: tuple[signing.Signer, ...]

    @classmethod
    def of(cls, session: Session, site: Site, campaign: Campaign, now: datetime) -> Self:
        """Read a campaign; raises BadTemplate."""
        sender = campaign.sender
        record = senders.record(sender)
        return cls(
            site=site,
            campaign_id=campaign.id,
            kind=campaign.kind,
            from_name=sender.from_name,
            from_address=sender.from_address,
            reply_to=sender.reply_to,
            label=record.labels()[0] if campaign.kind is Kind.commercial else "",
            address=record.block(),
            date=campaign.started_at or now,
            compiled=rendering.compiled(campaign),
            signers=signing.signers(session, site.keys, sender),
        )

    @property
    def domain(self) -> str:
        return self.from_address.rpartition("@")[2]

    def rendered(self, reader: Reader, unsubscribe_url: str) -> Rendered:
        """Return one reader's words; raises BadTemplate."""
        return self.compiled.rendered(reader, Footer(self.label, self.address, unsubscribe_url))

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
            date=self.date,
            unsubscribe_url=unsubscribe_url,
            list_id=f"<{list_public_id}.{self.domain}>",
        )
        return signing.signed(composing.composed(envelope, copy), self.signers)

    def demand_own_footer(self, copy: Rendered, unsubscribe_url: str) -> None:
        """Ask one reader's copy what the gate asked of the sample; raises Unlawful.

        Cheap enough for every recipient: a condition in the template may take from one reader
        what the others have.
        """
        if self.kind is Kind.transactional:
            return
        for what, needle in (
            ("unsubscribe link", unsubscribe_url),
            ("ad label", self.label),
            ("postal address", self.address[1]),
        ):
            if escape(needle) not in copy.html or needle not in copy.text:
                raise Unlawful(f"This reader's own copy lacks the {what}.")
