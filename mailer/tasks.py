"""Every actor: a doorbell that carries ids. The database is the truth; the tick rings again."""

from typing import Any

import dramatiq


class Bell:
    """The actors of one broker. Rings are hints: a lost one costs a tick, a double one nothing."""

    def __init__(self, broker: dramatiq.Broker) -> None:
        self.broker = broker

    def actor(self, function: Any, queue: str) -> "dramatiq.Actor[Any, Any]":  # noqa: ANN401
        return dramatiq.Actor(
            function,
            broker=self.broker,
            actor_name=function.__name__,
            queue_name=queue,
            priority=0,
            options={"max_retries": 0},
        )
