"""The door for letters, and a campaign whose copy rosa has."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clockwork, lmtp, mailroom
from mailer.audience.models import MailingList, Subscriber
from mailer.campaigns.models import Campaign
from mailer.delivery import message_ids
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.links import Site
from mailer.privacy.letters.models import Letter
from tests.servers import free_port

DOMAIN = "harbor.example.com"
DESK = f"desk@{DOMAIN}"

Address = Callable[[Subscriber], str]


@dataclass
class Post:
    """The way in: the real door, and the worker's turn."""

    app: Flask
    session: Session
    port: int

    def hand_in(self, raw: bytes, to: str = DESK, mail_from: str = "rosa@example.org") -> None:
        """Hand a letter in as a mail server does; it is kept, and nobody has read it."""
        self.session.rollback()
        with smtplib.LMTP("127.0.0.1", self.port) as door:
            door.sendmail(mail_from, [to], raw)

    def read(self) -> list[Letter]:
        """Let the worker read all that waits; return every letter there is, oldest first."""
        self.session.rollback()
        clockwork.read_letters(self.app)
        self.session.expire_all()
        return list(self.session.scalars(sa.select(Letter).order_by(Letter.id)))

    def take(self, raw: bytes, to: str = DESK, mail_from: str = "rosa@example.org") -> Letter:
        """Hand a letter in, have it read, and return it."""
        self.hand_in(raw, to, mail_from)
        return self.read()[-1]


@pytest.fixture
def post(app: Flask, session: Session, letters: MailingList) -> Iterator[Post]:
    assert letters
    port = free_port()

    def keep(mail_from: str, recipient: str, raw: bytes) -> None:
        mailroom.kept(app, mail_from, recipient, raw)

    with lmtp.receiving(keep, "127.0.0.1", port):
        yield Post(app, session, port)


@pytest.fixture
def tides(session: Session, letters: MailingList, now: datetime) -> Campaign:
    made = Campaign(
        sender_id=letters.sender_id,
        name="Tides",
        subject="Low water on Sunday",
        created_at=now,
        updated_at=now,
        lists=[letters],
    )
    session.add(made)
    session.commit()
    return made


def copy_of(session: Session, tides: Campaign, reader: Subscriber) -> Delivery:
    """Add the reader's copy, which the relay has taken."""
    made = Delivery(
        campaign_id=tides.id,
        subscriber_id=reader.id,
        list_id=tides.lists[0].id,
        address_key=reader.address_key,
        email=reader.email,
        status=DeliveryStatus.accepted,
        next_at=tides.created_at,
    )
    session.add(made)
    session.commit()
    return made


@pytest.fixture
def copy_id(session: Session, site: Site, tides: Campaign) -> Address:
    """``copy_id(rosa)`` gives her a copy, and returns its Message-ID."""

    def name(reader: Subscriber) -> str:
        copy_of(session, tides, reader)
        return message_ids.message_id(site.keys, DOMAIN, tides.id, reader.id)

    return name


@pytest.fixture
def tagged(copy_id: Address) -> Address:
    """``tagged(rosa)`` gives her a copy, and returns the address that names it."""

    def address(reader: Subscriber) -> str:
        name = copy_id(reader).strip("<>").partition("@")[0]
        return f"letters+{name}@{DOMAIN}"

    return address


@contextmanager
def receiving_badly() -> Iterator[int]:
    """A door behind which nothing can be kept; gives its port."""
    port = free_port()

    def keep(mail_from: str, recipient: str, raw: bytes) -> None:
        raise OSError(28, f"no space left for {len(mail_from + recipient) + len(raw)} bytes")

    with lmtp.receiving(keep, "127.0.0.1", port):
        yield port
