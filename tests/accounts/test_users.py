"""The rules of accounts: addresses, roles, and the owner who always remains."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.accounts import users
from mailer.accounts.models import User

MakeUser = Callable[[str, str], User]


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def test_an_address_is_kept_in_one_spelling(session: Session, now: datetime) -> None:
    users.add(session, now, " Bob@Example.COM ", "Bob", "viewer")
    found = users.by_email(session, "BOB@example.com")
    assert found is not None
    assert (found.email, found.role, found.password) == ("bob@example.com", "viewer", None)


def test_nobody_shares_an_address(session: Session, alice: User, now: datetime) -> None:
    with pytest.raises(users.AddressTaken):
        users.add(session, now, alice.email.upper(), "", "viewer")


@pytest.mark.parametrize("email", ["", "bob", "bob@", "bob@example.com\r\nBcc: x@example.com"])
def test_what_is_no_address_is_refused(session: Session, now: datetime, email: str) -> None:
    with pytest.raises(users.BadAddress):
        users.add(session, now, email, "", "viewer")


def test_a_role_must_be_one_of_ours(session: Session, now: datetime) -> None:
    with pytest.raises(users.Refused, match="no role 'root'"):
        users.add(session, now, "bob@example.com", "", "root")


def test_the_last_owner_stays_owner(session: Session, alice: User) -> None:
    with pytest.raises(users.LastOwner):
        users.change_role(session, alice, "admin")
    with pytest.raises(users.LastOwner):
        users.deactivate(session, alice)
    assert (alice.role, alice.active) == ("owner", True)


def test_an_owner_who_cannot_sign_in_is_no_owner_to_rely_on(
    session: Session, alice: User, make_user: MakeUser
) -> None:
    second = make_user("olga", "owner")
    users.deactivate(session, second)
    with pytest.raises(users.LastOwner):
        users.deactivate(session, alice)


def test_one_of_two_owners_may_step_down(
    session: Session, alice: User, make_user: MakeUser
) -> None:
    second = make_user("olga", "owner")
    users.change_role(session, alice, "marketer")
    assert (alice.role, second.role) == ("marketer", "owner")


def test_a_new_role_ends_every_session(session: Session, bob: User) -> None:
    before = bob.fs_uniquifier
    users.change_role(session, bob, "viewer")
    assert bob.fs_uniquifier != before


def test_the_same_role_again_ends_none(session: Session, bob: User) -> None:
    before = bob.fs_uniquifier
    users.change_role(session, bob, "marketer")
    assert bob.fs_uniquifier == before


def test_only_owners_reach_owners() -> None:
    reach = {role: users.is_within_reach(role, "owner") for role in ("admin", "owner", "nobody")}
    assert reach == {"admin": False, "owner": True, "nobody": False}
    assert users.is_within_reach("admin", "admin", "viewer")
