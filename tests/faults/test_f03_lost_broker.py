"""F-03: Redis forgets, dies, stays away, is full. It is a doorbell: that costs time, no mail."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from tests import servers, sign_ups
from tests.accounting import Allowed
from tests.faults.conftest import Figures
from tests.faults.scene import Scene
from tests.faults.size import size

READERS = size(400, 20_000)
TIMES = size(2, 5)
AWAY = size(2.0, 60.0)
MOST_SECONDS = 60.0


def forget(valkey: servers.Server) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()


def die(valkey: servers.Server) -> None:
    valkey.end(signal.SIGKILL)
    valkey.begin()


@contextmanager
def away(valkey: servers.Server) -> Iterator[None]:
    valkey.end(signal.SIGKILL)
    try:
        yield
    finally:
        valkey.begin()


@contextmanager
def full(valkey: servers.Server) -> Iterator[None]:
    with redis.Redis.from_url(valkey.url) as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1")
        yield
        client.config_set("maxmemory", "0")


def sign_up(scene: Scene, name: str) -> int:
    """Sign up by the public form; return the status of the answer."""
    client, site = scene.app.test_client(), scene.app.extensions["site"]
    return sign_ups.sign_up(client, site, f"{name}@example.org", name=name).status_code


@pytest.mark.timeout(size(120, 1800))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
def test_a_broker_that_forgets_and_dies_costs_time_and_no_mail(
    scene: Scene, valkey: servers.Server, figures: Figures
) -> None:
    """F-03; dramatiq #461, #527: what the broker alone knows is lost with it."""
    scene.sink.order(delay=0.01)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS))
    scene.send()
    scene.hire(2)
    for _ in range(TIMES):
        for fault in (forget, die):
            scene.more(scene.chance.randint(1, READERS // (TIMES * 3)))
            fault(valkey)
    seconds = scene.finish(MOST_SECONDS)
    books = scene.judge(Allowed())
    assert books.states() == {"accepted": READERS}
    figures(faults=TIMES * 2, seconds_to_the_end=seconds)


@pytest.mark.timeout(size(120, 1800))
@pytest.mark.parametrize("tier", ["server"], indirect=True)
@pytest.mark.parametrize("trouble", [away, full])
def test_a_campaign_begun_without_a_broker_is_sent_all_the_same_and_pages_stay_up(
    scene: Scene, valkey: servers.Server, figures: Figures, trouble: object
) -> None:
    """F-03: while the doorbell is away or full, forms are answered, and all is sent meanwhile."""
    assert callable(trouble)
    scene.crowd(f"reader{number}@example.org" for number in range(READERS // 10))
    scene.hire()
    answers: list[int] = []
    with trouble(valkey):
        scene.send()
        began = time.monotonic()
        while time.monotonic() < began + AWAY:
            answers.append(sign_up(scene, f"guest{len(answers)}"))
            time.sleep(0.2)
        seconds = scene.finish(MOST_SECONDS)
    assert set(answers) <= {200, 202, 302, 303, 503}
    books = scene.judge(Allowed(others={f"guest{n}@example.org" for n in range(len(answers))}))
    assert books.states() == {"accepted": READERS // 10}
    figures(sign_ups=len(answers), seconds_to_the_end=seconds)
