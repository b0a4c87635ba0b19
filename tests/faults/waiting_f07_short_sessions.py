"""F-07: the relay ends each connection after some messages."""

import pytest
import sqlalchemy as sa

from mailer.delivery.models import Delivery
from tests.accounting import Allowed
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(300, 20_000)
ANSWER = 0.01  # seconds, so that the relay and not this machine sets the pace
LEAST_SHARE = 0.8
MOST_SECONDS = 60.0


def rate(scene: Scene) -> float:
    """Return the messages per second between the first and the last."""
    counts = scene.sink.counts()
    return counts["messages"] / (counts["last"] - counts["first"])


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
@pytest.mark.parametrize("most", size([5], [1, 5, 100]))
def test_a_relay_that_ends_its_sessions_early_burns_no_attempt_and_little_time(
    scene: Scene, figures: Figures, most: int
) -> None:
    """F-07; listmonk #2683, #1518: 421 in mid-session, and the reader was lost."""
    scene.sink.order(delay=ANSWER, most=most)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    scene.hire()
    scene.finish(MOST_SECONDS)
    books = scene.judge(Allowed())
    assert books.states() == {"accepted": READERS}
    attempts = sa.select(sa.func.max(Delivery.attempts))
    assert scene.ask(attempts) == [(1,)]
    ideal = scene.connections / ANSWER
    assert most == 1 or rate(scene) >= LEAST_SHARE * ideal * 0.9
    figures(
        messages_per_session=most,
        rate=rate(scene),
        ideal=ideal,
        sessions=int(scene.sink.counts()["connections"]),
    )
