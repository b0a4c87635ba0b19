"""F-09: one domain of twenty answers very slowly."""

from collections.abc import Iterable

import pytest

from tests.accounting import Allowed
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

DOMAINS = 20
READERS = size(400, 20_000)
ANSWER = 0.02
SLOW = size(3.0, 30.0)  # seconds for each of its messages
LEAST_SHARE = 0.9
MOST_SECONDS = size(110.0, 3000.0)


def addresses() -> Iterable[str]:
    for number in range(READERS):
        yield f"reader{number}@domain{number % DOMAINS}.example"


def pace_of_the_others(scene: Scene) -> float:
    """Return the messages per second to the nineteen that are not slow."""
    times = [one.at for one in scene.sink.taken() if not one.recipient.endswith("@domain0.example")]
    return len(times) / (max(times) - min(times))


@pytest.mark.timeout(size(120, 3600))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_one_slow_domain_leaves_the_others_their_pace(scene: Scene, figures: Figures) -> None:
    """F-09: nineteen domains keep nine tenths of what the connections could do without it."""
    scene.sink.order(delay=ANSWER, slow={"domain0.example": SLOW})
    scene.crowd(addresses())
    scene.send()
    scene.hire()
    scene.finish(MOST_SECONDS)
    books = scene.judge(Allowed())
    assert books.states() == {"accepted": READERS}
    ideal = scene.connections / ANSWER
    share = pace_of_the_others(scene) / ideal
    assert share >= LEAST_SHARE * (scene.connections - 1) / scene.connections
    figures(pace_of_the_others=pace_of_the_others(scene), ideal=ideal)
