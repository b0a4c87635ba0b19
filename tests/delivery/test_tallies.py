"""Kept counts: they equal the rows whenever nobody works on a run, and are cheap to read."""

from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber
from mailer.campaigns.models import Campaign
from mailer.delivery import counting, portions, progress, statistics, tallies
from mailer.delivery.models import Delivery, DeliveryStatus, Portion
from mailer.privacy import erasure
from tests.conftest import MakeReader
from tests.delivery.conftest import Yard

NAMES = ("rosa", "ines", "omar", "pia", "noah")


@pytest.fixture
def frozen(
    yard: Yard, tides: Campaign, make_reader: MakeReader, monkeypatch: pytest.MonkeyPatch
) -> Campaign:
    """Five people whose copies wait, in portions of two."""
    monkeypatch.setattr(portions, "SIZE", 2)
    for name in NAMES:
        make_reader(name)
    yard.start(tides)
    return tides


def take(session: Session, campaign: Campaign, place: int) -> None:
    """Have somebody work on a portion: its counts do not hold meanwhile."""
    one = its_runs(session)[place]
    assert one.campaign_id == campaign.id
    one.counts = None
    session.commit()


def give_back(session: Session, campaign: Campaign, *places: int) -> None:
    tallies.hold_still(session, campaign.id)
    found = its_runs(session)
    tallies.count_again(session, campaign.id, [found[place].id for place in places])
    session.commit()


def change(yard: Yard, campaign: Campaign, place: int, **values: object) -> None:
    """Change a row behind the back of the kept counts."""
    one = yard.deliveries(campaign)[place]
    for name, value in values.items():
        setattr(one, name, value)
    yard.session.commit()


def its_runs(session: Session) -> list[Portion]:
    return list(session.scalars(sa.select(Portion).order_by(Portion.id)))


def in_motion(session: Session) -> list[int]:
    """Return which runs are counted row by row, by their place."""
    session.expire_all()
    return [place for place, one in enumerate(its_runs(session)) if one.counts is None]


@pytest.mark.usefixtures("database")
def test_runs_that_were_just_parted_are_counted(yard: Yard, frozen: Campaign) -> None:
    report = statistics.report(yard.session, frozen)
    assert (report.audience, report.states[DeliveryStatus.pending]) == (5, 5)
    assert in_motion(yard.session) == []
    assert progress.of_each(yard.session, [frozen]) == {frozen.id: progress.Progress(5, 0, 0)}


@pytest.mark.usefixtures("database")
def test_a_run_that_somebody_works_on_is_counted_by_its_rows(yard: Yard, frozen: Campaign) -> None:
    take(yard.session, frozen, 1)
    change(yard, frozen, 2, status=DeliveryStatus.accepted)
    report = statistics.report(yard.session, frozen)
    assert (report.audience, report.settled) == (5, 1)
    assert progress.of_each(yard.session, [frozen]) == {frozen.id: progress.Progress(5, 1, 1)}
    assert in_motion(yard.session) == [1]


@pytest.mark.usefixtures("database")
def test_a_run_that_is_through_is_counted_once_and_kept(yard: Yard, frozen: Campaign) -> None:
    take(yard.session, frozen, 1)
    refused = {"reason": "refused by the relay", "smtp_code": 550, "smtp_text": "5.1.1 no such"}
    change(yard, frozen, 2, status=DeliveryStatus.refused, **refused)
    change(yard, frozen, 3, status=DeliveryStatus.accepted)
    give_back(yard.session, frozen, 1)
    before = statistics.report(yard.session, frozen)
    assert in_motion(yard.session) == []
    tallies.forget(yard.session, frozen.id)
    assert statistics.report(yard.session, frozen) == before
    assert before.refusals == {"550 5.1.1": 1}
    assert before.reasons == {"refused by the relay": 1}
    assert before.domains["example.org"] == {"pending": 3, "refused": 1, "accepted": 1}


@pytest.mark.usefixtures("database")
def test_kept_counts_hold_no_word_that_may_name_a_reader(yard: Yard, frozen: Campaign) -> None:
    tallies.forget(yard.session, frozen.id)
    said = "<rosa@example.org>: go away"
    change(yard, frozen, 0, status=DeliveryStatus.refused, smtp_code=554, smtp_text=said)
    change(yard, frozen, 1, status=DeliveryStatus.deferred, smtp_code=451, smtp_text="")
    give_back(yard.session, frozen, 0, 1, 2)
    assert statistics.report(yard.session, frozen).refusals == {"554": 1, "451": 1}
    assert "rosa" not in str(yard.session.scalars(sa.select(Portion.counts)).all())


@pytest.mark.usefixtures("database")
def test_small_domains_are_one_figure(
    yard: Yard, frozen: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(yard, frozen, 4, email="noah@tiny.example")
    monkeypatch.setattr(counting, "DOMAINS", 1)
    tallies.forget(yard.session, frozen.id)
    domains = statistics.report(yard.session, frozen).domains
    assert {name: sum(states.values()) for name, states in domains.items()} == {
        "example.org": 4,
        "": 1,
    }


@pytest.mark.usefixtures("database")
def test_an_erased_person_is_no_longer_in_the_kept_counts(
    yard: Yard, frozen: Campaign, now: datetime
) -> None:
    person = yard.session.scalars(sa.select(Delivery).order_by(Delivery.id)).first()
    assert person is not None
    subscriber = yard.session.get_one(Subscriber, person.subscriber_id)
    erasure.erase(yard.session, subscriber, now, "a test", reason="request by letter")
    yard.session.commit()
    assert in_motion(yard.session) == [0]
    assert statistics.report(yard.session, frozen).reasons == {"erased": 1}


@pytest.mark.usefixtures("database")
def test_cancelling_forgets_every_kept_count(yard: Yard, frozen: Campaign) -> None:
    yard.steer(frozen, "cancel")
    assert in_motion(yard.session) == [0, 1, 2]
    assert statistics.report(yard.session, frozen).reasons == {"cancelled": 5}


@pytest.mark.usefixtures("database")
def test_rows_of_another_campaign_within_a_run_are_not_counted(
    yard: Yard, frozen: Campaign, make_campaign: Callable[..., Campaign]
) -> None:
    other = make_campaign(name="Ebb")
    one = yard.deliveries(frozen)[1]
    one.campaign_id = other.id
    yard.session.commit()
    tallies.forget(yard.session, frozen.id)
    assert statistics.report(yard.session, frozen).audience == 4
    assert statistics.report(yard.session, other).audience == 1
    both = progress.of_each(yard.session, [frozen, other])
    assert {number: one.audience for number, one in both.items()} == {frozen.id: 4, other.id: 1}


@pytest.mark.usefixtures("database")
def test_looking_reads_no_row_of_a_run_that_is_kept(yard: Yard, frozen: Campaign) -> None:
    yard.session.execute(sa.delete(Delivery))
    yard.session.commit()
    assert statistics.report(yard.session, frozen).audience == 5


@pytest.mark.usefixtures("database")
def test_a_page_of_the_ledger_is_the_same_with_runs_and_without(
    yard: Yard, frozen: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    tallies.forget(yard.session, frozen.id)
    for place in (0, 3, 4):
        change(yard, frozen, place, status=DeliveryStatus.accepted)
    give_back(yard.session, frozen, 0, 1, 2)
    take(yard.session, frozen, 1)
    for per_page in (1, 2, 3, 50):
        monkeypatch.setattr(statistics, "PER_PAGE", per_page)
        with_runs = ledger(yard.session, frozen)
        yard.session.execute(sa.delete(Portion))
        assert ledger(yard.session, frozen) == with_runs
        portions.divide(yard.session, frozen.id)
        tallies.begin(yard.session, frozen.id)
        take(yard.session, frozen, 1)


def ledger(session: Session, campaign: Campaign) -> list[list[list[int]]]:
    """Return the ids on each page of each state, one page beyond the last included."""
    return [
        [
            [one.id for one in statistics.people(session, campaign, status, page)]
            for page in range(1, 7)
        ]
        for status in (
            None,
            DeliveryStatus.accepted,
            DeliveryStatus.pending,
            DeliveryStatus.unknown,
        )
    ]
