"""The press: from a claim to the bytes that the gate let through."""

from dataclasses import dataclass

from mailer.delivery.approval import Approved
from mailer.delivery.claims import Claim
from mailer.delivery.inspection import Inspector
from mailer.delivery.office import Office


@dataclass(frozen=True, slots=True)
class Press:
    """Makes one campaign's messages and puts each of them before the gate."""

    office: Office
    inspector: Inspector

    def approved(self, claim: Claim) -> Approved:
        """Return one reader's message; raises BadTemplate, Unsendable, Unlawful."""
        office, reader = self.office, claim.reader
        url = office.site.unsubscribe(claim.list_id, claim.subscriber_id, claim.delivery_id)
        copy = office.copy(reader, url)
        raw = office.message(copy, reader.email, url, claim.list_public_id, claim.subscriber_id)
        return self.inspector.approved(raw, copy, reader, url)
