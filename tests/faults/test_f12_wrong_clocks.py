"""F-12: the clock of one machine is wrong, by two minutes, an hour, a day."""

import pytest

from tests.accounting import Allowed
from tests.faults import processes
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(600, 20_000)
SKEWS = size([120, -3600], [120, -120, 3600, -3600, 86_400, -86_400])


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
    scene.hire(command=processes.within("skewed", skew, processes.sender(scene.connections)))
    seconds = scene.finish()
    books = scene.judge(Allowed())
    assert books.states() == {"accepted": READERS}
    figures(skew=skew, seconds_to_the_end=seconds)
