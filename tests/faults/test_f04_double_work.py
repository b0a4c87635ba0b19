"""F-04: the same work is handed out twice, taken away, or begun by two at once."""

import sys
from datetime import timedelta

import pytest

from mailer import clock
from tests import accounting
from tests.accounting import Allowed
from tests.faults import leases, processes
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(600, 20_000)
RINGS = size(50, 500)
THEFTS = size(3, 30)


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_two_schedulers_and_four_senders_that_wake_together_mail_everybody_once(
    scene: Scene, figures: Figures
) -> None:
    """F-04; Mautic #2215, #3669, #9880: overlapping senders mailed people twice."""
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.steer("schedule", "--at", (clock.now() + timedelta(seconds=3)).isoformat())
    scene.hire(2, command=processes.RUN)
    scene.hire(size(2, 4))
    for _ in range(RINGS):
        scene.app.extensions["bell"].deliver(scene.campaign_id)
    seconds = scene.finish()
    books = scene.judge(Allowed())
    assert books.states() == {"accepted": READERS}
    assert scene.sink.counts()["most_open"] <= len(scene.members) * scene.connections
    figures(rings=RINGS, seconds=seconds, most_open=int(scene.sink.counts()["most_open"]))


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_senders_whose_leases_were_stolen_send_nothing_twice(
    scene: Scene, figures: Figures
) -> None:
    """F-04; dramatiq #692: work of a sender that is alive is given to another one.

    Its leases are over while it works, as after a long sleep of its machine.
    """
    scene.sink.order(delay=0.01)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    scene.hire(2)
    for _ in range(THEFTS):
        scene.more(READERS // (THEFTS * 3))
        leases.lapse(scene.config.database_url)
    seconds = scene.finish()
    books = scene.judge(Allowed(kills=THEFTS * 2, connections=scene.connections))
    states = books.states()
    assert states["accepted"] + states["unknown"] == READERS
    figures(thefts=THEFTS, unknown=states["unknown"], seconds_to_the_end=seconds)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_of_two_starts_in_the_same_second_one_is_told_no(scene: Scene, figures: Figures) -> None:
    """F-04; Mautic #3669: two commands in the same second started the campaign twice."""
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    command = (sys.executable, "-m", "mailer.cli.main", "campaign", "send")
    pair = scene.hire(2, command=(*command, str(scene.campaign_id), "--yes"))
    codes = sorted(member.outcome() for member in pair)
    assert codes == [0, 1], scene.told("both went through")
    assert scene.states() == {"pending": READERS}
    assert accounting.accounts(scene.config.database_url, (), scene.campaign_id) == []
    figures(starts=len(pair))
