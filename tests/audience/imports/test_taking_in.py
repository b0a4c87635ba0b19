"""What an import does: people, lists, receipts, counts; and what it never does."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.audience.imports.models import Basis, Chunk, Import, Outcome, State
from mailer.audience.models import (
    ConsentEvent,
    MailingList,
    Subscriber,
    Subscription,
    SubscriptionStatus,
)
from tests.audience.imports.conftest import PEOPLE, TakeIn, faults


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def test_people_come_with_their_details_and_a_receipt_each(
    session: Session, letters: MailingList, take_in: TakeIn
) -> None:
    batch = take_in(PEOPLE)
    assert (batch.state, batch.total, batch.position) == (State.finished, 2, 2)
    assert batch.counts == batch.forecast == {Outcome.added: 2}
    rosa = session.scalars(sa.select(Subscriber).order_by(Subscriber.id)).first()
    assert rosa is not None
    assert (rosa.email, rosa.name, rosa.attributes) == (
        "rosa@example.org",
        "Rosa",
        {"city": "Springfield"},
    )
    place = rosa.subscriptions[0]
    assert (place.list_id, place.status) == (letters.id, SubscriptionStatus.confirmed)
    receipt = session.scalars(sa.select(ConsentEvent)).first()
    assert receipt is not None
    assert receipt.evidence == {
        "actor": "alice@example.com",
        "page": f"import {batch.id}, migration, double_opt_in",
        "shown": "Our former system",
    }
    assert ledger.first_broken(session, ConsentEvent) is None


def test_the_bytes_go_when_they_are_no_longer_needed(session: Session, take_in: TakeIn) -> None:
    take_in(PEOPLE)
    assert session.scalar(sa.select(sa.func.count()).select_from(Chunk)) == 0
