"""What keeps a form from being a weapon: limits by mailbox, the hour's budget, tickets, proofs."""

import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import addresses, enrolment, letterbox, readers
from mailer.audience.joining import limits, proofs, tickets
from mailer.audience.joining.models import AskedMail, LeftMail, SignUp
from mailer.audience.joining.tickets import Sent, Verdict
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.db import db
from mailer.links import Site
from tests.audience.steps import PROOF, Reader, person

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
ROSA = b"r" * 32
INES = b"i" * 32


def solved(puzzle: dict[str, str | int], number: int | None = None) -> str:
    """Return what a browser sends: the number found, and the puzzle it was found for."""
    if number is None:
        hashes = (proofs.hashed(str(puzzle["salt"]), n) for n in range(proofs.HARDEST + 1))
        number = next(n for n, one in enumerate(hashes) if one == puzzle["challenge"])
    return b64encode(json.dumps({**puzzle, "number": number}).encode()).decode()


@pytest.mark.parametrize(
    "spelling",
    ["ROSA@gmail.com", "ro.sa@gmail.com", "rosa+x@GMAIL.com", "r.o.s.a+1@googlemail.com"],
)
@pytest.mark.usefixtures("database")
def test_s02_one_mailbox_in_any_spelling_is_asked_once_a_day(
    session: Session, site: Site, letters: MailingList, now: datetime, spelling: str
) -> None:
    """S-02; Sendy counted the spelling, not the mailbox."""
    assert Reader(session, site, "rosa@gmail.com").signs_up(now, letters) is not None
    assert Reader(session, site, spelling).signs_up(now + HOUR, letters) is None
    assert Reader(session, site, spelling).signs_up(now + DAY, letters) is not None


def test_two_spellings_at_once_are_one_mailbox(
    app: Flask, session: Session, site: Site, database: str, letters: MailingList, now: datetime
) -> None:
    """Two workers take up two spellings in the same moment."""
    assert database
    spellings = [f"rosa+{number}@example.org" for number in range(8)]
    numbers = [drop(session, site, letters, now, one) for one in spellings]
    session.commit()

    def work(number: int) -> bool:
        with app.app_context():
            owed = letterbox.take_up(db.session(), site.keys, number)
            db.session.commit()
            return owed.subscription_id is not None

    with ThreadPoolExecutor(len(numbers)) as workers:
        assert sum(workers.map(work, numbers)) == 1


@pytest.mark.usefixtures("database")
def test_a_colleague_who_adds_readers_is_bound_by_the_same_limit(
    session: Session, site: Site, letters: MailingList, insiders: MailingList, now: datetime
) -> None:
    reader = Reader(session, site, "rosa@gmail.com")
    for at in (now, now + DAY, now + 2 * DAY):
        assert reader.signs_up(at, letters) is not None
    args = (site.keys, insiders, person("ro.sa+1@gmail.com"), PROOF)
    _, outcome = readers.add(session, now + 3 * DAY, *args)
    assert outcome is readers.Added.already_asked


@pytest.mark.usefixtures("database")
def test_no_more_mails_leave_within_any_hour_than_the_budget_allows(
    session: Session, now: datetime
) -> None:
    times = [now + MINUTE * number for number in range(180)]
    left = []
    for at in times:
        if limits.leaves(session, at, 7):
            left.append(at)
        session.commit()
    assert all(sum(at - HOUR < one <= at for one in left) <= 7 for at in times)
    assert len(left) == 21


@pytest.mark.usefixtures("database")
def test_what_waits_in_the_letterbox_counts_for_the_alarm(
    session: Session, site: Site, letters: MailingList, now: datetime
) -> None:
    """A flood must be noticed before the worker has taken it up."""
    for number in range(4):
        assert not limits.is_strained(session, now, 8)
        drop(session, site, letters, now, f"guest{number}@example.org")
    assert limits.is_strained(session, now, 8)
    for number in letterbox.waiting(session):
        letterbox.take_up(session, site.keys, number)
    assert limits.is_strained(session, now + HOUR - SECOND, 8)
    assert not limits.is_strained(session, now + HOUR, 8)


def drop(session: Session, site: Site, on: MailingList | None, now: datetime, email: str) -> int:
    return letterbox.drop(session, now, site.keys, on.id if on else None, person(email), PROOF)


@pytest.mark.usefixtures("database")
def test_a_sign_up_is_taken_up_once_with_the_time_and_proof_of_the_request(
    session: Session, site: Site, letters: MailingList, now: datetime
) -> None:
    number = drop(session, site, letters, now, "rosa@example.org")
    owed = letterbox.take_up(session, site.keys, number)
    session.commit()
    place = session.query(Subscription).one()
    assert (owed.subscription_id, place.confirmation_asked_at) == (place.id, now)
    assert letterbox.take_up(session, site.keys, number) == letterbox.Owed()
    assert session.query(SignUp).count() == 0


@pytest.mark.usefixtures("database")
def test_limits_forget_what_they_no_longer_need(session: Session, now: datetime) -> None:
    limits.note(session, now, ROSA, 1)
    limits.leaves(session, now, 5)
    limits.forget(session, now + HOUR)
    assert (session.query(AskedMail).count(), session.query(LeftMail).count()) == (1, 0)
    assert limits.forget_asked(session, AskedMail.at < now) == 0
    assert limits.forget_asked(session, AskedMail.at < now + SECOND) == 1
    assert session.query(AskedMail).count() == 0


@pytest.mark.usefixtures("database")
def test_who_never_confirmed_is_forgotten_after_the_time_that_was_set(
    session: Session, site: Site, letters: MailingList, notes: MailingList, now: datetime
) -> None:
    for name in ("asked", "faithful", "both"):
        Reader(session, site, f"{name}@example.org").signs_up(now, letters)
    Reader(session, site, "faithful@example.org").confirms(now, letters)
    Reader(session, site, "both@example.org").signs_up(now, notes)
    by_hand = enrolment.enrol(session, now, site.keys, person("sheet@example.org"))
    enrolment.place(session, now, by_hand, letters)
    assert enrolment.forget_unconfirmed(session, now, sa.true()) == 0
    assert enrolment.forget_unconfirmed(session, now + SECOND, sa.true()) == 2
    session.commit()
    left = {one.email: len(one.subscriptions) for one in session.query(Subscriber)}
    assert left == {"faithful@example.org": 1, "both@example.org": 1, "sheet@example.org": 1}


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (-SECOND, Verdict.stale),
        (SECOND, Verdict.quick),
        (2 * SECOND, Verdict.good),
        (2 * HOUR, Verdict.good),
        (2 * HOUR + SECOND, Verdict.stale),
    ],
)
def test_a_ticket_holds_from_two_seconds_to_two_hours(
    site: Site, now: datetime, age: timedelta, expected: Verdict
) -> None:
    """S-06."""
    sent = Sent(tickets.issue(site.keys, now - age))
    assert tickets.verdict(site.keys, now, ROSA, sent, is_strained=False) is expected


def test_a_ticket_for_one_mailbox_is_none_for_another(site: Site, now: datetime) -> None:
    sent = Sent(tickets.issue(site.keys, now - MINUTE, ROSA))
    verdicts = {
        tickets.verdict(site.keys, now, key, sent, is_strained=False) for key in (ROSA, INES)
    }
    assert verdicts == {Verdict.good, Verdict.stale}


def test_under_strain_a_form_needs_a_proof_or_a_minute_of_patience(
    site: Site, now: datetime
) -> None:
    def judged(sent: Sent) -> Verdict:
        return tickets.verdict(site.keys, now, ROSA, sent, is_strained=True)

    unbound = tickets.issue(site.keys, now - HOUR)
    assert judged(Sent(unbound)) is Verdict.unproved
    bound = tickets.renewed(site.keys, now, ROSA, unbound)
    assert tickets.renewed(site.keys, now + MINUTE, ROSA, bound) == bound
    assert judged(Sent(tickets.issue(site.keys, now - 59 * SECOND, ROSA))) is Verdict.unproved
    assert judged(Sent(tickets.issue(site.keys, now - MINUTE, ROSA))) is Verdict.good
    proof = solved(proofs.challenge(site.keys, now, ROSA))
    assert judged(Sent(unbound, proof)) is Verdict.good


def test_a_proof_holds_for_its_mailbox_in_its_time_and_for_nothing_else(
    site: Site, now: datetime
) -> None:
    puzzle = proofs.challenge(site.keys, now, ROSA)
    good = solved(puzzle)
    assert proofs.holds(site.keys, now, ROSA, good)
    assert not proofs.holds(site.keys, now, INES, good)
    assert not proofs.holds(site.keys, now + 2 * HOUR + SECOND, ROSA, good)
    late = str(puzzle["salt"]).replace("expires=", "expires=9")
    assert not proofs.holds(site.keys, now, ROSA, solved({**puzzle, "salt": late}, 1))
    for change in ({"challenge": proofs.hashed("own", 1), "salt": "own"}, {"signature": "é"}):
        assert not proofs.holds(site.keys, now, ROSA, solved({**puzzle, **change}, 1))


@pytest.mark.parametrize("proof", ["", "x", "e30=", "bnVsbA==", "WzFd", "x" * 2_000])
def test_what_is_no_proof_is_refused_quietly(site: Site, now: datetime, proof: str) -> None:
    assert not proofs.holds(site.keys, now, ROSA, proof)


def test_old_keys_of_the_ring_still_read_tickets_and_proofs(site: Site, now: datetime) -> None:
    ticket = tickets.issue(site.keys, now - MINUTE)
    proof = solved(proofs.challenge(site.keys, now, ROSA))
    newer = tokens.Keys(("n" * 32, *site.keys.secrets), site.keys.suppression)
    sent = Sent(ticket, proof)
    assert tickets.verdict(newer, now, ROSA, sent, is_strained=True) is Verdict.good
    lost = tokens.Keys(("n" * 32,), site.keys.suppression)
    assert tickets.verdict(lost, now, ROSA, sent, is_strained=True) is Verdict.stale


def test_the_key_of_a_mailbox_is_that_of_all_its_spellings(site: Site) -> None:
    keys = {
        limits.mailbox_key(site.keys, addresses.parsed(one))
        for one in ("rosa@bücher.example.com", "Rosa+2@xn--bcher-kva.example.com")
    }
    assert len(keys) == 1
