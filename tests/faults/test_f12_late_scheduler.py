"""F-12: a scheduler whose clock is wrong; waits for the database's clock."""

from datetime import timedelta

import pytest

from mailer import clock
from tests.accounting import Allowed
from tests.faults import processes
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

PROMPT = 60.0  # seconds around the moment that was set


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_a_scheduler_with_a_wrong_clock_starts_nothing_early(
    scene: Scene, figures: Figures
) -> None:
    """F-12: what is due says the database, whatever the machine believes."""
    scene.crowd(["rosa@example.org"])
    due = clock.now() + timedelta(seconds=10)
    scene.steer("schedule", "--at", due.isoformat())
    scene.hire(command=processes.within("skewed", 3600, processes.sender(scene.connections)))
    scene.finish()
    (taken,) = scene.judge(Allowed()).taken
    lateness = taken.at - due.timestamp()
    assert 0 <= lateness <= PROMPT
    figures(lateness=lateness)
