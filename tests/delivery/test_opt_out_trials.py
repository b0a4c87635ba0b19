"""The opt-out on trial against our own running server: what it finds, and what it leaves behind."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer.audience.models import ConsentEvent, MailingList, Sender, Subscriber, Suppression
from mailer.campaigns.models import Campaign
from mailer.compliance import trial_verdict
from mailer.compliance.finding import Severity
from mailer.db import db
from mailer.delivery import audience, launch, opt_out_trials
from mailer.delivery.models import Delivery, OptOutTrialRow
from mailer.links import Site
from mailer.tokens import Keys
from tests.browser import serving
from tests.databases import SECRET_KEY, SUPPRESSION_KEY, digests
from tests.delivery.conftest import tried
from tests.visitors import Visitor

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def served(app: Flask, site: Site) -> Iterator[Site]:
    """The application at its public address."""
    with serving(app) as address:
        yield Site(address, site.keys, development=True)


def another_list(session: Session, sender: Sender, now: datetime) -> None:
    session.add(MailingList(public_id="more", name="More", sender_id=sender.id, created_at=now))
    session.commit()


def test_our_own_page_and_post_pass(
    session: Session, served: Site, sender: Sender, letters: MailingList, now: datetime
) -> None:
    assert letters
    another_list(session, sender, now)
    trial = tried(session, served, sender, now)
    assert trial.has_passed
    assert trial.was_harmless
    assert [(one.form, one.answer.status, one.lists_left) for one in trial.posts] == [
        ("urlencoded", 200, 1),
        ("multipart", 200, 1),
        ("page", 200, 2),
    ]
    assert trial.posts[2].chosen == "All mail from …"
    told = trial_verdict.told(trial, development=True)
    assert [f for f in told.findings if f.severity is not Severity.note] == []
    assert all(is_kept for _, is_kept in told.steps)


def test_the_canary_leaves_nothing_but_the_trial(
    session: Session,
    served: Site,
    sender: Sender,
    rosa: Subscriber,
    tides: Campaign,
    now: datetime,
) -> None:
    assert rosa
    session.commit()
    before = digests(db.engine)
    tried(session, served, sender, now)
    after = digests(db.engine)
    assert {name for name in after if after[name] != before[name]} == {"opt_out_trials"}
    assert audience.arithmetic(session, tides, now) == {"": 1}
    launch.start(session, served, tides, now)
    assert [one.email for one in session.scalars(sa.select(Delivery))] == ["rosa@example.org"]
    for table in (ConsentEvent, Suppression):
        assert session.scalars(sa.select(table)).all() == []


def test_what_is_kept_holds_no_token(
    session: Session, served: Site, sender: Sender, letters: MailingList, now: datetime
) -> None:
    trial = tried(session, served, sender, now)
    row = session.scalars(sa.select(OptOutTrialRow)).one()
    token = served.unsubscribe(letters.id, 0, row.id).rpartition("/")[2]
    assert token not in str(row.facts)
    assert trial.url == f"{served.public_url}/u/canary"
    assert trial.page is not None
    assert 'action="/u/canary"' in trial.page.body


def test_an_opt_out_of_the_canary_by_a_stranger_changes_no_reader(
    app: Flask, session: Session, site: Site, letters: MailingList, rosa: Subscriber, now: datetime
) -> None:
    assert rosa
    trial = opt_out_trials.begun(session, site, letters.sender_id, now)
    assert trial is not None
    number = trial.id
    session.commit()
    before = digests(db.engine)
    client = Visitor(app)
    for canary in (number, number + 1):
        path = site.unsubscribe(letters.id, 0, canary).removeprefix(site.public_url)
        assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        assert client.post(f"{path}/undo", data={"undo": "x"}).status_code == 404
    after = digests(db.engine)
    assert {name for name in after if after[name] != before[name]} == {"opt_out_trials"}


def test_a_trial_counts_for_an_hour_and_for_this_address(
    session: Session, served: Site, sender: Sender, letters: MailingList, now: datetime
) -> None:
    assert letters
    tried(session, served, sender, now)
    later = now + timedelta(hours=1)
    assert opt_out_trials.has_passed(session, served, sender.id, later)
    late = opt_out_trials.known(session, served, sender, later + timedelta(seconds=1))
    assert late is not None
    assert not late.is_recent
    elsewhere = Site("https://other.example.com", served.keys)
    assert opt_out_trials.known(session, elsewhere, sender, now) is None


def test_nobody_answering_is_told_in_plain_words(
    session: Session, site: Site, sender: Sender, letters: MailingList, now: datetime
) -> None:
    assert letters
    there = Site("http://127.0.0.1:9", site.keys, development=True)
    trial = tried(session, there, sender, now)
    assert trial.page is None
    assert trial.fault == "Nobody answered at http://127.0.0.1:9/u/…: connection refused."
    refused = [f.rule for f in trial_verdict.told(trial).findings if f.severity == "refuse"]
    assert refused == ["R20", "R20", "R42"]
    notes = {f.severity for f in trial_verdict.told(trial, development=True).findings}
    assert notes == {Severity.note}


def test_a_sender_without_a_list_has_no_link_to_try(
    session: Session, site: Site, sender: Sender, now: datetime
) -> None:
    assert list(opt_out_trials.attempt(session, site, sender.id, now)) == []
    assert opt_out_trials.untried(session, site, now) == []


def test_who_was_not_tried_for_a_day_is_due(
    session: Session, site: Site, sender: Sender, letters: MailingList, now: datetime
) -> None:
    assert letters
    assert opt_out_trials.untried(session, site, now) == [sender.id]
    opt_out_trials.begun(session, site, sender.id, now)
    assert opt_out_trials.untried(session, site, now + timedelta(hours=23)) == []
    assert opt_out_trials.untried(session, site, now + timedelta(hours=25)) == [sender.id]


def test_trials_are_forgotten_after_three_months(
    session: Session, site: Site, sender: Sender, letters: MailingList, now: datetime
) -> None:
    assert letters
    for days in (0, 40, 91):
        opt_out_trials.begun(session, site, sender.id, now + timedelta(days=days))
    assert len(session.scalars(sa.select(OptOutTrialRow)).all()) == 2


@pytest.mark.parametrize(
    ("older", "is_sent", "expected"),
    [((), True, 12), ((SECRET_KEY,), True, None), ((), False, None)],
)
def test_a_key_that_was_dropped_too_soon_after_a_send_is_found(
    session: Session,
    site: Site,
    rosa: Subscriber,
    tides: Campaign,
    now: datetime,
    older: tuple[str, ...],
    is_sent: bool,  # noqa: FBT001 - a column of the table
    expected: int | None,
) -> None:
    assert rosa
    opt_out_trials.begun(session, site, tides.sender_id, now)
    if is_sent:
        launch.start(session, site, tides, now)
        session.execute(sa.update(Delivery).values(status="accepted", finished_at=now))
    later = now + timedelta(days=12)
    ring = Keys((SECRET_KEY[::-1], *older), SUPPRESSION_KEY)
    assert opt_out_trials.key_days(session, ring, tides.sender_id, later) == expected
