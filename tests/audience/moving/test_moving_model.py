"""Moving against a model: whatever happens in whatever order, who left a mailbox gets none there.

Hypothesis lets a reader ask for another address, either mailbox press whichever letter it ever
got, links of any mail unsubscribe, either address be signed up anew and confirmed, and time pass.
The model knows of each mailbox which lists it has said no to since its last own yes.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

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

from mailer.audience import addresses, standing, subscriptions
from mailer.audience.address_models import AddressLetter, Side
from mailer.audience.enrolment import Person
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.moving import changes
from mailer.audience.moving.changes import Outcome
from mailer.audience.subscriptions import AlreadyConfirmed, OptOut, OutdatedLink
from mailer.audience.words import ConsentMethod, Scope
from mailer.links import Site
from tests.audience import modelling
from tests.audience.modelling import Place
from tests.audience.steps import PROOF
from tests.faults.size import size

pytestmark = pytest.mark.usefixtures("database")
BOX, LIST = st.integers(0, 2), st.integers(0, 1)
numbers = count()


@dataclass(frozen=True)
class Letter:
    """One letter of a change, and the mailbox that got it."""

    letter_id: int
    box: int
    pair: tuple[int, int]
    subscriber_id: int


class Moving(RuleBasedStateMachine):
    """Three mailboxes, two lists of one sender, and who reads where."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.session, self.keys, self.lists = place.session, place.site.keys, place.lists
        self.session.rollback()
        self.now, run = self.lists[0].created_at, next(numbers)
        self.boxes = [f"{name}@run{run}.example" for name in ("ada", "bea", "cleo")]
        # Which mailbox has said no to which list, and not yes again since.
        self.refused: set[tuple[int, int]] = set()
        self.pressed: dict[int, set[int]] = {}
        self.links: list[tuple[int, int, int, int]] = []
        self.letters: list[Letter] = []

    def row(self, box: int) -> Subscriber | None:
        return self.session.query(Subscriber).filter_by(email=self.boxes[box]).one_or_none()

    @initialize(number=LIST)
    def join(self, number: int) -> None:
        self.sign_up(0, number)
        self.confirm(-1)

    @rule(box=BOX, number=LIST)
    def sign_up(self, box: int, number: int) -> None:
        self.now += timedelta(days=8)  # else a mailbox has soon had enough mail
        person = Person(addresses.parsed(self.boxes[box]))
        wanted = self.lists[number]
        due = subscriptions.sign_up(self.session, self.now, self.keys, wanted, person, PROOF)
        self.session.commit()
        if due is not None:
            serial = self.session.get_one(Subscription, due).confirmation_serial
            self.links.append((box, number, due, serial))

    @rule(which=st.integers(-3, -1))
    def confirm(self, which: int) -> None:
        """Press a confirmation link in the mailbox that got it: its own yes."""
        if not self.links:
            return
        box, number, subscription_id, serial = self.links[max(which, -len(self.links))]
        try:
            subscriptions.confirm(self.session, self.now, subscription_id, serial, PROOF)
        except (AlreadyConfirmed, OutdatedLink):
            self.session.rollback()
            return
        self.session.commit()
        assert self.row(box) is not None, "a void link confirmed"
        self.refused.discard((box, number))

    @rule(box=BOX, number=LIST, scope=st.sampled_from([Scope.list, Scope.sender]))
    def leave(self, box: int, number: int, scope: Scope) -> None:
        row = self.row(box)
        if row is None:
            return
        opt_out = OptOut(self.lists[number].id, row.id, scope=scope)
        subscriptions.unsubscribe(self.session, self.now, opt_out, ConsentMethod.link, PROOF)
        self.session.commit()
        self.refused |= {(box, one) for one in ([number] if scope is Scope.list else [0, 1])}

    @rule(box=BOX, to=BOX)
    def ask(self, box: int, to: int) -> None:
        row = self.row(box)
        if row is None or to == box:
            return
        address, pair = addresses.parsed(self.boxes[to]), (box, to)
        wish = changes.ask(self.session, self.now, self.keys, row.id, address)
        self.pressed[wish] = set()
        for one in self.session.query(AddressLetter).filter_by(change_id=wish):
            place = box if one.side is Side.old else to
            self.letters.append(Letter(one.id, place, pair, row.id))
        self.session.commit()

    @rule(box=BOX, to=BOX, first=st.booleans())
    def move(self, box: int, to: int, first: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        """Ask, and press in both mailboxes at once, in either order."""
        if self.row(box) is not None and to != box:
            self.ask(box, to)
            for which in (-2, -1) if first else (-1, -2):
                self.press(which)

    @precondition(lambda self: self.letters)
    @rule(which=st.integers(-6, -1))
    def press(self, which: int) -> None:
        letter = self.letters[max(which, -len(self.letters))]
        before = {box: self.row(box) is not None for box in range(3)}
        found = self.session.get(AddressLetter, letter.letter_id)
        was_done = found is not None and found.change.done_at is not None
        wish = found.change_id if found is not None else 0
        try:
            outcome = changes.press(self.session, self.now, self.keys, letter.letter_id, PROOF)
        except OutdatedLink:
            self.session.rollback()
            return
        self.session.commit()
        self.pressed[wish].add(letter.box)
        old, new = letter.pair
        if outcome is Outcome.done and not was_done:
            assert self.pressed[wish] == {old, new}
            assert not before[new]
            assert not [one for one in (0, 1) if (new, one) in self.refused]
            self.refused |= {(new, one) for one in (0, 1) if (old, one) in self.refused}
            # Nobody reads there any more, until that mailbox itself says yes again.
            self.refused |= {(old, 0), (old, 1)}

    @rule(hours=st.sampled_from([1, 24, 48]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        changes.forget(self.session, self.now)
        self.session.commit()

    @invariant()
    def who_left_a_mailbox_gets_nothing_there(self) -> None:
        asked = (
            sa.select(Subscriber.email, Subscription.list_id)
            .join(Subscription, Subscription.subscriber_id == Subscriber.id)
            .join(MailingList, MailingList.id == Subscription.list_id)
            .where(standing.refusal() == standing.MAILABLE, Subscriber.email.in_(self.boxes))
        )
        ids = [one.id for one in self.lists]
        for email, list_id in self.session.execute(asked):
            place = (self.boxes.index(email), ids.index(list_id))
            assert place not in self.refused
        self.session.rollback()


@pytest.mark.timeout(size(60, 900))
def test_no_order_of_presses_mails_a_mailbox_that_has_left(
    session: Session, site: Site, letters: MailingList, notes: MailingList
) -> None:
    place = Place(session, site, [letters, notes])
    modelling.run(lambda: Moving(place), few=16, many=400)
