"""What holds a campaign's sending back just now, said in one sentence."""

from collections.abc import Callable
from dataclasses import dataclass

from mailer.delivery.windows import Figures, Span, Wait

# A connection that stood still for less than this share of its time is held back by nothing.
NOTABLE = 0.1
SHORT = 0.1  # seconds; below it milliseconds read better


@dataclass(frozen=True)
class Limit:
    """What binds, if anything does, and the sentence that says so with its figures."""

    wait: Wait | None
    sentence: str


def binding(figures: Figures, seconds: float) -> Limit:
    """Name what the connections waited for most; ``seconds`` is how long the figures were taken.

    The sentence is empty where nothing was sent and nothing waited for.
    """
    waits = {Wait(why): spent for why, spent in figures.waits.items() if spent > 0}
    if not waits:
        return Limit(None, "")
    wait = max(waits, key=lambda why: waits[why])
    connections = max(figures.numbers["connections"], 1)
    if waits[wait] < NOTABLE * seconds * connections:
        wait = Wait.machine
    return Limit(wait, SENTENCES[wait](figures, figures.settled / max(seconds, 1.0)))


def relay(figures: Figures, rate: float) -> str:
    mean = figures.spans[Span.reply].mean
    connections, allowed = figures.numbers["connections"], figures.numbers["allowed"]
    if not mean or not connections:
        return "The relay is waited for; it has answered nothing in the last minute."
    most = max(connections / mean, rate)
    lines = "one connection" if connections == 1 else f"{connections:,} connections"
    room = (
        "All that are allowed are open." if connections >= allowed else f"It may have {allowed:,}."
    )
    return f"The relay answers in {spell(mean)} \u00d7 {lines} = {figure(most)}/s. {room}"


def connect(figures: Figures, rate: float) -> str:
    del rate
    lines = figures.numbers["allowed"]
    return f"Connections are slow to open or are closed again; {lines:,} are wanted."


def database(figures: Figures, rate: float) -> str:
    mean = figures.spans[Span.fence].mean
    takes = f" takes {spell(mean)}" if mean else ""
    return f"The database is the limit: to mark a copy before it leaves{takes}; {figure(rate)}/s."


def machine(figures: Figures, rate: float) -> str:
    del figures
    return f"This machine is the limit: it makes and hands over {figure(rate)}/s."


def pace(figures: Figures, rate: float) -> str:
    del figures
    return f"The pace that was set for the relay is the limit: {figure(rate)}/s."


def domain(figures: Figures, rate: float) -> str:
    del figures
    return (
        f"The pace of single domains is the limit: what is left goes to them at {figure(rate)}/s."
    )


def rest(figures: Figures, rate: float) -> str:
    del figures, rate
    return "The relay is left alone for a while, since it could not be reached or asked for it."


def due(figures: Figures, rate: float) -> str:
    del figures, rate
    return "Nothing is due: the relay put off those who are left, and they are tried again later."


SENTENCES: dict[Wait, Callable[[Figures, float], str]] = {
    Wait.relay: relay,
    Wait.connect: connect,
    Wait.database: database,
    Wait.machine: machine,
    Wait.pace: pace,
    Wait.domain: domain,
    Wait.rest: rest,
    Wait.due: due,
}


def spell(seconds: float) -> str:
    """Return a duration as a person reads it: 600 ms, 2.5 s."""
    if seconds < SHORT:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def figure(rate: float) -> str:
    """Return a rate without digits that nobody needs."""
    return f"{rate:,.0f}" if rate >= 10 or rate == 0 else f"{rate:.1f}"  # noqa: PLR2004 - two digits
