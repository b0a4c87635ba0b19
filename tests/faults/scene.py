"""The scene of a fault: an installation, its relay, a campaign, and the processes that send it."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from config import Config
from mailer import clock, tokens
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import Campaign
from mailer.cli.main import main
from mailer.delivery.models import Delivery
from tests import accounting, servers
from tests.accounting import Allowed, Books
from tests.delivery.conftest import LAWFUL
from tests.faults import processes
from tests.faults.processes import Member
from tests.faults.size import size
from tests.sink.running import RunningSink
from tests.test_tasks import environment

PATIENCE = size(60.0, 600.0)


@dataclass
class Scene:
    """One installation under fault. ``campaign_id`` is 0 until ``crowd`` was called."""

    app: Flask
    session: Session
    letters: MailingList
    sink: RunningSink
    folder: Path
    chance: Random
    campaign_id: int = 0
    members: list[Member] = field(default_factory=list)
    connections: int = 4

    @property
    def config(self) -> Config:
        found: Config = self.app.extensions["config"]
        return found

    # Before the fault.

    def crowd(self, addresses: Iterable[str], body: str = LAWFUL) -> None:
        """Add confirmed readers and a lawful draft to them."""
        self.add(addresses)
        self.write(body)

    def write(self, body: str = LAWFUL) -> None:
        """Add a lawful draft to all who are there, and make it the campaign of the scene."""
        self.letters.sender.attested_on = clock.now().date()
        draft = Draft("Tides", "Low water", self.letters.sender_id, (self.letters.id,), body=body)
        self.campaign_id = drafts.create(self.session, draft, clock.now()).id
        self.session.commit()

    def add(self, addresses: Iterable[str]) -> None:
        keys, now = self.app.extensions["site"].keys, clock.now()
        people = [
            {
                "email": email,
                "name": email.partition("@")[0],
                "address_key": tokens.fingerprint(keys, email),
                "created_at": now,
                "updated_at": now,
            }
            for email in addresses
        ]
        list_id = self.letters.id
        ids = self.session.scalars(sa.insert(Subscriber).returning(Subscriber.id), people).all()
        places = [
            {"subscriber_id": one, "list_id": list_id, "status": "confirmed", "created_at": now}
            for one in ids
        ]
        self.session.execute(sa.insert(Subscription), places)
        self.session.commit()

    def mailer(self, *words: str, may_fail: bool = False) -> str:
        """Call a command, in this process; return what it printed."""
        self.session.commit()
        result = CliRunner().invoke(main, list(words), obj=self.app, prog_name="mailer")
        self.session.rollback()
        assert may_fail or result.exit_code == 0, f"{words}: {result.output}"
        return str(result.output)

    def steer(self, word: str, *more: str, may_fail: bool = False) -> str:
        """Call `mailer campaign WORD` on the campaign: send, pause, resume, cancel."""
        return self.mailer("campaign", word, str(self.campaign_id), *more, may_fail=may_fail)

    def send(self) -> None:
        self.steer("send", "--yes")

    # The processes.

    def environment(self, **changes: str) -> dict[str, str]:
        found = environment(self.config) | {
            "MAILER_CONNECTIONS": str(self.connections),
            "MAILER_PUBLIC_URL": self.config.public_url,
            "PYTHONPATH": str(Path.cwd()),
        }
        if self.config.redis_url is None:
            del found["MAILER_REDIS_URL"]
        return {name: text for name, text in found.items() if text} | changes

    def hire(
        self,
        count: int = 1,
        command: Sequence[str] = (),
        *,
        prefix: Sequence[str] = (),
        **changes: str,
    ) -> list[Member]:
        """Start processes that send: `mailer run` on one machine, dramatiq's on many."""
        usual = (
            processes.RUN if self.config.redis_url is None else processes.sender(self.connections)
        )
        hired = []
        for _ in range(count):
            log = self.folder / f"member{len(self.members)}.log"
            given = self.environment(MAILER_PORT=str(servers.free_port()), **changes)
            member = Member(command or usual, given, log, prefix=prefix)
            member.start()
            self.members.append(member)
            hired.append(member)
        return hired

    def strike(self, victim: Member) -> None:
        """Kill one process and start it again, as its supervisor would."""
        victim.kill()
        victim.start()

    def strike_all(self) -> None:
        """Cut the power: every process dies at once; then they start again."""
        for member in self.members:
            member.kill()
        for member in self.members:
            member.start()

    @property
    def kills(self) -> int:
        return sum(member.deaths for member in self.members)

    # Meanwhile.

    def until(
        self, is_so: Callable[[], bool], seconds: float = PATIENCE, what: str = "it never happened"
    ) -> float:
        """Wait until something is so; return the seconds that it took."""
        began = time.monotonic()
        while not is_so():
            assert time.monotonic() < began + seconds, self.told(what)
            time.sleep(0.05)
        return time.monotonic() - began

    def more(self, messages: int) -> None:
        """Wait until the relay has read some more messages, and a random moment longer."""
        target = self.read() + messages
        self.until(lambda: self.read() >= target or self.status() == "finished")
        time.sleep(self.chance.uniform(0, 0.05))

    def read(self) -> int:
        """Return how many messages the relay has read up to their dots."""
        return int(self.sink.counts()["messages"])

    def finish(self, seconds: float = PATIENCE) -> float:
        """Wait for the end of the campaign; return the seconds that it took."""
        return self.until(lambda: self.status() == "finished", seconds, "it did not finish")

    def status(self) -> str:
        return str(
            self.ask(sa.select(Campaign.status).where(Campaign.id == self.campaign_id))[0][0]
        )

    def states(self) -> dict[str, int]:
        """Count the people by state."""
        mine = Delivery.campaign_id == self.campaign_id
        counted = sa.select(Delivery.status, sa.func.count()).where(mine)
        return {str(state): n for state, n in self.ask(counted.group_by(Delivery.status))}

    def ask(self, question: sa.Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Ask the database from outside, in a transaction of its own that only reads."""
        engine = sa.create_engine(self.config.database_url, poolclass=NullPool)
        with engine.execution_options(read_only=True).connect() as connection:
            return [tuple(row) for row in connection.execute(question)]

    def told(self, what: str) -> str:
        """Say what went wrong, with all that may explain it."""
        logs = "\n".join(f"--- {one.log.name}\n{one.said()}" for one in self.members)
        return f"{what}: {self.status()} {self.states()}; the sink: {self.sink.counts()}\n{logs}"

    # Afterwards.

    def judge(
        self, allowed: Allowed | None = None, *, policy: str = "hold", since: float = 0.0
    ) -> Books:
        """Check the accounts; return both sides of them.

        ``since``: when this campaign began, if the relay has seen another one before.
        """
        given = allowed or Allowed(kills=self.kills, connections=self.connections)
        url = self.config.database_url
        taken = [one for one in self.sink.taken() if one.at >= since]
        wrong = accounting.accounts(url, taken, self.campaign_id, given, policy=policy)
        assert wrong == [], self.told("\n".join(wrong))
        return Books.read(url, taken, self.campaign_id, given)


@contextmanager
def cleared(scene: Scene) -> Iterator[Scene]:
    """Take all its processes away afterwards, however it ended."""
    try:
        yield scene
    finally:
        for member in scene.members:
            member.clear()
