"""Journals: what a killed process had marked is settled by what it wrote down last."""

from collections.abc import Callable

import pytest

from mailer.campaigns.models import Campaign
from mailer.delivery import claims, journal, portions, recovery, unknowns
from mailer.delivery.claims import Claim, Hold
from mailer.delivery.journal import COMPOSING, MARKED, RELEASED, Journal
from mailer.delivery.report_models import Resolution
from tests.conftest import MakeReader
from tests.delivery.conftest import Yard

pytestmark = pytest.mark.usefixtures("database")
NAMES = ("ana", "bea", "cleo", "dora", "eve")
Start = Callable[[], tuple[Hold, Journal, list[Claim]]]


@pytest.fixture
def start(yard: Yard, tides: Campaign, make_reader: MakeReader) -> Start:
    """``start()`` holds the portion of five people, with a journal, as a process would."""
    for name in NAMES:
        make_reader(name)
    yard.start(tides)

    def again() -> tuple[Hold, Journal, list[Claim]]:
        hold = yard.hold(tides)
        return hold, Journal.begun(yard.journals, hold), yard.people(hold)

    return again


def die(yard: Yard, one: Journal) -> None:
    """Leave the journal as a killed process does, and let another process find it."""
    one.abandon()
    found = list(journal.abandoned(yard.journals))
    assert len(found) == 1
    recovery.recover(yard.session, found[0], yard.clock())
    yard.session.commit()
    found[0].end()
    assert list(journal.abandoned(yard.journals)) == []


def test_only_what_was_on_its_way_is_unknown(yard: Yard, tides: Campaign, start: Start) -> None:
    hold, kept, (ana, bea, cleo, dora, _) = start()
    assert yard.pass_fence(hold, ana, bea, cleo, dora) == 4
    kept.mark(ana.delivery_id, 250)
    kept.mark(bea.delivery_id, 550)
    kept.mark(cleo.delivery_id, RELEASED)
    kept.mark(dora.delivery_id, MARKED)
    die(yard, kept)
    assert yard.statuses(tides) == {
        "ana": "accepted",
        "bea": "refused",
        "cleo": "unknown",
        "dora": "pending",
        "eve": "pending",
    }
    assert portions.due(yard.session, yard.clock()) == [tides.id]


def test_a_second_death_sends_nobody_again(yard: Yard, tides: Campaign, start: Start) -> None:
    """The unknown of the first stay so, though the second journal says nothing of them."""
    hold, kept, (ana, *_) = start()
    yard.pass_fence(hold, ana)
    kept.mark(ana.delivery_id, RELEASED)
    die(yard, kept)
    for is_reaped in (False, True):
        _, kept, people = start()
        assert ana.delivery_id not in {one.delivery_id for one in people}
        if is_reaped:
            yard.clock.wait(minutes=3)
            claims.reap(yard.session, yard.clock())
            yard.session.commit()
        die(yard, kept)
        assert yard.statuses(tides)["ana"] == "unknown"


def test_a_journal_found_after_the_lease_ended_still_clears_up(
    yard: Yard, tides: Campaign, start: Start
) -> None:
    hold, kept, (ana, bea, cleo, *_) = start()
    yard.pass_fence(hold, ana, bea, cleo)
    kept.mark(ana.delivery_id, 250)
    kept.mark(bea.delivery_id, MARKED)
    kept.mark(cleo.delivery_id, RELEASED)
    yard.clock.wait(minutes=3)
    claims.reap(yard.session, yard.clock())
    yard.session.commit()
    assert unknowns.number(yard.session, tides.id) == 3
    die(yard, kept)
    found = yard.statuses(tides)
    assert (found["ana"], found["bea"], found["cleo"]) == ("accepted", "pending", "unknown")
    assert unknowns.number(yard.session, tides.id) == 1
    ids = [ana.delivery_id, bea.delivery_id]
    ended = unknowns.of_deliveries(yard.session, ids).values()
    assert {one.resolution for doubts in ended for one in doubts} == {Resolution.journal}


def test_what_somebody_else_has_on_the_wire_is_left_alone(
    yard: Yard, tides: Campaign, start: Start
) -> None:
    _, kept, _ = start()
    yard.clock.wait(minutes=3)
    claims.reap(yard.session, yard.clock())
    hold = yard.hold(tides, "another")
    yard.pass_fence(hold, *yard.people(hold))
    die(yard, kept)
    assert set(yard.statuses(tides).values()) == {"sending"}


def test_who_ends_the_process_three_times_is_left_out(
    yard: Yard, tides: Campaign, start: Start
) -> None:
    for _ in range(3):
        hold, kept, people = start()
        yard.pass_fence(hold, people[0])
        kept.mark(people[0].delivery_id, COMPOSING)
        die(yard, kept)
    (ana, *others) = yard.deliveries(tides)
    assert (ana.status, ana.reason, ana.crashes) == ("excluded", recovery.POISON, 3)
    assert {one.status.value for one in others} == {"pending"}


def test_after_a_power_cut_all_that_was_marked_is_unknown(
    yard: Yard, tides: Campaign, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold, kept, (ana, bea, *_) = start()
    yard.pass_fence(hold, ana, bea)
    kept.mark(ana.delivery_id, 250)
    monkeypatch.setattr(journal, "boot", lambda: "another boot")
    die(yard, kept)
    found = yard.statuses(tides)
    assert (found["ana"], found["bea"], found["cleo"]) == ("unknown", "unknown", "pending")


def test_the_journal_of_a_living_process_is_nobody_elses(yard: Yard, start: Start) -> None:
    _, kept, _ = start()
    assert list(journal.abandoned(yard.journals)) == []
    kept.end()
    assert list(yard.journals.iterdir()) == []


def test_a_journal_that_was_never_whole_is_deleted(yard: Yard) -> None:
    yard.journals.mkdir()
    (yard.journals / "lease-1").write_bytes(b"")
    assert list(journal.abandoned(yard.journals)) == []
    assert list(yard.journals.iterdir()) == []
