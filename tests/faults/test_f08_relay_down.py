"""F-08: the relay is down for a while."""

import time

import pytest

from tests.accounting import Allowed
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(400, 20_000)
DOWN = size(3.0, 600.0)
MOST_CALLS = size(12, 40)
MOST_SECONDS = 60.0


@pytest.mark.timeout(size(120, 1800))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_a_relay_that_was_down_is_not_stormed_and_gets_everything_soon_after(
    scene: Scene, figures: Figures
) -> None:
    """F-08; listmonk #1802, #1762: while the relay was away, readers were marked as done."""
    scene.sink.order(delay=0.01)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    scene.hire()
    scene.more(READERS // 4)
    before = scene.sink.counts()["connections"]
    scene.sink.order(is_down=True)
    time.sleep(DOWN)
    calls = scene.sink.counts()["connections"] - before
    assert calls <= MOST_CALLS
    scene.sink.order(is_down=False)
    seconds = scene.finish(MOST_SECONDS)
    books = scene.judge(Allowed(drops=scene.connections))
    assert books.states()["refused"] == 0
    figures(
        seconds_down=DOWN,
        calls=int(calls),
        unknown=books.states()["unknown"],
        seconds_to_the_end=seconds,
    )
