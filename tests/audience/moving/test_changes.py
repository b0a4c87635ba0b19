"""Another address for the same reader: both mailboxes agree, nothing is lifted, nothing is lost."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.audience import (
    addresses,
    consent,
    domain_keys,
    preferences,
    subscriptions,
    suppressions,
    timeline,
)
from mailer.audience.address_models import AddressChange, AddressLetter, Side
from mailer.audience.joining import limits
from mailer.audience.models import ConsentEvent, MailingList, Subscriber
from mailer.audience.moving import changes
from mailer.audience.moving.changes import Outcome
from mailer.audience.receipts import check, receipt
from mailer.audience.subscriptions import OptOut, OutdatedLink
from mailer.audience.suppressions import MOVED, Refusal
from mailer.audience.wishes import pauses
from mailer.audience.words import Scope, SubscriptionStatus
from mailer.links import Site
from mailer.tokens import fingerprint
from tests.audience.steps import PROOF, Reader

pytestmark = pytest.mark.usefixtures("database")
HOUR = timedelta(hours=1)
NEW = "rosa@elsewhere.example"


@pytest.fixture
def known(reader: Reader, letters: MailingList, now: datetime) -> Reader:
    """Rosa, confirmed on one list."""
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    reader.session.commit()
    return reader


class Mover:
    """A wish for another address, and the two mailboxes that may press."""

    def __init__(self, reader: Reader, now: datetime, to: str = NEW) -> None:
        self.reader, self.session, self.keys = reader, reader.session, reader.site.keys
        self.wish = changes.ask(self.session, now, self.keys, reader.row.id, addresses.parsed(to))
        rows = self.session.query(AddressLetter).filter_by(change_id=self.wish)
        self.letters = {one.side: one.id for one in rows}
        for one in rows:
            one.message_id = f"<{one.side.value}@harbor.example.com>"
        self.session.commit()

    def press(self, now: datetime, side: Side) -> Outcome:
        proof = replace(PROOF, shown=f"from the {side.value} mailbox")
        outcome = changes.press(self.session, now, self.keys, self.letters[side], proof)
        self.session.commit()
        return outcome

    def press_both(self, now: datetime) -> Outcome:
        self.press(now, Side.old)
        return self.press(now, Side.new)

    def arrived(self) -> Reader:
        return Reader(self.session, self.reader.site, NEW)


@pytest.mark.parametrize("first", list(Side))
def test_the_address_changes_when_both_mailboxes_have_pressed_in_any_order(
    known: Reader, letters: MailingList, now: datetime, first: Side
) -> None:
    mover, number = Mover(known, now), known.row.id
    second = Side.new if first is Side.old else Side.old
    assert mover.press(now, first) is Outcome.waiting
    assert mover.press(now, first) is Outcome.waiting
    assert known.refusal(letters) == ""
    assert mover.press(now + HOUR, second) is Outcome.done
    assert mover.press(now + HOUR, first) is Outcome.done
    arrived = mover.arrived()
    assert (arrived.row.id, arrived.row.address_key) == (number, fingerprint(known.site.keys, NEW))
    assert arrived.refusal(letters) == ""
    assert known.session.query(Subscriber).filter_by(email=known.address).count() == 0
    assert known.session.get_one(AddressChange, mover.wish).email == ""


def test_the_receipt_tells_who_agreed_when_and_by_which_letters(
    session: Session, known: Reader, letters: MailingList, now: datetime
) -> None:
    mover, old = Mover(known, now), known.row.address_key
    mover.press_both(now + HOUR)
    row = mover.arrived().row
    mails = "<old@harbor.example.com> <new@harbor.example.com>"
    (away,) = consent.history(session, old)[2:]
    (here,) = consent.history(session, row.address_key)
    for one in (away, here):
        assert one.evidence is not None
        assert one.evidence["message_id"] == mails
        assert one.evidence["source"] == "address corrected"
    assert (away.action, away.list_id) == ("unsubscribed", None)
    assert (here.action, here.list_id) == ("confirmed", letters.id)
    assert here.evidence is not None
    assert here.evidence["before"] == old.hex()
    while ledger.seal_waiting(session, ConsentEvent):
        session.commit()
    assert ledger.first_broken(session, ConsentEvent) is None
    told = check.checked(receipt.issue(session, known.site.keys, now, receipt.About(row, letters)))
    assert told["address"] == NEW
    actions = [one["action"] for one in told["events"]]  # type: ignore[attr-defined]
    assert actions == ["requested", "confirmed", "unsubscribed", "confirmed"]


def test_her_story_goes_on_and_her_consent_gets_no_younger(
    session: Session, known: Reader, letters: MailingList, now: datetime
) -> None:
    pauses.pause(session, now, known.row, now + 9 * HOUR)
    mover = Mover(known, now)
    mover.press_both(now + HOUR)
    row = mover.arrived().row
    said = [one.what for one in timeline.timeline(session, row)][::-1]
    assert said == [
        "Asked to join “Harbor Letters”",
        "Confirmed “Harbor Letters”",
        "Paused until 03 March 2026",
        "Left her former address with all mail",
        "Corrected her address for “Harbor Letters”",
    ]
    assert mover.arrived().place(letters).confirmed_at == now


def test_what_she_refused_goes_with_her_and_the_old_mailbox_is_left_alone(
    session: Session, known: Reader, letters: MailingList, notes: MailingList, now: datetime
) -> None:
    known.signs_up(now, notes)
    known.leaves(now, OptOut(notes.id, known.row.id))
    complaint = Refusal(Scope.list, 999, "complaint", note="told by the provider")
    suppressions.suppress(session, now, known.row.address_key, complaint)
    mover, old = Mover(known, now + HOUR), known.row.address_key
    mover.press_both(now + 2 * HOUR)
    arrived = mover.arrived()
    held = suppressions.in_force(session, arrived.row.address_key)
    assert [(one.scope_id, one.reason, one.created_at) for one in held] == [
        (notes.id, "unsubscribed", now),
        (999, "complaint", now),
    ]
    assert [arrived.refusal(one) for one in (letters, notes)] == ["", "unsubscribed"]
    assert suppressions.in_force(session, old)[-1].reason == MOVED
    # Whoever has the old mailbox now comes back by a confirmed sign-up, even to a single opt-in.
    known.signs_up(now + 3 * HOUR, notes)
    assert known.refusal(notes) == "suppressed"
    known.confirms(now + 3 * HOUR, notes)
    assert known.refusal(notes) == ""
    assert arrived.refusal(notes) == "unsubscribed"


def test_whoever_has_the_old_mailbox_later_is_somebody_else(
    session: Session, known: Reader, letters: MailingList, now: datetime
) -> None:
    Mover(known, now).press_both(now + HOUR)
    later = now + 9 * HOUR
    known.signs_up(later, letters)
    known.confirms(later, letters)
    own = [one.what for one in timeline.timeline(session, known.row) if one.at >= later]
    told = [one.what for one in timeline.timeline(session, known.row) if "“" in one.what]
    assert told == [one for one in own if "“" in one]
    arrived = Reader(session, known.site, NEW)
    assert max(one.at for one in timeline.timeline(session, arrived.row)) == now + HOUR


def test_links_of_old_mail_still_unsubscribe_and_void_ones_confirm_nothing(
    known: Reader, letters: MailingList, insiders: MailingList, now: datetime
) -> None:
    known.signs_up(now, insiders)
    waiting = known.place(insiders)
    link = (waiting.id, waiting.confirmation_serial)
    mover = Mover(known, now)
    mover.press_both(now + HOUR)
    arrived = mover.arrived()
    with pytest.raises(OutdatedLink):
        subscriptions.confirm(known.session, now + HOUR, *link, PROOF)
    assert arrived.refusal(insiders) == "unconfirmed"
    assert arrived.place(insiders).confirmation_due_at is None
    arrived.leaves(now + 2 * HOUR, OptOut(letters.id, arrived.row.id, 7))
    assert arrived.refusal(letters) == "unsubscribed"


@pytest.mark.parametrize("kind", ["reader", "unconfirmed", "unsubscribed", "erased", "domain"])
def test_an_address_that_is_anybodys_or_refused_mail_changes_nothing_for_anybody(
    session: Session,
    known: Reader,
    letters: MailingList,
    now: datetime,
    kind: str,
) -> None:
    other = Reader(session, known.site, "ines@example.com")
    if kind == "domain":
        blocked = Refusal(Scope.domain, 0, "blocked")
        domain = domain_keys.domain_key(known.site.keys, other.address)
        suppressions.suppress(session, now, domain, blocked)
    elif kind == "erased":
        key = fingerprint(known.site.keys, other.address)
        suppressions.suppress(session, now, key, Refusal(Scope.everything, reason="erased"))
    else:
        other.signs_up(now, letters)
        if kind != "unconfirmed":
            other.confirms(now, letters)
        if kind == "unsubscribed":
            other.leaves(now, OptOut(letters.id, other.row.id))
    session.commit()
    mover = Mover(known, now, other.address)
    before = session.query(ConsentEvent).count()
    assert mover.press(now, Side.old) is Outcome.waiting
    assert mover.press(now, Side.new) is Outcome.impossible
    assert known.refusal(letters) == ""
    assert session.query(ConsentEvent).count() == before
    assert session.query(AddressChange).count() == 0
    if kind in {"reader", "unconfirmed", "unsubscribed"}:
        wanted = {"reader": "", "unconfirmed": "unconfirmed", "unsubscribed": "unsubscribed"}
        assert other.refusal(letters) == wanted[kind]


def test_a_wish_holds_for_two_days_and_a_newer_one_replaces_it(
    session: Session, known: Reader, now: datetime
) -> None:
    late = Mover(known, now)
    with pytest.raises(OutdatedLink):
        late.press(now + 48 * HOUR, Side.old)
    newer = Mover(known, now, "rosa@third.example")
    with pytest.raises(OutdatedLink):
        late.press(now, Side.old)
    changes.forget(session, now + 47 * HOUR)
    assert session.query(AddressChange).one().id == newer.wish
    changes.forget(session, now + 48 * HOUR)
    assert session.query(AddressLetter).count() == 0


def test_the_same_address_is_no_other_and_who_is_gone_has_none(
    session: Session, known: Reader, now: datetime
) -> None:
    with pytest.raises(changes.SameAddress):
        Mover(known, now, "ROSA@EXAMPLE.org")
    with pytest.raises(OutdatedLink):
        changes.ask(session, now, known.site.keys, 999, addresses.parsed(NEW))
    mover = Mover(known, now)
    session.execute(sa.delete(Subscriber))
    with pytest.raises(OutdatedLink):
        mover.press(now, Side.old)


@pytest.mark.parametrize("kind", ["old complained", "new complained", "old is full", "new is full"])
def test_no_letter_leaves_unless_both_may(
    session: Session, known: Reader, now: datetime, kind: str
) -> None:
    side = known.address if "old" in kind else NEW
    if "complained" in kind:
        key = fingerprint(known.site.keys, side)
        suppressions.suppress(session, now, key, Refusal(Scope.everything, 0, "complaint"))
    else:
        mailbox = limits.mailbox_key(known.site.keys, addresses.parsed(side))
        for _ in range(3):
            limits.note(session, now, mailbox, None)
    mover = Mover(known, now)
    wish = session.get_one(AddressChange, mover.wish)
    assert not changes.may_be_asked(session, now, known.site.keys, wish)


def test_a_slip_of_the_pen_is_mended_on_the_same_day_but_not_for_ever(
    session: Session, known: Reader, now: datetime
) -> None:
    """Her confirmation was the first mail of the week; two wishes more, and it is enough."""
    asked = []
    for letter in "abc":
        mover = Mover(known, now, f"rosa@{letter}.example")
        wish = session.get_one(AddressChange, mover.wish)
        asked.append(changes.may_be_asked(session, now, known.site.keys, wish))
        session.commit()
    assert asked == [True, True, False]


def test_after_the_move_she_chooses_anew_and_nobody_else_does(
    session: Session, known: Reader, letters: MailingList, site: Site, now: datetime
) -> None:
    mover = Mover(known, now)
    mover.press_both(now)
    row = mover.arrived().row
    preferences.change(session, now, row.id, set(), PROOF)
    assert mover.arrived().place(letters).status is SubscriptionStatus.unsubscribed
    assert site.preferences(row.id, row.address_key, now)
