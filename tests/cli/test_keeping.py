"""`mailer privacy retention` and `holds`: periods, runs and holds from the terminal."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import clock
from mailer.audience.models import MailingList, Subscriber
from mailer.privacy.keeping.models import Hold, Run
from mailer.privacy.letters.models import Letter
from tests.cli.conftest import Mailer


@pytest.fixture
def old_letter(session: Session) -> Letter:
    old = clock.now() - timedelta(days=500)
    letter = Letter(received_at=old, read_at=old, mail_from="", recipient="", raw=b"", size=0)
    session.add(letter)
    session.commit()
    return letter


@pytest.mark.usefixtures("old_letter")
def test_a_run_throws_away_what_the_count_before_it_named(mailer: Mailer, session: Session) -> None:
    dry = mailer("privacy", "retention", "run", "--dry-run")
    assert "correspondence  letters: 1 would go" in dry.output
    assert session.scalar(sa.select(sa.func.count()).select_from(Letter)) == 1
    done = mailer("privacy", "retention", "run")
    assert (done.exit_code, "correspondence  letters: 1 gone" in done.output) == (0, True)
    assert session.scalar(sa.select(sa.func.count()).select_from(Letter)) == 0
    again = mailer("privacy", "retention", "run")
    assert "Nothing has been kept for too long." in again.output
    assert session.scalar(sa.select(sa.func.count()).select_from(Run)) == 3


@pytest.mark.usefixtures("old_letter")
def test_a_longer_period_keeps_it(mailer: Mailer) -> None:
    retention = ("privacy", "retention")
    assert "correspondence: 12 months from" in mailer(*retention, "show").output
    refused = mailer(*retention, "set", "correspondence", "37")
    assert (refused.exit_code, "At most 36 months" in refused.output) == (2, True)
    assert "24 months now" in mailer(*retention, "set", "correspondence", "24").output
    assert "it was 24 months before" in mailer(*retention, "set", "correspondence", "24").output
    assert "Nothing" in mailer(*retention, "run", "--dry-run").output


def test_a_hold_is_placed_listed_and_ended(
    mailer: Mailer, session: Session, rosa: Subscriber, letters: MailingList
) -> None:
    holds, why = ("privacy", "holds"), ("--reason", "a lawsuit")
    email, key = rosa.email, rosa.address_key
    assert "number 1" in mailer(*holds, "place", "person", email, *why).output
    until = ("--until", "2999-01-01")
    assert "number 2" in mailer(*holds, "place", "list", str(letters.id), *why, *until).output
    for wrong in (("person", "rosa"), ("list", "99"), ("campaign", "x")):
        assert mailer(*holds, "place", *wrong, *why).exit_code == 2
    assert mailer(*holds, "place", "person", email, "--reason", email).exit_code == 2
    listed = mailer(*holds, "list").output
    assert "until 2999-01-01" in listed
    assert "rosa" not in listed
    assert mailer(*holds, "end", "1", "--reason", " ").exit_code == 2
    assert "Ended." in mailer(*holds, "end", "1", "--reason", "settled").output
    assert "no such hold" in mailer(*holds, "end", "1", "--reason", "settled").output
    assert [one.address_key for one in session.scalars(sa.select(Hold))] == [key, None]
