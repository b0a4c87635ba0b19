"""A test send: the real message, through the gate and the relay, to one of our own people."""

from datetime import datetime

from sqlalchemy.orm import Session

from mailer.audience import addresses, suppressions
from mailer.audience.models import Scope
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.delivery import checks
from mailer.delivery.office import Office
from mailer.delivery.smtp import Connection, Lost, Refused, Relay, Reply
from mailer.links import Site
from mailer.tokens import fingerprint


class OptedOut(Exception):  # noqa: N818 - errors are named for the situation
    """The address has opted out of this sender's mail; not even a test goes there (R28)."""


class Undelivered(Exception):  # noqa: N818 - errors are named for the situation
    """The conversation with the relay ended before an answer; the message says where and how."""


def send(
    session: Session, site: Site, relay: Relay, campaign: Campaign, reader: Reader, now: datetime
) -> Reply:
    """Send one test copy; return the relay's answer.

    Raises checks.Refused by the gate, OptedOut, Undelivered, BadTemplate and Unsendable.
    """
    checks.demand_lawful(session, site, campaign, now)
    demand_standing(session, site, campaign, reader.email)
    office = Office.of(session, site, campaign, now)
    session.rollback()  # no transaction stays open while the relay answers
    url = site.unsubscribe(0, 0, 0)
    copy = office.rendered(reader, url)
    raw = office.message(copy, reader.email, url, "test", -int(now.timestamp()))
    try:
        return Connection(relay, site.host).send(office.from_address, reader.email, raw)
    except (Lost, Refused) as error:
        raise Undelivered(str(error)) from error


def demand_standing(session: Session, site: Site, campaign: Campaign, address: str) -> None:
    key = fingerprint(site.keys, addresses.normalised(address))
    for refusal in suppressions.in_force(session, key):
        everywhere = refusal.scope is Scope.everything
        if everywhere or (refusal.scope, refusal.scope_id) == (Scope.sender, campaign.sender_id):
            raise OptedOut("This address has opted out of this sender's mail.")
