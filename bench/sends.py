"""One measured send: a campaign started as the pages start it, and watched until it is finished."""

import time
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import processes
from bench.installation import Ground, Installation, NotReady, installed
from bench.relays import Relay
from mailer import clock
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.db import db
from mailer.delivery import launch, signing
from mailer.delivery.models import Delivery, DeliveryStatus

LOOK = 0.2  # s between two looks at whether it is finished
SLOWEST = 100  # messages a second; who is slower has stopped
TIMES = sa.text("""
    SELECT min(sending_at),
        percentile_disc(ARRAY[0.1, 0.9, 1.0]) WITHIN GROUP (ORDER BY finished_at)
    FROM deliveries
""")


@dataclass(frozen=True)
class Order:
    """What is to be sent: to how many, over how many lines, and signed with what (or nothing)."""

    people: int
    connections: int = 16
    algorithm: str = ""


@dataclass(frozen=True)
class Send:
    """What one send took; CPU in microseconds a message, memory in megabytes, times in seconds.

    ``own`` and ``memory`` are of all processes that send, ``database`` of PostgreSQL with all its
    backends, ``relay`` of the relay. ``start`` is the gate, the freezing of the audience and the
    commit; ``first`` is how long after that the first copy was on its way. ``steady`` is the rate
    of the last tenth over that of the first.
    """

    accepted: int
    rate: float
    steady: float
    own: float
    database: float
    relay: float
    memory: float
    start: float
    first: float


@dataclass(frozen=True)
class Ledger:
    """What the deliveries say: how many were accepted, when the first left, how fast it went."""

    accepted: int
    first_at: datetime
    rate: float
    steady: float


def sent(ground: Ground, relay: Relay, order: Order) -> Send:
    """Install, send, and take all down again; raises NotReady unless everybody's was accepted."""
    with installed(ground, order.people, relay.url, order.connections) as installation:
        session = db.session()
        campaign = session.scalars(sa.select(Campaign)).one()
        if order.algorithm:
            keys = installation.app.extensions["site"].keys
            signing.create(session, keys, campaign.sender, order.algorithm, "bench", clock.now())
            session.commit()
        senders = installation.senders.pid
        roots = (senders, ground.postgresql.process.pid, relay.process.pid)
        with processes.watched(senders) as peak:
            before = [processes.cpu(root) for root in roots]
            began = time.monotonic()
            start(session, installation, campaign)
            started_at, took = clock.now(), time.monotonic() - began
            await_end(session, installation, order.people)
            after = [processes.cpu(root) for root in roots]
        found = ledger(session)
    own, database, sink = (
        (late - early) / found.accepted * 1e6 for early, late in zip(before, after, strict=True)
    )
    first = (found.first_at - started_at).total_seconds()
    return Send(
        accepted=found.accepted,
        rate=found.rate,
        steady=found.steady,
        own=own,
        database=database,
        relay=sink,
        memory=peak.most,
        start=took,
        first=first,
    )


def start(session: Session, installation: Installation, campaign: Campaign) -> None:
    """Start it as every entry point does: through the gate, committed, rung for."""
    launch.start(session, installation.app.extensions["site"], campaign, clock.now())
    session.commit()
    installation.app.extensions["bell"].deliver(campaign.id)


def await_end(session: Session, installation: Installation, people: int) -> None:
    question = sa.select(Campaign.status, Campaign.hold_reason)
    until = time.monotonic() + 60 + people / SLOWEST
    while True:
        status, why = session.execute(question).one()
        session.rollback()
        if status is CampaignStatus.finished:
            return
        if status is not CampaignStatus.running or time.monotonic() > until:
            raise NotReady(f"The campaign is {status}. {why}\n{installation.said()[-3000:]}")
        time.sleep(LOOK)


def ledger(session: Session) -> Ledger:
    """Read the rate from the deliveries; raises NotReady when anybody's was not accepted."""
    states = sa.select(Delivery.status, sa.func.count()).group_by(Delivery.status)
    counted = dict(iter(session.execute(states)))
    if set(counted) != {DeliveryStatus.accepted}:
        raise NotReady(f"Not all were accepted: {counted}")
    first_at, (early, late, last) = session.execute(TIMES).one()
    count = counted[DeliveryStatus.accepted]
    steady = (early - first_at).total_seconds() / max(1e-3, (last - late).total_seconds())
    return Ledger(count, first_at, count / (last - first_at).total_seconds(), steady)
