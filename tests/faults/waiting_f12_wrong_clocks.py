"""F-12: the clock of one machine is wrong, by two minutes, an hour, a day."""

import sys
from datetime import timedelta

import pytest

from mailer import clock
from tests.accounting import Allowed
from tests.faults import processes
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(600, 20_000)
SKEWS = size([120, -3600], [120, -120, 3600, -3600, 86_400, -86_400])
PROMPT = 60.0  # seconds around the moment that was set


def skewed(seconds: int, *command: str) -> tuple[str, ...]:
    """Return a command that runs the same module with a wrong clock."""
    python, flag, *words = command
    assert (python, flag) == (sys.executable, "-m")
    return (python, flag, "tests.faults.skewed", str(seconds), *words)


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
@pytest.mark.parametrize("skew", SKEWS)
def test_a_sender_with_a_wrong_clock_takes_nothing_from_the_others(
    scene: Scene, figures: Figures, skew: int
) -> None:
    """F-12: a machine two minutes ahead took the others for dead, and did their work again."""
    scene.sink.order(delay=0.02)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    scene.hire()
    scene.hire(command=skewed(skew, *processes.sender(scene.connections)))
    seconds = scene.finish()
    books = scene.judge(Allowed())
    assert books.states() == {"accepted": READERS}
    figures(skew=skew, seconds_to_the_end=seconds)


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_a_scheduler_with_a_wrong_clock_starts_nothing_early(
    scene: Scene, figures: Figures
) -> None:
    """F-12: what is due says the database, whatever the machine believes."""
    scene.crowd(["rosa@example.org"])
    due = clock.now() + timedelta(seconds=10)
    scene.steer("schedule", "--at", due.isoformat())
    scene.hire(command=skewed(3600, *processes.sender(scene.connections)))
    scene.finish()
    (taken,) = scene.judge(Allowed()).taken
    lateness = taken.at - due.timestamp()
    assert 0 <= lateness <= PROMPT
    figures(lateness=lateness)
