"""F-18: the process that takes a file in is killed, between its commits and at them."""

import io
import sys
import time

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import clock, importing, ledger
from mailer.audience.imports import arrivals, batches
from mailer.audience.imports.batches import Choices
from mailer.audience.imports.models import Basis, Fault, Import, State
from mailer.audience.imports.reading.targets import Target
from mailer.audience.models import ConsentEvent, Subscriber, Subscription
from mailer.compliance.acts import Provenance
from mailer.db import Base
from tests.faults.conftest import Figures
from tests.faults.processes import Member
from tests.faults.scene import Scene
from tests.faults.size import size

ROWS = size(25_000, 200_000)
KILLS = size(2, 20)
GO_ON = ("mailer.cli.main", "imports", "go-on", "1")
EVERY_NINTH = 9


def people(prefix: str) -> bytes:
    """Return a file whose every ninth row is broken, and every eleventh an address from before."""
    lines = ["email,name,status"]
    for number in range(ROWS):
        name = f"{prefix}.{number * 7919 % 1_000_003:x}.{number}"
        if number % EVERY_NINTH == 0:
            lines.append(f"{name},no address,")
        elif number % 11 == 0:
            lines.append(lines[-1].replace(prefix, prefix.upper()))
        else:
            lines.append(f"{name}@example.org,Rosa,{'active' if number % 13 else 'unsubscribed'}")
    return "\n".join(lines).encode()


def prepared(scene: Scene) -> tuple[int, int]:
    """Upload a file, let it be checked and begun; return its number and that of its faults."""
    session, now = scene.session, clock.now()
    batch = arrivals.create(session, now, "alice", "people.csv", io.BytesIO(people("rosa")))
    mapping = {heading: Target(target) for heading, target in batch.mapping}
    lists = (scene.letters.id,)
    choices = Choices(mapping, lists, Provenance.migration, Basis.double_opt_in, "a test")
    batches.arrange(session, now, "alice", batch, choices)
    session.commit()
    importing.take_in(batch.id)
    session.expire_all()
    foretold = count(session, Fault)
    batches.begin(session, clock.now(), batch, reason="a test")
    session.commit()
    return batch.id, foretold


def count(session: Session, model: type[Base]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def lapse(scene: Scene) -> None:
    """Let the time of a killed process's lease be over."""
    scene.session.execute(sa.update(Import).values(lease_until=clock.now()))
    scene.session.commit()


def kill_at_a_commit(scene: Scene) -> None:
    """Let a process die at a commit of its own choosing."""
    side, commit = scene.chance.choice(["before", "after"]), scene.chance.randint(2, 5)
    command = (sys.executable, "-m", "tests.faults.dying", side, str(commit), *GO_ON)
    member = Member(command, scene.environment(), scene.folder / "dying.log")
    member.start()
    member.outcome()


def kill_at_an_instant(scene: Scene, before: int) -> None:
    """Kill a process some time after it has moved the place of the batch."""
    command = (sys.executable, "-m", *GO_ON)
    member = Member(command, scene.environment(), scene.folder / "killed.log")
    member.start()
    while member.is_alive and position(scene) == before:
        time.sleep(0.01)
    time.sleep(scene.chance.uniform(0.0, 0.15))
    member.clear()


def position(scene: Scene) -> int:
    scene.session.rollback()
    return scene.session.scalar(sa.select(Import.position)) or 0


@pytest.mark.timeout(size(120, 1800))
def test_an_importer_killed_again_and_again_loses_nobody_and_doubles_nobody(
    scene: Scene, figures: Figures
) -> None:
    """F-18; the report is that of an import that nobody has touched."""
    number, foretold = prepared(scene)
    forecast = scene.session.get_one(Import, number).forecast
    places = [0]
    for kill in range(KILLS):
        if kill % 2:
            kill_at_a_commit(scene)
        else:
            kill_at_an_instant(scene, places[-1])
        places.append(position(scene))
        lapse(scene)
    scene.session.commit()
    importing.take_in(number)
    scene.session.expire_all()
    batch = scene.session.get_one(Import, number)
    assert (batch.state, batch.position, batch.total) == (State.finished, ROWS, ROWS)
    assert batch.counts == forecast
    added = forecast["added"]
    assert count(scene.session, Subscriber) == count(scene.session, Subscription) == added
    assert count(scene.session, Fault) == foretold
    assert count(scene.session, ConsentEvent) == added + forecast["opted_out"]
    assert ledger.first_broken(scene.session, ConsentEvent) is None
    assert places == sorted(places)
    figures(rows=ROWS, kills=KILLS, in_the_middle=sum(0 < one < ROWS for one in places))
