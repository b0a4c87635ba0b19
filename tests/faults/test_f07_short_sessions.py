"""F-07: the relay ends each connection after some messages."""

import time

import pytest
import sqlalchemy as sa

from mailer.delivery.models import Delivery
from tests.accounting import Allowed
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(300, 4_000)
ANSWER = 0.05  # seconds, so that the relay and not this machine sets the pace
LEAST_SHARE = 0.8
TRIES = 3
MOST_SECONDS = size(60.0, 300.0)


def pace(scene: Scene) -> float:
    """Send a campaign to everybody; return its messages per second, from the first to the last."""
    scene.write()
    began = time.time()
    scene.send()
    scene.finish(MOST_SECONDS)
    books = scene.judge(Allowed(), since=began)
    assert books.states() == {"accepted": READERS}
    mine = Delivery.campaign_id == scene.campaign_id
    assert scene.ask(sa.select(sa.func.max(Delivery.attempts)).where(mine)) == [(1,)]
    times = [one.at for one in books.taken]
    return len(times) / (max(times) - min(times))


@pytest.mark.timeout(size(180, 1800))
@pytest.mark.parametrize("most", size([5], [1, 5, 100]))
def test_a_relay_that_ends_its_sessions_early_burns_no_attempt_and_little_time(
    scene: Scene, figures: Figures, most: int
) -> None:
    """F-07; listmonk #2683, #1518: 421 in mid-session, and the reader was lost.

    Measured against the same relay in the same run, while it does not do that; more than once
    only if something else on this machine took the time.
    """
    scene.sink.order(delay=ANSWER)
    scene.add(f"reader{number}@example.org" for number in range(READERS))
    scene.hire()
    shares: list[float] = []
    while len(shares) < TRIES and max(shares, default=0.0) < LEAST_SHARE:
        scene.sink.order(most=0)
        usual = pace(scene)
        scene.sink.order(most=most)
        shares.append(pace(scene) / usual)
    figures(
        messages_per_session=most,
        shares=", ".join(f"{share:.2f}" for share in shares),
        sessions=int(scene.sink.counts()["connections"]),
    )
    assert max(shares) >= LEAST_SHARE
