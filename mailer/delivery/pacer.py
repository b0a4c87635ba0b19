"""A turn's share of the common pace: what it asks for, and what its relays may do with it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from mailer.delivery.carriers import Carrier, Seat
from mailer.delivery.clerk import Work
from mailer.delivery.gates import Gate
from mailer.delivery.lanes import Lane
from mailer.delivery.outbox import Outbox
from mailer.delivery.pace_models import About
from mailer.delivery.pacing import Ask, Granted, Key, Lines
from mailer.delivery.routes import Route
from mailer.delivery.smtp.line import Line

# How often (s) it is asked: where something is limited, and where nothing is.
OFTEN, SELDOM = 0.2, 1.0
# A turn does not wait longer (s) than this for a pace: its portions wait in the ledger.
PATIENCE = 5.0


class Pacer:
    """Keeps the gates of one turn."""

    def __init__(self, outbox: Outbox, routes: Sequence[Route], connections: int) -> None:
        self.outbox, self.connections = outbox, connections
        domain = outbox.sender.rpartition("@")[2]
        self.carriers = [Carrier(route, domain) for route in routes]
        self.by_host = {carrier.host: carrier for carrier in self.carriers}
        self.due_at = 0.0
        self.is_held = False

    def man(self, name: str) -> list[Line]:
        """Make the lines: to each relay as many as it might ever be allowed."""
        for carrier in self.carriers:
            most = self.connections
            if carrier.route.connections is not None:
                most = min(most, carrier.route.connections)
            for place in range(most):
                seat = Seat(carrier, Line(carrier.route.relay, name, self.outbox), place)
                carrier.seats.append(seat)
                self.outbox.seats[seat.line] = seat
        self.divide()
        return list(self.outbox.seats)

    def divide(self) -> None:
        """Divide the lines among the relays that can be reached, by their weights."""
        able = [carrier for carrier in self.carriers if carrier.is_able]
        weight = sum(carrier.route.weight for carrier in able) or 1
        for carrier in self.carriers:
            carrier.look()
            share = max(1, round(self.connections * carrier.route.weight / weight))
            share = min(share, len(carrier.seats)) if carrier in able else 0
            carrier.wanted = share
            carrier.allowed = share if carrier.granted is None else min(share, carrier.granted)
        self.outbox.lanes.lines = max(1, sum(carrier.allowed for carrier in self.carriers))

    # What is asked, and heard.

    def is_due(self, now: float) -> bool:
        return now >= self.due_at or any(gate.has_news for gate in self.gates())

    def gates(self) -> Iterable[Gate]:
        for carrier in self.carriers:
            yield from carrier.gates
        for lane in self.outbox.lanes.gated:
            yield from lane.gates.values()

    def asked(self, now: float) -> tuple[dict[str, Lines], dict[Key, Ask]]:
        """Return what to tell and to ask of the database."""
        lanes, measured = self.outbox.lanes, self.outbox.rate.per_second
        lines = {
            one.host: Lines(one.open, one.wanted, one.route.connections) for one in self.carriers
        }
        waiting = [
            (gate, len(lanes), measured) for carrier in self.carriers for gate in carrier.gates
        ]
        for lane in lanes.gated:
            share = measured * lane.seen / max(1, lanes.seen)
            waiting += [(gate, len(lane.aside), share) for gate in lane.gates.values()]
        asks = {
            gate.key: gate.asked(wanted, rate, now)
            for gate, wanted, rate in waiting
            if gate.is_held or gate.has_news
        }
        return lines, asks

    def hear(self, granted: Granted, asked_at: float) -> None:
        """Take in what holds from now on."""
        for key, word in granted.words.items():
            gate = self.gate(key)
            if gate is not None:
                gate.hear(word, asked_at, granted.at)
        for carrier in self.carriers:
            carrier.granted = granted.lines.get(carrier.host)
            carrier.come_back()
        self.divide()
        is_held = any(gate.is_held for gate in self.gates())
        # What is first learned to be limited is asked for at once.
        wait = OFTEN if self.is_held else 0.0
        self.due_at = asked_at + (wait if is_held else SELDOM)
        self.is_held = is_held

    def gate(self, key: Key) -> Gate | None:
        """Return the gate that a word is about, None when this turn has no use for it."""
        carrier, lanes = self.by_host[key.host], self.outbox.lanes
        if key.about is About.relay:
            return carrier.gate
        if key.about is About.sender:
            return carrier.sender if carrier.sender.key == key else None
        return lanes.gate(lanes.by_domain.setdefault(key.domain, Lane(key.domain)), carrier)

    # When nothing can leave.

    def is_stuck(self, now: float, *, is_all: bool) -> bool:
        """Tell whether nothing here can leave for longer than a turn should wait.

        ``is_all``: no further portion could be fetched.
        """
        if self.outbox.on_the_way:
            return False
        if self.opens_at(now) > now + PATIENCE:
            return True
        lanes = self.outbox.lanes
        if not is_all or lanes.waiting or lanes.marked or not lanes.aside:
            return False
        return min(lanes.opens_at(now).values()) > now + PATIENCE

    def opens_at(self, now: float) -> float:
        """Return when the first relay may take more."""
        return min(carrier.opens_at(now) for carrier in self.carriers)

    def rest(self, now: float) -> timedelta:
        """Return for how long no relay takes anything, if that is worth a rest."""
        seconds = self.opens_at(now) - now
        return timedelta(seconds=seconds if seconds > PATIENCE else 0)

    def later(self, now: float) -> dict[Work, timedelta]:
        """Return for how long portions should rest whose people all wait for a domain's pace."""
        lanes = self.outbox.lanes
        opens: dict[Work, float] = {}
        for lane, opens_at in lanes.opens_at(now).items():
            for copy in lane.aside:
                opens[copy.work] = min(opens.get(copy.work, opens_at), opens_at)
        for copy in (*lanes.waiting, *lanes.marked):
            opens.pop(copy.work, None)
        return {work: timedelta(seconds=at - now) for work, at in opens.items() if at > now}

    def unused(self) -> dict[Key, int]:
        """Return the promised moments that are given back."""
        return {gate.key: len(gate.moments) for gate in self.gates() if gate.moments}
