"""The second factor: codes of this moment, once; recovery codes; and who must have one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import users
from mailer.accounts.factor import demand, enrolment, mails, recovery, totp
from mailer.accounts.factor.mails import About, FactorMail
from mailer.accounts.models import User
from mailer.db import Base
from mailer.links import Site
from mailer.tokens import Keys

SECRET = b"12345678901234567890"


@pytest.fixture
def keys(site: Site) -> Keys:
    return site.keys


@pytest.fixture
def hers(session: Session, keys: Keys, bob: User, now: datetime) -> list[str]:
    """Bob's recovery codes; his phone was set up five minutes ago."""
    at = now - timedelta(minutes=5)
    return enrolment.set_up(session, keys, bob, SECRET, code(at), at)


def code(at: datetime) -> str:
    return totp.code(SECRET, totp.step_of(at))


@pytest.mark.usefixtures("database", "hers")
def test_a_code_opens_once_and_ends_those_before_it(
    session: Session, keys: Keys, bob: User, now: datetime
) -> None:
    before, present, after = (code(now + steps * totp.STEP) for steps in (-1, 0, 1))
    assert enrolment.accept(session, keys, bob, f" {present[:3]} {present[3:]} ", now)
    assert not enrolment.accept(session, keys, bob, present, now)
    assert not enrolment.accept(session, keys, bob, before, now)
    assert enrolment.accept(session, keys, bob, after, now)


def test_the_code_that_set_it_up_does_not_open_as_well(
    session: Session, keys: Keys, bob: User, now: datetime
) -> None:
    enrolment.set_up(session, keys, bob, SECRET, code(now), now)
    assert not enrolment.accept(session, keys, bob, code(now), now)


@pytest.mark.usefixtures("database", "hers")
def test_of_two_uses_at_the_same_moment_one_wins(
    session: Session, keys: Keys, bob: User, now: datetime
) -> None:
    """The second reads the row before the first has counted, and decides after it."""
    seen = bob.factor_secret, bob.factor_step
    assert enrolment.accept(session, keys, bob, code(now), now)
    sa.orm.attributes.set_committed_value(bob, "factor_secret", seen[0])
    sa.orm.attributes.set_committed_value(bob, "factor_step", seen[1])
    assert not enrolment.accept(session, keys, bob, code(now), now)


@pytest.mark.parametrize(
    "given", ["", "000000", "28708", "2870822", "nonsense", "\u0661\u0662\u0663456"]
)
@pytest.mark.usefixtures("hers")
def test_anything_else_opens_nothing(
    session: Session, keys: Keys, bob: User, now: datetime, given: str
) -> None:
    assert not enrolment.accept(session, keys, bob, given, now)


def test_a_first_code_that_is_wrong_sets_nothing_up(
    session: Session, keys: Keys, bob: User, now: datetime
) -> None:
    with pytest.raises(enrolment.WrongCode):
        enrolment.set_up(session, keys, bob, SECRET, code(now + 3 * totp.STEP), now)
    assert (bob.factor_at, bob.factor_secret) == (None, None)


def test_setting_up_and_removing_end_every_session(
    session: Session, keys: Keys, bob: User, now: datetime
) -> None:
    marks = [bob.fs_uniquifier]
    enrolment.set_up(session, keys, bob, SECRET, code(now), now)
    marks.append(bob.fs_uniquifier)
    assert enrolment.remove(session, bob)
    marks.append(bob.fs_uniquifier)
    assert len(set(marks)) == 3
    assert not enrolment.remove(session, bob)
    assert (bob.factor_at, bob.factor_secret, bob.factor_step) == (None, None, None)
    assert recovery.left(session, bob) == 0


@pytest.mark.usefixtures("hers")
def test_the_secret_lies_sealed_for_its_owner_alone(keys: Keys, bob: User, alice: User) -> None:
    kept = bob.factor_secret or ""
    assert totp.spelled(SECRET).replace(" ", "") not in kept
    assert SECRET.hex() not in kept
    assert enrolment.opened(keys, bob, kept) == SECRET
    with pytest.raises(enrolment.Unreadable):
        enrolment.opened(keys, alice, kept)
    with pytest.raises(enrolment.Unreadable):
        enrolment.opened(
            replace(keys, secrets=("another key of some length, 32 of it",)), bob, kept
        )


@pytest.mark.usefixtures("hers")
def test_a_key_that_was_replaced_opens_until_the_next_sign_in(
    session: Session, keys: Keys, bob: User, now: datetime
) -> None:
    newest = "a newer key, which is as long as the first"
    ring = replace(keys, secrets=(newest, *keys.secrets))
    assert enrolment.accept(session, ring, bob, code(now), now)
    alone, later = replace(keys, secrets=(newest,)), now + timedelta(minutes=2)
    assert enrolment.accept(session, alone, bob, code(later), later)
    assert not enrolment.accept(session, keys, bob, code(later + totp.STEP), later)


@pytest.mark.usefixtures("database")
def test_a_recovery_code_opens_once_however_it_is_typed(
    session: Session, bob: User, alice: User, hers: list[str], now: datetime
) -> None:
    assert len(set(hers)) == recovery.left(session, bob) == 10
    assert not recovery.use(session, alice, hers[0], now)
    assert recovery.use(session, bob, f" {hers[0].upper().replace('-', ' ')}", now)
    assert not recovery.use(session, bob, hers[0], now)
    assert not recovery.use(session, bob, "", now)
    assert recovery.left(session, bob) == 9


def test_new_recovery_codes_end_the_old_ones(
    session: Session, bob: User, hers: list[str], now: datetime
) -> None:
    new = recovery.renew(session, bob)
    assert not recovery.use(session, bob, hers[0], now)
    assert recovery.use(session, bob, new[0], now)


def test_no_table_holds_a_secret_or_a_code_in_clear(
    session: Session, hers: list[str], now: datetime
) -> None:
    assert now
    plain = [
        SECRET.hex(),
        totp.spelled(SECRET).replace(" ", ""),
        *(one.replace("-", "") for one in hers),
    ]
    rows = [
        row for table in Base.metadata.sorted_tables for row in session.execute(sa.select(table))
    ]
    text = " ".join(map(str, rows)).replace("-", "")
    assert [one for one in plain if one in text] == []


@pytest.mark.usefixtures("database")
def test_whoever_has_none_demands_none(
    session: Session, keys: Keys, alice: User, bob: User, now: datetime
) -> None:
    with pytest.raises(users.Refused, match="your own"):
        demand.turn(session, now, alice, on=True)
    enrolment.set_up(session, keys, alice, SECRET, code(now), now)
    assert demand.turn(session, now, alice, on=True)
    assert not demand.turn(session, now, alice, on=True)
    assert [demand.is_lacked(session, one) for one in (alice, bob)] == [False, True]
    assert [one.email for one in demand.without(session)] == [bob.email]
    assert demand.turn(session, now, alice, on=False)
    assert not demand.is_lacked(session, bob)


@pytest.mark.usefixtures("database")
def test_a_mail_is_owed_until_it_left_or_four_hours_are_over(
    session: Session, bob: User, now: datetime
) -> None:
    number = mails.owe(session, now, bob, About.reset)
    for _ in range(mails.MOST_TRIES):
        assert mails.due(session, now) == [number]
        news = mails.take(session, number, now)
        assert news is not None
        assert (news.to, news.what) == (bob.email, About.reset.value)
        assert mails.take(session, number, now) is None
        now = session.get_one(FactorMail, number).due_at
    assert mails.take(session, number, now) is None
    assert session.query(FactorMail).count() == 0
