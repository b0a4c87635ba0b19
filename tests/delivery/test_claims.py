"""Portions: leased, renewed, given back, reaped, and marked for the wire in groups."""

import pytest
import sqlalchemy as sa

from mailer.audience import consent, subscriptions
from mailer.audience.models import Subscriber
from mailer.audience.words import ConsentMethod, Scope, SubscriberStatus
from mailer.campaigns.models import Campaign
from mailer.delivery import claims, fence, launch, portions, replies, statistics
from mailer.delivery.models import DeliveryStatus, Portion
from mailer.delivery.smtp.reply import Reply
from mailer.privacy import erasure
from tests.conftest import MakeReader
from tests.delivery.conftest import Yard

pytestmark = pytest.mark.usefixtures("database")
HER_NOTE = consent.Evidence(shown="Unsubscribe", page="/u/…")


def its_runs(yard: Yard) -> list[Portion]:
    yard.session.expire_all()
    return list(yard.session.scalars(sa.select(Portion).order_by(Portion.id)))


@pytest.fixture
def crowd(make_reader: MakeReader) -> list[Subscriber]:
    return [make_reader(f"reader{number}") for number in range(7)]


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "SIZE", 3)


@pytest.mark.usefixtures("crowd", "small_portions")
def test_an_audience_is_divided_without_rest_or_overlap(
    yard: Yard, make_reader: MakeReader, tides: Campaign
) -> None:
    make_reader("gone", status="unsubscribed")
    yard.start(tides)
    taken = [yard.people(yard.hold(tides, f"lease{number}")) for number in range(3)]
    assert [len(people) for people in taken] == [3, 3, 1]
    assert len({one.delivery_id for people in taken for one in people}) == 7
    assert claims.claim(yard.session, tides.id, "one more", yard.clock()) is None


@pytest.mark.usefixtures("crowd", "small_portions")
def test_who_waits_in_a_held_portion_counts_as_claimed(yard: Yard, tides: Campaign) -> None:
    yard.start(tides)
    hold = yard.hold(tides)
    assert yard.pass_fence(hold, yard.people(hold)[0]) == 1
    states = statistics.report(yard.session, tides).states
    assert states[DeliveryStatus.claimed] == 2
    assert states[DeliveryStatus.sending] == 1
    assert states[DeliveryStatus.pending] == 4


@pytest.mark.usefixtures("crowd")
def test_a_portion_given_back_is_due_when_its_first_person_is(yard: Yard, tides: Campaign) -> None:
    yard.start(tides)
    hold = yard.hold(tides)
    first, second, *rest = yard.people(hold)
    assert yard.pass_fence(hold, first, second, *rest) == 7
    later = Reply("dot", 451, "later")
    outcomes = [replies.answered(first, later, yard.clock())]
    outcomes += [replies.answered(one, Reply("dot", 250, "ok"), yard.clock()) for one in rest]
    fence.settle(yard.session, outcomes, yard.clock())
    assert claims.is_left(yard.session, hold, yard.clock())
    yard.session.commit()
    # The second was marked and never sent: she waits again, at once.
    assert [one.next_at for one in its_runs(yard)] == [yard.deliveries(tides)[1].next_at]
    assert sorted(yard.statuses(tides).values())[-2:] == ["deferred", "pending"]


@pytest.mark.usefixtures("crowd")
def test_a_portion_in_which_nobody_waits_is_never_claimed_again(
    yard: Yard, tides: Campaign
) -> None:
    yard.start(tides)
    hold = yard.hold(tides)
    people = yard.people(hold)
    yard.pass_fence(hold, *people)
    ok = Reply("dot", 250, "ok")
    fence.settle(
        yard.session, [replies.answered(one, ok, yard.clock()) for one in people], yard.clock()
    )
    assert claims.is_left(yard.session, hold, yard.clock())
    assert [one.next_at for one in its_runs(yard)] == [None]
    yard.clock.wait(days=30)
    assert claims.claim(yard.session, tides.id, "again", yard.clock()) is None


@pytest.mark.usefixtures("crowd")
def test_what_a_dead_process_held_goes_back_or_becomes_unknown(yard: Yard, tides: Campaign) -> None:
    yard.start(tides)
    hold = yard.hold(tides)
    first, *_ = yard.people(hold)
    assert yard.pass_fence(hold, first)
    claims.reap(yard.session, yard.clock())
    yard.session.commit()
    assert yard.statuses(tides)["reader0"] == "sending"
    yard.clock.wait(minutes=3)
    claims.reap(yard.session, yard.clock())
    yard.session.commit()
    assert yard.statuses(tides)["reader0"] == "unknown"
    assert yard.statuses(tides)["reader1"] == "pending"
    assert not yard.pass_fence(hold, first)


@pytest.mark.usefixtures("crowd")
def test_a_lease_lasts_as_long_as_it_is_renewed(yard: Yard, tides: Campaign) -> None:
    yard.start(tides)
    hold = yard.hold(tides)
    for _ in range(5):
        yard.clock.wait(minutes=1)
        assert claims.is_renewed(yard.session, hold, yard.clock())
        yard.session.commit()
    yard.clock.wait(minutes=3)
    assert not claims.is_renewed(yard.session, hold, yard.clock())


@pytest.mark.usefixtures("crowd")
def test_a_worker_whose_portion_was_taken_over_can_neither_send_nor_give_it_back(
    yard: Yard, tides: Campaign
) -> None:
    yard.start(tides)
    slow = yard.hold(tides, "slow")
    people = yard.people(slow)
    yard.clock.wait(minutes=3)
    claims.reap(yard.session, yard.clock())
    quick = yard.hold(tides, "quick")
    assert yard.pass_fence(slow, *people) == 0
    assert not claims.is_left(yard.session, slow, yard.clock())
    assert yard.pass_fence(quick, *people) == 7


@pytest.mark.usefixtures("crowd")
def test_the_last_word_of_a_relay_counts_though_the_lease_is_over(
    yard: Yard, tides: Campaign
) -> None:
    yard.start(tides)
    hold = yard.hold(tides)
    first, second, *_ = yard.people(hold)
    yard.pass_fence(hold, first)
    yard.clock.wait(minutes=3)
    claims.reap(yard.session, yard.clock())
    ok = Reply("dot", 250, "ok")
    outcomes = [replies.answered(one, ok, yard.clock()) for one in (first, second)]
    fence.settle(yard.session, outcomes, yard.clock())
    yard.session.commit()
    assert yard.statuses(tides)["reader0"] == "accepted"
    assert yard.statuses(tides)["reader1"] == "pending"  # she was never marked: no dot left


def test_the_fence_holds_back_everybody_against_whom_something_speaks(
    yard: Yard, make_reader: MakeReader, tides: Campaign
) -> None:
    names = ("ana", "bea", "cleo", "dora", "eve", "fay")
    _, bea, cleo, dora, eve, fay = (make_reader(name) for name in names)
    yard.start(tides)
    hold = yard.hold(tides)
    people = yard.people(hold)
    list_id = people[0].list_id
    for reader, scope in ((bea, Scope.list), (cleo, Scope.everything)):
        leaving = subscriptions.OptOut(list_id, reader.id, scope=scope)
        subscriptions.unsubscribe(yard.session, yard.clock(), leaving, ConsentMethod.link, HER_NOTE)
    dora.status = SubscriberStatus.blocklisted
    eve.status = SubscriberStatus.disabled
    erasure.erase(yard.session, fay, yard.clock(), "alice", reason="she asked")
    yard.session.commit()
    assert yard.pass_fence(hold, *people) == 1
    told = {
        one.email.partition("@")[0]: (one.status.value, one.reason)
        for one in yard.deliveries(tides)
    }
    assert told == {
        "ana": ("sending", ""),
        "bea": ("suppressed", "unsubscribed"),
        "cleo": ("suppressed", "unsubscribed"),
        "dora": ("suppressed", "blocklisted"),
        "eve": ("excluded", "disabled"),
        "": ("excluded", "erased"),
    }


def test_who_leaves_after_the_fence_is_held_back_by_the_next_one(
    yard: Yard, rosa: Subscriber, tides: Campaign
) -> None:
    yard.start(tides)
    hold = yard.hold(tides)
    one = yard.people(hold)[0]
    assert yard.pass_fence(hold, one) == 1
    leaving = subscriptions.OptOut(one.list_id, rosa.id, scope=Scope.sender)
    subscriptions.unsubscribe(yard.session, yard.clock(), leaving, ConsentMethod.link, HER_NOTE)
    yard.session.commit()
    assert yard.pass_fence(hold, one) == 0
    assert yard.statuses(tides) == {"rosa": "suppressed"}


def test_a_paused_campaign_passes_nobody_and_keeps_everybody(
    yard: Yard, rosa: Subscriber, tides: Campaign
) -> None:
    assert rosa
    yard.start(tides)
    hold = yard.hold(tides)
    one = yard.people(hold)[0]
    assert yard.pass_fence(hold, one) == 1
    yard.steer(tides, "pause")
    assert yard.pass_fence(hold, one) == 0
    assert yard.statuses(tides) == {"rosa": "pending"}


def test_who_comes_back_from_the_fence_of_a_cancelled_campaign_is_accounted_for(
    yard: Yard, rosa: Subscriber, tides: Campaign
) -> None:
    assert rosa
    yard.start(tides)
    hold = yard.hold(tides)
    one = yard.people(hold)[0]
    assert yard.pass_fence(hold, one) == 1
    yard.steer(tides, "cancel")
    assert yard.pass_fence(hold, one) == 0
    claims.is_left(yard.session, hold, yard.clock())
    launch.sweep_cancelled(yard.session, yard.clock())
    yard.session.commit()
    assert yard.statuses(tides) == {"rosa": "excluded"}


@pytest.mark.parametrize(("code", "status"), [(250, "accepted"), (450, "excluded")])
def test_who_was_erased_while_her_copy_was_on_the_wire_leaves_no_trace_of_her_address(
    yard: Yard, rosa: Subscriber, tides: Campaign, code: int, status: str
) -> None:
    yard.start(tides)
    hold = yard.hold(tides)
    one = yard.people(hold)[0]
    assert yard.pass_fence(hold, one) == 1
    erasure.erase(yard.session, rosa, yard.clock(), "alice", reason="she asked")
    yard.session.commit()
    reply = Reply("dot", code, "<rosa@example.org> noted")
    fence.settle(yard.session, [replies.answered(one, reply, yard.clock())], yard.clock())
    yard.session.commit()
    delivery = yard.deliveries(tides)[0]
    assert (delivery.status, delivery.smtp_text, delivery.email) == (status, "", "")
