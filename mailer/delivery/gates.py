"""What one worker may send just now of one pace: moments promised to it, and what it has seen."""

from collections import deque
from datetime import datetime

from mailer.delivery.pacing import Ask, Key, Word
from mailer.delivery.rates import most_held

STALE = 1.0  # s: a promised moment that is older goes back, so that no rush follows a stop


class Gate:
    """One key's gate in one worker. Times are the event loop's, in seconds."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.moments: deque[float] = deque()
        self.rate: float | None = None
        self.is_limited = False
        self.is_closed = self.is_probe = False
        self.until = 0.0
        self.ask = Ask()
        self.on_the_way = 0

    @property
    def has_news(self) -> bool:
        """Tell whether the others should hear of something soon."""
        return self.ask.is_throttled or self.ask.is_lost or self.ask.is_reached

    @property
    def is_held(self) -> bool:
        """Tell whether there is anything to ask before a message leaves."""
        return self.is_limited or self.is_closed or self.is_probe or self.until > 0

    def is_open(self, now: float) -> bool:
        """Tell whether another message may leave."""
        if self.is_closed or now < self.until or (self.is_probe and self.on_the_way):
            return False
        return not self.is_limited or bool(self.moments and self.moments[0] <= now)

    def opens_at(self, now: float) -> float:
        """Return when another may leave, as far as is known: now, when it is to be asked for."""
        return max(now, self.until, self.moments[0] if self.moments else now)

    def take(self) -> None:
        self.on_the_way += 1
        if self.moments:
            self.moments.popleft()

    def slow_down(self, now: float) -> None:
        """Note that less was asked for, and hold still until the database has said how much."""
        self.ask.is_throttled = True
        self.until = max(self.until, now + STALE)

    def hear(self, word: Word, asked_at: float, at: datetime) -> None:
        """Take in what the database said when its time was ``at``, the loop's ``asked_at``."""
        self.rate, self.is_limited, self.is_probe = word.rate, word.is_limited, word.is_probe
        self.is_closed = word.is_closed and not word.is_probe
        self.until = asked_at + (word.until - at).total_seconds() if word.until else 0.0
        if self.moments and not word.is_closed:
            self.until = 0.0  # the day is used up by what was promised to us
        if word.grant is not None:
            first = asked_at + word.grant.begin
            self.moments.extend(first + one * word.grant.gap for one in range(word.grant.number))

    def asked(self, waiting: int, measured: float, now: float) -> Ask:
        """Return what to ask for and to tell, and begin anew; ``waiting`` messages could go."""
        while self.moments and self.moments[0] < now - STALE:
            self.moments.popleft()
            self.ask.unused += 1
        most = waiting if self.rate is None else min(waiting, most_held(self.rate))
        ask, self.ask = self.ask, Ask()
        ask.measured, ask.wanted = measured, max(0, most - len(self.moments))
        return ask
