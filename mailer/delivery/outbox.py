"""What the lines of a turn ask for and tell: copies out, answers in. All on the loop's thread."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from mailer.campaigns.templating import BadTemplate
from mailer.delivery import copies, fence, replies
from mailer.delivery.answers import ALARMING, Answers
from mailer.delivery.approval import Overtaken, Unlawful
from mailer.delivery.carriers import Carrier, Seat
from mailer.delivery.clerk import News
from mailer.delivery.composing import Unsendable
from mailer.delivery.copies import NEVER, Copy, ours
from mailer.delivery.fence import Outcome
from mailer.delivery.journal import MARKED, NOTHING, RELEASED
from mailer.delivery.lanes import QUICK, SLOW, Lanes
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.press import Press
from mailer.delivery.rates import Rate
from mailer.delivery.smtp.line import Line
from mailer.delivery.smtp.parcel import Parcel
from mailer.delivery.smtp.reply import Lost, Refused, Reply
from mailer.delivery.windows import Span, Wait, Window

# A mark is good for so long (s): a copy not released by then is asked about again.
FRESH = 0.15
# A copy that did not leave is offered so often in one turn before it waits for another.
MOST_TRIES = 3
# Answers in these phases may be about the domain that the mail goes to.
OF_THE_DOMAIN = frozenset({"rcpt", "dot"})
THROTTLED = 454  # but this one never is


class Outbox:
    """The copies of one turn, between the books and the lines.

    ``stir`` is set whenever the books should be looked at.
    """

    def __init__(
        self, press: Press, sender: str, window: Window, clock: Callable[[], datetime]
    ) -> None:
        self.press, self.sender, self.window, self.clock = press, sender, window, clock
        self.since = press.inspector.let_go_at
        self.time = asyncio.get_running_loop().time
        self.stir = asyncio.Event()
        self.lanes: Lanes[Copy] = Lanes()
        self.seats: dict[Line, Seat] = {}
        self.answers = Answers()
        self.at_the_fence: list[tuple[Line, Copy]] = []
        self.idle: set[Line] = set()
        self.news = News()
        self.on_the_way = 0
        self.rate = Rate(self.time())
        self.released_at = self.time()
        self.is_shut = self.is_closed = self.is_down = False
        self.hindrance = ""
        self.rest = timedelta()

    # What the lines ask and tell.

    def next(self, line: Line) -> Parcel | None:
        """Give a line its next copy, or None: then it waits to be woken."""
        seat = self.seats[line]
        if line.wire is not seat.wire:
            seat.begin(line.wire)
            self.stir.set()
        if seat.is_alone:  # what is behind a slow answer would wait as long
            return None
        while not self.is_shut and seat.is_allowed:
            copy = self.lanes.next(seat.carrier, self.time())
            if copy is None:
                break
            self.on_the_way += 1
            if self.is_composed(copy):
                return copy
        self.idle.add(line)
        self.stir.set()
        return None

    def ready(self, line: Line, parcel: Parcel) -> None:
        """Let a copy go whose mark is fresh; any other waits for the fence."""
        copy = ours(parcel)
        if self.is_closed:
            self.turn_away(line, copy)
        elif self.time() - copy.marked_at < FRESH:
            self.release(line, copy)
        else:
            copy.ready_at = self.time()
            self.at_the_fence.append((line, copy))
            self.stir.set()

    def answered(self, line: Line, parcel: Parcel, reply: Reply) -> None:
        """Note the relay's definite answer about a copy."""
        copy, seat = ours(parcel), self.seats[line]
        seat.is_alone = False
        if copy.released_at is not NEVER:
            took = self.time() - copy.released_at
            self.window.add(Span.reply, took)
            copy.lane.is_quick = took < QUICK
            if took > SLOW or copy.lane.is_slow:
                self.lanes.heed(copy.lane, took, self.time())
        if reply.is_positive:
            seat.carried += 1
            self.answers.taken(copy.lane, seat.carrier)
            self.close(copy, replies.taken(copy.claim, reply))
        else:
            self.answered_no(seat, copy, reply)

    def answered_no(self, seat: Seat, copy: Copy, reply: Reply) -> None:
        if replies.is_about_the_sender(reply):
            self.heed(reply)
        elif replies.is_throttle(reply):
            self.slow_down(seat, copy, reply)
            if self.is_put_back(copy):
                return
        elif reply.code >= replies.PERMANENT and self.answers.is_alarming():
            self.hinder(ALARMING)
        jitter = replies.spread(copy.claim)
        self.close(copy, replies.answered(copy.claim, reply, self.clock(), jitter, self.since))

    def lost(self, line: Line, parcel: Parcel | None, loss: Lost | Refused) -> None:
        """Note that a line is down, and what that means for the copy that it carried."""
        self.idle.add(line)
        seat = self.seats[line]
        if isinstance(loss, Refused) and loss.reply.code >= replies.PERMANENT:
            self.heed(loss.reply)
        if loss.phase in replies.REACHING:
            self.give_up(seat.carrier)
        elif loss.phase == "dot" or not seat.carried:
            self.count_loss(seat.carrier)
        if parcel is not None:
            copy = ours(parcel)
            if loss.phase == "dot" or not self.is_put_back(copy):
                outcome = replies.unanswered(copy.claim, loss, self.clock(), self.since)
                self.close(copy, outcome._replace(relay=line.relay.host))
        self.stir.set()

    # What follows from it.

    def is_composed(self, copy: Copy) -> bool:
        """Make a copy's bytes, if it has none; False when it cannot or must not be made."""
        if copy.is_made:
            return True
        try:
            copies.make(copy, self.press, self.sender)
        except Overtaken as error:
            self.hinder(str(error))
            self.close(copy, fence.put_back(copy.id))
            return False
        except (BadTemplate, Unsendable, Unlawful) as error:
            excluded = DeliveryStatus.excluded
            self.close(copy, fence.without_words(copy.id, excluded, str(error)[:200]))
            return False
        copies.make_some(self.lanes.marked, self.press, self.sender)
        return True

    def release(self, line: Line, copy: Copy) -> None:
        # The journal knows before the relay can: who is told of too much is unknown, not lost.
        copy.work.journal.mark(copy.id, RELEASED)
        copy.released_at = self.released_at = now = self.time()
        self.rate.add(now)
        self.window.add(Span.release, now - copy.marked_at)
        if copy.lane.is_slow:
            self.seats[line].is_alone = True
        line.release(copy)

    def turn_away(self, line: Line, copy: Copy) -> None:
        """Drop a copy that must not go; what became of it is written already, if anything did."""
        copy.is_closed = True
        self.lanes.leave(copy)
        self.on_the_way -= 1
        self.news.closed.append(copy.work)
        line.drop()

    def close(self, copy: Copy, outcome: Outcome) -> None:
        if outcome.status is not DeliveryStatus.unknown:
            is_final = outcome.status in replies.FINAL
            copy.work.journal.mark(copy.id, outcome.smtp_code or MARKED if is_final else MARKED)
        if copy.released_at is NEVER:
            self.news.withheld[copy.work.hold].append(outcome)
        else:
            self.news.answered.append(outcome)
            self.news.answered_at.append(self.time())
        self.window.count(outcome.status)
        copy.is_closed = True
        self.news.closed.append(copy.work)
        self.lanes.leave(copy)
        self.on_the_way -= 1
        if not self.on_the_way:
            self.stir.set()

    def is_put_back(self, copy: Copy) -> bool:
        """Let a copy that did not leave be the next again: nobody's attempt is burnt for that."""
        copy.tries += 1
        if self.is_shut or copy.tries > MOST_TRIES:
            return False
        copy.work.journal.mark(copy.id, NOTHING if copy.marked_at is NEVER else MARKED)
        copy.marked_at = copy.released_at = NEVER
        copy.is_made = False
        self.on_the_way -= 1
        self.lanes.leave(copy)
        self.lanes.waiting.appendleft(copy)
        self.stir.set()
        return True

    def slow_down(self, seat: Seat, copy: Copy, reply: Reply) -> None:
        """Note that the relay asks for less: a connection's end is one thing, a pace another."""
        carrier = seat.carrier
        if reply.code == replies.CLOSING and reply.phase == "mail" and seat.carried:
            carrier.learn(seat.carried)
        elif reply.phase in OF_THE_DOMAIN and reply.code != THROTTLED:
            gate = self.lanes.gate(copy.lane, carrier)
            gate.slow_down(self.time())
            self.answers.put_off(copy.lane, gate)
        else:
            carrier.gate.slow_down(self.time())
            carrier.look()

    def count_loss(self, carrier: Carrier) -> None:
        carrier.lose()
        self.see_to(carrier)

    def give_up(self, carrier: Carrier) -> None:
        carrier.give_up()
        self.see_to(carrier)

    def see_to(self, carrier: Carrier) -> None:
        """Shut the outbox once every relay is to be left alone."""
        if carrier.is_lost and not any(seat.carrier.is_able for seat in self.seats.values()):
            self.is_down = True
            self.shut()
        self.stir.set()

    def heed(self, refusal: Reply) -> None:
        # Without the relay's own words: they may quote a reader's address for ever.
        self.hinder(f"The relay refuses this sender: {refusal.code} to {refusal.phase.upper()}.")

    def hinder(self, why: str) -> None:
        """Shut the outbox for a reason that a person must see to: the campaign is to be paused."""
        self.hindrance = self.hindrance or why
        self.shut()

    def shut(self) -> None:
        """Give out nothing more; what is on its way is brought to its end."""
        self.is_shut = True
        self.stir.set()

    # What the books take and bring.

    def is_waiting(self, now: float) -> bool:
        """Tell whether the relay has been thinking about a copy for long."""
        on_lines = (line.exchange.released for line in self.seats if line.exchange is not None)
        return any(now - ours(one).released_at > SLOW for one in on_lines if one is not None)

    def stale(self, now: float) -> list[Copy]:
        """Take back the marked copies whose marks are good no more: they are asked for together."""
        marked, found = self.lanes.marked, []
        while marked and now - marked[0].marked_at >= FRESH:
            found.append(marked.popleft())
        return found

    def told(self) -> News:
        news, self.news = self.news, News()
        return news

    def passed(self, ahead: Iterable[Copy], through: set[int], marked_at: float) -> None:
        """Put in line who passed the fence ahead of time."""
        for copy in ahead:
            if copy.id in through:
                copy.marked_at = marked_at
                copy.work.journal.mark(copy.id, MARKED)
                self.lanes.marked.append(copy)
            else:
                self.news.closed.append(copy.work)

    def let_go(
        self, held: Iterable[tuple[Line, Copy]], through: set[int], marked_at: float
    ) -> None:
        """Release who passed the fence with a line waiting; drop who did not."""
        for line, copy in held:
            if copy.is_closed:  # the line went down meanwhile
                continue
            copy.marked_at = marked_at
            waited = self.time() - copy.ready_at
            self.window.add(Span.fence, waited)
            self.window.wait(Wait.database, waited)
            if copy.id in through:
                self.release(line, copy)
            else:
                self.turn_away(line, copy)
