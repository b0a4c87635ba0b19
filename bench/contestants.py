"""Who takes part in the bench of whole sends, and what each of them finds."""

from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric import rsa

from bench import embedded, installation, machine, relays, sends
from bench.installation import Ground, NotReady
from bench.sends import Order
from mailer.delivery import signing
from mailer.delivery.signing import Signer

FEWEST = 500
TENTH = 0.1
MILLION = 1_000_000
LATENCY = 0.01  # s until the slow relay answers a message
# Connections to the slow relay, and the share of the messages that it is worth waiting for.
SLOW = {16: 0.2, 64: 0.5, 128: 1.0}
HEADER = b"x" * 700  # as much as a signature is over
SIGNING = 2.0  # s of bare signatures

Figures = Mapping[str, float]


class Stage:
    """What the contestants share; the servers start when the first of them asks."""

    def __init__(self, messages: int, stack: ExitStack) -> None:
        self.messages = messages
        self.stack = stack

    @cached_property
    def ground(self) -> Ground:
        return self.stack.enter_context(installation.ground())


@dataclass(frozen=True)
class Contestant:
    """``name`` is for `--only`, ``title`` for people; ``run`` returns its figures by name."""

    name: str
    title: str
    run: Callable[[Stage], Figures]


def poured(pairs: int, stage: Stage, *, is_kept: bool = False) -> Figures:
    rate, cpu = relays.poured(pairs, stage.messages, is_kept=is_kept)
    return {"rate": rate, "cpu": cpu}


def to_smtp_sink(stage: Stage) -> Figures:
    with relays.smtp_sink() as relay:
        found = sends.sent(stage.ground, relay, Order(stage.messages))
        relays.demand_count(relay.said(), found.accepted)
    return asdict(found)


def to_reading_sink(
    stage: Stage, *, share: float = 1.0, delay: float = 0.0, connections: int = 16, key: str = ""
) -> Figures:
    """Send a share of the messages, signed or not, to the sink that only reads and answers."""
    order = Order(max(FEWEST, round(stage.messages * share)), connections, key)
    with relays.reading(delay) as relay:
        found = sends.sent(stage.ground, relay, order)
        counted = relays.counted(relay)
    if counted["messages"] != found.accepted:
        raise NotReady(f"The relay took {counted}, the ledger says {found.accepted}.")
    return {**asdict(found), "size": counted["bytes"] / found.accepted}


def to_a_million(stage: Stage) -> Figures:
    return to_reading_sink(stage, share=MILLION / stage.messages)


def signed(stage: Stage) -> Figures:
    """Return how many bare RSA-2048 signatures all cores together make in a second."""
    del stage
    cores = machine.cores()
    with ProcessPoolExecutor(cores) as pool:
        return {"rate": sum(pool.map(signatures, [SIGNING] * cores))}


def signatures(seconds: float) -> float:
    signer = Signer("bench.example", "r1", rsa.generate_private_key(65537, signing.RSA_BITS))
    count, began = 0, perf_counter()
    while (took := perf_counter() - began) < seconds:
        signer.signature(HEADER)
        count += 1
    return count / took


def on_one_machine(stage: Stage) -> Figures:
    found = embedded.seen(stage.messages)
    return {"rate": found.rate, "visit": found.slowest}


CONTESTANTS = (
    Contestant("floor", "smtp-source → smtp-sink", partial(poured, 1)),
    Contestant(
        "floor-kept", "smtp-source → smtp-sink, connections kept", partial(poured, 1, is_kept=True)
    ),
    Contestant("floor-2x2", "smtp-source → smtp-sink, two of each", partial(poured, 2)),
    Contestant("postfix", "Mailer → smtp-sink", to_smtp_sink),
    Contestant("reading", "Mailer → a sink that only reads", to_reading_sink),
    Contestant("tenth", "the same, a tenth of the audience", partial(to_reading_sink, share=TENTH)),
    *(
        Contestant(
            f"slow-{lines}",
            f"Mailer → a relay that answers in 10 ms, {lines} connections",
            partial(to_reading_sink, share=share, delay=LATENCY, connections=lines),
        )
        for lines, share in SLOW.items()
    ),
    Contestant("signing", "bare RSA-2048 signatures", signed),
    Contestant("rsa", "Mailer, DKIM RSA-2048", partial(to_reading_sink, key=signing.RSA)),
    Contestant("ed25519", "Mailer, DKIM Ed25519", partial(to_reading_sink, key=signing.ED25519)),
    Contestant("embedded", "Mailer on SQLite, with visitors", on_one_machine),
)
# Only when it is asked for, and once: it takes its time, and is the same in a quick bench.
LARGE = Contestant("million", "Mailer, an audience of a million", to_a_million)
