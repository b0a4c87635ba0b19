"""What the bench of whole sends promises: each figure, how it is shown, and its target."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from bench import table
from bench.contestants import CONTESTANTS, LARGE, LATENCY, SLOW

# What a round found: by contestant, by figure.
Round = Mapping[str, Mapping[str, float]]
RATE, MICROSECONDS, MEGABYTES = "{:,.0f}/s", "{:.1f} µs", "{:.0f} MB"
TIMES, SHARE, SECONDS = "{:.2f} times", "{:.0%}", "{:.1f} s"
BUSY = 0.9  # of what waiting for a slow relay allows
SLOWLY = {16: 1_450, 64: 5_000, 128: 10_000}
TITLES = {one.name: one.title for one in (*CONTESTANTS, LARGE)}


@dataclass(frozen=True)
class Figure:
    """One figure of a contestant; ``over`` names what it is divided by, in the same round."""

    contestant: str
    key: str
    title: str
    form: str
    least: float | None = None
    most: float | None = None
    over: tuple[str, str] | None = None

    def values(self, rounds: Iterable[Round]) -> list[float]:
        """Return it in each round that has it."""
        found = []
        for one in rounds:
            value = one.get(self.contestant, {}).get(self.key)
            whole = one.get(self.over[0], {}).get(self.over[1]) if self.over else 1.0
            if value is not None and whole:
                found.append(value / whole)
        return found


@dataclass(frozen=True)
class Row:
    """A figure as it was measured: the median of the rounds, and the range that they cover."""

    figure: Figure
    value: float
    low: float
    high: float

    @property
    def shown(self) -> str:
        return self.figure.form.format(self.value)

    @property
    def range(self) -> str:
        low, high = self.figure.form.format(self.low), self.figure.form.format(self.high)
        return f"{low} to {high}" if low != high else ""

    @property
    def target(self) -> str:
        least, most, form = self.figure.least, self.figure.most, self.figure.form
        if least is not None:
            return f"≥ {form.format(least)}"
        return f"≤ {form.format(most)}" if most is not None else ""

    @property
    def is_met(self) -> bool:
        least, most = self.figure.least, self.figure.most
        return (least is None or self.value >= least) and (most is None or self.value <= most)

    @property
    def verdict(self) -> str:
        return table.verdict(self.target, is_met=self.is_met) if self.target else ""


def slow(lines: int) -> Figure:
    # A line that pipelines waits for the relay once for each message.
    allowed = lines / LATENCY
    return Figure(f"slow-{lines}", "rate", "rate", RATE, least=min(SLOWLY[lines], BUSY * allowed))


FIGURES = (
    Figure("floor", "rate", "rate", RATE),
    Figure("floor", "cpu", "CPU a message, source and sink", MICROSECONDS),
    Figure("floor-kept", "rate", "rate", RATE),
    Figure("floor-2x2", "rate", "rate", RATE),
    Figure("postfix", "rate", "rate", RATE),
    Figure("postfix", "rate", "rate over smtp-source's", TIMES, least=1.2, over=("floor", "rate")),
    Figure(
        "postfix", "rate", "over the one with kept connections", TIMES, over=("floor-kept", "rate")
    ),
    Figure("reading", "rate", "rate", RATE, least=25_000),
    Figure("reading", "own", "CPU a message, Mailer", MICROSECONDS, most=45),
    Figure("reading", "database", "CPU a message, PostgreSQL", MICROSECONDS, most=15),
    Figure("reading", "relay", "CPU a message, the sink", MICROSECONDS),
    Figure("reading", "size", "size of a message", "{:,.0f} bytes"),
    Figure("reading", "memory", "peak memory, all processes", MEGABYTES, most=200),
    Figure("tenth", "memory", "peak memory, all processes", MEGABYTES),
    Figure("reading", "memory", "memory over a tenth's", TIMES, over=("tenth", "memory")),
    *(slow(lines) for lines in SLOW),
    Figure("signing", "rate", "rate", RATE),
    Figure("rsa", "rate", "rate", RATE),
    Figure(
        "rsa", "rate", "rate over bare signatures'", SHARE, least=0.85, over=("signing", "rate")
    ),
    Figure("ed25519", "rate", "rate", RATE, least=15_000),
    Figure("embedded", "rate", "rate", RATE, least=5_000),
    Figure("embedded", "visit", "slowest visit at p95", "{:.3f} s", most=0.05),
    Figure("million", "accepted", "audience", "{:,.0f}"),
    Figure("million", "start", "gate and freezing", SECONDS, most=15),
    Figure("million", "first", "first message after it", SECONDS, most=3),
    Figure("million", "rate", "rate", RATE),
    Figure("million", "steady", "last tenth over first", SHARE, least=0.95),
    Figure("million", "memory", "peak memory, all processes", MEGABYTES, most=200),
)


def rows(rounds: list[Round]) -> list[Row]:
    """Return all that was measured; a figure whose contestants did not take part is left out."""
    found = ((figure, figure.values(rounds)) for figure in FIGURES)
    return [Row(one, median(seen), min(seen), max(seen)) for one, seen in found if seen]
