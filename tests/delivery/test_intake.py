"""What R03 is told of the ways by which letters come in."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.compliance.readiness import Intake
from mailer.delivery import intake, readiness
from mailer.delivery.intake import Way
from mailer.links import Site

HOUR = timedelta(hours=1)
REFUSED = "mail.example.com: it refused to sign in."


@pytest.fixture
def ours(site: Site) -> Site:
    """This installation, with a mailbox that its mail names."""
    return replace(site, letters="letters@in.harbor.example.com")


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def test_without_a_mailbox_of_ours_nothing_is_known(
    session: Session, site: Site, ours: Site, sender: Sender, now: datetime
) -> None:
    assert intake.known(session, site, now) is None
    assert intake.known(session, ours, now) == Intake(None)
    found = readiness.readiness(session, ours, sender, now)
    assert found.replies
    assert found.replies.intake == Intake(None)


def test_one_way_that_was_well_is_enough_until_it_falls_silent(
    session: Session, ours: Site, now: datetime
) -> None:
    intake.well(session, Way.lmtp, now - 30 * HOUR)
    intake.well(session, Way.mailbox, now - 2 * HOUR)
    assert intake.known(session, ours, now) == Intake(2.0)
    assert intake.known(session, ours, now + 25 * HOUR) == Intake(27.0)


def test_a_way_that_fails_is_told_as_long_as_somebody_tries_it(
    session: Session, site: Site, ours: Site, now: datetime
) -> None:
    """What nobody tries any more was taken down, and the other one is enough."""
    for hours in (30, 20, 1):
        intake.failed(session, Way.mailbox, REFUSED, now - hours * HOUR)
    intake.well(session, Way.lmtp, now)
    assert intake.known(session, ours, now) == intake.known(session, site, now)
    assert intake.known(session, ours, now) == Intake(30.0, REFUSED)
    assert intake.known(session, ours, now + 24 * HOUR) == Intake(24.0)


def test_what_failed_and_is_well_again_is_well(session: Session, ours: Site, now: datetime) -> None:
    intake.failed(session, Way.mailbox, "x" * 300, now - 30 * HOUR)
    assert intake.known(session, ours, now - 29 * HOUR) == Intake(1.0, "x" * 200)
    intake.well(session, Way.mailbox, now)
    assert intake.known(session, ours, now) == Intake(0.0)
    intake.failed(session, Way.mailbox, REFUSED, now + HOUR)
    assert intake.known(session, ours, now + HOUR) == Intake(1.0, REFUSED)
