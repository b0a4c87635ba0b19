"""F-11: a campaign is paused, resumed and edited at random, and at last cancelled."""

import time
from collections.abc import Callable

import pytest

from mailer import clock
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft, NotEditable
from mailer.campaigns.models import Campaign
from tests.accounting import Allowed
from tests.delivery.conftest import LAWFUL
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(400, 20_000)
STEPS = size(15, 500)
FENCE_TO_DOT = 0.2  # seconds, G3
SLOW = 0.2  # seconds to an answer, where a tenth of a second's work is less than the lines


def pause(scene: Scene) -> None:
    scene.steer("pause", may_fail=True)


def resume(scene: Scene) -> None:
    scene.steer("resume", may_fail=True)


def edit(scene: Scene) -> None:
    """Change the words of a campaign that is under way, which nobody may."""
    one = scene.session.get_one(Campaign, scene.campaign_id)
    draft = Draft("Tides", "High water", one.sender_id, (scene.letters.id,), body=LAWFUL)
    with pytest.raises(NotEditable):
        drafts.edit(scene.session, one, draft, one.revision, clock.now())
    scene.session.rollback()


WAYS: tuple[Callable[[Scene], None], ...] = (pause, resume, edit)


def play(scene: Scene, steps: int) -> int:
    """Take random steps while it is being sent; return how many there were."""
    for done in range(steps):
        if scene.status() == "finished":
            return done
        scene.chance.choice(WAYS)(scene)
        time.sleep(scene.chance.uniform(0, 0.1))
    return steps


@pytest.mark.timeout(size(120, 1800))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_a_campaign_that_is_paused_and_resumed_at_random_reaches_everybody_once(
    scene: Scene, figures: Figures
) -> None:
    """F-11; listmonk #2278: a pause that met the start lost the rest of the audience."""
    scene.sink.order(delay=0.01)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    scene.hire(2)
    scene.more(1)
    steps = play(scene, STEPS)
    resume(scene)
    seconds = scene.finish()
    books = scene.judge(Allowed())
    assert books.states() == {"accepted": READERS}
    figures(steps=steps, seconds_to_the_end=seconds)


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
@pytest.mark.parametrize("answer", [0.02, 0.3])
def test_nothing_leaves_once_a_campaign_is_cancelled(
    scene: Scene, figures: Figures, answer: float
) -> None:
    """F-11: at most what each line was about to hand over, or was marked for the moment (G3).

    To a slow relay nothing is marked ahead of its line.
    """
    scene.sink.order(delay=answer)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    workers = scene.hire(2)
    scene.more(READERS // 10)
    before = scene.sink.counts()
    scene.steer("cancel")
    cancelled = time.time()
    scene.until(lambda: not {"sending", "pending", "deferred"} & scene.states().keys())
    books = scene.judge(Allowed())
    late = [one.at - cancelled for one in books.taken if one.at > cancelled]
    rate = before["messages"] / (before["last"] - before["first"])
    lines = len(workers) * scene.connections
    figures(late=len(late), latest=max(late, default=0.0), lines=lines, rate=rate, answer=answer)
    assert max(late, default=0.0) <= FENCE_TO_DOT
    assert len(late) <= lines + (rate * FENCE_TO_DOT if answer < SLOW else 0)
    assert books.states()["excluded"] == READERS - len(books.taken)
