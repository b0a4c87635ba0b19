"""Each class at its edge: kept to the last second, gone with the next, and nothing else with it."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import consent, suppressions
from mailer.audience.consent import Decision, Evidence
from mailer.audience.imports.models import Import
from mailer.audience.joining.models import AskedMail
from mailer.audience.models import (
    ConsentEvent,
    MailingList,
    Subscriber,
    Subscription,
    Suppression,
)
from mailer.audience.wishes import wishes
from mailer.audience.wishes.models import Leaving, LeavingReason
from mailer.audience.words import (
    ConsentAction,
    ConsentMethod,
    ListStatus,
    Scope,
    SubscriberStatus,
    SubscriptionStatus,
)
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import leavings, portions, statistics, tallies
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.privacy import restriction
from mailer.privacy.archive.models import Archive, ArchivePiece
from mailer.privacy.keeping import holds, periods, runs
from mailer.privacy.keeping.classes import Class
from mailer.privacy.keeping.holds import Wanted
from mailer.privacy.keeping.models import Held
from mailer.privacy.keeping.sweeps import analytics
from mailer.privacy.letters.models import Letter
from mailer.privacy.requests import register
from mailer.privacy.requests.register import Filter
from mailer.privacy.requests.words import Kind, State
from tests import world
from tests.conftest import MakeReader
from tests.privacy.keeping.conftest import VIENNA, RunAt

SECOND = timedelta(seconds=1)
LEFT = datetime(2026, 3, 2, 15, 30, tzinfo=VIENNA).astimezone(UTC)
# The first moments at which what happened on that day is over.
A_MONTH = datetime(2026, 4, 3, tzinfo=VIENNA).astimezone(UTC)
TWELVE_MONTHS = datetime(2027, 3, 3, tzinfo=VIENNA).astimezone(UTC)
MONTHS_26 = datetime(2028, 5, 3, tzinfo=VIENNA).astimezone(UTC)
FIVE_YEARS = datetime(2031, 3, 3, tzinfo=VIENNA).astimezone(UTC)


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


@pytest.fixture
def leaver(session: Session, make_reader: MakeReader) -> Subscriber:
    """A reader who left on that day, and whom something is known about."""
    reader = make_reader("lea", SubscriptionStatus.unsubscribed)
    place = reader.subscriptions[0]
    place.unsubscribed_at = LEFT
    reader.created_at = LEFT - timedelta(days=100)
    refusal = suppressions.Refusal(Scope.list, place.list_id, note="told us on the phone")
    suppressions.suppress(session, LEFT, reader.address_key, refusal)
    wishes.record(session, LEFT, reader.address_key, "No more about tides", place.list_id)
    for action, method in (
        (ConsentAction.confirmed, ConsentMethod.link),
        (ConsentAction.unsubscribed, ConsentMethod.link),
    ):
        decision = Decision(action, method, place.list_id)
        consent.record(session, LEFT, reader.address_key, decision, Evidence(shown="Yes, please"))
    session.commit()
    return reader


def send(session: Session, letters: MailingList, readers: list[Subscriber]) -> Campaign:
    """Let a campaign have gone to these readers, and end on that day."""
    campaign = Campaign(
        sender_id=letters.sender_id,
        name="Tides",
        subject="Tides",
        status=CampaignStatus.finished,
        finished_at=LEFT,
        created_at=LEFT,
        updated_at=LEFT,
        lists=[letters],
    )
    session.add(campaign)
    session.flush()
    session.add_all(
        Delivery(
            campaign_id=campaign.id,
            subscriber_id=one.id,
            list_id=letters.id,
            address_key=one.address_key,
            email=one.email,
            status=DeliveryStatus.accepted,
            next_at=LEFT,
            smtp_code=250,
        )
        for one in readers
    )
    session.flush()
    portions.divide(session, campaign.id)
    tallies.begin(session, campaign.id)
    session.commit()
    return campaign


def emails(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(sa.select(Subscriber.email).order_by(Subscriber.id)))


def test_who_has_left_is_forgotten_a_month_later_and_stays_refused(
    session: Session, leaver: Subscriber, letters: MailingList, run_at: RunAt
) -> None:
    key, email = leaver.address_key, leaver.email
    campaign = send(session, letters, [leaver])
    session.add(world.relay(letters))
    run_at(A_MONTH - SECOND)
    assert emails(session) == [email]
    assert register.page(session, Filter(is_untold=True)) == []
    done = run_at(A_MONTH)
    assert emails(session) == []
    (owed,) = register.page(session, Filter(is_untold=True))
    assert (owed.kind, owed.address_key, owed.state) == (Kind.erasure, None, State.closed)
    assert owed.answer == f"Readers who had left and were erased, {runs.subject(done.id)}: 1."
    (refusal,) = suppressions.in_force(session, key)
    assert (refusal.scope, refusal.reason, refusal.note) == (Scope.list, "unsubscribed", "")
    assert wishes.history(session, key) == []
    assert session.scalars(sa.select(Delivery.email)).all() == [""]
    assert statistics.report(session, campaign).states[DeliveryStatus.accepted] == 1
    assert all(one.evidence for one in consent.history(session, key))


def test_who_is_on_another_list_stays_and_only_the_ended_place_goes(
    session: Session, leaver: Subscriber, letters: MailingList, run_at: RunAt
) -> None:
    notes = MailingList(public_id="n", name="Notes", sender_id=letters.sender_id, created_at=LEFT)
    session.add(notes)
    session.flush()
    session.add(
        Subscription(
            subscriber_id=leaver.id,
            list_id=notes.id,
            status=SubscriptionStatus.confirmed,
            created_at=LEFT,
        )
    )
    session.commit()
    run_at(A_MONTH - SECOND)
    assert len(leaver.subscriptions) == 2
    run_at(A_MONTH)
    session.refresh(leaver)
    assert [one.list_id for one in leaver.subscriptions] == [notes.id]


def test_a_place_alone_that_says_she_left_becomes_a_refusal(
    session: Session, make_reader: MakeReader, run_at: RunAt, letters: MailingList
) -> None:
    """Otherwise the next import would bring her back."""
    reader = make_reader("imported", SubscriptionStatus.unsubscribed)
    blocked = make_reader("blocked", SubscriptionStatus.unsubscribed)
    blocked.status = SubscriberStatus.blocklisted
    keys = [reader.address_key, blocked.address_key]
    for one in (reader, blocked):
        one.subscriptions[0].unsubscribed_at = LEFT
    session.commit()
    run_at(A_MONTH)
    assert emails(session) == []
    held = [[(one.scope, one.reason) for one in suppressions.in_force(session, k)] for k in keys]
    assert held[0] == [(Scope.list, "unsubscribed")]
    assert (Scope.everything, "blocked") in held[1]
    assert letters.id


def test_closing_a_list_is_the_end_of_its_readers(
    session: Session, rosa: Subscriber, letters: MailingList, run_at: RunAt
) -> None:
    letters.status, letters.closed_at = ListStatus.archived, LEFT
    rosa.created_at = LEFT
    key = rosa.address_key
    session.commit()
    run_at(A_MONTH - SECOND)
    assert emails(session) == ["rosa@example.org"]
    run_at(A_MONTH)
    assert emails(session) == []
    assert suppressions.in_force(session, key) == []


def test_restricted_people_and_those_on_hold_stay_until_that_ends(
    session: Session, leaver: Subscriber, letters: MailingList, run_at: RunAt
) -> None:
    restriction.restrict(session, LEFT, leaver.id, "a test", reason="a dispute")
    run_at(A_MONTH)
    restriction.lift(session, LEFT, leaver.id, "a test", notice="a letter")
    until = A_MONTH + timedelta(days=30)
    key = leaver.address_key
    holds.place(session, LEFT, "a test", Wanted(Held.person, "a lawsuit", key, until=until))
    on_list = holds.place(
        session, LEFT, "a test", Wanted(Held.list, "a lawsuit", number=letters.id)
    )
    run_at(until - SECOND)
    assert len(emails(session)) == 1
    run_at(until)
    assert len(emails(session)) == 1
    assert holds.end(session, until, "a test", on_list.id, reason="it is over")
    run_at(until)
    assert emails(session) == []


def test_proof_is_blanked_years_later_and_the_chain_holds(
    session: Session, leaver: Subscriber, run_at: RunAt
) -> None:
    key = leaver.address_key
    run_at(A_MONTH)
    run_at(FIVE_YEARS - SECOND)
    assert all(one.evidence for one in consent.history(session, key))
    run_at(FIVE_YEARS)
    *told, last = consent.history(session, key)
    assert [one.evidence for one in told] == [None, None]
    assert (last.action, last.evidence) == (ConsentAction.erased, {"actor": "retention"})
    run_at(FIVE_YEARS + timedelta(days=3000))
    assert len(consent.history(session, key)) == 3


def test_proof_stays_as_long_as_her_last_word_is_young(
    session: Session, leaver: Subscriber, letters: MailingList, run_at: RunAt
) -> None:
    key, year = leaver.address_key, timedelta(days=365)
    decision = Decision(ConsentAction.unsubscribed, ConsentMethod.mail, letters.id)
    consent.record(session, LEFT + year, key, decision, Evidence(shown="Take me off"))
    run_at(A_MONTH)
    run_at(FIVE_YEARS + year / 2)
    assert all(one.evidence for one in consent.history(session, key))
    run_at(FIVE_YEARS + 2 * year)
    assert [one.evidence for one in consent.history(session, key)][:3] == [None] * 3


def test_proof_of_readers_who_are_still_here_is_never_blanked(
    session: Session, rosa: Subscriber, letters: MailingList, run_at: RunAt
) -> None:
    decision = Decision(ConsentAction.confirmed, ConsentMethod.link, letters.id)
    consent.record(session, LEFT, rosa.address_key, decision, Evidence(shown="Yes"))
    session.commit()
    run_at(FIVE_YEARS + timedelta(days=3000))
    assert all(one.evidence for one in session.scalars(sa.select(ConsentEvent)))


def test_copies_go_after_26_months_and_the_sums_stay(
    session: Session,
    letters: MailingList,
    make_reader: MakeReader,
    run_at: RunAt,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(analytics, "PORTION", 4)
    readers = [make_reader(f"r{number}") for number in range(9)]
    campaign = send(session, letters, readers)
    one, *_ = session.scalars(sa.select(Delivery).order_by(Delivery.id))
    one.status, one.email = DeliveryStatus.refused, "r0@own.example"
    one.smtp_code, one.smtp_text = 550, "5.1.1 no such user"
    tallies.forget(session, campaign.id)
    number = suppressions.suppress(
        session,
        LEFT,
        readers[1].address_key,
        suppressions.Refusal(Scope.list, letters.id, delivery_id=one.id),
    )
    session.add(Leaving(suppression_id=number, reason=LeavingReason.too_often))
    session.commit()
    before = statistics.report(session, campaign)
    assert "own.example" in before.domains
    run_at(MONTHS_26 - SECOND)
    assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 9
    run_at(MONTHS_26)
    assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 0
    after = statistics.report(session, campaign)
    assert (after.audience, after.states) == (before.audience, before.states)
    assert "own.example" not in after.domains
    assert after.refusals == {"for reasons that fewer than five had": 1}
    assert leavings.of_campaign(session, campaign.id) == {"for reasons that fewer than five had": 1}
    assert session.scalars(sa.select(Leaving)).all() == []
    assert statistics.people(session, campaign, None, 1) == []


def test_copies_of_another_campaign_between_stay(
    session: Session,
    letters: MailingList,
    make_reader: MakeReader,
    run_at: RunAt,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where two campaigns were frozen at the same time."""
    monkeypatch.setattr(analytics, "PORTION", 2)
    readers = [make_reader(f"r{number}") for number in range(8)]
    old, held = (send(session, letters, some) for some in (readers[:4], readers[4:]))
    copies = session.scalars(sa.select(Delivery).order_by(Delivery.id)).all()
    for at, copy in enumerate(copies):
        copy.campaign_id = (held if at % 3 == 1 else old).id
    numbers = [copy.id for copy in copies]
    holds.place(session, LEFT, "a test", Wanted(Held.campaign, "a lawsuit", number=held.id))
    session.commit()
    run_at(MONTHS_26)
    assert session.scalars(sa.select(Delivery.id).order_by(Delivery.id)).all() == numbers[1::3]


def test_what_is_on_hold_of_a_campaign_stays_and_goes_later(
    session: Session, letters: MailingList, make_reader: MakeReader, run_at: RunAt
) -> None:
    readers = [make_reader(f"r{number}") for number in range(3)]
    campaign = send(session, letters, readers)
    whole = holds.place(
        session, LEFT, "a test", Wanted(Held.campaign, "a lawsuit", number=campaign.id)
    )
    run_at(MONTHS_26)
    assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 3
    holds.end(session, LEFT, "a test", whole.id, reason="settled")
    hers = Wanted(Held.person, "a lawsuit", readers[1].address_key)
    one = holds.place(session, LEFT, "a test", hers)
    run_at(MONTHS_26)
    assert session.scalars(sa.select(Delivery.email)).all() == ["r1@example.org"]
    assert statistics.report(session, campaign).audience == 3
    holds.end(session, LEFT, "a test", one.id, reason="settled")
    run_at(MONTHS_26)
    assert session.scalars(sa.select(Delivery.email)).all() == []


def test_letters_files_and_counts_go_in_their_time(
    session: Session, run_at: RunAt, rosa: Subscriber
) -> None:
    letter = {"mail_from": "x@example.org", "recipient": "d@example.org", "raw": b"Hi", "size": 2}
    session.add_all(
        [
            Letter(received_at=LEFT, read_at=LEFT, from_key=rosa.address_key, **letter),
            Letter(received_at=LEFT, read_at=LEFT, **letter),
            Import(filename="a.csv", created_by="bob", created_at=LEFT),
            AskedMail(at=LEFT, mailbox_key=b"other"),
        ]
    )
    holds.place(session, LEFT, "a test", Wanted(Held.person, "a lawsuit", rosa.address_key))
    session.commit()
    week = datetime(2026, 3, 10, tzinfo=VIENNA).astimezone(UTC)
    early, late = run_at(week - SECOND), run_at(week)
    assert early.counts["imports"] == early.counts["security"] == {}
    assert (late.counts["imports"], late.counts["security"]) == ({"imports": 1}, {"asked_mails": 1})
    assert run_at(TWELVE_MONTHS - SECOND).counts["correspondence"] == {}
    assert run_at(TWELVE_MONTHS).counts["correspondence"] == {"letters": 1}
    kept = session.scalars(sa.select(Letter)).one()
    assert kept.from_key == rosa.address_key


def test_a_changed_period_moves_the_edge(
    session: Session, leaver: Subscriber, run_at: RunAt
) -> None:
    assert periods.change(session, LEFT, "a test", Class.subscription, 0)
    session.commit()
    midnight = datetime(2026, 3, 3, tzinfo=VIENNA).astimezone(UTC)
    leaver.created_at = LEFT - timedelta(days=100)
    run_at(midnight - SECOND)
    assert len(emails(session)) == 1
    run_at(midnight)
    assert emails(session) == []
    assert session.scalar(sa.select(sa.func.count()).select_from(Suppression)) == 1


def test_an_archive_goes_with_its_period_and_not_while_its_link_is_alive(
    session: Session, run_at: RunAt, rosa: Subscriber
) -> None:
    week = datetime(2026, 3, 10, tzinfo=VIENNA).astimezone(UTC)
    alive = {"asked_at": LEFT, "made_at": LEFT, "expires_at": week + timedelta(days=20)}
    old = {**alive, "expires_at": LEFT + timedelta(days=7)}
    session.add_all(Archive(subscriber_id=rosa.id, **one) for one in (old, alive))
    session.flush()
    session.add(ArchivePiece(archive_id=1, number=0, content=b"sealed"))
    session.commit()
    assert run_at(week - SECOND).counts["archives"] == {}
    assert run_at(week).counts["archives"] == {"archives": 1}
    assert session.scalars(sa.select(ArchivePiece)).all() == []
    assert run_at(week + timedelta(days=20)).counts["archives"] == {}
    assert run_at(week + timedelta(days=21)).counts["archives"] == {"archives": 1}
