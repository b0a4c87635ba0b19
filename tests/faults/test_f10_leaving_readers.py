"""F-10: readers leave, are suppressed, erased and added while their campaign is being sent."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from mailer import clock
from mailer.audience import consent, subscriptions, suppressions
from mailer.audience.models import Subscriber
from mailer.audience.subscriptions import OptOut
from mailer.audience.suppressions import Refusal
from mailer.audience.words import ConsentMethod, Scope
from mailer.delivery.models import Delivery
from mailer.privacy import erasure
from tests.accounting import Allowed
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(400, 20_000)
LEAVERS = size(40, 1_000)
NOTE = consent.Evidence(shown="Unsubscribe", page="/u/…")


def leave(scene: Scene, reader: Subscriber) -> None:
    leaving = OptOut(scene.letters.id, reader.id, scope=Scope.list)
    subscriptions.unsubscribe(scene.session, clock.now(), leaving, ConsentMethod.one_click, NOTE)


def suppress(scene: Scene, reader: Subscriber) -> None:
    refusal = Refusal(Scope.everything, reason="complained")
    suppressions.suppress(scene.session, clock.now(), reader.address_key, refusal)


def erase(scene: Scene, reader: Subscriber) -> None:
    erasure.erase(scene.session, reader, clock.now(), "a test", reason="she asked")


WAYS = (leave, suppress, erase)


def people(scene: Scene) -> dict[int, str]:
    """Return the frozen addresses by delivery, before anybody is erased."""
    mine = Delivery.campaign_id == scene.campaign_id
    return dict(scene.ask(sa.select(Delivery.id, Delivery.email).where(mine)))


@pytest.mark.timeout(size(120, 1800))
def test_who_leaves_during_a_campaign_gets_nothing_after_that_moment(
    scene: Scene, figures: Figures
) -> None:
    """F-10, on both tiers; listmonk sent on to whole batches that had left meanwhile."""
    scene.sink.order(delay=0.02)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    frozen = people(scene)
    scene.hire()
    scene.more(1)
    left: dict[str, datetime] = {}
    for email in scene.chance.sample(sorted(frozen.values()), LEAVERS):
        reader = scene.session.scalars(sa.select(Subscriber).where(Subscriber.email == email)).one()
        scene.chance.choice(WAYS)(scene, reader)
        scene.session.commit()
        left[email] = clock.now()
    scene.add(f"late{number}@example.org" for number in range(LEAVERS))
    scene.finish()
    books = scene.judge(Allowed(left=left, people=frozen))
    states = books.states()
    assert sum(states.values()) == READERS
    assert states["accepted"] >= READERS - LEAVERS
    kept = states["suppressed"] + states["excluded"]
    assert kept, "everybody was sent to before anybody left: make it slower"
    figures(left=LEAVERS, kept_from_mail=kept, gap_p99=books.gap(0.99))
