"""The database side of a turn: portions claimed, fences passed, outcomes written.

Each function is one transaction. They run in one thread beside the event loop, which never
waits for the database while a relay waits for it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from mailer.delivery import certificates, claims, fence, pacing, portions, recovery, tallies
from mailer.delivery.claims import Claim, Hold
from mailer.delivery.fence import Outcome
from mailer.delivery.journal import Journal
from mailer.delivery.pacing import Ask, Granted, Key, Lines
from mailer.delivery.windows import Kept


@dataclass(eq=False, slots=True)
class Work:
    """A portion at work: its journal, and how many of its people have no outcome yet."""

    hold: Hold
    journal: Journal
    open: int


@dataclass
class News:
    """What has come of copies since the books were written last.

    ``withheld`` are those that never left: their portion must still be ours to write it.
    ``answered_at`` says when, by the event loop's clock (s).
    """

    answered: list[Outcome] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)
    withheld: defaultdict[Hold, list[Outcome]] = field(default_factory=lambda: defaultdict(list))
    closed: list[Work] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.closed)


@dataclass
class Clerk:
    """Keeps the books of one turn. Raises what the database raises; nothing is half written."""

    session: Session
    campaign_id: int
    lease: str
    public_ids: dict[int, str]
    journals: Path
    clock: Callable[[], datetime]
    noted: set[bytes] = field(default_factory=set)

    def claim(self) -> tuple[Work, Sequence[Claim]] | None:
        """Take a portion and read its people who are due; None when there is none."""
        now = self.clock()
        hold = claims.claim(self.session, self.campaign_id, self.lease, now)
        if hold is None:
            self.session.rollback()
            return None
        people = claims.people(self.session, hold, self.public_ids, now)
        journal = Journal.begun(self.journals, hold)
        self.session.commit()
        return Work(hold, journal, len(people)), people

    def exchange(
        self, news: News, wanted: Mapping[Hold, Collection[int]], kept: Kept | None = None
    ) -> tuple[set[int], bool]:
        """Write what is known, and mark the next copies, in one commit.

        ``kept`` are figures for the report. Returns who passed the fence, and whether the
        campaign goes on.
        """
        now = self.clock()
        fence.settle(self.session, news.answered, now)
        for hold, outcomes in news.withheld.items():
            if claims.is_renewed(self.session, hold, now):
                fence.settle(self.session, outcomes, now, fence.NOT_RELEASED)
        through: set[int] = set()
        for hold, ids in wanted.items():
            through |= fence.passed(self.session, hold, ids, now)
        if kept is not None:
            kept.write(self.session)
        goes_on = bool(through) or fence.is_running(self.session, self.campaign_id)
        self.session.commit()
        return through, goes_on

    def note(self, kinds: Iterable[bytes]) -> None:
        """Remember which kinds of copies were judged in full."""
        new = [digest for digest in kinds if digest not in self.noted]
        if new:
            certificates.note_kinds(self.session, self.campaign_id, new)
            self.session.commit()
            self.noted.update(new)

    def pace(self, lines: Mapping[str, Lines], asks: Mapping[Key, Ask]) -> Granted:
        """Tell and ask what all workers share of their pace."""
        now = self.clock()
        granted = pacing.exchange(self.session, self.lease, lines, asks, now)
        if any(ask.is_reached for ask in asks.values()):
            portions.rouse(self.session, self.campaign_id, now)
        self.session.commit()
        return granted

    def stop_pacing(self, unused: Mapping[Key, int]) -> None:
        """Give back lines and promised moments."""
        pacing.leave(self.session, self.lease, unused, self.clock())
        self.session.commit()

    def leave(self, works: Iterable[Work], later: Mapping[Work, timedelta] | None = None) -> None:
        """Give portions back, and end their journals once that is committed.

        Portions in ``later`` rest for so long.
        """
        done = {work.hold.portion_id: work for work in works}
        tallies.hold_still(self.session, self.campaign_id)
        counted = tallies.counted(self.session, self.campaign_id, done)
        changed = []
        for number, work in done.items():
            now, is_done = self.clock(), not counted[number].open_ones
            rested = now + later[work] if later and work in later else None
            if not claims.is_left(self.session, work.hold, now, rested, is_done=is_done):
                recovery.recover(self.session, work.journal, self.clock())
                del counted[number]  # it may be somebody else's, who counts it
            elif not is_done:
                changed.append(number)
        if changed:
            counted |= tallies.counted(self.session, self.campaign_id, changed)
        tallies.keep(self.session, counted)
        self.session.commit()
        for work in done.values():
            work.journal.end()
