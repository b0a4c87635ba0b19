"""A test send: the real message, through the gate and the relay, to one of our own people."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience import addresses, suppressions
from mailer.audience.domain_keys import domain_keys
from mailer.audience.words import Scope
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.delivery import checks
from mailer.delivery.inspection import Inspector
from mailer.delivery.office import Office
from mailer.delivery.smtp import door
from mailer.delivery.smtp.relay import Relay
from mailer.delivery.smtp.reply import Lost, Refused, Reply
from mailer.links import Site
from mailer.tokens import fingerprints


class NotOneOfUs(Exception):  # noqa: N818 - errors are named for the situation
    """The address belongs to nobody who may sign in; a test mail is not for strangers."""


class OptedOut(Exception):  # noqa: N818 - errors are named for the situation
    """The address has opted out of this sender's mail; not even a test goes there (R28)."""


class Undelivered(Exception):  # noqa: N818 - errors are named for the situation
    """The conversation with the relay ended before an answer; the message says where and how."""


def send(
    session: Session, site: Site, relay: Relay, campaign: Campaign, reader: Reader, now: datetime
) -> Reply:
    """Send one test copy; return the relay's answer.

    Raises checks.Refused or Unlawful by the gate, NotOneOfUs, OptedOut, Undelivered, BadTemplate,
    Unsendable.
    """
    checks.demand_lawful(session, site, campaign, now)
    demand_colleague(session, reader.email)
    demand_standing(session, site, campaign, reader.email)
    office = Office.of(session, site, campaign, now)
    session.rollback()  # no transaction stays open while the relay answers
    url = site.unsubscribe(0, 0, 0)
    copy = office.copy(reader, url)
    raw = office.message(copy, reader.email, url, "test", -int(now.timestamp()))
    letter = Inspector(office, lambda: now).approved(raw, copy, reader, url)
    try:
        return door.send(relay, site.host, office.from_address, reader.email, letter)
    except (Lost, Refused) as error:
        raise Undelivered(str(error)) from error


def demand_standing(session: Session, site: Site, campaign: Campaign, address: str) -> None:
    normalised = addresses.normalised(address)
    own, domains = fingerprints(site.keys, normalised), domain_keys(site.keys, normalised)
    refusals = [
        one
        for key, domain in zip(own, domains, strict=True)
        for one in suppressions.in_force(session, key, domain)
    ]
    reach = {(Scope.everything, 0), (Scope.domain, 0), (Scope.sender, campaign.sender_id)}
    reach |= {(Scope.list, one.id) for one in campaign.lists}
    for refusal in refusals:
        if (refusal.scope, refusal.scope_id) in reach:
            raise OptedOut("This address has opted out of this mail.")


def demand_colleague(session: Session, address: str) -> None:
    """Take only addresses of people who may sign in: a test's links opt out nobody."""
    known = sa.select(User.id).where(
        sa.func.lower(User.email) == address.lower(), User.active.is_(True)
    )
    if session.scalar(known) is None:
        raise NotOneOfUs("A test goes only to people who may sign in here.")
