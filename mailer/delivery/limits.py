"""What holds a campaign's sending back just now, said in one sentence."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from mailer.delivery.holds import Holds
from mailer.delivery.pace_models import About
from mailer.delivery.pacing import Key
from mailer.delivery.windows import Figures, Span, Wait

# What connections stood still for less than this share of their time holds nothing back.
NOTABLE = 0.1
A_MINUTE = 60
SHORT = 0.1  # seconds; below it milliseconds read better
# A relay whose answers to final dots are less than this share of its time is slow before them too.
MOST_OF_IT = 0.8
OURS = {Wait.machine: "this machine", Wait.database: "the database"}
FEW = 3  # domains that a sentence names
# A worker takes up what is due within a few ticks (s).
LONG = 10.0
NOBODY = "No worker has taken it up: it has been due for {}. Is one running?"


@dataclass(frozen=True)
class Limit:
    """What binds, if anything does, and the sentence that says so with its figures."""

    wait: Wait | None
    sentence: str


@dataclass(frozen=True)
class Scene:
    """What a sentence is made of.

    ``seconds`` is how long the figures were taken. ``put_off`` copies are deferred, and the next
    person is due at ``next_at`` where nobody is now. ``left_for`` seconds somebody has been due of
    whom no worker has taken hold. No copy for the domains in ``through`` waits.
    """

    figures: Figures
    seconds: float
    holds: Holds
    put_off: int = 0
    next_at: datetime | None = None
    left_for: float = 0.0
    is_pending: bool = False
    through: Collection[str] = ()

    @property
    def rate(self) -> float:
        return self.figures.settled / max(self.seconds, 1.0)

    def key(self, wait: Wait) -> Key | None:
        """Return which pace connections waited for most, for this reason."""
        spent = {why: s for why, s in self.figures.waits.items() if why.startswith(f"{wait} ")}
        if not spent:
            return None
        _, host, about = max(spent, key=lambda why: spent[why]).split(" ")
        return Key(host, About(about), self.holds.sender if about == About.sender else "")


def binding(scene: Scene) -> Limit:
    """Name what holds a campaign back: the rows if it rests, else what connections waited for.

    The sentence is empty where nothing was sent and nothing waited for.
    """
    if scene.next_at is not None:
        return resting(scene)
    waits = {wait: spent for wait, spent in scene.figures.reasons.items() if spent > 0}
    key = scene.key(Wait.pace)
    if key is not None and not scene.holds.told(key):
        del waits[Wait.pace]  # it was lifted meanwhile
    connections = max(scene.figures.numbers["connections"], 1)
    notable = [w for w in waits if waits[w] >= NOTABLE * scene.seconds * connections]
    # Who has nothing to do holds nobody back while others have.
    wait = max(notable, key=lambda one: (one is not Wait.due, waits[one]), default=None)
    if wait is not None:
        return Limit(wait, SENTENCES[wait](scene))
    is_left = scene.left_for >= LONG and not scene.figures.settled
    return Limit(None, NOBODY.format(spell(scene.left_for)) if is_left else "")


def resting(scene: Scene) -> Limit:
    """Name what a campaign rests for that nobody works on just now."""
    closed = scene.holds.closed() if scene.is_pending else ""
    if closed:
        return Limit(Wait.rest, closed)
    if scene.is_pending and scene.holds.domains(scene.through):
        return Limit(Wait.domain, domain(scene))
    return Limit(Wait.due, due(scene))


def relay(scene: Scene) -> str:
    figures = scene.figures
    mean, answers = figures.spans[Span.reply].mean, sum(figures.spans[Span.reply].counts)
    connections, allowed = figures.numbers["connections"], figures.numbers["allowed"]
    if not mean or not connections:
        return "The relay is waited for; it has answered nothing in the last minute."
    lines = "one connection" if connections == 1 else f"{connections:,} connections"
    room = (
        "All that are allowed are open." if connections >= allowed else f"It may have {allowed:,}."
    )
    whole = figures.reasons.get(Wait.relay, 0.0) / answers
    if mean < MOST_OF_IT * whole:
        takes = f"takes {spell(whole)} for a copy, {spell(mean)} of it after the final dot,"
        return f"The relay {takes} \u00d7 {lines} = {figure(connections / whole)}/s. {room}"
    most = max(connections / mean, scene.rate)
    product = f"{spell(mean)} \u00d7 {lines} = {figure(most)}/s"
    return f"The relay answers in {product}{beside(scene)}. {room}"


def beside(scene: Scene) -> str:
    """Say what else takes a good part of the time, and what is left of the pace."""
    reasons = scene.figures.reasons
    takes, name = max((reasons.get(wait, 0.0), name) for wait, name in OURS.items())
    if takes < NOTABLE * sum(reasons.values()):
        return ""
    return f"; with the time that {name} takes it is {figure(scene.rate)}/s"


def connect(scene: Scene) -> str:
    lines = scene.figures.numbers["allowed"]
    return f"Connections are slow to open or are closed again; {lines:,} are wanted."


def database(scene: Scene) -> str:
    mean = scene.figures.spans[Span.fence].mean
    takes = f": to mark a copy before it leaves takes {spell(mean)}" if mean else ""
    return f"The database is the limit{takes}; {figure(scene.rate)}/s."


def machine(scene: Scene) -> str:
    return f"This machine is the limit: it makes and hands over {figure(scene.rate)}/s."


def pace(scene: Scene) -> str:
    key = scene.key(Wait.pace)
    told = scene.holds.told(key) if key is not None else ""
    return told or f"The pace that was set for the relay is the limit: {figure(scene.rate)}/s."


def domain(scene: Scene) -> str:
    if not is_paced(scene):
        share = "none of which may hold more than its share of the connections"
        return f"What is left goes to a few domains, {share}: {figure(scene.rate)}/s."
    ways = scene.holds.domains(scene.through)
    if len(ways) == 1:
        return f"What is left goes to {ways[0].domain}. {scene.holds.domain_words(ways[0])}"
    names = [key.domain for key in ways[:FEW]] or [f"{figure(scene.rate)}/s"]
    more = f" and {len(ways) - FEW:,} more" if len(ways) > FEW else ""
    return f"What is left goes to domains whose pace is limited: {', '.join(names)}{more}."


def is_paced(scene: Scene) -> bool:
    return scene.next_at is not None or scene.key(Wait.domain) is not None


def rest(scene: Scene) -> str:
    key = scene.key(Wait.rest)
    alone = "The relay is left alone for a while, since it could not be reached."
    return scene.holds.rest(key) if key is not None else alone


def due(scene: Scene) -> str:
    if scene.next_at is None:
        return "Almost through: the last copies are on their way."
    at = f"{scene.next_at:%H:%M} UTC"
    if not scene.put_off:
        return f"Nothing is due until {at}."
    some = "one copy was" if scene.put_off == 1 else f"{scene.put_off:,} copies were"
    return f"Nothing is due until {at}: {some} put off by the relay."


SENTENCES: dict[Wait, Callable[[Scene], str]] = {
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
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < A_MINUTE else f"{seconds / A_MINUTE:,.0f} min"


def figure(rate: float) -> str:
    """Return a rate without digits that nobody needs."""
    return f"{rate:,.0f}" if rate >= 10 or rate == 0 else f"{rate:.1f}"  # noqa: PLR2004 - two digits
