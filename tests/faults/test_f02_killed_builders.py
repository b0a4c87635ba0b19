"""F-02: what builds an audience, keeps the time or serves the pages is killed."""

import signal
import subprocess
import sys
from datetime import timedelta
from itertools import product

import pytest
import sqlalchemy as sa

from config import ROOT
from mailer import clock
from mailer.campaigns.models import Campaign
from tests import accounting
from tests.accounting import Allowed
from tests.faults import processes
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(300, 20_000)
INSTANTS = size(2, 8)  # commits at which a start may be killed
KILLS = size(2, 60)
COMMITS = range(1, 5)


def died(scene: Scene, side: str, commit: int, *words: str) -> bool:
    """Run a command that dies at a failpoint; tell whether it came so far."""
    program = [sys.executable, "-m", "tests.faults.dying", side, str(commit)]
    done = subprocess.run(  # noqa: S603 - our own program
        [*program, "mailer.cli.main", *words],
        cwd=ROOT,
        env=scene.environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()
    return done.returncode != 0


def put_on_schedule(scene: Scene) -> None:
    """Schedule the campaign for a moment that has just gone by."""
    soon = clock.now() + timedelta(minutes=5)
    scene.steer("schedule", "--at", soon.isoformat())
    due = sa.update(Campaign).where(Campaign.id == scene.campaign_id)
    scene.session.execute(due.values(send_at=clock.now()))
    scene.session.commit()


@pytest.mark.timeout(size(120, 1800))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
@pytest.mark.parametrize("way", ["send", "schedule"])
def test_a_campaign_whose_start_is_killed_at_a_commit_has_one_whole_audience_or_none(
    scene: Scene, figures: Figures, way: str
) -> None:
    """F-02; Ghost PR #30230: a crash half-way through the audience left a part taken for all."""
    scene.add(f"reader{number}@example.org" for number in range(READERS))
    failpoints = list(product(("before", "after"), COMMITS))
    deaths = 0
    for side, commit in scene.chance.sample(failpoints, len(failpoints)):
        if deaths == INSTANTS:
            break
        scene.write()
        if way == "schedule":
            put_on_schedule(scene)
        words = (
            ("tick",)
            if way == "schedule"
            else ("campaign", "send", str(scene.campaign_id), "--yes")
        )
        deaths += died(scene, side, commit, *words)
        assert sum(scene.states().values()) in {0, READERS}
        if scene.status() == "draft":
            scene.send()
        scene.mailer("tick")
        assert (scene.status(), scene.states()) == ("running", {"pending": READERS})
        assert accounting.accounts(scene.config.database_url, (), scene.campaign_id) == []
        scene.steer("cancel")
    assert deaths
    figures(deaths=deaths)


@pytest.mark.timeout(size(120, 1800))
def test_pages_and_scheduler_that_are_killed_cost_nobody_her_copy(
    scene: Scene, figures: Figures
) -> None:
    """F-02, on both tiers; on the embedded one the sender dies with them."""
    scene.sink.order(delay=0.005)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS * 3))
    put_on_schedule(scene)
    (pages,) = scene.hire(command=processes.RUN)
    if scene.config.redis_url is not None:
        scene.hire()
    for _ in range(KILLS):
        scene.more(scene.chance.randint(1, READERS // KILLS))
        scene.strike(pages)
    seconds = scene.finish()
    books = scene.judge(Allowed(kills=scene.kills, connections=scene.connections))
    figures(kills=scene.kills, unknown=books.states()["unknown"], seconds_to_the_end=seconds)
