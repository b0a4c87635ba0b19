"""F-19: the door for letters, flooded, filled, and killed with letters in its hands."""

import resource
import signal
import smtplib
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import pytest
import sqlalchemy as sa

from mailer import clockwork
from mailer.audience.models import ConsentEvent, Suppression
from mailer.delivery.intake import WayIn
from mailer.privacy.letters.models import Letter
from tests.faults.conftest import Figures
from tests.faults.processes import Member
from tests.faults.scene import PATIENCE, Scene
from tests.faults.size import size
from tests.faults.test_f13_full_disk import ROOM, limit
from tests.postfix import await_port
from tests.privacy.letters.specimens import letter
from tests.servers import free_port

LETTERS = size(60, 1000)
AT_ONCE = size(20, 200)
KILLS, DEATHS = size(1, 20), size(1, 20)
LMTP = (sys.executable, "-m", "mailer.cli.main", "lmtp")
DESK = "desk@harbor.example.com"
READING = "tests.faults.postman"


@dataclass
class MailServer:
    """What hands the letters in: it keeps each of them until it is told that it was taken."""

    port: int
    told: list[str] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    hurry: Event = field(default_factory=Event)

    def hand_in(self, author: str, raw: bytes) -> None:
        until = time.monotonic() + PATIENCE
        while not self.is_taken(author, raw):
            assert time.monotonic() < until, "nobody took the letter"
            time.sleep(0.05)
        self.told.append(author)

    def is_taken(self, author: str, raw: bytes) -> bool:
        try:
            with smtplib.LMTP("127.0.0.1", self.port, timeout=PATIENCE) as door:
                door.sendmail(author, [DESK], raw)
        except smtplib.SMTPDataError as error:
            self.refusals.append(error.smtp_code)
            return False
        except (OSError, smtplib.SMTPException):
            return False
        return True

    def hand_all_in(self, authors: Iterable[str]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as hands:
            list(hands.map(lambda one: self.hand_in(one, asking(one)), authors))


def asking(author: str) -> bytes:
    return letter("Please take me off", author=author, message_id=f"<{author}>")


def opened(scene: Scene) -> tuple[Member, MailServer]:
    """Open the door in a process of its own."""
    port = free_port()
    (door,) = scene.hire(command=LMTP, MAILER_LMTP=f"127.0.0.1:{port}")
    await_port(port)
    return door, MailServer(port)


def people(scene: Scene) -> list[str]:
    found = [f"reader{number}@example.org" for number in range(LETTERS)]
    scene.add(found)
    return found


def count(scene: Scene, model: type[Letter | ConsentEvent | Suppression]) -> int:
    return int(scene.ask(sa.select(sa.func.count()).select_from(model))[0][0])


def unread(scene: Scene) -> int:
    chosen = sa.select(sa.func.count()).select_from(Letter).where(Letter.read_at.is_(None))
    return int(scene.ask(chosen)[0][0])


def die_over_reading(scene: Scene, side: str, commit: int) -> None:
    """Let a process that reads the letters die at one of its commits."""
    words = ("tests.faults.dying", side, str(commit), "tests.faults.postman")
    (postman,) = scene.hire(command=(sys.executable, "-m", *words))
    assert postman.outcome() == -signal.SIGKILL


def assert_everybody_left_once(scene: Scene, authors: list[str]) -> None:
    scene.session.rollback()
    while unread(scene):
        clockwork.read_letters(scene.app)
    counted = [count(scene, one) for one in (Letter, Suppression, ConsentEvent)]
    assert counted == [len(authors)] * 3


@pytest.mark.timeout(size(120, 1800))
def test_a_door_killed_with_letters_in_its_hands_loses_none(scene: Scene, figures: Figures) -> None:
    """F-19: a mail server was told that a letter was taken only when it was kept."""
    authors = people(scene)
    door, server = opened(scene)
    with ThreadPoolExecutor(1) as hands:
        all_in = hands.submit(server.hand_all_in, authors)
        for kill in range(KILLS):
            place = (kill + 1) * LETTERS // (KILLS + 1)
            scene.until(lambda place=place: len(server.told) >= place)  # type: ignore[misc]
            time.sleep(scene.chance.uniform(0, 0.05))
            told = set(server.told)
            scene.strike(door)
            kept = {row[0] for row in scene.ask(sa.select(Letter.mail_from))}
            assert told <= kept
        all_in.result()
    twice = count(scene, Letter) - LETTERS
    for death in range(DEATHS):
        die_over_reading(scene, scene.chance.choice(["before", "after"]), death + 2)
    assert_everybody_left_once(scene, authors)
    figures(letters=LETTERS, kills=KILLS + DEATHS, handed_in_twice=twice)


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_a_flood_is_taken_with_a_huge_letter_in_it(scene: Scene, figures: Figures) -> None:
    authors = people(scene)
    _, server = opened(scene)
    huge, *others = authors
    scene.until(lambda: scene.ask(sa.select(WayIn.name, WayIn.fault)) == [("lmtp", "")])
    began = time.monotonic()
    with ThreadPoolExecutor(1) as hands:
        lines = (b"x" * 70 + b"\r\n> ") * 140_000
        slow = hands.submit(server.hand_in, huge, asking(huge) + b"\r\n> " + lines)
        server.hand_all_in(others)
        slow.result()
    seconds = time.monotonic() - began
    assert (count(scene, Letter), server.refusals) == (LETTERS, [])
    server.hand_in(huge, asking(huge) + b"\r\n> " + lines)
    assert_everybody_left_once(scene, authors)
    figures(letters=LETTERS, at_once=AT_ONCE, seconds_to_take=seconds)


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["embedded"], indirect=True)
def test_a_full_disk_leaves_the_letters_with_the_mail_server(scene: Scene) -> None:
    """As in F-13: what cannot be kept is refused for now, and taken when there is room again."""
    authors = people(scene)
    door, server = opened(scene)
    assert door.process is not None
    limit(door.process.pid, ROOM)
    with ThreadPoolExecutor(1) as hands:
        all_in = hands.submit(server.hand_all_in, authors)
        scene.until(lambda: len(server.refusals) >= AT_ONCE)
        assert set(server.refusals) == {451}
        assert (server.told, count(scene, Letter)) == ([], 0)
        limit(door.process.pid, resource.RLIM_INFINITY)
        all_in.result()
    assert_everybody_left_once(scene, authors)
