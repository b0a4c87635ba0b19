"""One person's copy between the books and the lines."""

from collections.abc import Iterable
from contextlib import suppress
from itertools import islice

from mailer.campaigns.templating import BadTemplate
from mailer.delivery.approval import Unlawful
from mailer.delivery.claims import Claim
from mailer.delivery.clerk import Work
from mailer.delivery.composing import Unsendable
from mailer.delivery.gates import Gate
from mailer.delivery.journal import COMPOSING, MARKED, NOTHING
from mailer.delivery.lanes import Lane
from mailer.delivery.press import Press
from mailer.delivery.smtp.parcel import Parcel

NEVER = float("-inf")
# So many copies are made in a row: each of them costs a sixth less than one by itself.
ROW = 16


class Copy(Parcel):
    """One person's copy on its way; its bytes are made when a line asks for it."""

    __slots__ = (
        "gates",
        "is_closed",
        "is_made",
        "lane",
        "marked_at",
        "ready_at",
        "released_at",
        "tries",
        "work",
    )

    def __init__(self, claim: Claim, work: Work, lane: Lane) -> None:
        self.claim = claim
        self.work = work
        self.lane = lane
        self.gates: tuple[Gate, ...] = ()
        self.tries = 0
        self.marked_at = self.ready_at = self.released_at = NEVER
        self.is_closed = self.is_made = False

    @property
    def id(self) -> int:
        delivery_id: int = self.claim.delivery_id
        return delivery_id


def make(copy: Copy, press: Press, sender: str) -> None:
    """Make a copy's bytes; raises what the press raises."""
    journal = copy.work.journal
    journal.mark(copy.id, COMPOSING)
    try:
        copy.message = press.approved(copy.claim)
    finally:
        journal.mark(copy.id, NOTHING if copy.marked_at is NEVER else MARKED)
    copy.sender, copy.recipient = sender, copy.claim.reader.email
    copy.is_made = True


def make_some(some: Iterable[Copy], press: Press, sender: str) -> None:
    """Make those of the next copies that will not have to wait; a fault is told in its turn."""
    for copy in islice(some, ROW):
        if not (copy.is_made or copy.lane.aside):
            with suppress(BadTemplate, Unsendable, Unlawful):
                make(copy, press, sender)


def ours(parcel: Parcel) -> Copy:
    assert isinstance(parcel, Copy)  # noqa: S101 - the lines carry what we gave them
    return parcel
