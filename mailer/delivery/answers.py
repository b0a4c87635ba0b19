"""What a turn's answers say together: a campaign that is refused too often, a domain worn out."""

from collections import deque

from mailer.delivery.carriers import Carrier
from mailer.delivery.gates import Gate
from mailer.delivery.lanes import Lane

# More than so many refused of the last so many is no accident.
AMONG = 100
MOST_REFUSED = 5
ALARMING = (
    f"More than {MOST_REFUSED} of the last {AMONG} readers were refused. Look at the refusals in "
    "the report: an old list, or a relay that takes this mail for spam. Then let it go on."
)
MOST_PUT_OFF = 5


class Answers:
    """Counts what relays answer in one turn."""

    def __init__(self) -> None:
        self.number = 0
        self.refused: deque[int] = deque()

    def taken(self, lane: Lane, carrier: Carrier) -> None:
        """Note that a copy was taken."""
        self.number += 1
        if lane.losses:
            lane.losses = 0
        if lane.gates and (gate := lane.gates.get(carrier)) and gate.is_probe:
            gate.ask.is_reached = True
        if carrier.losses or carrier.is_held:
            carrier.take_word()

    def is_alarming(self) -> bool:
        """Note that a reader was refused for good, and tell whether too many were."""
        self.number += 1
        self.refused.append(self.number)
        while self.refused[0] <= self.number - AMONG:
            self.refused.popleft()
        return self.number >= AMONG and len(self.refused) > MOST_REFUSED

    def put_off(self, lane: Lane, gate: Gate) -> None:
        """Note that a domain asks for less; after many times in a row it is left alone."""
        lane.losses += 1
        if lane.losses >= MOST_PUT_OFF or gate.is_probe:
            lane.losses = 0
            gate.ask.is_lost = gate.is_closed = True
