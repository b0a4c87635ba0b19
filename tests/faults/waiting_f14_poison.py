"""F-14: one reader's copy takes so much memory that the process is killed while composing it."""

import pytest
import sqlalchemy as sa

from mailer.audience.models import Subscriber
from tests.accounting import Allowed
from tests.delivery.conftest import LAWFUL
from tests.faults import processes
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(300, 5_000)
MOST_MEGABYTES = 600
STORY = "a word of a very long story " * 1_500_000  # 42 MB
STRIKES = 3


@pytest.mark.timeout(size(200, 900))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_a_copy_that_kills_its_process_is_left_out_after_three_times(
    scene: Scene, figures: Figures
) -> None:
    """F-14; Mailman's MAX_BAK_COUNT: who ends the process three times is not tried again."""
    body = LAWFUL + "\n\n{{ subscriber.attributes.story | default: 'None yet.' }}\n"
    scene.crowd((f"reader{number}@example.org" for number in range(READERS)), body)
    scene.send()
    poison = sa.update(Subscriber).where(Subscriber.email == f"reader{READERS // 2}@example.org")
    scene.session.execute(poison.values(attributes={"story": STORY}))
    scene.session.commit()
    (member,) = scene.hire(
        command=processes.within("hungry", MOST_MEGABYTES, processes.sender(scene.connections))
    )

    def is_finished() -> bool:
        if not member.is_alive:
            member.deaths += 1
            member.start()
        return scene.status() == "finished"

    seconds = scene.until(is_finished, 150)
    books = scene.judge(Allowed(kills=scene.kills, connections=scene.connections))
    (row,) = [one for one in books.rows if one.email == f"reader{READERS // 2}@example.org"]
    assert row.status == "excluded"
    assert books.states()["accepted"] + books.states()["unknown"] == READERS - 1
    assert member.deaths <= STRIKES
    figures(deaths=member.deaths, unknown=books.states()["unknown"], seconds=seconds)
