"""The copies of a turn that wait, by the domain they go to: no domain holds up the others."""

from collections import deque
from typing import Any, Generic, Protocol, TypeVar

from mailer.delivery.carriers import Carrier
from mailer.delivery.gates import Gate
from mailer.delivery.pace_models import About
from mailer.delivery.pacing import Key

# A domain may hold twice its share of the lines: more it only holds by being slow.
SHARES = 2
SLOW = 1.0  # s from the dot to its answer
QUICK = 0.25  # s; who answers within it may hold half of the lines, for they are soon free
MOST_RESTS = 10_000


class Rests(dict[str, float]):
    """Until when each slow domain waits for others to have had their part of the lines.

    By the event loop's clock (s), which is the same one for all turns of a process.
    """


class Lane:
    """The way to one domain: how many of its copies are on lines, and who waits aside for it.

    ``most`` of them may be. ``is_quick`` and ``is_slow`` tell of its last answer; a slow lane rests
    until ``rests_until``. ``gates`` are set where a relay's pace to this domain is limited.
    """

    __slots__ = (
        "aside",
        "domain",
        "gates",
        "is_quick",
        "is_slow",
        "losses",
        "most",
        "open",
        "rests_until",
        "seen",
    )

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.open = self.seen = self.losses = 0
        self.most = 1
        self.is_quick = self.is_slow = False
        self.rests_until = 0.0
        self.aside: deque[Any] = deque()
        self.gates: dict[Carrier, Gate] = {}

    def is_open(self, carrier: Carrier, now: float) -> bool:
        gate = self.gates.get(carrier)
        return gate is None or gate.is_open(now)


class Waiting(Protocol):
    """A copy: where it goes, and the gates that it went through."""

    lane: Lane
    gates: tuple[Gate, ...]


One = TypeVar("One", bound=Waiting)


class Lanes(Generic[One]):
    """All that waits. ``marked`` copies passed the fence and go first.

    ``seen`` counts the people of all portions that were fetched, those done before, too. What is
    left of a portion is mostly for domains that are slow, and gives them no right to more lines.
    """

    def __init__(self) -> None:
        self.rests = Rests()
        self.resting: set[Lane] = set()
        self.waiting: deque[One] = deque()
        self.marked: deque[One] = deque()
        self.by_domain: dict[str, Lane] = {}
        self.freed: deque[Lane] = deque()
        self.gated: set[Lane] = set()
        self.aside = 0
        self.seen = 0
        self.lines = 1
        self.is_ending = self.is_alone = False

    def __len__(self) -> int:
        return len(self.waiting) + len(self.marked) + self.aside

    @property
    def ready(self) -> int:
        """How many may be able to go: all but those that wait aside for their lanes."""
        return len(self.waiting) + len(self.marked) + len(self.freed)

    def lane(self, email: str) -> Lane:
        """Return the way to an address, which is counted."""
        domain = email.rpartition("@")[2]
        lane = self.by_domain.get(domain)
        if lane is None:
            lane = self.by_domain[domain] = Lane(domain)
            if domain in self.rests:
                self.lay(lane, self.rests[domain])
        lane.seen += 1
        self.seen += 1
        return lane

    def is_full(self, lane: Lane) -> bool:
        """Tell whether a domain holds as many lines as it may, by what was seen of it so far."""
        if lane.is_slow and (self.is_ending or lane in self.resting):
            lane.most = 0
            return True
        lane.most = max(1, round(self.share(lane)), self.lines // 2 if lane.is_quick else 0)
        return lane.open >= lane.most

    def share(self, lane: Lane) -> float:
        """Return how many lines a domain may hold, over time: all, if nobody else is to go."""
        return self.lines if self.is_alone else SHARES * self.lines * lane.seen / self.seen

    def heed(self, lane: Lane, seconds: float, now: float) -> None:
        """Note how long an answer took: less than one line's time is had by resting in between.

        A slow domain that held one line all the time would, of few lines, take too much.
        """
        lane.is_slow, share = seconds > SLOW, self.share(lane)
        lane.most = 0  # it is worked out anew
        if lane.is_slow and share < 1:
            self.lay(lane, now + seconds * (1 / share - 1))
        else:
            self.rests.pop(lane.domain, None)

    def lay(self, lane: Lane, until: float) -> None:
        """Let a slow domain rest; ``look`` calls it again."""
        lane.is_slow, lane.most, lane.rests_until = True, 0, until
        if len(self.rests) >= MOST_RESTS:
            self.rests.clear()
        self.rests[lane.domain] = until
        self.resting.add(lane)

    def next(self, carrier: Carrier, now: float) -> One | None:
        """Take the next copy that this relay may be given now."""
        if carrier.is_held and not carrier.may_take(now):
            return None
        copy = self.freed_one(carrier, now) if self.freed else None
        while copy is None:
            line = self.marked or self.waiting
            if not line:
                return None
            copy = line.popleft()
            lane = copy.lane
            if (lane.open >= lane.most and self.is_full(lane)) or (
                lane.gates and not lane.is_open(carrier, now)
            ):
                self.put_aside(copy)
                copy = None
        copy.lane.open += 1
        if carrier.is_held or copy.lane.gates:
            self.pass_gates(copy, carrier)
        return copy

    def freed_one(self, carrier: Carrier, now: float) -> One | None:
        """Take a copy that waited aside and whose lane has room again."""
        while self.freed:
            lane = self.freed.popleft()
            if lane.aside and lane.open < lane.most and lane.is_open(carrier, now):
                self.aside -= 1
                if len(lane.aside) > 1 and lane.open + 1 < lane.most:
                    self.freed.append(lane)
                copy: One = lane.aside.popleft()
                return copy
        return None

    def put_aside(self, copy: One) -> None:
        copy.lane.aside.append(copy)
        self.aside += 1

    def pass_gates(self, copy: One, carrier: Carrier) -> None:
        own = copy.lane.gates.get(carrier)
        copy.gates = (*carrier.gates, own) if own else carrier.gates
        for gate in copy.gates:
            gate.take()

    def leave(self, copy: One) -> None:
        """Note that a copy is off its line."""
        lane = copy.lane
        lane.open -= 1
        if lane.aside:
            self.free(lane)
        if copy.gates:
            for gate in copy.gates:
                gate.on_the_way -= 1
            copy.gates = ()

    def free(self, lane: Lane) -> None:
        """Let one of those who wait aside come; or all, where they had no need to.

        Who comes from aside is not marked ahead and costs a word of the fence for itself, and
        behind whoever waits aside all others of the domain do, too.
        """
        is_full = self.is_full(lane)
        if lane.is_quick and not (is_full or lane.gates) and lane.open < lane.most / 2:
            self.aside -= len(lane.aside)
            self.waiting.extendleft(reversed(lane.aside))
            lane.aside.clear()
        else:
            self.freed.append(lane)

    def ahead(self, most: int) -> list[One]:
        """Take the next copies to be marked; who would have to wait aside is not marked."""
        taken: list[One] = []
        while len(taken) < most and self.waiting:
            copy = self.waiting.popleft()
            if copy.lane.aside or copy.lane.gates:
                self.put_aside(copy)
            else:
                taken.append(copy)
        return taken

    def end(self) -> None:
        """Begin nothing more with slow domains: the turn is about to end."""
        self.is_ending = True
        for lane in self.by_domain.values():
            if lane.is_slow:
                lane.most = 0

    def gate(self, lane: Lane, carrier: Carrier) -> Gate:
        """Return the gate of a relay's pace to a domain, set up if it is new."""
        gate = lane.gates.get(carrier)
        if gate is None:
            gate = lane.gates[carrier] = Gate(Key(carrier.host, About.recipients, lane.domain))
            self.gated.add(lane)
        return gate

    def look(self, now: float, *, is_all: bool) -> None:
        """Let those come whose gates have opened meanwhile, and who have rested.

        Nobody rests while there is nobody else to go; ``is_all`` says that nobody can be fetched.
        """
        self.is_alone = is_all and not (self.waiting or self.marked)
        for lane in [one for one in self.resting if self.is_alone or one.rests_until <= now]:
            self.resting.discard(lane)
            if not self.is_ending:
                self.is_full(lane)
                if lane.aside:
                    self.freed.append(lane)
        for lane in self.gated:
            if lane.aside and any(gate.is_open(now) for gate in lane.gates.values()):
                self.freed.append(lane)

    def opens_at(self, now: float) -> dict[Lane, float]:
        """Return when each lane that waits may go on, as far as is known."""
        return {
            lane: min((gate.opens_at(now) for gate in lane.gates.values()), default=now)
            for lane in self.by_domain.values()
            if lane.aside
        }
