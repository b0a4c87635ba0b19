"""Consent against a model: whatever happens in whatever order, who is refused is not mailed.

Hypothesis lets one person sign up, confirm by any link she ever got, leave, undo, tick boxes and
be erased; and staff and programs add her anew, object for her, block her or her domain and end
that; and the suppression key is turned, whoever has moved by then. A list that something stands
against must not reach her; of what stands against it, her own word goes only by her own confirmed
act, and ours only by its end.
"""

import secrets
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import compress, count

import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import (
    addresses,
    preferences,
    readers,
    standing,
    subscriptions,
    suppressions,
)
from mailer.audience.enrolment import Person
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.subscriptions import AlreadyConfirmed, OptOut, OutdatedLink
from mailer.audience.suppressing import staff
from mailer.audience.suppressions import BLOCKED, INVALID, OBJECTED, Refusal
from mailer.audience.turning import everybody
from mailer.audience.words import ConsentMethod, Scope
from mailer.links import Site
from mailer.privacy import erasure
from tests.audience import modelling
from tests.audience.modelling import Place
from tests.audience.steps import PROOF
from tests.faults.size import size

pytestmark = pytest.mark.usefixtures("database")
LISTS = st.integers(min_value=0, max_value=2)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MOST_FORMER = 4
numbers = count()


@dataclass(frozen=True)
class Link:
    """A confirmation link that she was once mailed; how often its list had been refused then."""

    number: int
    subscription_id: int
    serial: int
    refusals: int


class Consent(RuleBasedStateMachine):
    """One person, three lists, and what stands against each of them."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.session, self.keys, self.lists = place.session, place.site.keys, place.lists
        self.session.rollback()
        self.now = self.lists[0].created_at
        self.address = f"rosa@news.domain{next(numbers)}.example"
        self.own = [False] * 3  # her own word stands against this list
        self.ours: dict[int, datetime | None] = {}  # our decisions, and when they end
        self.links: list[Link] = []
        self.refusals = [0] * 3
        self.undoable: dict[int, tuple[int, list[int]]] = {}

    @property
    def person(self) -> Person:
        return Person(addresses.parsed(self.address), "Rosa")

    @property
    def row(self) -> Subscriber | None:
        found = self.session.query(Subscriber).filter_by(email=self.address)
        return found.one_or_none()

    # What she does.

    @initialize(wanted=st.sets(LISTS, min_size=1))
    def join(self, wanted: set[int]) -> None:
        for number in wanted:
            self.sign_up(number)
        for link in self.links:
            subscriptions.confirm(self.session, self.now, link.subscription_id, link.serial, PROOF)
        self.session.commit()

    @rule(number=LISTS)
    def sign_up(self, number: int) -> None:
        due = subscriptions.sign_up(
            self.session, self.now, self.keys, self.lists[number], self.person, PROOF
        )
        self.session.commit()
        self.mail(number, due)

    def mail(self, number: int, subscription_id: int | None) -> None:
        if subscription_id is not None:
            serial = self.session.get_one(Subscription, subscription_id).confirmation_serial
            self.links.append(Link(number, subscription_id, serial, self.refusals[number]))

    @precondition(lambda self: self.links)
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        """Press any link she ever got, the latest most of the time."""
        link = data.draw(st.sampled_from([*self.links, *[self.links[-1]] * 3]))
        number, serial = link.subscription_id, link.serial
        try:
            subscriptions.confirm(self.session, self.now, number, serial, PROOF)
        except (AlreadyConfirmed, OutdatedLink):
            self.session.rollback()
            return
        self.session.commit()
        assert link.refusals == self.refusals[link.number] or not self.own[link.number]
        assert not self.ours
        self.own[link.number] = False

    @rule(number=LISTS, scope=st.sampled_from([Scope.list, Scope.sender]))
    def leave(self, number: int, scope: Scope) -> None:
        row = self.row
        if row is None:
            return
        left = OptOut(self.lists[number].id, row.id, scope=scope)
        self.now += SECOND  # no two clicks are one
        made = subscriptions.unsubscribe(self.session, self.now, left, ConsentMethod.link, PROOF)
        self.session.commit()
        reached = self.reached(number, scope)
        if made is not None:
            self.undoable[made] = row.id, reached
        self.refused(reached)

    def reached(self, number: int, scope: Scope) -> list[int]:
        return [number] if scope is Scope.list else [0, 1] if number < len("ab") else [2]

    def refused(self, reached: list[int]) -> None:
        for one in reached:
            self.refusals[one] += 1
            self.own[one] = True

    @precondition(lambda self: self.undoable)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        """Take back one opt-out; what else stands against the list goes on."""
        made = data.draw(st.sampled_from(sorted(self.undoable)))
        row, reached = self.undoable.pop(made)
        if subscriptions.undo(self.session, self.now, made, row, PROOF):
            for one in reached:
                self.own[one] = self.stands(one)
        self.session.commit()

    def stands(self, number: int) -> bool:
        keys = tokens.fingerprints(self.keys, self.address)
        found = [suppressions.reaching(self.session, key, self.lists[number]) for key in keys]
        return any(suppressions.is_her_own(held) for one in found for held in one)

    @rule(wanted=st.sets(LISTS))
    def tick_boxes(self, wanted: set[int]) -> None:
        """Use the preference page, whose link went to her own mailbox."""
        row = self.row
        if row is None:
            return
        before = {one.list.id: one.is_on for one in preferences.choices(self.session, row)}
        ids = {self.lists[one].id for one in wanted}
        changes = preferences.change(self.session, self.now, row.id, ids, PROOF)
        self.session.commit()
        for number, one in enumerate(self.lists):
            if one.name in changes.joined:
                self.own[number] = False
            elif before.get(one.id) and one.id not in ids:
                self.refused([number])

    @rule()
    def erase(self) -> None:
        row = self.row
        if row is not None:
            erasure.erase(self.session, row, self.now, "alice", reason="she asked for it")
            self.session.commit()
            self.refused([0, 1, 2])

    # What others do.

    @rule(number=LISTS)
    def add(self, number: int) -> None:
        """Put her on a list by staff or program."""
        self.take_in(number)

    def take_in(self, number: int) -> None:
        """The one door for rows that others bring; an importer's flags belong here."""
        try:
            subscription, added = readers.add(
                self.session, self.now, self.keys, self.lists[number], self.person, PROOF
            )
        except (readers.Unwilling, readers.AlreadyThere):
            self.session.rollback()
            return
        self.session.commit()
        assert not self.own[number]
        assert not self.ours
        if added is readers.Added.asked:
            self.mail(number, subscription.id)

    @rule(number=st.integers(min_value=0, max_value=3))
    def object_for_her(self, number: int) -> None:
        """Note what she said by telephone: of one list, or (3) of all mail."""
        scope, of = (Scope.everything, 0) if number > len(self.lists) - 1 else (Scope.list, number)
        reach = 0 if scope is Scope.everything else self.lists[of].id
        about = staff.target(self.keys, self.address)
        refusal = Refusal(scope, reach, OBJECTED, actor="alice", note="by telephone")
        staff.suppress(self.session, self.now, self.keys, about, refusal)
        self.session.commit()
        self.refused([0, 1, 2] if scope is Scope.everything else [of])

    @rule(is_domain=st.booleans(), days=st.sampled_from([None, 1, 3]))
    def block(self, is_domain: bool, days: int | None) -> None:  # noqa: FBT001 - hypothesis passes it
        text = self.address.partition(".")[2] if is_domain else self.address
        scope = Scope.domain if is_domain else Scope.everything
        ends = None if days is None else self.now + days * DAY
        reason = BLOCKED if is_domain else INVALID
        refusal = Refusal(scope, 0, reason, actor="alice", ends_at=ends)
        about = staff.target(self.keys, text)
        made = staff.suppress(self.session, self.now, self.keys, about, refusal)
        self.session.commit()
        if made is not None:
            self.ours[made] = ends

    @precondition(lambda self: self.ours)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        made = data.draw(st.sampled_from(sorted(self.ours)))
        assert staff.end(self.session, self.now, made) is not None
        self.session.commit()
        del self.ours[made]

    @rule()
    def try_to_end_hers(self) -> None:
        keys = tokens.fingerprints(self.keys, self.address)
        for held in [one for key in keys for one in suppressions.in_force(self.session, key)]:
            if held.id not in self.ours:
                with pytest.raises(staff.NotOurs):
                    staff.end(self.session, self.now, held.id)
        self.session.rollback()

    @rule(days=st.integers(min_value=1, max_value=8))
    def wait(self, days: int) -> None:
        self.now += days * DAY
        suppressions.end_due(self.session, self.now)
        self.session.commit()
        self.ours = {one: at for one, at in self.ours.items() if at is None or at > self.now}

    @precondition(lambda self: len(self.keys.former) < MOST_FORMER)
    @rule()
    def change_key(self) -> None:
        """Give out a new suppression key and keep the former one; nobody has moved yet."""
        former = (self.keys.suppression, *self.keys.former)
        newest = f"{len(former) + 1}:{secrets.token_hex(32)}"
        self.keys = replace(self.keys, suppression=newest, former=former)

    @precondition(lambda self: self.keys.former)
    @rule()
    def rekey(self) -> None:
        everybody.turn_all(self.session, self.now, self.keys)
        self.session.commit()

    @precondition(lambda self: self.keys.former)
    @rule()
    def drop_keys(self) -> None:
        """Take former keys out of the ring, as far as nothing needs them."""
        needs = everybody.needs(self.session, self.keys)
        needed = [bool(one.refusals or one.readers) for one in needs]
        former = tuple(compress(self.keys.former, needed))
        self.keys = replace(self.keys, former=former)
        self.session.rollback()

    # What must be true.

    @invariant()
    def who_is_refused_is_not_mailed(self) -> None:
        row, found = self.row, defaultdict[int, str](str)
        if row is not None:
            asked = sa.select(Subscription.list_id, standing.refusal())
            asked = asked.join(Subscriber).join(MailingList).where(Subscriber.id == row.id)
            found.update((one, reason or "mailable") for one, reason in self.session.execute(asked))
        for number, one in enumerate(self.lists):
            if self.own[number] or self.ours:
                assert found[one.id] != "mailable", (number, self.own, self.ours)
        self.session.rollback()


@pytest.mark.timeout(size(120, 1800))
def test_no_order_of_events_mails_whom_something_stands_against(
    session: Session,
    site: Site,
    letters: MailingList,
    notes: MailingList,
    elsewhere: MailingList,
) -> None:
    """Delete, import and sign-up by program never undo an opt-out (phpList rest-api #122)."""
    place = Place(session, site, [letters, notes, elsewhere])
    modelling.run(lambda: Consent(place), few=20, many=600)
