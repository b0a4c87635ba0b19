"""``mailer suppressions rekey``, and what is done while a key is missing that is needed."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock, guard, tokens
from mailer.audience import suppressions
from mailer.audience.models import Subscriber
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope
from mailer.delivery.instance import Doubt
from mailer.delivery.instance_models import Instance
from mailer.links import Site
from mailer.tokens import Keys
from tests.cli.conftest import Mailer
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")
SECOND_KEY, THIRD_KEY = "2:" + "7c1e90b3d5f2a846" * 4, "3:" + "e8d04b6f13a7592c" * 4


@pytest.fixture
def old(site: Site, session: Session) -> Keys:
    """The first key, which an installation has worked with."""
    assert session
    guard.is_free()
    return site.keys


@pytest.fixture
def new(app: Flask, old: Keys) -> Keys:
    return use(app, replace(old, suppression=SECOND_KEY, former=(old.suppression,)))


def use(app: Flask, keys: Keys) -> Keys:
    app.extensions["site"] = replace(app.extensions["site"], keys=keys)
    return keys


def refuse(session: Session, keys: Keys, address: str) -> None:
    key = tokens.fingerprint(keys, address)
    suppressions.suppress(session, clock.now(), key, Refusal(Scope.everything, reason="erased"))
    session.commit()


@pytest.fixture
def session(session: Session, letters: object) -> Session:
    """With a list, and nothing pending."""
    assert letters
    return session


def test_readers_move_and_what_nobody_can_move_is_counted(
    mailer: Mailer, session: Session, old: Keys, make_reader: MakeReader, app: Flask
) -> None:
    for name in ("rosa", "tom"):
        make_reader(name)
    refuse(session, old, "gone@example.org")
    new = use(app, replace(old, suppression=SECOND_KEY, former=(old.suppression,)))
    answer = mailer("suppressions", "rekey")
    assert answer.exit_code == 0, answer.output
    assert f"2 readers moved to key 2 ({new.marks[0]})" in answer.stdout
    assert f"1 opt-outs still need key 1 ({new.marks[1]}): keep it" in answer.stdout
    keys = set(session.scalars(sa.select(Subscriber.address_key)))
    assert keys == {tokens.fingerprint(new, f"{name}@example.org") for name in ("rosa", "tom")}
    assert "0 readers moved" in mailer("suppressions", "rekey").stdout


def test_a_key_that_opt_outs_need_cannot_be_left_out_unnoticed(
    mailer: Mailer, session: Session, app: Flask, old: Keys, new: Keys
) -> None:
    refuse(session, old, "gone@example.org")
    assert guard.is_free()
    assert mailer("suppressions", "rekey").exit_code == 0
    for ring in (replace(new, former=()), old, replace(new, suppression=THIRD_KEY)):
        use(app, ring)
        assert not guard.is_free()
        assert session.scalars(sa.select(Instance.why)).one() == Doubt.key
        use(app, new)
        guard.confirm("alice")
        assert guard.is_free()


def test_a_key_that_nothing_needs_may_go(
    mailer: Mailer, session: Session, app: Flask, new: Keys, make_reader: MakeReader
) -> None:
    rosa = make_reader("rosa")
    assert guard.is_free()
    answer = mailer("suppressions", "rekey")
    assert f"Nothing needs key 1 ({new.marks[1]}) any more" in answer.stdout
    use(app, replace(new, former=()))
    assert guard.is_free()
    session.refresh(rosa)
    assert mailer("reader", "show", "rosa@example.org").exit_code == 0


@pytest.mark.usefixtures("new")
def test_a_reader_is_found_before_she_has_moved(mailer: Mailer, rosa: Subscriber) -> None:
    assert rosa.email
    assert mailer("reader", "show", "rosa@example.org").exit_code == 0


def test_what_has_moved_is_not_left_behind_by_putting_the_former_key_back(
    mailer: Mailer, session: Session, app: Flask, old: Keys, rosa: Subscriber
) -> None:
    new = use(app, replace(old, suppression=SECOND_KEY, former=(old.suppression,)))
    assert mailer("suppressions", "rekey").exit_code == 0
    session.refresh(rosa)
    assert rosa.address_key == tokens.fingerprint(new, rosa.email)
    use(app, old)
    assert not guard.is_free()


def test_with_one_key_there_is_nothing_to_turn(mailer: Mailer) -> None:
    answer = mailer("suppressions", "rekey")
    assert answer.exit_code == 2
    assert "MAILER_SUPPRESSION_KEY_FALLBACKS" in answer.stderr


def test_without_a_key_that_is_needed_nobody_is_moved(
    mailer: Mailer, app: Flask, new: Keys
) -> None:
    guard.is_free()
    use(app, replace(new, suppression=THIRD_KEY, former=new.former))
    answer = mailer("suppressions", "rekey")
    assert answer.exit_code == 2
    assert Doubt.key in answer.stderr
