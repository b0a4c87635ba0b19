"""The doorbell: dramatiq on Redis, or on its in-process stub; it carries ids, never truth."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, CurrentMessage, Retries
from flask import Flask

# After a crash, messages held by a dead worker come back in seconds instead of minutes.
HEARTBEAT_MS = 5_000
MAINTENANCE_CHANCE = 20_000
OLDEST_MS = 3_600_000
SPARE_THREADS = 2


class AppContext(dramatiq.Middleware):
    """Gives each message an application context of its own, and its session back to the pool."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.open: dict[str, Any] = {}

    def before_process_message(self, broker: Any, message: Any) -> None:  # noqa: ANN401
        del broker
        context = self.open[message.message_id] = self.app.app_context()
        context.push()

    def after_process_message(
        self,
        broker: Any,  # noqa: ANN401
        message: Any,  # noqa: ANN401
        *,
        result: Any = None,  # noqa: ANN401
        exception: BaseException | None = None,
    ) -> None:
        del broker, result
        context = self.open.pop(message.message_id, None)
        if context is not None:
            context.pop(exception)

    after_skip_message = after_process_message


class ForgetFailures(dramatiq.Middleware):
    """Empties the stub broker's list of dead letters, which otherwise grows for ever."""

    def after_nack(self, broker: Any, message: Any) -> None:  # noqa: ANN401
        for letters in getattr(broker, "dead_letters_by_queue", {}).values():
            if message in letters:
                letters.remove(message)


def build(app: Flask, redis_url: str | None) -> dramatiq.Broker:
    """Return the broker for the configured tier.

    Left out on purpose: TimeLimit and ShutdownNotifications raise inside a running thread, which
    could fall between a relay's "250 OK" and its record.
    """
    middleware = [
        AgeLimit(max_age=OLDEST_MS),
        Retries(max_retries=0),
        CurrentMessage(),
        AppContext(app),
        ForgetFailures(),
    ]
    if redis_url is None:
        return StubBroker(middleware=middleware)
    return RedisBroker(  # type: ignore[no-untyped-call]
        url=redis_url,
        middleware=middleware,
        heartbeat_timeout=HEARTBEAT_MS,
        maintenance_chance=MAINTENANCE_CHANCE,
        namespace="mailer",
    )


@contextmanager
def working(broker: dramatiq.Broker, connections: int) -> Iterator[None]:
    """Run a worker in this process for as long as the block lasts.

    It has a thread for each of a campaign's connections, and SPARE_THREADS more: a reader who
    waits for her confirmation must not wait for a campaign's turn to end.
    """
    threads = connections + SPARE_THREADS
    worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=100)
    worker.start()
    try:
        yield
    finally:
        worker.stop()
