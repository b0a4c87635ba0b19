"""Seconds sorted into buckets, as Prometheus reads them."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

# The upper ends of the histograms' buckets, in seconds; 0.2 is what fence -> dot is promised.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


@dataclass
class Histogram:
    """Seconds in buckets: ``counts[i]`` of at most BOUNDS[i], the last of more than all."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, some: Iterable[float]) -> None:
        """Sort seconds into their buckets."""
        ordered = sorted(some)
        ends = [bisect_right(ordered, bound) for bound in BOUNDS]
        for place, (begin, end) in enumerate(pairwise((0, *ends, len(ordered)))):
            self.counts[place] += end - begin
        self.total += sum(ordered)

    def merge(self, counts: Sequence[int], total: float) -> None:
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, counts, strict=True)]
        self.total += total

    @property
    def mean(self) -> float | None:
        number = sum(self.counts)
        return self.total / number if number else None
