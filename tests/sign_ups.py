"""Signing up as tests need it: with a ticket that has been read for a while, and at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer import clock
from mailer.audience import addresses, letterbox
from mailer.audience.joining import limits, tickets
from mailer.audience.letterbox import Owed
from mailer.links import Site
from mailer.tokens import Keys

READ_FOR = timedelta(seconds=5)


def ticket(site: Site, read_for: timedelta = READ_FOR, email: str = "") -> str:
    """Return the ticket of a form that has stood open for a while; with an address, bound to it."""
    return tickets.issue(site.keys, clock.now() - read_for, mailbox(site.keys, email))


def mailbox(keys: Keys, email: str) -> bytes | None:
    return limits.mailbox_key(keys, addresses.parsed(email)) if email else None


def sign_up(client: FlaskClient, site: Site, email: str, **fields: Any) -> TestResponse:  # noqa: ANN401
    """Fill in the hosted form of ``letters`` and press the button."""
    given = {"email": email, "ticket": ticket(site), **fields}
    return client.post("/subscribe/letters", data=given)


def take_up(session: Session, site: Site) -> Sequence[Owed]:
    """Do what the worker does with all that waits in the letterbox."""
    found = []
    for number in letterbox.waiting(session):
        found.append(letterbox.take_up(session, site.keys, number))
        session.commit()
    return found
