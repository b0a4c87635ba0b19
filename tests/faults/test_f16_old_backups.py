"""F-16: a backup is restored, or the whole machine is copied, while a campaign is under way."""

import shutil
import sqlite3
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.pool import NullPool

from mailer.audience.models import Subscriber
from mailer.campaigns.models import Campaign
from mailer.delivery.instance_models import Instance
from tests import databases
from tests.faults import leases
from tests.faults.conftest import Figures
from tests.faults.processes import Member
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(300, 20_000)
LONG_ENOUGH = size(5.0, 8.0)  # seconds: some ticks


def file_of(scene: Scene) -> Path:
    return Path(scene.config.database_url.removeprefix("sqlite:///"))


def backup(scene: Scene, to: Path) -> None:
    """Copy the database as it stands, as a nightly job does."""
    with sqlite3.connect(file_of(scene)) as source, sqlite3.connect(to) as target:
        source.backup(target)


def restore(scene: Scene, yesterday: Path) -> None:
    """Put a backup in the place of the database."""
    scene.session.commit()
    scene.session.get_bind().engine.dispose()
    for part in scene.folder.glob(f"{file_of(scene).name}*"):
        part.unlink()
    shutil.copyfile(yesterday, file_of(scene))


def half_sent(scene: Scene) -> None:
    """Begin to send, so slowly that it is still under way when this returns."""
    scene.sink.order(delay=0.02)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    scene.hire()
    scene.more(READERS // 4)


def state_of(scene: Scene, url: str) -> tuple[str, str]:
    """Return the campaign's state in a copy and the reason that stands in its mark."""
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        chosen = sa.select(Campaign.status).where(Campaign.id == scene.campaign_id)
        status = connection.scalar(chosen)
        return str(status), str(connection.scalar(sa.select(Instance.why)))


def held_back(scene: Scene, copy: str, data_dir: Path | None = None) -> int:
    """Let the copy work for a while; return how much it has sent."""
    leases.lapse(copy)  # it is of yesterday
    sent = scene.read()
    beside = str(data_dir or scene.config.data_dir)
    scene.hire(MAILER_DATABASE_URL=copy, MAILER_DATA_DIR=beside)
    scene.until(lambda: state_of(scene, copy)[0] == "paused")
    time.sleep(LONG_ENOUGH)
    assert state_of(scene, copy)[1]
    return scene.read() - sent


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["embedded"], indirect=True)
@pytest.mark.parametrize("has_directory", [False, True], ids=["database", "machine"])
def test_a_copy_sends_nothing_beside_the_original(
    scene: Scene, tmp_path: Path, figures: Figures, *, has_directory: bool
) -> None:
    """F-16; listmonk #1801: a copy of the machine, started later, sent the campaign again."""
    half_sent(scene)
    elsewhere = tmp_path / "restored"
    elsewhere.mkdir()
    backup(scene, elsewhere / "mailer.sqlite3")
    if has_directory:
        shutil.copy2(scene.config.data_dir / "instance.json", elsewhere)
    scene.finish()
    scene.members[0].end()
    copy = f"sqlite:///{elsewhere / 'mailer.sqlite3'}"
    extra = held_back(scene, copy, elsewhere)
    assert extra == 0
    figures(sent=scene.read(), sent_by_the_copy=extra)


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_a_dump_that_was_restored_beside_the_original_sends_nothing(
    scene: Scene, postgresql: databases.PostgresqlDatabases, figures: Figures
) -> None:
    """F-16, on the server tier: the workers' own directories may be the very same."""
    half_sent(scene)
    scene.members[0].end()
    scene.session.get_bind().engine.dispose()
    copy = postgresql.create(make_url(scene.config.database_url).database)
    scene.members[0].start()
    scene.finish()
    scene.members[0].end()
    extra = held_back(scene, copy)
    assert extra == 0
    figures(sent=scene.read(), sent_by_the_copy=extra)


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["embedded"], indirect=True)
def test_a_restored_backup_sends_nothing_until_a_person_says_so(
    scene: Scene, tmp_path: Path, figures: Figures
) -> None:
    """F-16: then the campaign goes on, once somebody has resumed it as well."""
    half_sent(scene)
    backup(scene, tmp_path / "yesterday")
    scene.more(READERS // 4)
    scene.members[0].end()
    restore(scene, tmp_path / "yesterday")
    extra = held_back(scene, scene.config.database_url)
    assert extra == 0
    assert "on hold" in scene.steer("resume", may_fail=True)
    scene.mailer("instance", "confirm", "--yes")
    assert scene.status() == "paused"
    scene.steer("resume")
    scene.finish()
    figures(sent=scene.read(), sent_by_the_copy=extra)


def leave(scene: Scene, pages: Member, email: str) -> None:
    """Press the mail program's button, in a mail of the past."""
    chosen = sa.select(Subscriber.id).where(Subscriber.email == email)
    ((number,),) = scene.ask(chosen)
    link = scene.app.extensions["site"].unsubscribe(scene.letters.id, number, 1)
    scene.session.commit()
    port = int(pages.environment["MAILER_PORT"])
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        path = link.removeprefix(scene.config.public_url)
        connection.request("POST", path, "List-Unsubscribe=One-Click", kind)
        assert connection.getresponse().status == 200


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["embedded"], indirect=True)
def test_who_left_after_the_backup_stays_away_after_it_is_restored(
    scene: Scene, tmp_path: Path, figures: Figures
) -> None:
    """F-16: a refusal outlives the restoring of a database that does not know it."""
    scene.crowd(["rosa@example.org", "sam@example.org", "tess@example.org"])
    (member,) = scene.hire()
    scene.until(lambda: bool(scene.ask(sa.select(Instance.id))))
    backup(scene, tmp_path / "yesterday")
    leave(scene, member, "rosa@example.org")
    member.kill()
    restore(scene, tmp_path / "yesterday")
    member.start()
    scene.until(lambda: "put back in force" in member.said())
    scene.mailer("instance", "confirm", "--yes")
    scene.send()
    scene.finish()
    books = scene.judge()
    assert books.states() == {"suppressed": 1, "accepted": 2}
    assert {one.recipient for one in books.taken} == {"sam@example.org", "tess@example.org"}
    figures(sent=len(books.taken))
