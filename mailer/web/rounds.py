"""Acts that are asked for at the same moment, done as one: one transaction for all who wait."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

LOG = logging.getLogger(__name__)
PATIENCE = 0.005  # s

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def locked() -> Lock:
    latch = Lock()
    latch.acquire()
    return latch


@dataclass(eq=False)
class Call(Generic[Asked, Answer]):
    """What one thread asks for, which sleeps until its latch is released.

    Woken without answers, it leads the next round.
    """

    asked: Asked
    latch: Lock = field(default_factory=locked)
    answers: Mapping[Asked, Answer] | None = None


class Rounds(Generic[Asked, Answer]):
    """The rounds of one process, one after another; whoever asks first leads, for all who wait.

    Nobody waits for company, but where there was some just now: then until as many are there
    again, for no longer than PATIENCE.
    """

    def __init__(self, act: Callable[[list[Asked]], Mapping[Asked, Answer]]) -> None:
        self.act = act
        self.lock = Lock()
        self.waiting: list[Call[Asked, Answer]] = []
        self.is_led = False
        self.company = 1  # in the last round, and waiting at its end
        self.is_full = Event()

    def answers(self, asked: Asked) -> Mapping[Asked, Answer]:
        """Return the answers of the round that this was asked in, perhaps without its own.

        Then it was passed over, or the round has failed: let each try for herself, so that none
        fails by another's fault. Nobody may wait here with a transaction of her own open.
        """
        call: Call[Asked, Answer] = Call(asked)
        with self.lock:
            self.waiting.append(call)
            is_first, self.is_led = not self.is_led, True
            if len(self.waiting) >= self.company:
                self.is_full.set()
        if not is_first:
            call.latch.acquire()
        return self.lead() if call.answers is None else call.answers

    def lead(self) -> Mapping[Asked, Answer]:
        self.is_full.wait(PATIENCE)  # those of the round before are on their way out and in again
        with self.lock:
            calls, self.waiting = self.waiting, []
        answers: Mapping[Asked, Answer] = {}
        try:
            answers = self.act([call.asked for call in calls])
        except Exception as error:  # noqa: BLE001 - each meets her own again
            LOG.warning("A round of %d has failed: %s", len(calls), type(error).__name__)
        finally:
            with self.lock:
                following = self.waiting[:1]
                self.is_led = bool(following)
                self.company = len(calls) + len(self.waiting)
                self.is_full.clear()
            for call in calls:
                call.answers = answers
            for call in (*calls, *following):
                call.latch.release()
        return answers
