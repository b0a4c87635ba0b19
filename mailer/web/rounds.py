"""Acts that are asked for at the same moment, done as one: one transaction for all who wait."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

LOG = logging.getLogger(__name__)
NAP = 0.002  # s

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass(eq=False)
class Call(Generic[Asked, Answer]):
    """What one thread asks for. Woken without answers, it leads the next round."""

    asked: Asked
    woken: Event = field(default_factory=Event)
    answers: Mapping[Asked, Answer] | None = None


class Rounds(Generic[Asked, Answer]):
    """The rounds of one process, one after another; whoever asks first leads, for all who wait.

    Nobody waits for company, but for a NAP where the round before had more of it.
    """

    def __init__(self, act: Callable[[list[Asked]], Mapping[Asked, Answer]]) -> None:
        self.act = act
        self.lock = Lock()
        self.waiting: list[Call[Asked, Answer]] = []
        self.is_led = False
        self.size = 1  # of the last round

    def answers(self, asked: Asked) -> Mapping[Asked, Answer]:
        """Return the answers of the round that this was asked in, perhaps without its own.

        Then it was passed over, or the round has failed: let each try for herself, so that none
        fails by another's fault. Nobody may wait here with a transaction of her own open.
        """
        call: Call[Asked, Answer] = Call(asked)
        with self.lock:
            self.waiting.append(call)
            is_first, self.is_led = not self.is_led, True
        if not is_first:
            call.woken.wait()
        return self.lead() if call.answers is None else call.answers

    def lead(self) -> Mapping[Asked, Answer]:
        if len(self.waiting) < self.size:
            time.sleep(NAP)  # those of the round before are on their way out, and others come in
        with self.lock:
            calls, self.waiting = self.waiting, []
            self.size = len(calls)
        answers: Mapping[Asked, Answer] = {}
        try:
            answers = self.act([call.asked for call in calls])
        except Exception as error:  # noqa: BLE001 - each meets her own again
            LOG.warning("A round of %d has failed: %s", len(calls), type(error).__name__)
        finally:
            with self.lock:
                following = self.waiting[:1]
                self.is_led = bool(following)
            for call in calls:
                call.answers = answers
            for call in (*calls, *following):
                call.woken.set()
        return answers
