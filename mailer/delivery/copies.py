"""One person's copy between the books and the lines."""

from mailer.delivery.claims import Claim
from mailer.delivery.clerk import Work
from mailer.delivery.gates import Gate
from mailer.delivery.lanes import Lane
from mailer.delivery.smtp.parcel import Parcel

NEVER = float("-inf")


class Copy(Parcel):
    """One person's copy on its way; its bytes are made when a line asks for it."""

    __slots__ = (
        "gates",
        "is_closed",
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
        self.is_closed = False

    @property
    def id(self) -> int:
        delivery_id: int = self.claim.delivery_id
        return delivery_id


def ours(parcel: Parcel) -> Copy:
    assert isinstance(parcel, Copy)  # noqa: S101 - the lines carry what we gave them
    return parcel
