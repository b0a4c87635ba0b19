"""F-01: sending processes are killed at random instants."""

import pytest

from tests.accounting import Allowed
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(2_400, 20_000)  # some portions for each of the two
KILLS = size(5, 60)
MOST_SECONDS = 30.0
FENCE_TO_DOT = 0.25  # seconds, G3, and what the relay needs to read the clock


@pytest.mark.timeout(size(120, 1800))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_two_senders_killed_again_and_again_lose_nobody_and_mail_nobody_twice(
    scene: Scene, figures: Figures
) -> None:
    """F-01; listmonk #3022, #2070, #2313: a kill lost or doubled what had been fetched."""
    scene.sink.order(delay=0.005)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    pair = scene.hire(2)
    for _ in range(KILLS):
        scene.more(scene.chance.randint(1, READERS // KILLS))
        scene.strike(scene.chance.choice(pair))
    seconds = scene.finish(MOST_SECONDS)
    books = scene.judge(Allowed(kills=scene.kills, connections=scene.connections))
    assert books.states()["accepted"] + books.states()["unknown"] == READERS
    gap = books.gap(0.99)
    assert gap <= FENCE_TO_DOT
    figures(
        kills=scene.kills,
        unknown=books.states()["unknown"],
        seconds_to_the_end=seconds,
        gap_p99=gap,
    )
