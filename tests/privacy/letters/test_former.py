"""An address that was another reader's before: whose letters go when one of the two is erased."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import clock
from mailer.audience.address_models import AddressChange
from mailer.audience.models import Subscriber
from mailer.privacy import erasure
from mailer.privacy.archive import dealings
from mailer.privacy.letters.models import Letter
from tests.conftest import MakeReader
from tests.privacy.letters.conftest import Post
from tests.privacy.letters.specimens import letter


def test_each_has_the_letters_that_were_written_while_the_address_was_hers(
    post: Post, session: Session, rosa: Subscriber, make_reader: MakeReader
) -> None:
    ines, until = make_reader("ines"), clock.now()
    first = post.take(letter("Hello from ines", author=rosa.email)).id
    second = post.take(letter("Hello from rosa", author=rosa.email)).id
    moved_away(session, ines, rosa.address_key, until)
    came(session, first, until - timedelta(hours=1))
    came(session, second, until + timedelta(hours=1))
    session.commit()
    assert [one.id for one in dealings.letters_of(session, ines)] == [first]
    assert [one.id for one in dealings.letters_of(session, rosa)] == [second]
    erasure.erase(session, rosa, clock.now(), "command line", reason="her request")
    session.commit()
    assert session.scalars(sa.select(Letter.id)).all() == [first]
    erasure.erase(session, ines, clock.now(), "command line", reason="her request")
    assert session.scalars(sa.select(Letter.id)).all() == []


def came(session: Session, number: int, at: datetime) -> None:
    session.execute(sa.update(Letter).where(Letter.id == number).values(received_at=at))


def moved_away(session: Session, reader: Subscriber, key: bytes, until: datetime) -> None:
    """Let a reader have had this key until then."""
    session.add(
        AddressChange(
            subscriber_id=reader.id,
            old_key=key,
            new_key=reader.address_key,
            email="",
            asked_at=until,
            done_at=until,
        )
    )
