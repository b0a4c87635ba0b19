"""What is said on one connection: commands sent ahead, answers matched to them in order.

Where the relay pipelines (RFC 2920), one write carries the message of n, its dot, and MAIL, RCPT
and DATA of n+1. Nothing here knows a socket or a clock.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from mailer.delivery.smtp import parcel as parcels
from mailer.delivery.smtp.extensions import Extensions
from mailer.delivery.smtp.parcel import OFFER, Parcel
from mailer.delivery.smtp.reply import Lost, Reply, said
from mailer.delivery.smtp.wire import Wire

OK = 250
GO_ON = 354
NEGATIVE = 400
CLOSING = 421
SILENT = frozenset({"idle", "quit"})
ENVELOPE = frozenset({"mail", "rcpt"})
RSET = ("rset", b"RSET\r\n")
EMPTY = ("empty", b".\r\n")


@dataclass(frozen=True, slots=True)
class Ends:
    """Whom an exchange asks and tells.

    ``over`` gets the phase and the reason when the connection is of no more use; ``afresh`` asks
    for a new one, since only that takes back what was offered.
    """

    next: Callable[[], Parcel | None]
    ready: Callable[[Parcel], None]
    answered: Callable[[Parcel, Reply], None]
    lost: Callable[[Parcel | None, Lost], None]
    over: Callable[[str, str], None]
    afresh: Callable[[], None]


class Exchange:
    """One connection's transactions: at most one parcel released and the next one offered."""

    def __init__(self, wire: Wire, relay: Extensions, most: int, ends: Ends) -> None:
        self.wire = wire
        self.relay = relay
        self.ends = ends
        self.left = most
        self.expected: deque[str] = deque()
        self.unsaid: deque[tuple[str, bytes]] = deque()
        self.owed: tuple[str, bytes] | None = None
        self.phases = parcels.phases(relay)
        self.offered: Parcel | None = None
        self.released: Parcel | None = None
        self.refusal: Reply | None = None
        self.held = b""
        self.is_ready = False
        self.is_dropped = False
        self.is_leaving = False
        self.is_asking = False
        self.moves = 0

    @property
    def phase(self) -> str:
        """What is being waited for; ``source`` when the relay waits for us."""
        if self.held:
            return "body"
        if self.expected:
            return self.expected[0]
        return "source" if self.is_ready else "idle"

    # What we say.

    def go_on(self) -> None:
        """Offer the next parcel, or say goodbye, if nothing is on its way."""
        if self.offered or self.expected or self.is_asking:
            return
        self.offered = self.taken()
        phases, commands = self.following()
        if self.offered is None and (self.is_leaving or not self.left):
            self.is_leaving = True
            phases, commands = ("quit",), (b"QUIT\r\n",)
        if self.owed is not None:
            phases, commands = (self.owed[0], *phases), (self.owed[1], *commands)
            self.owed = None
        if phases:
            self.say((), phases, commands)

    def following(self) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
        """Return the phases and commands of the parcel on offer."""
        if self.offered is None:
            return (), ()
        return self.phases, parcels.commands(self.offered, self.relay)

    def taken(self) -> Parcel | None:
        """Return the next parcel that this relay can be offered."""
        self.is_asking = True  # whoever is asked may wake the line meanwhile
        try:
            while self.left and not self.is_leaving:
                parcel = self.ends.next()
                refusal = parcels.refusal(parcel, self.relay) if parcel else None
                if parcel is None or refusal is None:
                    self.left -= parcel is not None
                    return parcel
                self.ends.answered(parcel, refusal)
        finally:
            self.is_asking = False
        return None

    def say(
        self, before: tuple[bytes, ...], phases: tuple[str, ...], commands: tuple[bytes, ...]
    ) -> None:
        """Write commands, all at once or only the first, behind what must go ahead of them."""
        self.moves += 1
        if not self.relay.is_pipelining:
            self.unsaid.extend(zip(phases[1:], commands[1:], strict=True))
            phases, commands = phases[:1], commands[:1]
        self.expected.extend(phases)
        self.wire.write(b"".join(before + commands))

    def release(self, parcel: Parcel) -> bool:
        """Hand over the parcel that is ready; False when it is no longer this line's."""
        if parcel is not self.offered or not self.is_ready:
            return False
        self.is_ready = False
        pieces = parcels.pieces(parcel, self.relay)
        if parcels.is_large(parcel):
            self.begin(b"".join(pieces))
        else:
            self.finish(pieces)
        return True

    def begin(self, message: bytes) -> None:
        """Write a large message but for its last byte, which follows when the rest has left."""
        self.moves += 1
        self.held = message[-1:]
        self.wire.drained = self.drained
        self.wire.write(memoryview(message)[:-1])
        if not self.wire.is_full:
            self.drained()

    def drained(self) -> None:
        held, self.held = self.held, b""
        self.wire.drained = None
        self.finish((held,))

    def finish(self, rest: tuple[bytes, ...]) -> None:
        """Write the last of a message and what is sent ahead of its answer."""
        following = self.taken() if self.relay.is_pipelining else None
        self.released, self.offered = self.offered, following
        self.expected.append("dot")
        self.say(rest, *self.following())

    def drop(self) -> None:
        """Give no dot to the parcel that was offered: it is no message."""
        if self.offered is None or self.held:
            return
        self.is_dropped = True
        if self.is_ready:
            self.take_back()

    def take_back(self) -> None:
        self.offered, self.is_ready, self.is_dropped = None, False, False
        if self.relay.is_chunking:
            self.owed = RSET
            self.go_on()
        else:
            self.ends.afresh()

    # What we hear.

    def hear(self, code: int, text: bytes) -> None:
        """Take in one reply."""
        self.moves += 1
        expected = self.expected
        if code == CLOSING or not expected:
            self.hear_unasked(code, text)
            return
        phase = expected.popleft()
        if code == OK and phase in ENVELOPE and expected:
            return  # the usual: MAIL or RCPT was taken, and more was asked
        if phase in OFFER:
            self.hear_offer(phase, code, text)
        elif phase == "dot":
            self.hear_dot(code, text)
        elif phase == "rset" and code >= NEGATIVE:
            self.expected.appendleft(phase)
            self.ends.over(phase, f"{code} to RSET")
        elif phase == "quit":
            self.ends.over(phase, "")
        elif not self.expected:
            self.say_next()

    def hear_offer(self, phase: str, code: int, text: bytes) -> None:
        if code >= NEGATIVE:
            self.refusal = self.refusal or said(phase, code, text)
        elif (code == GO_ON) != (phase == "data"):
            self.expected.appendleft(phase)
            self.ends.over(phase, f"the relay answered {code}")
            return
        if self.expected:
            return
        if self.refusal is not None:
            self.refuse(is_open=code == GO_ON)
        elif self.unsaid:
            self.say_next()
        else:
            self.make_ready()

    def say_next(self) -> None:
        """Where the relay does not pipeline: say what could not be said before the last answer."""
        if self.unsaid:
            phase, command = self.unsaid.popleft()
            self.say((), (phase,), (command,))
        else:
            self.go_on()

    def make_ready(self) -> None:
        self.is_ready = True
        if self.is_dropped:
            self.take_back()
        elif self.offered is not None:
            self.ends.ready(self.offered)

    def refuse(self, *, is_open: bool) -> None:
        """Pass a refusal on and clear the transaction.

        A relay that refused and went on to 354 all the same gets an empty message, whose answer
        counts for nothing (RFC 2920 section 3.1).
        """
        parcel, refusal, is_dropped = self.offered, self.refusal, self.is_dropped
        self.owed = EMPTY if is_open else RSET
        self.offered, self.refusal, self.is_dropped = None, None, False
        self.unsaid.clear()
        if parcel is not None and refusal is not None and not is_dropped:
            self.ends.answered(parcel, refusal)
        self.go_on()

    def hear_dot(self, code: int, text: bytes) -> None:
        parcel = self.released
        if NEGATIVE > code >= 300 or parcel is None:  # noqa: PLR2004 - neither taken nor refused
            self.ends.over("dot", f"the relay answered {code}")
            return
        self.released = None
        self.ends.answered(parcel, said("dot", code, text))
        if self.offered is None and not self.expected:
            self.go_on()

    def hear_unasked(self, code: int, text: bytes) -> None:
        """Take in a reply that ends the connection: 421, or one that we did not ask for."""
        phase = "data" if self.phase == "source" else self.phase
        reply = said(phase, code, text)
        if phase == "dot" and self.released is not None:
            parcel, self.released = self.released, None
            self.ends.answered(parcel, reply)
        elif self.offered is not None and phase in {*OFFER, "body"} and code >= NEGATIVE:
            self.refusal = self.refusal or reply
        self.ends.over(phase, f"{code} {reply.text}" if code >= NEGATIVE else "spoke unasked")

    def close(self, phase: str, why: str) -> None:
        """Tell the source what is lost with the connection, each parcel with its own phase."""
        self.is_leaving = True
        parcel, self.released = self.released, None
        offered, self.offered = self.offered, None
        is_told = parcel is not None
        if parcel is not None:
            self.ends.lost(parcel, Lost("dot", why))
        if offered is not None and not self.is_dropped:
            if self.refusal is not None:
                self.ends.answered(offered, self.refusal)
            else:
                is_told = True
                self.ends.lost(offered, Lost(self.own_phase, why))
        if not is_told and phase not in SILENT:
            self.ends.lost(None, Lost(phase, why))

    @property
    def own_phase(self) -> str:
        """How far the parcel on offer has come: never to its dot."""
        if self.held:
            return "body"
        waiting = (*self.expected, *(step for step, _ in self.unsaid))
        return next((step for step in waiting if step in OFFER), "data")
