"""The guard: restored backups and copied machines hold still until a person has spoken."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from mailer import clock, clockwork, guard
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import MailingList
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import instance, memory
from mailer.delivery.instance import Doubt, OnHold
from mailer.delivery.instance_models import Instance
from mailer.delivery.memory import Memory
from tests import world

HOUR = timedelta(hours=1)


@pytest.fixture
def config(tier: object, request: pytest.FixtureRequest) -> Config:
    """On both tiers; nothing here needs the broker."""
    del tier
    made: Config = request.getfixturevalue("config_for")(
        request.getfixturevalue("tier").database_url
    )
    return made


@pytest.fixture
def file(config: Config) -> Path:
    return config.data_dir / "instance.json"


@pytest.fixture
def is_shared(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


@pytest.fixture
def under_way(session: Session, letters: MailingList) -> Campaign:
    """A campaign that is being sent."""
    campaign = world.campaign(letters)
    campaign.status = CampaignStatus.running
    session.add(campaign)
    session.commit()
    return campaign


Set = Callable[..., None]


@pytest.fixture
def put(session: Session) -> Set:
    """``put(at=…)`` changes the mark in the database behind the guard's back."""

    def change(**values: object) -> None:
        session.execute(sa.update(Instance).values(**values))
        session.commit()

    return change


def why(session: Session) -> str:
    return session.scalars(sa.select(Instance.why)).one()


def test_a_new_installation_begins_free_and_stays_so(session: Session, file: Path) -> None:
    assert all(guard.is_free() for _ in range(3))
    assert json.loads(file.read_text())["name"] == session.get_one(Instance, 1).name


def test_a_database_with_a_history_from_before_there_were_marks_goes_on(
    under_way: Campaign, session: Session
) -> None:
    assert guard.is_free()
    session.refresh(under_way)
    assert under_way.status is CampaignStatus.running


def test_a_restored_backup_is_noticed_and_holds_all_that_is_under_way(
    under_way: Campaign, session: Session, letters: MailingList, put: Set
) -> None:
    later = world.campaign(letters)
    later.status, later.send_at = CampaignStatus.scheduled, clock.now() + HOUR
    session.add(later)
    guard.is_free(sends=True)
    backup = session.get_one(Instance, 1).at
    guard.is_free(sends=True)
    put(at=backup)
    assert not guard.is_free()
    for one in (under_way, later):
        session.refresh(one)
        assert Doubt.older in one.hold_reason
    assert (under_way.status, later.status) == (CampaignStatus.paused, CampaignStatus.draft)
    with pytest.raises(OnHold):
        instance.demand_free(session)
    assert not guard.is_free()
    entries = session.scalars(sa.select(AuditEntry.action)).all()
    assert entries.count("instance.hold") == 1


def test_another_suppression_key_holds_everything_until_the_old_one_is_back(
    app: Flask, under_way: Campaign, session: Session
) -> None:
    assert guard.is_free()
    session.commit()
    site = app.extensions["site"]
    app.extensions["site"] = replace(site, keys=replace(site.keys, suppression="z" * 64))
    assert not guard.is_free()
    session.refresh(under_way)
    assert under_way.status is CampaignStatus.paused
    assert Doubt.key in under_way.hold_reason
    guard.confirm("alice")
    assert not guard.is_free(), "no person's word makes a wrong key right"
    app.extensions["site"] = site
    guard.confirm("alice")
    assert guard.is_free()


def test_a_backup_from_before_there_were_marks_is_noticed_too(
    under_way: Campaign, session: Session
) -> None:
    assert under_way.id
    guard.is_free()
    session.execute(sa.delete(Instance))
    session.commit()
    assert not guard.is_free()
    assert why(session) == Doubt.older


def test_an_empty_database_in_place_of_a_lost_one_is_a_new_beginning(session: Session) -> None:
    guard.is_free()
    name = session.get_one(Instance, 1).name
    session.execute(sa.delete(Instance))
    session.commit()
    assert guard.is_free()
    assert session.get_one(Instance, 1).name != name
    assert guard.is_free()


def test_nothing_but_the_mark_grows_while_nothing_happens(session: Session, file: Path) -> None:
    guard.is_free()
    at, words = session.get_one(Instance, 1).at, file.read_text()
    guard.is_free()
    session.expire_all()
    assert (session.get_one(Instance, 1).at, file.read_text()) == (at, words)


def test_each_turn_lets_the_mark_grow(session: Session, file: Path) -> None:
    guard.is_free()
    before = Memory.read(file)
    guard.is_free(sends=True)
    after = Memory.read(file)
    assert before
    assert after
    assert before.at
    assert after.at
    assert before.at < after.at == session.get_one(Instance, 1).at


def test_a_copied_data_directory_is_noticed_by_its_file(session: Session, file: Path) -> None:
    guard.is_free()
    copy = file.with_suffix(".copy")
    shutil.copyfile(file, copy)
    copy.replace(file)
    assert not guard.is_free()
    assert why(session) == Doubt.copied


def test_a_copied_machine_is_noticed_by_its_name(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    guard.is_free()
    other = tmp_path / "machine-id"
    other.write_text("another")
    monkeypatch.setattr(memory, "NAMES", (other,))
    assert not guard.is_free()
    assert why(session) == Doubt.copied


def test_a_database_without_its_data_directory_is_a_copy_only_where_it_is_a_file(
    session: Session, file: Path, *, is_shared: bool
) -> None:
    """On the server tier a machine without a memory is a new worker."""
    guard.is_free()
    file.unlink()
    assert guard.is_free() is is_shared
    assert why(session) == ("" if is_shared else Doubt.forgotten)


def test_a_damaged_memory_is_none(session: Session, file: Path, *, is_shared: bool) -> None:
    guard.is_free()
    file.write_text("{")
    assert guard.is_free() is is_shared
    assert session


def test_the_data_directory_of_another_installation_is_noticed(session: Session, put: Set) -> None:
    guard.is_free()
    put(name="another")
    assert not guard.is_free()
    assert why(session) == Doubt.foreign


def test_a_worker_from_an_image_joins_a_database_that_has_gone_on(
    session: Session, file: Path, put: Set, *, is_shared: bool
) -> None:
    guard.is_free()
    copy = file.with_suffix(".copy")
    shutil.copyfile(file, copy)
    copy.replace(file)
    put(at=clock.now() + timedelta(minutes=10))
    assert guard.is_free() is is_shared
    assert session


@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_a_dump_that_was_restored_elsewhere_is_noticed(session: Session, put: Set) -> None:
    guard.is_free()
    put(place="1/1")
    assert not guard.is_free()
    assert why(session) == Doubt.copied


@pytest.mark.parametrize(
    ("state", "is_free"),
    [
        (CampaignStatus.running, False),
        (CampaignStatus.scheduled, False),
        (CampaignStatus.paused, True),
        (CampaignStatus.finished, True),
    ],
)
def test_an_installation_that_was_away_for_long_asks_only_if_mail_was_under_way(
    under_way: Campaign,
    session: Session,
    put: Set,
    file: Path,
    *,
    state: CampaignStatus,
    is_free: bool,
) -> None:
    """listmonk #1801: a snapshot of the machine, started hours later, sent the campaign again."""
    under_way.status = state
    guard.is_free()
    hours_ago = clock.now() - 5 * HOUR
    put(at=hours_ago)
    name = session.get_one(Instance, 1).name
    Memory(name, hours_ago).keep(file)
    assert guard.is_free() is is_free
    assert (why(session) == Doubt.away) is not is_free


def test_by_a_persons_word_it_goes_on_and_campaigns_wait_for_theirs(
    under_way: Campaign, session: Session, put: Set, alice: User
) -> None:
    guard.is_free(sends=True)
    put(at=clock.now() - HOUR / 2)
    assert not guard.is_free()
    assert guard.confirm(alice)
    assert not guard.confirm(alice)
    assert guard.is_free()
    instance.demand_free(session)
    session.refresh(under_way)
    assert under_way.status is CampaignStatus.paused
    last = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert last
    assert (last.action, last.actor, last.reason) == ("instance.confirm", alice.email, Doubt.older)


def test_what_other_machines_remember_from_before_a_persons_word_counts_no_longer(
    session: Session, file: Path, put: Set, alice: User
) -> None:
    guard.is_free(sends=True)
    others = Memory.read(file)
    put(at=clock.now() - HOUR / 2)
    assert not guard.is_free()
    guard.confirm(alice)
    assert others
    others.keep(file)
    assert guard.is_free()
    assert why(session) == ""


def test_the_tick_touches_nothing_while_sending_is_on_hold(
    app: Flask, under_way: Campaign, session: Session, put: Set
) -> None:
    guard.is_free(sends=True)
    put(at=clock.now() - HOUR / 2)
    under_way.send_at, under_way.status = clock.now(), CampaignStatus.scheduled
    session.commit()
    clockwork.tick(app)
    session.refresh(under_way)
    assert under_way.status is CampaignStatus.draft
    assert Doubt.older in under_way.hold_reason
