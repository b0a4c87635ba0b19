"""A line to a relay: one connection at a time, pipelined, renewed when it has carried enough."""

import asyncio
from functools import partial
from typing import Protocol

from mailer.delivery.smtp.exchange import Ends, Exchange
from mailer.delivery.smtp.extensions import Extensions
from mailer.delivery.smtp.greeting import Greeting
from mailer.delivery.smtp.parcel import Parcel
from mailer.delivery.smtp.relay import Relay
from mailer.delivery.smtp.reply import Lost, Refused, Reply
from mailer.delivery.smtp.watch import Watch
from mailer.delivery.smtp.wire import Wire


class Source(Protocol):
    """Where parcels come from, and who is told what became of them. All on the loop's thread."""

    def next(self, line: "Line") -> Parcel | None:
        """Return the next parcel to offer; None leaves the line idle until ``line.wake()``."""

    def ready(self, line: "Line", parcel: Parcel) -> None:
        """Only the message itself is missing: ``line.release(parcel)`` or ``line.drop()``."""

    def answered(self, line: "Line", parcel: Parcel, reply: Reply) -> None:
        """Take the definite answer about this parcel: the relay's, or ours in its stead."""

    def lost(self, line: "Line", parcel: Parcel | None, loss: Lost | Refused) -> None:
        """Take note that the line is down, once for each parcel it had, or once without one.

        Refused when the relay would not even begin. ``line.wake()`` connects again.
        """


class Line:
    """One line to a relay; it connects when it is first woken, on the running loop.

    It renews its connection by itself after ``relay.messages`` messages and after ``drop``, and
    goes down without a word when it was idle for long or the relay closed it while it was idle.
    """

    def __init__(self, relay: Relay, name: str, source: Source) -> None:
        self.relay = relay
        self.name = name
        self.source = source
        self.loop = asyncio.get_running_loop()
        self.exchange: Exchange | None = None
        self.wire: Wire | None = None
        self.reaching: asyncio.Task[None] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.watch = Watch(relay.times)
        self.comes_back = False
        self.waiting: list[asyncio.Future[None]] = []

    @property
    def is_down(self) -> bool:
        return self.exchange is None and self.reaching is None

    @property
    def is_idle(self) -> bool:
        return self.exchange is not None and self.exchange.phase == "idle"

    def wake(self) -> None:
        """Ask the source for work, connecting first where there is no connection."""
        self.comes_back = True
        if self.exchange is not None:
            self.exchange.go_on()
        elif self.reaching is None:
            self.reaching = self.loop.create_task(self.reach())
            self.reaching.add_done_callback(self.reached)

    def release(self, parcel: Parcel) -> bool:
        """Send the message and its final dot: from here on it may be delivered.

        False, and nothing is sent, when the parcel is not the one that is ready: then the source
        was told what became of it.
        """
        return self.exchange is not None and self.exchange.release(parcel)

    def drop(self) -> None:
        """Take back the parcel on offer: without its dot it is no message, and nobody is told."""
        if self.exchange is not None:
            self.exchange.drop()

    def quit(self) -> None:
        """Take no more; say goodbye once everything on its way has its answer.

        What is ready still waits for ``release`` or ``drop``.
        """
        self.comes_back = False
        if self.exchange is not None:
            self.exchange.is_leaving = True
            self.exchange.go_on()
        elif self.reaching is not None:
            self.reaching.cancel()

    def close(self) -> None:
        """Hang up now; the source is told of each parcel that was on its way."""
        self.comes_back = False
        if self.exchange is not None:
            self.end("idle", "we hung up")
        elif self.reaching is not None:
            self.reaching.cancel()

    async def gone(self) -> None:
        """Wait until the line is down."""
        if not self.is_down:
            waiting = self.loop.create_future()
            self.waiting.append(waiting)
            await waiting

    async def reach(self) -> None:
        """Connect and begin; the source learns what came in between."""
        wire = Wire()
        try:
            offered = await Greeting(wire, self.relay, self.name).extensions()
        except (Lost, Refused) as loss:
            wire.cut()
            self.reaching, self.comes_back = None, False
            self.source.lost(self, None, loss)
        except BaseException:
            wire.cut()
            raise
        else:
            self.begin(wire, offered)

    def reached(self, task: "asyncio.Task[None]") -> None:
        if self.reaching is task:
            self.reaching = None
        self.rest()

    def begin(self, wire: Wire, offered: Extensions) -> None:
        source = self.source
        ends = Ends(
            next=partial(source.next, self),
            ready=partial(source.ready, self),
            answered=partial(source.answered, self),
            lost=partial(source.lost, self),
            over=self.end,
            afresh=self.renew,
        )
        self.wire, self.reaching = wire, None
        self.exchange = exchange = Exchange(wire, offered, self.relay.messages, ends)
        wire.hear, wire.lose = exchange.hear, self.lose
        self.watch = Watch(self.relay.times)
        self.tick()
        exchange.go_on()

    def tick(self) -> None:
        """Look at the clock: one timer a line, whatever it carries."""
        exchange = self.exchange
        if exchange is None:
            return
        self.timer = self.loop.call_later(self.relay.times.tick, self.tick)
        phase, oldest = exchange.phase, exchange.released or exchange.offered
        if not self.watch.is_over(self.loop.time(), phase, exchange.moves, oldest):
            return
        if phase == "idle":
            self.quit()
        else:
            self.lose("no answer in time" if phase != "source" else "it was not released in time")

    def lose(self, why: str) -> None:
        if self.exchange is not None:
            phase = self.exchange.phase
            self.end("data" if phase == "source" else phase, why)

    def end(self, phase: str, why: str) -> None:
        """Leave this connection, tell the source what was lost, and return after a goodbye."""
        exchange, comes_back = self.exchange, self.comes_back
        self.hang_up()
        self.comes_back = False
        if exchange is not None:
            exchange.close(phase, why)
        if comes_back and phase == "quit":
            self.wake()
        self.rest()

    def renew(self) -> None:
        """Exchange the connection for a new one, unless the line was to go down anyway."""
        self.hang_up()
        if self.comes_back:
            self.wake()
        self.rest()

    def hang_up(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
        if self.wire is not None:
            self.wire.cut()
        self.exchange = self.wire = self.timer = None

    def rest(self) -> None:
        """Tell who waits for it that the line is down, if it is."""
        if self.is_down:
            for one in self.waiting:
                if not one.done():
                    one.set_result(None)
            self.waiting.clear()
