"""A copy for somebody of whom nothing is known: what the template says to everybody."""

from mailer.campaigns.rendering import Copy, Reader
from mailer.delivery.office import Office

ADDRESS = "reader@example.com"
STAND_IN = "A-10023"


def nobody(dealing_field: str) -> Reader:
    """Return somebody of whom only the address is known, and her dealing where there must be one.

    Templates that lean on a name fail here, not later.
    """
    return Reader(ADDRESS, attributes={dealing_field: STAND_IN} if dealing_field else {})


def copied(office: Office, reader: Reader) -> tuple[Copy, bytes]:
    """Return a sample copy with a link that opts out nobody; raises BadTemplate, Unsendable."""
    url = office.site.unsubscribe(0, 0, 0)
    copy = office.copy(reader, url)
    return copy, office.message(copy, reader.email, url, office.list_public_id, 0)
