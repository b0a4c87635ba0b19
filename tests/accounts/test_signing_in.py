"""One-time links: once, for an hour, and only the newest."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.accounts import signing_in, users
from mailer.accounts.models import User
from mailer.links import Site


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def token_for(session: Session, site: Site, user: User, now: datetime) -> str:
    return signing_in.link(session, site, user, now).rpartition("/")[2]


def test_a_link_lets_in_once(session: Session, site: Site, bob: User, now: datetime) -> None:
    token = token_for(session, site, bob, now)
    assert signing_in.enter(session, site, token, now).id == bob.id
    with pytest.raises(signing_in.LinkOver):
        signing_in.enter(session, site, token, now)


def test_looking_at_a_link_uses_nothing_up(
    session: Session, site: Site, bob: User, now: datetime
) -> None:
    token = token_for(session, site, bob, now)
    for _ in range(2):
        assert signing_in.invited(session, site, token, now).id == bob.id


def test_a_link_lasts_an_hour(session: Session, site: Site, bob: User, now: datetime) -> None:
    token = token_for(session, site, bob, now)
    signing_in.invited(session, site, token, now + timedelta(minutes=60))
    with pytest.raises(signing_in.LinkOver):
        signing_in.enter(session, site, token, now + timedelta(minutes=60, seconds=1))


def test_a_newer_link_ends_the_older(
    session: Session, site: Site, bob: User, now: datetime
) -> None:
    older = token_for(session, site, bob, now)
    token_for(session, site, bob, now)
    with pytest.raises(signing_in.LinkOver):
        signing_in.invited(session, site, older, now)


def test_a_link_of_somebody_shut_out_is_over(
    session: Session, site: Site, bob: User, now: datetime
) -> None:
    token = token_for(session, site, bob, now)
    users.deactivate(session, bob)
    with pytest.raises(signing_in.LinkOver):
        signing_in.enter(session, site, token, now)


def test_a_changed_link_is_nobodys(session: Session, site: Site, bob: User, now: datetime) -> None:
    token = token_for(session, site, bob, now)
    for at in range(len(token)):
        other = "0" if token[at] != "0" else "1"
        with pytest.raises(tokens.BadToken):
            signing_in.invited(session, site, token[:at] + other + token[at + 1 :], now)
