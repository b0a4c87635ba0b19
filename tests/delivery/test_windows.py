"""Windows: what sending took, gathered without I/O, kept in few rows, and one sentence about it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign
from mailer.delivery import windows
from mailer.delivery.histograms import BOUNDS
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.report_models import SendingWindow
from mailer.delivery.windows import Figures, Span, Wait, Window

A_SECOND = timedelta(seconds=1)


@pytest.fixture
def window(tides: Campaign, now: datetime) -> Window:
    return Window(tides.id, now)


def rows(session: Session) -> list[SendingWindow]:
    session.expire_all()
    return list(session.scalars(sa.select(SendingWindow).order_by(SendingWindow.at)))


def figures(waits: Mapping[str, float], connections: int = 10, allowed: int = 10) -> Figures:
    made = Figures()
    made.numbers.update(accepted=600, connections=connections, allowed=allowed)
    made.waits.update(waits)
    made.spans[Span.reply].merge([0] * len(BOUNDS) + [100], 60.0)
    made.spans[Span.fence].merge([0] * len(BOUNDS) + [10], 0.8)
    return made


@pytest.mark.usefixtures("database")
def test_one_worker_writes_one_row_in_ten_seconds(
    session: Session, window: Window, now: datetime
) -> None:
    for second in range(3):
        window.count(DeliveryStatus.accepted, 2)
        window.count(DeliveryStatus.pending)
        window.add(Span.reply, 0.15)
        window.write(session, now + second * A_SECOND)
    (row,) = rows(session)
    assert (row.at, row.seconds, row.accepted) == (now, 10, 6)
    assert row.spans == {"dot_to_reply": {"counts": [0] * 7 + [3] + [0] * 9, "total": 0.45}}


@pytest.mark.usefixtures("database")
def test_the_next_window_begins_when_one_is_over(
    session: Session, window: Window, now: datetime
) -> None:
    window.count(DeliveryStatus.accepted)
    window.write(session, now + 10 * A_SECOND)
    window.count(DeliveryStatus.refused)
    window.write(session, now + 13 * A_SECOND)
    assert [(row.at, row.accepted, row.refused) for row in rows(session)] == [
        (now, 1, 0),
        (now + 10 * A_SECOND, 0, 1),
    ]


def test_a_window_in_which_nothing_happened_writes_nothing(
    session: Session, window: Window, now: datetime
) -> None:
    window.write(session, now + 30 * A_SECOND)
    assert rows(session) == []


def test_a_window_is_due_a_second_after_it_was_written(
    session: Session, window: Window, now: datetime
) -> None:
    assert not window.is_due(now)
    assert window.is_due(now + A_SECOND)
    window.write(session, now + A_SECOND)
    assert not window.is_due(now + A_SECOND)


def test_a_span_falls_into_the_bucket_whose_end_it_reaches(window: Window, now: datetime) -> None:
    for seconds in (999.0, 0.0, 0.2, 0.2001):
        window.add(Span.release, seconds)
    counts = window.taken(now).values["spans"][Span.release]["counts"]
    assert [place for place, number in enumerate(counts) if number] == [0, 7, 8, len(BOUNDS)]


@pytest.mark.usefixtures("database")
def test_two_workers_at_once_have_two_rows_whose_connections_add_up(
    session: Session, tides: Campaign, now: datetime
) -> None:
    for number in (3, 4):
        window = Window(tides.id, now, process=f"process{number}")
        window.lines(number, 8)
        window.wait(Wait.relay, 5.0)
        window.write(session, now)
    together = windows.since(session, tides.id, now)
    assert (together.numbers["connections"], together.numbers["allowed"]) == (7, 16)
    assert together.waits == {"relay": 10.0}


@pytest.mark.usefixtures("database")
def test_two_turns_of_one_process_have_the_same_connections(
    session: Session, tides: Campaign, now: datetime
) -> None:
    for number in (3, 4):
        window = Window(tides.id, now)
        window.lines(number, 4)
        window.count(DeliveryStatus.accepted)
        window.write(session, now)
    together = windows.since(session, tides.id, now)
    assert (together.numbers["connections"], together.numbers["allowed"]) == (4, 4)
    assert together.numbers["accepted"] == 2


@pytest.mark.usefixtures("database")
def test_folding_changes_no_sum(session: Session, tides: Campaign, now: datetime) -> None:
    begin = windows.beginning(now, windows.MINUTE)
    for second in range(0, 180, 10):
        for _ in range(2):
            window = Window(tides.id, begin + second * A_SECOND)
            window.count(DeliveryStatus.accepted)
            window.add(Span.reply, 0.1)
            window.write(session, window.at)
    session.commit()
    before = windows.since(session, tides.id, begin)
    for minutes in (11, 12, 60):  # the second one meets a minute that is folded already
        windows.fold(session, begin + timedelta(minutes=minutes))
        session.commit()
    assert [(row.seconds, row.accepted) for row in rows(session)] == [(60, 12)] * 3
    after = windows.since(session, tides.id, begin)
    assert after.values() == before.values()
    assert sum(point.accepted for point in windows.series(session, tides.id)) == 36
    windows.fold(session, begin + timedelta(days=31))
    assert rows(session) == []
