"""Bulk acts: exactly the set that was shown, in portions, and never against a reader's word."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.audience import bulk, consent, suppressions
from mailer.audience.bulk import Order, SetChanged
from mailer.audience.bulk_models import BulkAct, BulkMember, Deed
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.searches import Search
from mailer.audience.words import SubscriberStatus
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")
STAFF = "bob@example.com"


def done(session: Session, now: datetime, search: Search, order: Order) -> BulkAct:
    act = bulk.begin(session, now, search, str(bulk.mark(session, search)), order)
    while bulk.portion(session, now, act.id):
        session.commit()
    session.commit()
    return act


def order(deed: Deed, **rest: object) -> Order:
    return Order(deed, "They asked at the fair", STAFF, **rest)  # type: ignore[arg-type]


def statuses(session: Session) -> dict[str, str]:
    return {one.name.lower(): one.status.value for one in session.query(Subscriber)}


def test_a_bulk_act_touches_exactly_the_filtered_set(
    session: Session, make_reader: MakeReader, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listmonk #1985: a bulk action on a filter blocklisted the whole list."""
    monkeypatch.setattr(bulk, "PORTION", 2)
    for name in ("ada", "anna", "bea", "abe", "ann", "cleo"):
        make_reader(name)
    act = done(session, now, Search("an"), order(Deed.disable))
    assert (act.people, act.done, act.changed) == (2, 2, 2)
    act = done(session, now, Search("a"), order(Deed.disable))
    assert (act.people, act.done, act.changed) == (4, 4, 2)
    off = {name for name, status in statuses(session).items() if status == "disabled"}
    assert off == {"ada", "anna", "abe", "ann"}
    assert not bulk.portion(session, now, act.id)
    assert bulk.due(session) == []


@pytest.mark.parametrize("change", ["come", "go", "swap"])
def test_a_set_that_has_changed_meanwhile_is_left_alone(
    session: Session, make_reader: MakeReader, now: datetime, change: str
) -> None:
    search = Search("a")
    make_reader("bea")
    leaver = make_reader("ada")
    shown = str(bulk.mark(session, search))
    if change in {"come", "swap"}:
        make_reader("anna")
    if change in {"go", "swap"}:
        session.delete(leaver)
    session.commit()
    with pytest.raises(SetChanged, match=r"There were 1 readers"):
        bulk.begin(session, now, search, shown, order(Deed.suppress))
    session.rollback()
    assert session.query(BulkMember).count() == 0
    assert session.query(BulkAct).count() == 0


def test_unsubscribing_leaves_each_her_own_proof(
    session: Session, make_reader: MakeReader, letters: MailingList, now: datetime
) -> None:
    rosa, una = make_reader("rosa"), make_reader("una")
    make_reader("max")
    stranger = make_reader("rex")
    session.query(Subscription).filter_by(subscriber_id=stranger.id).delete()
    done(session, now, Search("r"), order(Deed.unsubscribe, list_id=letters.id))
    (event,) = consent.history(session, rosa.address_key)
    assert event.evidence == {"shown": "They asked at the fair", "actor": STAFF}
    assert suppressions.in_force(session, rosa.address_key)
    for other in (una, stranger):
        assert consent.history(session, other.address_key) == []
        assert not suppressions.in_force(session, other.address_key)


def test_enabling_lifts_no_opt_out_and_no_block(
    session: Session, make_reader: MakeReader, letters: MailingList, now: datetime
) -> None:
    rosa, abe = make_reader("rosa"), make_reader("abe")
    make_reader("max").status = SubscriberStatus.disabled
    abe.status = SubscriberStatus.blocklisted
    done(session, now, Search("rosa"), order(Deed.unsubscribe, list_id=letters.id))
    done(session, now, Search("rosa"), order(Deed.suppress))
    act = done(session, now, Search(), order(Deed.enable))
    assert act.changed == 1
    assert statuses(session) == {"rosa": "enabled", "abe": "blocklisted", "max": "enabled"}
    reasons = {held.reason for held in suppressions.in_force(session, rosa.address_key)}
    assert reasons == {"unsubscribed", "blocked"}


def test_a_field_is_set_and_taken_out(
    session: Session, make_reader: MakeReader, now: datetime
) -> None:
    rosa = make_reader("rosa", attributes={"plan": "free", "age": 41})
    make_reader("una")
    act = done(session, now, Search("r"), order(Deed.set_field, key="plan", value="gold"))
    session.refresh(rosa)
    assert (act.changed, rosa.attributes) == (1, {"plan": "gold", "age": 41})
    act = done(session, now, Search(), order(Deed.set_field, key="plan"))
    session.refresh(rosa)
    assert (act.changed, rosa.attributes) == (1, {"age": 41})


def test_an_act_goes_on_where_it_stopped_and_passes_over_who_is_gone(
    session: Session, make_reader: MakeReader, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PORTION", 1)
    for name in ("ada", "bea", "cleo"):
        make_reader(name)
    search = Search()
    shown = str(bulk.mark(session, search))
    act = bulk.begin(session, now, search, shown, order(Deed.disable))
    bulk.portion(session, now, act.id)
    session.commit()
    assert bulk.due(session) == [act.id]
    session.delete(session.query(Subscriber).filter_by(name="Bea").one())
    make_reader("dora")
    while bulk.portion(session, now, act.id):
        session.commit()
    assert (act.people, act.done, act.changed) == (3, 3, 2)
    assert statuses(session) == {"ada": "disabled", "cleo": "disabled", "dora": "enabled"}
