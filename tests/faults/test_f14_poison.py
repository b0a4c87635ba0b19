"""F-14: the process dies whenever it composes one reader's copy. Waits for the crash journal."""

import pytest
import sqlalchemy as sa

from mailer.audience.models import Subscriber
from tests.accounting import Allowed
from tests.faults import processes
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(300, 5_000)
POISON = f"reader{READERS // 2}@example.org"
STRIKES = 3
MOST_SECONDS = size(60.0, 300.0)


@pytest.mark.timeout(size(120, 900))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_a_copy_that_kills_its_process_is_left_out_after_three_times(
    scene: Scene, figures: Figures
) -> None:
    """F-14; Mailman's MAX_BAK_COUNT: who has ended the process three times is not tried again."""
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    ((number,),) = scene.ask(sa.select(Subscriber.id).where(Subscriber.email == POISON))
    command = processes.within("poisoned", number, processes.sender(scene.connections))
    (member,) = scene.hire(command=command)

    def is_finished() -> bool:
        if not member.is_alive:
            member.deaths += 1
            member.start()
        return scene.status() == "finished"

    seconds = scene.until(is_finished, MOST_SECONDS)
    books = scene.judge(Allowed(kills=scene.kills, connections=scene.connections))
    (row,) = [one for one in books.rows if one.email == POISON]
    assert row.status == "excluded"
    assert books.states()["accepted"] + books.states()["unknown"] == READERS - 1
    assert member.deaths == STRIKES
    figures(deaths=member.deaths, unknown=books.states()["unknown"], seconds=seconds)
