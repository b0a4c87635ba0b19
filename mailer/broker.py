"""The doorbell: dramatiq on Redis, or on a pipe to the worker; it carries ids, never truth."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import DecodeError
from dramatiq.middleware import AgeLimit, CurrentMessage, Retries
from flask import Flask
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry

# After a crash, messages held by a dead worker come back in seconds instead of minutes.
HEARTBEAT_MS = 5_000
MAINTENANCE_CHANCE = 20_000
OLDEST_MS = 3_600_000
SPARE_THREADS = 2
# A Redis that stands still must hold up no page and no worker: all that is asked of it takes
# milliseconds, nothing waits there for work to come. Nobody tries again, the tick does.
REDIS_PATIENCE: dict[str, object] = {
    "socket_connect_timeout": 1.0,
    "socket_timeout": 1.0,
    "socket_keepalive": True,
    "retry": Retry(NoBackoff(), 0),
}


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


class EmbeddedBroker(StubBroker):
    """Rings in this process or, once it has a ``wire``, in the one at the wire's other end."""

    def __init__(self, middleware: list[dramatiq.Middleware]) -> None:
        super().__init__(middleware)
        self.wire: FileIO | None = None

    def enqueue(
        self, message: dramatiq.Message[Any], *, delay: int | None = None
    ) -> dramatiq.Message[Any]:
        """Ring. A wire that is full loses the ring, and the worker's next tick makes up for it."""
        if self.wire is None:
            return super().enqueue(message, delay=delay)
        # A line is shorter than what a pipe takes whole or not at all, from any thread.
        with suppress(BrokenPipeError):
            self.wire.write(message.encode() + b"\n")
        return message


def hear(broker: dramatiq.Broker, lines: Iterable[bytes]) -> None:
    """Ring here for each line that another process's wire brings, until it ends."""
    for line in lines:
        with suppress(DecodeError):  # a worker that was killed has read the line's first half
            broker.enqueue(dramatiq.Message.decode(line))


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
        return EmbeddedBroker(middleware)
    return RedisBroker(  # type: ignore[no-untyped-call]
        connection_pool=ConnectionPool.from_url(redis_url, **REDIS_PATIENCE),
        middleware=middleware,
        heartbeat_timeout=HEARTBEAT_MS,
        maintenance_chance=MAINTENANCE_CHANCE,
        namespace="mailer",
    )


@contextmanager
def working(broker: dramatiq.Broker, connections: int) -> Iterator[None]:
    """Run a worker in this process for as long as the block lasts.

    It has a thread for as many campaigns as each has connections, and SPARE_THREADS more: a
    reader who waits for her confirmation must not wait for a campaign's turn to end.
    """
    threads = connections + SPARE_THREADS
    worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=100)
    worker.start()
    try:
        yield
    finally:
        worker.stop()
