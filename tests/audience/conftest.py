"""The audience is tested on both databases: conflicts and locks are theirs."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Sender
from mailer.audience.words import ListType, Optin
from mailer.links import Site
from tests.audience.steps import Reader


@pytest.fixture
def reader(session: Session, site: Site) -> Reader:
    """Rosa, who is not known yet."""
    return Reader(session, site)


@pytest.fixture
def notes(session: Session, sender: Sender, now: datetime) -> MailingList:
    """A second public list of the same sender, single opt-in."""
    notes = MailingList(
        public_id="notes",
        name="Harbor Notes",
        sender_id=sender.id,
        optin=Optin.single,
        created_at=now,
    )
    session.add(notes)
    session.commit()
    return notes


@pytest.fixture
def insiders(session: Session, sender: Sender, now: datetime) -> MailingList:
    """A private list of the same sender."""
    insiders = MailingList(
        public_id="insiders",
        name="Harbor Insiders",
        sender_id=sender.id,
        type=ListType.private,
        created_at=now,
    )
    session.add(insiders)
    session.commit()
    return insiders


@pytest.fixture
def elsewhere(session: Session, sender: Sender, now: datetime) -> MailingList:
    """A list of another sender."""
    columns = {c.key: getattr(sender, c.key) for c in sa.inspect(Sender).columns if c.key != "id"}
    other = Sender(**{**columns, "legal_name": "Tide Tables LLC"})
    elsewhere = MailingList(public_id="tides", name="Tides", sender=other, created_at=now)
    session.add(elsewhere)
    session.commit()
    return elsewhere
