"""How soon opt-outs hold: counted by channel and day, by many at once, and told together."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience import effects
from mailer.audience.effects import Channel, Effect, Figures

DAY = date(2026, 3, 2)
CLICK, LETTER = Channel.one_click, Channel.letter


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def test_what_processes_count_at_the_same_time_is_told_as_one(session: Session) -> None:
    effects.note(session, DAY, [(CLICK, 0.02), (LETTER, 30.0), (CLICK, 0.04)], slot=4711)
    effects.note(session, DAY, [(CLICK, 0.01), (CLICK, 2.0)], slot=4711)
    effects.note(session, DAY, [(CLICK, 0.06)], slot=4712)
    clicks, letters = effects.known(session)
    assert (clicks.number, clicks.within_a_second, clicks.within_a_minute) == (5, 4, 5)
    assert (round(clicks.seconds, 6), clicks.longest) == (2.13, 2.0)
    assert letters == Figures(LETTER, (0, 0, 0, 1, 0, 0, 0, 0, 0), 30.0, 30.0)
    assert session.query(Effect).count() == 4


def test_each_bound_is_of_its_own_bucket_and_no_clock_is_before_its_time(session: Session) -> None:
    effects.note(session, DAY, [(LETTER, one) for one in (-1.0, *effects.BOUNDS, 1e7)])
    (letters,) = effects.known(session)
    assert letters.counts == (2, 1, 1, 1, 1, 1, 1, 1, 1)
    assert letters.longest == 1e7


def test_only_the_days_that_are_asked_for_are_told(session: Session) -> None:
    effects.note(session, DAY, [(CLICK, 1.0)])
    effects.note(session, DAY, [])
    assert effects.known(session, DAY + timedelta(days=1)) == []
    assert [one.number for one in effects.known(session, DAY)] == [1]
