"""One turn at a campaign: an event loop with several lines, a thread for the database.

The lines take copies from the outbox. The loop here keeps the books beside them: it marks copies
in groups, writes outcomes with the next marks, and fetches portions before the lines run dry.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from mailer.delivery.claims import LEASE, Hold
from mailer.delivery.clerk import Clerk, Work
from mailer.delivery.copies import Copy
from mailer.delivery.idleness import Idleness
from mailer.delivery.outbox import FRESH, Outbox
from mailer.delivery.pacer import Pacer
from mailer.delivery.rates import Appetite
from mailer.delivery.routes import Route
from mailer.delivery.windows import Kept, Span

# How much work (s) is marked ahead of the lines, at the rate of the moment; and at most so many.
# A mark that is asked for now is good for so long, less what the database takes to give it.
AHEAD = FRESH - 0.02
LEAST_AHEAD = 0.03
MOST_AHEAD = 2000
# The books are looked at at least as often as this (s).
PAUSE = 0.05
# A turn lasts at most so much longer (s) while a copy is on its way that the relay is slow with.
OVERTIME = 60.0
# So many copies wait at most for their domains before no further portion is fetched.
MOST_ASIDE = 5000
RENEWAL = LEASE.total_seconds() / 3
Told = TypeVar("Told")


@dataclass(frozen=True)
class Terms:
    """How a turn is to be done: over how many lines to which relays, and when to stop."""

    routes: Sequence[Route]
    name: str
    connections: int
    seconds: float
    stopping: Event


class Turn:
    """One process's turn at one campaign. Made and run in one event loop."""

    def __init__(self, clerk: Clerk, outbox: Outbox, terms: Terms) -> None:
        self.clerk, self.outbox, self.terms = clerk, outbox, terms
        self.loop = asyncio.get_running_loop()
        self.until = self.loop.time() + terms.seconds
        self.works: dict[Work, float] = {}
        self.lag = 0.0
        self.appetite = Appetite()
        self.is_exhausted = False
        self.pacer = Pacer(outbox, terms.routes, terms.connections)
        self.lines = self.pacer.man(terms.name)
        outbox.idle.update(self.lines)
        self.idleness = Idleness(outbox, self.pacer.carriers)
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="clerk")
        self.context = copy_context()

    async def run(self) -> None:
        """Send until nothing is due, the time is up, or the relay is down.

        Raises what the database raises, once every dot that has left was answered: then the
        journals tell what the database could not be told.
        """
        try:
            await self.keep_books()
        except BaseException:
            self.outbox.is_closed = True
            await self.part()
            for work in self.works:
                work.journal.abandon()
            raise
        else:
            await self.part()
            now = self.loop.time()
            await self.ask(self.clerk.exchange, self.outbox.told(), {}, self.figures(is_last=True))
            await self.ask(self.clerk.leave, list(self.works), self.pacer.later(now))
            await self.ask(self.clerk.stop_pacing, self.pacer.unused())
            self.outbox.rest = self.pacer.rest(now)
        finally:
            self.thread.shutdown()

    async def ask(self, function: Callable[..., Told], *given: object) -> Told:
        """Let the clerk do one thing, in the database's thread."""
        return await self.loop.run_in_executor(
            self.thread, lambda: self.context.run(function, *given)
        )

    async def keep_books(self) -> None:
        await self.pace()
        if self.is_over():
            self.outbox.shut()
        await self.fetch()
        await self.pace()
        while not self.is_done():
            self.rouse()
            await self.something()
            if not self.outbox.is_shut and self.is_over():
                self.outbox.shut()
            await self.exchange()
            await self.fetch()
            await self.pace()
        await self.exchange()
        await self.pace()

    async def pace(self) -> None:
        """Tell and ask what all workers share of their pace."""
        asked_at = self.loop.time()
        if self.pacer.is_due(asked_at):
            lines, asks = self.pacer.asked(asked_at)
            self.pacer.hear(await self.ask(self.clerk.pace, lines, asks), asked_at)

    def is_done(self) -> bool:
        box = self.outbox
        has_more = len(box.lanes) or not self.is_exhausted
        return not (box.on_the_way or (has_more and not box.is_shut))

    def is_over(self) -> bool:
        """Tell whether the turn is to end: it was asked to, its time is up, or all must wait.

        While a dot is answered slowly the others go on: a turn that stood still for one domain
        would hold up all.
        """
        now = self.loop.time()
        if self.terms.stopping.is_set() or self.pacer.is_stuck(now, is_all=self.is_all):
            return True
        if now <= self.until:
            return False
        self.outbox.lanes.end()
        return now > self.until + OVERTIME or not self.outbox.is_waiting(now)

    async def something(self) -> None:
        """Wait for something to do, but not for long: outcomes want to be written."""
        if not self.is_short_of_marks():
            alarm = self.loop.call_later(PAUSE, self.outbox.stir.set)
            await self.outbox.stir.wait()
            alarm.cancel()
        self.outbox.stir.clear()

    @property
    def ahead(self) -> int:
        """How many copies to have marked: a moment's work, or none where the relay is slow."""
        seconds = max(LEAST_AHEAD, AHEAD - self.lag)
        rate = max(self.outbox.rate.per_second, self.appetite.per_second)
        ahead = min(MOST_AHEAD, int(rate * seconds))
        return ahead if ahead >= self.terms.connections else 0

    def is_short_of_marks(self) -> bool:
        box = self.outbox
        least = max(self.ahead / 2, self.appetite.per_second * self.lag)
        return bool(box.lanes.waiting) and not box.is_shut and len(box.lanes.marked) < least

    async def exchange(self) -> None:
        """Write what is known and mark what is next, in one commit; then let it go."""
        box = self.outbox
        held, box.at_the_fence = box.at_the_fence, []
        asked_at = self.loop.time()
        ahead = [] if box.is_shut else self.taken_ahead(asked_at)
        wanted = self.grouped([copy for _, copy in held] + ahead, asked_at)
        news = box.told()
        if not (news or wanted):
            return
        try:
            through, goes_on = await self.ask(self.clerk.exchange, news, wanted, self.figures())
        except BaseException:
            box.at_the_fence += held  # their lines wait for a word: `part` gives it
            raise
        written_at = self.loop.time()
        self.lag += (written_at - asked_at - self.lag) / 4
        for answered_at in news.answered_at:
            box.window.add(Span.outcome, written_at - answered_at)
        if not goes_on:
            box.is_closed = True  # nor does what has passed its fence and is not on the wire yet
            box.shut()
        box.passed(ahead, through, asked_at)
        self.appetite.serve(len(box.lanes.marked), written_at)
        box.let_go(held, through, asked_at)
        await self.count(news.closed)

    def taken_ahead(self, now: float) -> list[Copy]:
        """Return who is to be marked ahead of the lines, and whose marks are about to lapse."""
        box = self.outbox
        self.appetite.look(len(box.lanes.marked), now, box.released_at)
        stale, most = box.stale(now + self.lag), self.ahead
        box.lanes.waiting.extendleft(reversed(stale[most:]))  # the relay has become slower
        return stale[:most] + box.lanes.ahead(most - len(box.lanes.marked) - len(stale))

    def figures(self, *, is_last: bool = False) -> Kept | None:
        """Return what the report should be told now, once a second."""
        window, now = self.outbox.window, self.outbox.clock()
        if not (is_last or window.is_due(now)):
            return None
        allowed = sum(carrier.allowed for carrier in self.pacer.carriers)
        window.lines(len(self.lines) - len(self.outbox.idle), allowed)
        return window.taken(now)

    def grouped(self, copies: Iterable[Copy], now: float) -> dict[Hold, list[int]]:
        """Return what to ask the fence: copies by portion, and portions due for renewal."""
        wanted: defaultdict[Hold, list[int]] = defaultdict(list)
        for copy in copies:
            wanted[copy.work.hold].append(copy.id)
        for work, renewed_at in self.works.items():
            if work.hold in wanted or now - renewed_at > RENEWAL:
                self.works[work] = now
                wanted[work.hold] += ()
        return wanted

    async def count(self, closed: Iterable[Work]) -> None:
        """Give back the portions in which nobody is left to send to."""
        for work in closed:
            work.open -= 1
        done = [work for work in self.works if not work.open]
        if done:
            await self.ask(self.clerk.leave, done)
            for work in done:
                del self.works[work]

    async def fetch(self) -> None:
        """Claim another portion before the lines run dry."""
        box, enough = self.outbox, max(2 * self.terms.connections, 4 * self.ahead)
        while not (box.is_shut or self.is_exhausted) and self.has_room(enough):
            found = await self.ask(self.clerk.claim)
            if found is None:
                self.is_exhausted = True
                return
            work, people = found
            self.works[work] = self.loop.time()
            lane = box.lanes.lane
            box.lanes.seen += work.hold.people - len(people)
            box.lanes.waiting.extend(Copy(one, work, lane(one.reader.email)) for one in people)
            await self.count(())

    @property
    def is_all(self) -> bool:
        """Whether nobody else can be fetched."""
        return self.is_exhausted or not self.has_room(1)

    def has_room(self, enough: int) -> bool:
        """Tell whether another portion is wanted: not for ever when all that is here is held up."""
        lanes = self.outbox.lanes
        return len(lanes.waiting) < enough and lanes.aside < MOST_ASIDE

    def rouse(self) -> None:
        """Wake idle lines: a relay's first alone, and once it stands as many as there is work."""
        box, now = self.outbox, self.loop.time()
        box.lanes.look(now, is_all=self.is_all)
        most = 0 if box.is_shut else box.lanes.ready
        for carrier in self.pacer.carriers:
            most -= carrier.rouse(box.idle, most, now)
        self.idleness.look(now, is_exhausted=self.is_exhausted)

    async def part(self) -> None:
        """Say goodbye on every line, after the answers that are still owed."""
        box = self.outbox
        box.shut()
        held, box.at_the_fence = box.at_the_fence, []
        box.let_go(held, set(), self.loop.time())
        for line in self.lines:
            line.quit()
        await asyncio.gather(*(line.gone() for line in self.lines))
