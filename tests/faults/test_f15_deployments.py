"""F-15: every process is asked to end, as by a deployment, in the middle of a campaign."""

import pytest

from tests.accounting import Allowed
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(400, 20_000)
TIMES = size(1, 20)
MOST_SECONDS = 30.0


@pytest.mark.timeout(size(120, 1800))
def test_a_deployment_in_the_middle_of_a_campaign_leaves_nothing_unknown(
    scene: Scene, figures: Figures
) -> None:
    """F-15, on both tiers; Ghost #27822: SIGTERM in the middle of a send lost the rest."""
    scene.sink.order(delay=0.02)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    (member,) = scene.hire()
    longest = 0.0
    for _ in range(TIMES):
        scene.more(scene.chance.randint(1, READERS // (TIMES * 2)))
        longest = max(longest, member.end())
        assert member.process is not None
        assert member.process.returncode == 0, member.said()
        member.start()
    seconds = scene.finish()
    books = scene.judge(Allowed())
    assert books.states() == {"accepted": READERS}
    assert longest <= MOST_SECONDS
    figures(deployments=TIMES, longest_exit=longest, seconds_to_the_end=seconds)
