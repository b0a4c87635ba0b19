"""What the lines of a turn ask for and tell: copies out, answers in. All on the loop's thread."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from mailer.campaigns.templating import BadTemplate
from mailer.delivery import fence, replies
from mailer.delivery.approval import Overtaken, Unlawful
from mailer.delivery.claims import Claim
from mailer.delivery.clerk import News, Work
from mailer.delivery.composing import Unsendable
from mailer.delivery.fence import Outcome
from mailer.delivery.journal import COMPOSING, MARKED, NOTHING, RELEASED
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.press import Press
from mailer.delivery.smtp.line import Line
from mailer.delivery.smtp.parcel import Parcel
from mailer.delivery.smtp.reply import Lost, Refused, Reply
from mailer.delivery.windows import Span, Wait, Window

# A mark is good for so long (s): a copy not released by then is asked about again.
FRESH = 0.15
MOST_LOSSES = 3
NEVER = float("-inf")


class Copy(Parcel):
    """One person's copy on its way; its bytes are made when a line asks for it."""

    __slots__ = ("is_closed", "marked_at", "ready_at", "released_at", "work")

    def __init__(self, claim: Claim, work: Work) -> None:
        self.claim = claim
        self.work = work
        self.marked_at = self.ready_at = self.released_at = NEVER
        self.is_closed = False

    @property
    def id(self) -> int:
        delivery_id: int = self.claim.delivery_id
        return delivery_id


@dataclass
class Rate:
    """Copies a second, about the last quarter of one."""

    since: float
    per_second: float = 0.0
    count: int = 0

    def add(self, now: float) -> None:
        self.count += 1
        span = now - self.since
        if span > 0.05:  # noqa: PLR2004 - s
            self.per_second += (self.count / span - self.per_second) * min(1.0, span * 4)
            self.since, self.count = now, 0


class Outbox:
    """The copies of one turn, between the books and the lines.

    ``stir`` is set whenever the books should be looked at.
    """

    def __init__(
        self, press: Press, sender: str, window: Window, clock: Callable[[], datetime]
    ) -> None:
        self.press, self.sender, self.window, self.clock = press, sender, window, clock
        self.time = asyncio.get_running_loop().time
        self.stir = asyncio.Event()
        self.waiting: deque[Copy] = deque()
        self.marked: deque[Copy] = deque()
        self.at_the_fence: list[tuple[Line, Copy]] = []
        self.idle: set[Line] = set()
        self.news = News()
        self.on_the_way = 0
        self.rate = Rate(self.time())
        self.losses = 0
        self.is_reached = self.is_shut = self.is_closed = self.is_down = False
        self.hindrance = ""

    # What the lines ask and tell.

    def next(self, line: Line) -> Parcel | None:
        """Give a line its next copy, or None: then it waits to be woken."""
        self.is_reached = True
        while not self.is_shut and (self.marked or self.waiting):
            copy = (self.marked or self.waiting).popleft()
            self.on_the_way += 1
            if self.is_composed(copy):
                return copy
        self.idle.add(line)
        self.stir.set()
        return None

    def ready(self, line: Line, parcel: Parcel) -> None:
        """Let a copy go whose mark is fresh; any other waits for the fence."""
        copy = ours(parcel)
        if self.time() - copy.marked_at < FRESH:
            self.release(line, copy)
        elif self.is_closed:
            self.turn_away(line, copy)
        else:
            copy.ready_at = self.time()
            self.at_the_fence.append((line, copy))
            self.stir.set()

    def answered(self, line: Line, parcel: Parcel, reply: Reply) -> None:
        """Note the relay's definite answer about a copy."""
        del line
        copy = ours(parcel)
        if copy.released_at is not NEVER:
            self.time_answer(self.time() - copy.released_at)
        jitter = 0.0 if reply.is_positive else replies.spread(copy.claim)
        self.close(copy, replies.answered(copy.claim, reply, self.clock(), jitter))
        if reply.is_positive:
            self.losses = 0
        elif replies.is_about_the_sender(reply):
            self.heed(reply)
        elif replies.is_throttle(reply):
            self.count_loss()

    def lost(self, line: Line, parcel: Parcel | None, loss: Lost | Refused) -> None:
        """Note that a line is down, and what that means for the copy that it carried."""
        self.idle.add(line)
        if parcel is not None:
            copy = ours(parcel)
            outcome = replies.unanswered(copy.claim, loss, self.clock())
            self.close(copy, outcome._replace(relay=line.relay.host))
        if isinstance(loss, Refused) and loss.reply.code >= replies.PERMANENT:
            self.heed(loss.reply)
        if loss.phase in replies.REACHING:
            self.is_down = True
            self.shut()
        self.count_loss()

    # What follows from it.

    def is_composed(self, copy: Copy) -> bool:
        """Make a copy's bytes; False when it cannot or must not be made."""
        claim, journal = copy.claim, copy.work.journal
        journal.mark(copy.id, COMPOSING)
        try:
            copy.message = self.press.approved(claim)
        except Overtaken as error:
            self.hinder(str(error))
            self.close(copy, fence.put_back(copy.id))
            return False
        except (BadTemplate, Unsendable, Unlawful) as error:
            excluded = DeliveryStatus.excluded
            self.close(copy, fence.without_words(copy.id, excluded, str(error)[:200]))
            return False
        finally:
            journal.mark(copy.id, NOTHING if copy.marked_at is NEVER else MARKED)
        copy.sender, copy.recipient = self.sender, claim.reader.email
        return True

    def release(self, line: Line, copy: Copy) -> None:
        # The journal knows before the relay can: who is told of too much is unknown, not lost.
        copy.work.journal.mark(copy.id, RELEASED)
        copy.released_at = now = self.time()
        self.rate.add(now)
        self.window.add(Span.release, now - copy.marked_at)
        line.release(copy)

    def time_answer(self, seconds: float) -> None:
        self.window.add(Span.reply, seconds)
        self.window.wait(Wait.relay, seconds)

    def turn_away(self, line: Line, copy: Copy) -> None:
        """Drop a copy that must not go; what became of it is written already, if anything did."""
        copy.is_closed = True
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
        self.on_the_way -= 1
        if not self.on_the_way:
            self.stir.set()

    def count_loss(self) -> None:
        self.losses += 1
        if self.losses >= MOST_LOSSES:
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

    def taken(self, most: int) -> list[Copy]:
        """Take the next copies to be marked ahead."""
        return [self.waiting.popleft() for _ in range(min(most, len(self.waiting)))]

    def told(self) -> News:
        news, self.news = self.news, News()
        return news

    def passed(self, copies: Iterable[Copy], through: set[int], marked_at: float) -> None:
        """Put in line who passed the fence ahead of time."""
        for copy in copies:
            if copy.id in through:
                copy.marked_at = marked_at
                copy.work.journal.mark(copy.id, MARKED)
                self.marked.append(copy)
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


def ours(parcel: Parcel) -> Copy:
    assert isinstance(parcel, Copy)  # noqa: S101 - the lines carry what we gave them
    return parcel
