"""Importing a file: `python -m bench.importing --rows 1000000 [--sqlite]`.

Beside it the floor of the same run and the same rows: COPY into a temporary table and INSERT … ON
CONFLICT into the readers (PostgreSQL), one executemany (SQLite); no validation, no lists, no
consent. Prints rows a second, the ratio, and the most memory that the importing process held.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psycopg
from sqlalchemy import make_url

from bench.installation import POSTGRESQL
from config import Config
from mailer import clock, importing, tokens, worker
from mailer.app import create_app
from mailer.audience.imports import arrivals, batches
from mailer.audience.imports.batches import Choices
from mailer.audience.imports.models import AT_WORK, Basis, Import, State
from mailer.audience.imports.reading.targets import Target
from mailer.audience.models import MailingList, Sender
from mailer.audience.words import Optin
from mailer.compliance.acts import Provenance
from mailer.db import db
from tests import servers
from tests.databases import PostgresqlDatabases, libpq, migrate, settings

FIRST = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ida", "Jan", "Kim", "Lea")
LAST = ("Adler", "Baker", "Cohen", "Diaz", "Evans", "Fox", "Gray", "Hahn", "Ito", "Jones")
DOMAINS = [f"mail{n}.example.org" for n in range(2000)]
MB = 1e6


def table(rows: int) -> Iterator[tuple[str, str, str, str]]:
    chance = Random(7)  # noqa: S311 - no secret
    for _ in range(rows):
        first, last = chance.choice(FIRST), chance.choice(LAST)
        tail = f"{chance.getrandbits(48):x}"
        address = f"{first}.{last}.{tail}@{chance.choice(DOMAINS)}"
        yield address, f"{first} {last}", chance.choice(LAST), "2024-05-03 10:11:12"


def written(path: Path, rows: int) -> None:
    with path.open("w") as file:
        file.write("email,name,city,confirm_time\n")
        for place, row in enumerate(table(rows)):
            # No two people consented in the same second.
            file.write(",".join([*row[:3], clock_text(place)]) + "\n")


def clock_text(place: int) -> str:
    day, second = divmod(place, 86_400)
    hour, rest = divmod(second, 3600)
    return (
        f"2024-{1 + day // 28 % 12:02}-{1 + day % 28:02} {hour:02}:{rest // 60:02}:{rest % 60:02}"
    )


def prepared(path: Path) -> int:
    """Upload the file to an empty installation and say what it is; return the batch."""
    session, now = db.session(), clock.now()
    sender = Sender(
        legal_name="Harbor Press LLC",
        from_name="Harbor",
        from_address="letters@harbor.example.com",
        reply_to="desk@harbor.example.com",
        address_lines="120 W Main St",
        city="Springfield",
        country="US",
        created_at=now,
    )
    session.add(sender)
    session.flush()
    letters = MailingList(
        public_id="letters", name="Letters", sender_id=sender.id, optin=Optin.double, created_at=now
    )
    session.add(letters)
    session.flush()
    with path.open("rb") as file:
        batch = arrivals.create(session, now, "bench", path.name, file)
    chosen = Choices(
        mapping={heading: Target(target) for heading, target in batch.mapping},
        list_ids=(letters.id,),
        provenance=Provenance.migration,
        basis=Basis.double_opt_in,
        evidence="bench",
    )
    batches.arrange(session, now, "bench", batch, chosen)
    session.commit()
    return batch.id


def worked(batch_id: int) -> float:
    """Let this process work until the batch rests; return the seconds."""
    began = time.perf_counter()
    session = db.session()
    while session.get_one(Import, batch_id, populate_existing=True).state in AT_WORK:
        session.rollback()
        importing.take_in(batch_id)
    return time.perf_counter() - began


def imported(url: str, folder: Path, path: Path) -> dict[str, float]:
    """Import the file into an empty database, in this process."""
    app = create_app(config(folder, url))
    worker.make_room()  # as in a worker process
    with app.app_context():
        batch_id = prepared(path)
        checking = worked(batch_id)
        batch = db.session.get_one(Import, batch_id)
        demand(batch, State.checked)
        batches.begin(db.session(), clock.now(), batch, reason="bench")
        db.session.commit()
        used = time.process_time()
        running = worked(batch_id)
        cpu = time.process_time() - used
        batch = db.session.get_one(Import, batch_id, populate_existing=True)
        demand(batch, State.finished)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
        return {"checking": checking, "running": running, "cpu": cpu, "peak": peak}


def demand(batch: Import, state: State) -> None:
    if batch.state is not state:
        raise RuntimeError(f"The import is {batch.state}: {batch.problem} {batch.findings}")


def config(folder: Path, url: str) -> Config:
    return settings(folder, url)


def floor_postgresql(url: str, rows: list[tuple[object, ...]]) -> float:
    began = time.perf_counter()
    with psycopg.connect(libpq(make_url(url))) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE stage (email text, key bytea, name text, attributes json)"
        )
        with cursor.copy("COPY stage FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO subscribers (email, address_key, name, attributes, status, created_at,"
            " updated_at) SELECT email, key, name, attributes, 'enabled', now(), now() FROM stage"
            " ON CONFLICT DO NOTHING"
        )
    return time.perf_counter() - began


def floor_sqlite(url: str, folder: Path, rows: list[tuple[object, ...]]) -> float:
    app = create_app(config(folder, url))
    with app.app_context():
        began = time.perf_counter()
        connection = db.session.connection()
        connection.exec_driver_sql(
            "INSERT INTO subscribers (email, address_key, name, attributes, status, created_at,"
            " updated_at) VALUES (?, ?, ?, ?, 'enabled', '2026-01-01 00:00:00.000000',"
            " '2026-01-01 00:00:00.000000') ON CONFLICT DO NOTHING",
            rows,
        )
        db.session.commit()
        took = time.perf_counter() - began
        db.engine.dispose()
    return took


def plain(folder: Path, count: int) -> list[tuple[object, ...]]:
    mac = tokens.fingerprinting(config(folder, "sqlite://").suppression_key)
    return [
        (email, mac.digest(email.lower().encode()), name, json.dumps({"city": city}))
        for email, name, city, _ in table(count)
    ]


@contextmanager
def databases(*, sqlite: bool, folder: Path) -> Iterator[tuple[str, str]]:
    """Give the URLs of two empty databases of one kind."""
    if sqlite:
        for name in ("import", "floor"):
            (folder / name).mkdir()
            migrate(f"sqlite:///{folder / name / 'mailer.sqlite3'}")
        yield tuple(f"sqlite:///{folder / n / 'mailer.sqlite3'}" for n in ("import", "floor"))  # type: ignore[misc]
        return
    server = servers.start_postgresql(POSTGRESQL)
    try:
        made = PostgresqlDatabases(server.url, "bench")
        yield made.migrated(), made.migrated()
    finally:
        server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--child", nargs=3, metavar=("URL", "FOLDER", "FILE"))
    given = parser.parse_args()
    if given.child:
        url, folder, path = given.child
        print(json.dumps(imported(url, Path(folder), Path(path))))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "people.csv"
        written(path, given.rows)
        with databases(sqlite=given.sqlite, folder=folder) as (url, other):
            show(given.rows, measured(url, folder, path), floor(other, folder, given.rows))
    return 0


def measured(url: str, folder: Path, path: Path) -> dict[str, float]:
    """Import in a process of its own, so that its memory is nobody else's."""
    command = [sys.executable, "-m", "bench.importing", "--child", url, str(folder), str(path)]
    done = subprocess.run(command, capture_output=True, check=False, text=True, env=os.environ)  # noqa: S603
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def floor(url: str, folder: Path, count: int) -> float:
    rows = plain(folder, count)
    if url.startswith("sqlite"):
        return floor_sqlite(url, folder, rows)
    return floor_postgresql(url, rows)


def show(rows: int, took: dict[str, float], floor: float) -> None:
    rate, least = rows / took["running"], rows / floor
    print(f"checked    {rows / took['checking']:>9,.0f} rows/s  {took['checking']:6.1f} s")
    print(f"imported   {rate:>9,.0f} rows/s  {took['running']:6.1f} s")
    print(f"floor      {least:>9,.0f} rows/s  {floor:6.1f} s")
    print(f"ratio      {rate / least:9.2f}")
    print(f"worker     {took['cpu'] / rows * 1e6:9.1f} µs of CPU for each row, but PostgreSQL's")
    print(f"memory     {took['peak']:9.0f} MB at most")


if __name__ == "__main__":
    sys.exit(main())
