"""From a claim to approved bytes."""

from dataclasses import dataclass

from mailer.delivery.approval import Approved
from mailer.delivery.claims import Claim
from mailer.delivery.inspection import Inspector
from mailer.delivery.office import Office


@dataclass
class Press:
    """Makes one campaign's copies, each of them looked at by the gate."""

    office: Office
    inspector: Inspector

    def approved(self, one: Claim) -> Approved:
        """Return one reader's copy; raises BadTemplate, Unsendable, Unlawful."""
        office, reader = self.office, one.reader
        url = office.site.unsubscribe(one.list_id, one.subscriber_id, one.delivery_id)
        copy = office.rendered(reader, url)
        raw = office.message(copy, reader.email, url, one.list_public_id, one.subscriber_id)
        return self.inspector.approved(raw, copy, reader, url)
