"""F-16: a backup is restored, or the whole machine is copied, while a campaign is under way."""

import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from mailer.audience.models import Subscriber
from tests.faults import leases
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size
from tests.faults.test_f10_leaving_readers import leave

READERS = size(300, 20_000)
LONG_ENOUGH = 8.0  # seconds: some ticks


def backup(scene: Scene, to: Path) -> None:
    """Copy the database as it stands, as a nightly job does."""
    path = scene.config.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as source, sqlite3.connect(to) as target:
        source.backup(target)


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["embedded"], indirect=True)
def test_a_restored_backup_sends_nothing_until_a_person_says_so(
    scene: Scene, tmp_path: Path, figures: Figures
) -> None:
    """F-16; listmonk #1801: a copy of the machine, started later, sent the campaign again."""
    scene.sink.order(delay=0.02)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    (member,) = scene.hire()
    scene.more(READERS // 4)
    elsewhere = tmp_path / "restored"
    elsewhere.mkdir()
    backup(scene, elsewhere / "mailer.sqlite3")
    scene.finish()
    member.end()
    sent, copy = scene.read(), f"sqlite:///{elsewhere / 'mailer.sqlite3'}"
    leases.lapse(copy)  # it is of yesterday
    scene.hire(MAILER_DATA_DIR=str(elsewhere), MAILER_DATABASE_URL=copy)
    time.sleep(LONG_ENOUGH)
    assert scene.read() == sent
    figures(sent=sent, sent_by_the_copy=scene.read() - sent)


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["embedded"], indirect=True)
def test_who_left_after_the_backup_stays_away_after_it_is_restored(
    scene: Scene, tmp_path: Path
) -> None:
    """F-16: a refusal outlives the restoring of a database that does not know it."""
    scene.crowd(["rosa@example.org", "sam@example.org"])
    backup(scene, tmp_path / "yesterday")
    rosa = scene.session.query(Subscriber).filter_by(email="rosa@example.org").one()
    leave(scene, rosa)
    scene.session.commit()
    scene.session.get_bind().engine.dispose()
    path = Path(scene.config.database_url.removeprefix("sqlite:///"))
    for part in path.parent.glob(f"{path.name}*"):
        part.unlink()
    shutil.copyfile(tmp_path / "yesterday", path)
    scene.hire()
    scene.send()
    scene.until(lambda: scene.states() == {"suppressed": 1, "accepted": 1})
