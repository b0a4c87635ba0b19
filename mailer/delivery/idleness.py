"""Why the lines of a turn stand still: seen with the books, never for each message."""

from collections import Counter
from time import process_time

from mailer.delivery.carriers import Carrier, Seat
from mailer.delivery.outbox import Outbox
from mailer.delivery.pace_models import About
from mailer.delivery.pacing import Key
from mailer.delivery.windows import Wait

# The lines are looked at so often (s) at most: more often would cost, and tell nothing new.
EVERY = 0.02
OURS = ("idle", "source")  # phases in which no relay is waited for
Reason = tuple[Wait, Key | None]


class Idleness:
    """What each line waits for, charged to the window by the seconds between two looks."""

    def __init__(self, outbox: Outbox, carriers: list[Carrier]) -> None:
        self.outbox, self.carriers = outbox, carriers
        self.looked_at, self.worked = outbox.time(), process_time()
        self.held: Counter[Reason] = Counter()

    def look(self, now: float, *, is_exhausted: bool) -> None:
        """Charge the time since the last look; see what holds the lines from now on."""
        elapsed = now - self.looked_at
        if elapsed < EVERY:
            return
        worked, self.worked = self.worked, process_time()
        self.charge(elapsed, min(1.0, (self.worked - worked) / elapsed))
        self.looked_at, self.held = now, Counter()
        for carrier in self.carriers:
            idle = self.why_idle(carrier, now, is_exhausted=is_exhausted)
            for seat in carrier.seats:
                reason = idle if seat.line in self.outbox.idle else why_busy(seat)
                if reason is not None and seat.is_allowed:
                    self.held[reason] += 1

    def charge(self, elapsed: float, busy: float) -> None:
        """Note what the lines waited for; this process was ``busy`` for that share of the time.

        An answer that lies unread since we are busy is not the relay's slowness.
        """
        window = self.outbox.window
        for (why, key), lines in self.held.items():
            place = (key.host, key.about) if key is not None else ()
            spent = lines * elapsed
            if why is Wait.relay:
                window.wait(Wait.machine, spent * busy)
                spent *= 1 - busy
            window.wait(why, spent, *place)

    def why_idle(self, carrier: Carrier, now: float, *, is_exhausted: bool) -> Reason | None:
        """Return why a relay's idle lines are given nothing."""
        if self.outbox.is_shut:
            return None
        if not carrier.is_able or carrier.gate.is_probe:
            return Wait.rest, carrier.gate.key
        shut = next((gate for gate in carrier.gates if not gate.is_open(now)), None)
        return (Wait.pace, shut.key) if shut else self.why_empty(carrier, now, is_exhausted)

    def why_empty(self, carrier: Carrier, now: float, is_exhausted: bool) -> Reason:  # noqa: FBT001 - passed on
        lanes = self.outbox.lanes
        if lanes.ready:
            return Wait.connect, None  # one line goes first, to see whether the relay is there
        if lanes.aside:
            return Wait.domain, self.paced_domain(carrier, now)
        return (Wait.due if is_exhausted else Wait.database), None

    def paced_domain(self, carrier: Carrier, now: float) -> Key | None:
        """Tell whether a domain's pace is why copies wait aside, without telling which domain."""
        gated = self.outbox.lanes.gated
        is_paced = any(lane.aside and not lane.is_open(carrier, now) for lane in gated)
        return Key(carrier.host, About.recipients) if is_paced else None


def why_busy(seat: Seat) -> Reason | None:
    """Return what a line waits for that is not idle."""
    if seat.line.reaching is not None:
        return Wait.connect, None
    exchange = seat.line.exchange
    return (Wait.relay, None) if exchange and exchange.phase not in OURS else None
