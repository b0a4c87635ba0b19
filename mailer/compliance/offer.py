"""The facts of an offer, with which the words of a subject are compared."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Offer:
    """What is truly offered, as its owner states it. What is left out is not known.

    `starts` and `ends` are moments; without a zone they are wall clock times where the reader is.
    `terms` say what must be bought, done or given for it, and how much of it there is.
    `percentages` are the reductions that apply ("20"), `prices` the amounts that may be named
    ("$50", "9,90 EUR"): a claim that is not among them is contradicted, an empty tuple confirms
    and contradicts nothing. `announced_end` is the end that an earlier message gave to this offer.
    """

    starts: datetime | None = None
    ends: datetime | None = None
    terms: str = ""
    percentages: tuple[str, ...] = ()
    prices: tuple[str, ...] = ()
    announced_end: datetime | None = None
