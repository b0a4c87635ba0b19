"""A suppression key is turned: whoever is refused under a former one stays refused."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import ledger, tokens
from mailer.audience import consent, domain_keys, subscriptions, suppressions
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Suppression
from mailer.audience.receipts import check, receipt
from mailer.audience.receipts.receipt import About
from mailer.audience.subscriptions import OptOut
from mailer.audience.suppressing import exchange, register, staff
from mailer.audience.suppressions import BLOCKED, IMPORTED, Refusal
from mailer.audience.turned import TurnedKey
from mailer.audience.turning import everybody, incoming, moving
from mailer.audience.words import ConsentMethod, Scope, SubscriberStatus
from mailer.links import Site
from mailer.privacy import erasure
from mailer.tokens import Keys
from tests.audience.steps import PROOF, Reader
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")
SECOND_KEY, THIRD_KEY = "2:" + "7c1e90b3d5f2a846" * 4, "3:" + "e8d04b6f13a7592c" * 4
LATER = timedelta(hours=1)
EVERYTHING = Refusal(Scope.everything)


@pytest.fixture
def old(site: Site) -> Keys:
    """The first key alone."""
    return site.keys


@pytest.fixture
def new(old: Keys) -> Keys:
    """The second key, with the first behind it."""
    return replace(old, suppression=SECOND_KEY, former=(old.suppression,))


@pytest.fixture
def newer(new: Keys) -> Keys:
    return replace(new, suppression=THIRD_KEY, former=(SECOND_KEY, *new.former))


def prints(keys: Keys, address: str) -> bytes:
    return tokens.fingerprint(keys, address)


def turn_all(session: Session, now: datetime, keys: Keys) -> None:
    everybody.turn_all(session, now, keys)
    session.commit()


def test_a_fingerprint_says_under_which_key_it_was_made(old: Keys, new: Keys, newer: Keys) -> None:
    assert prints(new, "rosa@example.org").hex().endswith(new.marks[0])
    assert not prints(old, "rosa@example.org").hex().endswith(old.marks[0])
    assert newer.marks == (newer.marks[0], *new.marks)
    assert len({len(one) for one in tokens.fingerprints(newer, "rosa@example.org")}) == 1
    assert tokens.fingerprints(newer, "rosa@example.org")[2] == prints(old, "rosa@example.org")


def test_every_table_that_knows_people_by_their_key_is_moved() -> None:
    tables = {column.table.name for column in moving.people_columns()}
    assert tables == {
        *("subscribers", "suppressions", "consent_events", "wishes", "deliveries"),
        *("address_changes", "letters", "privacy_requests", "privacy_challenges"),
    }


def test_who_left_under_the_former_key_is_not_signed_up_under_the_newest(
    session: Session, old: Keys, new: Keys, now: datetime, letters: MailingList
) -> None:
    refusal = Refusal(Scope.everything, reason=BLOCKED)
    suppressions.suppress(session, now, prints(old, "rosa@example.org"), refusal)
    reader = Reader(session, Site("https://x.example", new))
    assert reader.signs_up(now, letters) is None
    assert session.query(Subscriber).count() == 0
    (held,) = suppressions.in_force(session, prints(new, "rosa@example.org"))
    assert held.reason == BLOCKED


def test_a_reader_keeps_her_row_her_places_and_her_history(
    session: Session, new: Keys, now: datetime, letters: MailingList, rosa: Subscriber
) -> None:
    number, before = rosa.id, len(consent.history(session, rosa.address_key))
    Reader(session, Site("https://x.example", new)).signs_up(now, letters)
    (one,) = session.query(Subscriber).all()
    assert (one.id, one.address_key) == (number, prints(new, "rosa@example.org"))
    assert len(consent.history(session, one.address_key)) >= before


def test_a_domain_that_is_blocked_stays_blocked_for_all_its_readers_at_any_moment(
    session: Session, old: Keys, new: Keys, now: datetime, make_reader: MakeReader
) -> None:
    for name in ("ada", "tom", "uma"):
        make_reader(name)
    about = staff.target(old, "example.org")
    staff.suppress(session, now, old, about, Refusal(Scope.domain, reason=BLOCKED))
    session.commit()
    reader = Reader(session, Site("https://x.example", new), "new@example.org")
    assert reader.signs_up(now, session.query(MailingList).first()) is None  # type: ignore[arg-type]
    for one in session.query(Subscriber):
        assert suppressions.in_force(session, one.address_key)
    turn_all(session, now, new)
    for one in session.query(Subscriber):
        assert one.domain_key == domain_keys.domain_key(new, one.email)
        assert suppressions.in_force(session, one.address_key)


def test_while_readers_move_one_by_one_a_blocked_domain_reaches_every_one(
    session: Session,
    old: Keys,
    new: Keys,
    now: datetime,
    make_reader: MakeReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(everybody, "PORTION", 1)
    for name in ("ada", "tom", "uma"):
        make_reader(name)
    about = staff.target(old, "example.org")
    staff.suppress(session, now, old, about, Refusal(Scope.domain, reason=BLOCKED))
    session.commit()
    last = 0
    while done := everybody.portion(session, now, new, last):
        session.commit()
        last = done.last
        for one in session.query(Subscriber):
            assert suppressions.in_force(session, one.address_key)
    assert everybody.behind(session, new) == 0


def test_a_domain_blocked_under_the_newest_key_reaches_readers_under_the_former(
    session: Session, old: Keys, new: Keys, now: datetime, rosa: Subscriber
) -> None:
    domain_keys.reckon_missing(session, old)
    about = staff.target(new, "example.org")
    staff.suppress(session, now, new, about, Refusal(Scope.domain, reason=BLOCKED))
    session.refresh(rosa)
    assert rosa.address_key == prints(old, rosa.email)
    assert suppressions.in_force(session, rosa.address_key)


def test_a_turned_reader_is_still_proven_and_her_receipt_holds(
    session: Session,
    old: Keys,
    new: Keys,
    newer: Keys,
    now: datetime,
    letters: MailingList,
    reader: Reader,
) -> None:
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    session.commit()
    ledger.seal_waiting(session, ConsentEvent)
    session.commit()
    turn_all(session, now + LATER, new)
    reader.leaves(now + 2 * LATER, OptOut(letters.id, reader.row.id))  # waits for its seal
    session.commit()
    turn_all(session, now + 3 * LATER, newer)
    ledger.seal_waiting(session, ConsentEvent)
    session.commit()
    for model in (ConsentEvent, TurnedKey):
        assert ledger.first_broken(session, model) is None
    data = receipt.issue(session, newer, now, About(reader.row, letters))
    content = check.checked(data)
    assert [one["action"] for one in content["events"]] == [  # type: ignore[attr-defined]
        "requested",
        "confirmed",
        "unsubscribed",
    ]
    sealed = {one["address_key"] for one in content["events"]}  # type: ignore[attr-defined]
    assert sealed == {prints(old, reader.address).hex(), prints(new, reader.address).hex()}


def test_consent_cannot_be_moved_to_somebody_else_behind_our_back(
    session: Session, new: Keys, now: datetime, letters: MailingList, reader: Reader
) -> None:
    reader.signs_up(now, letters)
    ledger.seal_waiting(session, ConsentEvent)
    session.commit()
    stolen = sa.update(ConsentEvent).values(
        sealed_key=ConsentEvent.address_key, address_key=prints(new, "charlie@example.org")
    )
    session.execute(stolen.execution_options(synchronize_session=False))
    session.commit()
    assert ledger.first_broken(session, ConsentEvent) is not None


def test_a_sealed_key_is_never_forgotten(
    session: Session, now: datetime, letters: MailingList, reader: Reader
) -> None:
    reader.signs_up(now, letters)
    session.commit()
    for values in ({"address_key": b"x" * 32}, {"sealed_key": b"x" * 32}):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            session.execute(sa.update(ConsentEvent).values(**values))
        session.rollback()


def test_who_was_erased_stays_refused_under_the_key_that_nobody_can_turn(
    session: Session, old: Keys, new: Keys, now: datetime, rosa: Subscriber
) -> None:
    erasure.erase(session, rosa, now, "alice", reason="She asked for it")
    session.commit()
    turn_all(session, now, new)
    (need,) = everybody.needs(session, new)
    assert (need.version, need.refusals, need.readers) == (1, 1, 0)
    assert suppressions.in_force(session, prints(old, "rosa@example.org"))
    about = staff.target(new, "rosa@example.org")
    assert [row.held.reason for row in register.about(session, about)] == ["erased"]
    incoming.key(session, now, new, "rosa@example.org")
    (need,) = everybody.needs(session, new)
    assert need.refusals == 0, "now that she is here again, so is her refusal"


def test_an_uploaded_address_that_was_refused_before_is_not_counted_twice(
    session: Session, old: Keys, new: Keys, now: datetime
) -> None:
    refusal = Refusal(Scope.everything, reason=IMPORTED)
    assert exchange.take_in(session, now, old, ["rosa@example.org"], refusal) == 1
    assert exchange.take_in(session, now, new, ["rosa@example.org"], refusal) == 0
    assert session.query(Suppression).count() == 1


@pytest.mark.parametrize(
    ("former", "present", "left"),
    [(None, 1, None), (1, None, None), (1, 2, 2), (2, 1, 2), (None, None, None)],
)
def test_of_the_same_refusal_under_two_keys_the_longer_one_holds(
    session: Session,
    old: Keys,
    new: Keys,
    now: datetime,
    former: int | None,
    present: int | None,
    left: int | None,
) -> None:
    for keys, days in ((old, former), (new, present)):
        ends = None if days is None else now + timedelta(days=days)
        refusal = Refusal(Scope.everything, reason=BLOCKED, ends_at=ends)
        suppressions.suppress(session, now, prints(keys, "rosa@example.org"), refusal)
    key = incoming.key(session, now, new, "rosa@example.org")
    (held,) = suppressions.in_force(session, key)
    assert held.ends_at == (None if left is None else now + timedelta(days=left))
    assert session.query(Suppression).filter_by(address_key=key).count() == 2


def test_three_keys_become_one(
    session: Session, old: Keys, new: Keys, newer: Keys, now: datetime
) -> None:
    for keys in (old, new):
        suppressions.suppress(session, now, prints(keys, "rosa@example.org"), EVERYTHING)
    key = incoming.key(session, now, newer, "rosa@example.org")
    assert len(suppressions.in_force(session, key)) == 1
    assert ledger.first_broken(session, TurnedKey) is None
    assert [need.refusals for need in everybody.needs(session, newer)] == [0, 0]


def test_a_reader_who_stands_here_under_both_keys_is_mailed_once_at_most(
    session: Session, new: Keys, now: datetime, rosa: Subscriber, make_reader: MakeReader
) -> None:
    suppressions.suppress(session, now, rosa.address_key, EVERYTHING)
    double = make_reader("double")
    double.email, double.address_key = rosa.email, prints(new, rosa.email)
    session.commit()
    turn_all(session, now, new)
    session.refresh(rosa)
    assert rosa.status is SubscriberStatus.disabled
    assert suppressions.in_force(session, double.address_key)
    assert everybody.needs(session, new)[0].readers == 1


def test_turning_goes_on_where_it_was_interrupted(
    session: Session,
    new: Keys,
    now: datetime,
    make_reader: MakeReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(everybody, "PORTION", 2)
    for number in range(5):
        make_reader(f"reader{number}")
    first = everybody.portion(session, now, new, 0)
    assert first is not None
    assert first.readers == 2
    session.commit()
    everybody.portion(session, now, new, first.last)
    session.rollback()  # killed here
    assert everybody.behind(session, new) == 3
    turn_all(session, now, new)
    assert everybody.behind(session, new) == 0
    assert session.query(TurnedKey).count() == 5


def test_leaving_by_a_link_from_before_the_turn_holds(
    session: Session, new: Keys, now: datetime, letters: MailingList, reader: Reader
) -> None:
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    session.commit()
    opt_out = OptOut(letters.id, reader.row.id)
    turn_all(session, now, new)
    number = subscriptions.unsubscribe(session, now, opt_out, ConsentMethod.one_click, PROOF)
    assert number is not None
    assert reader.refusal(letters) == "unsubscribed"
    assert subscriptions.undo(session, now, number, reader.row.id, PROOF)
    assert reader.refusal(letters) == ""


def test_one_key_in_the_ring_asks_nothing(session: Session, old: Keys, now: datetime) -> None:
    asked: list[str] = []
    session.rollback()

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    sa.event.listen(session.get_bind(), "before_cursor_execute", note)
    try:
        assert incoming.key(session, now, old, "rosa@example.org") == prints(
            old, "rosa@example.org"
        )
    finally:
        sa.event.remove(session.get_bind(), "before_cursor_execute", note)
    assert asked == []
