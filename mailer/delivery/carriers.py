"""The relays of one turn: their lines, what they may take, and when they are left alone."""

from dataclasses import replace

from mailer.delivery.gates import Gate
from mailer.delivery.pace_models import About
from mailer.delivery.pacing import Key
from mailer.delivery.routes import Route
from mailer.delivery.smtp.line import Line
from mailer.delivery.smtp.wire import Wire

MOST_LOSSES = 3
# What one message that was taken makes good of a loss.
RELIEF = 0.5


class Carrier:
    """One relay in one turn. ``allowed`` of its lines may be open, the first ones."""

    def __init__(self, route: Route, sender_domain: str) -> None:
        self.route = route
        self.seats: list[Seat] = []
        self.gate = Gate(Key(route.host, About.relay))
        self.sender = Gate(Key(route.host, About.sender, sender_domain))
        self.wanted = self.allowed = 0
        self.granted: int | None = None
        self.losses = 0.0
        self.is_reached = self.is_held = False
        self.is_lost = False
        self.last_cut = 0

    @property
    def host(self) -> str:
        return self.route.host

    @property
    def gates(self) -> tuple[Gate, Gate]:
        return self.gate, self.sender

    @property
    def open(self) -> int:
        """How many of its lines have, or are getting, a connection."""
        return sum(not seat.line.is_down for seat in self.seats)

    @property
    def is_able(self) -> bool:
        """Tell whether it is not to be left alone."""
        return not (self.is_lost or self.gate.is_closed)

    def may_take(self, now: float) -> bool:
        return not self.is_lost and self.gate.is_open(now) and self.sender.is_open(now)

    def opens_at(self, now: float) -> float:
        """Return when it may take more, as far as is known."""
        return max(self.gate.opens_at(now), self.sender.opens_at(now))

    def rouse(self, idle: set[Line], most: int, now: float) -> int:
        """Wake its idle lines, let go of those that it may not have; return how many were woken."""
        mine = [seat for seat in self.seats if seat.line in idle]
        for seat in mine:
            if not seat.is_allowed and not seat.line.is_down:
                seat.line.quit()
        if not self.open:
            self.is_reached = False
        if not self.may_take(now):
            return 0
        busy = len(self.seats) - len(mine)
        ready = [seat for seat in mine if seat.is_allowed]
        most = max(0, most if self.is_reached and not self.gate.is_probe else min(most, 1 - busy))
        for seat in ready[:most]:
            idle.discard(seat.line)
            seat.line.wake()
        return min(most, len(ready))

    def look(self) -> None:
        """See whether its gates are to be asked for each message."""
        self.is_held = self.is_lost or self.gate.is_held or self.sender.is_held

    def lose(self) -> None:
        """Note a connection that brought nothing; after a few in a row the relay is left alone."""
        self.losses += 1
        if self.losses >= MOST_LOSSES:
            self.give_up()

    def give_up(self) -> None:
        if not self.is_lost:
            self.is_lost = self.is_held = True
            self.gate.ask.is_lost = True

    def come_back(self) -> None:
        """Begin anew, when it is our part to try whether the relay is there again."""
        if self.is_lost and self.gate.is_probe and not self.gate.ask.is_lost:
            self.is_lost = self.is_reached = False
            self.losses = 0.0

    def take_word(self) -> None:
        """Note that a message was taken."""
        self.losses = max(0.0, self.losses - RELIEF)
        if self.gate.is_probe:
            self.gate.ask.is_reached = True

    def learn(self, carried: int) -> None:
        """Renew connections before the relay ends them, once it did so twice after as many."""
        if carried == self.last_cut:
            relay = replace(self.route.relay, messages=carried)
            for seat in self.seats:
                seat.line.relay = relay
        self.last_cut = carried


class Seat:
    """A line's place at its carrier, and what its present connection has carried."""

    __slots__ = ("carried", "carrier", "is_alone", "line", "place", "wire")

    def __init__(self, carrier: Carrier, line: Line, place: int) -> None:
        self.carrier, self.line, self.place = carrier, line, place
        self.wire: Wire | None = None
        self.carried = 0
        self.is_alone = False

    def begin(self, wire: Wire | None) -> None:
        """Note that the line has a new connection: the relay talks to us."""
        self.wire, self.carried, self.is_alone = wire, 0, False
        self.carrier.is_reached = True

    @property
    def is_allowed(self) -> bool:
        return self.place < self.carrier.allowed
