"""The turns of one process: which campaigns it is at, and whether it is asked to end."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

from mailer.delivery.lands import Lands
from mailer.delivery.lanes import Rests


class Turns:
    """The campaigns that this process is sending; ``stopping`` asks every turn to end.

    ``rests`` is what its turns have learned of slow domains, ``lands`` of their audiences.
    """

    def __init__(self) -> None:
        self.stopping = Event()
        self.rests = Rests()
        self.lands = Lands()
        self.lock = Lock()
        self.campaigns: set[int] = set()
        self.seen: set[int] = set()

    @property
    def shared(self) -> tuple[Event, Rests, Lands]:
        """What all turns of this process have in common."""
        return self.stopping, self.rests, self.lands

    def new(self, due: Iterable[int]) -> set[int]:
        """Return which due campaigns were not due at the last look, and are not sent here."""
        before, self.seen = self.seen, set(due)
        return self.seen - before - self.campaigns

    @contextmanager
    def at_work(self, campaign_id: int) -> Iterator[bool]:
        """Take a campaign for one turn; False when another thread here has it."""
        with self.lock:
            is_ours = campaign_id not in self.campaigns
            self.campaigns.add(campaign_id)
        try:
            yield is_ours
        finally:
            if is_ours:
                with self.lock:
                    self.campaigns.remove(campaign_id)
