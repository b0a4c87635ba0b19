"""Kept counts under two hands at once, on PostgreSQL: who changes rows waits for who counts."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config import Config
from mailer.campaigns.models import Campaign
from mailer.db import db
from mailer.delivery import statistics, tallies, unknowns
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause
from tests.conftest import ConfigFor, MakeReader
from tests.delivery.conftest import Yard


@pytest.fixture
def config(postgresql_url: str, config_for: ConfigFor) -> Config:
    return config_for(postgresql_url)


@pytest.fixture
def counted(yard: Yard, tides: Campaign, make_reader: MakeReader) -> Campaign:
    """A campaign whose only copy is in doubt, in a run that somebody works on."""
    make_reader("rosa")
    yard.start(tides)
    (one,) = yard.deliveries(tides)
    one.status = DeliveryStatus.unknown
    yard.session.flush()
    unknowns.note(yard.session, [one.id], Cause.close, yard.clock())
    yard.session.commit()
    return tides


def test_a_row_cannot_change_between_the_counting_and_its_commit(
    yard: Yard, counted: Campaign
) -> None:
    (one,) = yard.deliveries(counted)
    number, rows = counted.id, Delivery.id == one.id
    tallies.hold_still(yard.session, number)
    with Session(db.engine) as other:
        other.execute(sa.text("SET lock_timeout = '200ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            tallies.forget_those_of(other, rows)
    yard.session.commit()
    with Session(db.engine) as other:
        unknowns.settle(other, other.get_one(Campaign, number), yard.clock(), "bob@example.com")
        other.commit()
    yard.session.expire_all()
    states = statistics.report(yard.session, counted).states
    assert (states[DeliveryStatus.accepted], states[DeliveryStatus.unknown]) == (1, 0)


def test_two_workers_count_their_runs_at_the_same_time(yard: Yard, counted: Campaign) -> None:
    tallies.hold_still(yard.session, counted.id)
    with Session(db.engine) as other:
        other.execute(sa.text("SET lock_timeout = '200ms'"))
        tallies.hold_still(other, counted.id)
        other.commit()
    yard.session.commit()
    assert statistics.report(yard.session, counted).audience == 1
