"""Relays and the set-up from the terminal."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from mailer import tasks
from mailer.accounts.models import User
from mailer.audience.models import Sender
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import Campaign
from mailer.delivery.relay_models import RegisteredRelay, SeedResult, SeedState
from tests.cli.conftest import Mailer
from tests.conftest import ConfigFor
from tests.relays import Sink

REGISTER = (
    *("relay", "register", "--name", "Parcel", "--legal-entity", "Parcel Inc", "--country", "us"),
    *("--transfer", "dpf", "--transfer-checked-on", "2026-03-01", "--contract", "DPA, folder 3"),
)


@pytest.fixture
def config(sqlite_url: str, config_for: ConfigFor, smtp_sink: Sink, tmp_path: Path) -> Config:
    smtp_sink.maildir = tmp_path / "seeds"
    return config_for(
        sqlite_url,
        smtp_url=smtp_sink.url,
        seed_address="seed@elsewhere.example",
        seed_mailbox=f"maildir:{smtp_sink.maildir}",
    )


@pytest.fixture
def draft(session: Session, sender: Sender) -> Campaign:
    body = "Low water is at nine.\n\n{{ legal_footer }}\n"
    made = drafts.create(
        session, Draft("Tides", "Low water", sender.id, (), body=body), sender.created_at
    )
    session.commit()
    return made


def test_a_relay_is_registered_reviewed_and_listed(
    mailer: Mailer, session: Session, alice: User
) -> None:
    assert mailer(*REGISTER).exit_code == 0
    assert "* 127.0.0.1  Parcel Inc, US, processor; never" in mailer("relay", "list").output
    review = ("relay", "review", "127.0.0.1", "--by", alice.email)
    assert mailer(*review, typed="n\n").exit_code == 1
    assert mailer(*review, typed="y\n").exit_code == 0
    assert f"by {alice.email}" in mailer("relay", "list").output
    assert mailer(*REGISTER, "--own").exit_code == 0
    session.expire_all()
    row = session.query(RegisteredRelay).one()
    assert (row.is_own, row.reviewed_on, row.country) == (True, None, "US")
    assert str(row.transfer_checked_on) == "2026-03-01"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((*REGISTER[:-2],), "needs --contract"),
        ((*REGISTER, "--country", "Germany"), "two letters"),
        (("relay", "review", "mx.example", "--by", "alice@example.com"), "not registered"),
        (("relay", "seed", "99"), "no campaign 99"),
    ],
)
def test_what_cannot_be_is_said(mailer: Mailer, words: tuple[str, ...], why: str) -> None:
    result = mailer(*words)
    assert result.exit_code == 2
    assert why in result.output


def test_a_review_is_by_somebody_who_may_sign_in(mailer: Mailer) -> None:
    mailer(*REGISTER)
    result = mailer("relay", "review", "127.0.0.1", "--by", "nobody@example.com")
    assert result.exit_code == 2
    assert "Nobody signs in" in result.output


def test_a_seed_copy_is_sent_and_followed_by_the_tick(
    app: Flask, mailer: Mailer, session: Session, draft: Campaign, smtp_sink: Sink
) -> None:
    result = mailer("relay", "seed", str(draft.id))
    assert result.exit_code == 0, result.output
    assert "sent" in result.output
    assert smtp_sink.caught[0].rcpt_to == ("seed@elsewhere.example",)
    one = session.query(SeedResult).one()
    number, one.next_at = one.id, one.sent_at
    session.commit()
    with app.app_context():
        tasks.follow_seed(number)
    session.refresh(one)
    assert one.state is SeedState.passed
    assert "passed" in mailer("relay", "seeds").output


def test_a_refused_seed_copy_is_an_answer_of_no(
    mailer: Mailer, draft: Campaign, smtp_sink: Sink
) -> None:
    smtp_sink.answer("RCPT", "550 5.1.1 Nobody")
    result = mailer("relay", "seed", str(draft.id))
    assert result.exit_code == 1
    assert "550 to RCPT" in result.output


@pytest.mark.parametrize("name", ["setup", "status"])
def test_the_set_up_is_printed(mailer: Mailer, sender: Sender, session: Session, name: str) -> None:
    result = mailer(name)
    assert result.exit_code == 0, result.output
    assert "Harbor Press LLC: 2 of 2 done" in result.output
    assert "The relay, registered and reviewed: not judged here" in result.output
    sender.attested_on = None
    session.commit()
    result = mailer(name, "--sender", str(sender.id))
    assert result.exit_code == 1
    assert "vouched for: REFUSES NOW" in result.output
    assert "Mend:" in result.output


def test_without_a_sender_the_set_up_begins_there(mailer: Mailer) -> None:
    result = mailer("setup")
    assert result.exit_code == 1
    assert "No sender yet: 0 of 1 done" in result.output


class TestWithoutASeedMailbox:
    @pytest.fixture
    def config(self, sqlite_url: str, config_for: ConfigFor) -> Config:
        return config_for(sqlite_url)

    def test_what_to_set_is_said(self, mailer: Mailer, draft: Campaign) -> None:
        result = mailer("relay", "seed", str(draft.id))
        assert result.exit_code == 2
        assert "MAILER_SEED_MAILBOX" in result.output


def test_a_limit_is_set_told_and_lifted(mailer: Mailer) -> None:
    set_ = mailer("relay", "limit", "127.0.0.1", "--per-second", "2.5", "--connections", "3")
    assert set_.output == "127.0.0.1, all mail: 2.5 a second, 3 at a time.\n"
    to = mailer("relay", "limit", "127.0.0.1", "--to", "Big.example", "--per-day", "900")
    assert to.output == "127.0.0.1, to big.example: 900 a day.\n"
    told = mailer("relay", "limits").output.splitlines()
    assert len(told) == 2
    lifted = mailer("relay", "limit", "127.0.0.1", "--none")
    assert lifted.output == "127.0.0.1, all mail: no limit.\n"
    assert mailer("relay", "limits").output == "127.0.0.1  to big.example: 900 a day\n"


def test_a_warm_up_tells_what_it_allows_today(mailer: Mailer) -> None:
    result = mailer("relay", "limit", "127.0.0.1", "--from", "news.example", "--warm-up")
    assert "127.0.0.1, from news.example: warming up since" in result.output
    assert "50 today." in result.output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--per-second", "0"), "more than nothing"),
        ((), "Say what is limited"),
        (("--none",), "There is no such limit"),
        (("--to", "a.example", "--from", "b.example"), "not both"),
        (("--to", "a.example", "--connections", "2"), "not for one domain"),
    ],
)
def test_what_cannot_be_a_limit_is_refused(
    mailer: Mailer, words: tuple[str, ...], why: str
) -> None:
    result = mailer("relay", "limit", "127.0.0.1", *words)
    assert result.exit_code != 0
    assert why in result.output
