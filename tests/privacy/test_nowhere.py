"""One of a thousand people is erased: no byte of her is left, nor in a backup restored later."""

import io
import logging
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from mailer import desk, guard, ledger, tokens
from mailer.accounts.models import AuditEntry
from mailer.audience import addresses, bulk
from mailer.audience.address_models import AddressLetter
from mailer.audience.bulk import Order
from mailer.audience.bulk_models import Deed
from mailer.audience.consent import Evidence
from mailer.audience.imports import arrivals
from mailer.audience.imports.models import Import, State
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription
from mailer.audience.moving import changes
from mailer.audience.searches import Search
from mailer.audience.words import SubscriptionStatus
from mailer.db import db
from mailer.links import Site
from mailer.privacy import erasure
from mailer.privacy.letters import post
from mailer.privacy.requests.models import Notice, Request
from mailer.privacy.requests.words import About, Way
from tests import databases
from tests.conftest import MakeReader
from tests.privacy.conftest import Tell

HERS = (b"quittenbaum", b"klarinette-77", b"rosalinde")
PEOPLE = 1000
MAIL = b"To: Quittenbaum@elsewhere.example\r\nSubject: Hello\r\n\r\nHello, Rosalinde.\r\n"
OTHERS_MAIL = b"To: tomas@example.org\r\nSubject: Hello\r\n\r\nHello, Tomas.\r\n"


@pytest.fixture
def config(database: str, config_for: Callable[..., Config]) -> Config:
    return config_for(database)


@pytest.fixture
def crowd(session: Session, site: Site, letters: MailingList, now: datetime) -> None:
    """Readers around her, so that her rows share their pages with others'."""
    emails = [f"reader-{number}@example.org" for number in range(PEOPLE)]
    session.execute(
        sa.insert(Subscriber),
        [
            {
                "email": email,
                "address_key": tokens.fingerprint(site.keys, email),
                "name": f"Reader {email}",
                "attributes": {"instrument": "Harp"},
                "created_at": now,
                "updated_at": now,
            }
            for email in emails
        ],
    )
    place = {"list_id": letters.id, "status": SubscriptionStatus.confirmed, "created_at": now}
    numbers = session.scalars(sa.select(Subscriber.id)).all()
    session.execute(sa.insert(Subscription), [{"subscriber_id": one, **place} for one in numbers])
    session.commit()


@pytest.fixture
def her(
    session: Session,
    site: Site,
    crowd: None,
    config: Config,
    make_reader: MakeReader,
    tell: Tell,
    now: datetime,
) -> Subscriber:
    """Somebody with all that can happen to a reader, at an address that was another once."""
    del crowd
    reader = make_reader("quittenbaum")
    reader.name, reader.attributes = "Rosalinde Quittenbaum", {"instrument": "Klarinette-77"}
    tell(reader)
    move(session, site, reader, now)
    tell_more(session, site, reader, now)
    inbox = config.inbox_dir / "new"
    inbox.mkdir(parents=True)
    for number, content in enumerate((MAIL, OTHERS_MAIL)):
        (inbox / f"{number:020d}.1.1").write_bytes(content)
    session.commit()
    return reader


def move(session: Session, site: Site, reader: Subscriber, now: datetime) -> None:
    elsewhere = addresses.parsed("quittenbaum@elsewhere.example")
    wish = changes.ask(session, now, site.keys, reader.id, elsewhere)
    session.flush()
    for letter in reader_letters(session, wish):
        changes.press(session, now, site.keys, letter, Evidence(ip="203.0.113.7"))


def reader_letters(session: Session, wish: int) -> list[int]:
    mine = sa.select(AddressLetter.id).where(AddressLetter.change_id == wish)
    return list(session.scalars(mine))


def tell_more(session: Session, site: Site, reader: Subscriber, now: datetime) -> None:
    """Let her write from the new address, stand in a bulk act and in a file not yet imported."""
    raw = f"From: {reader.email}\r\n\r\nI am {reader.name}".encode()
    kept = post.keep(session, now, reader.email, "desk@harbor.example.com", raw)
    post.read(session, site, kept, now)
    told = {"about": About.answer, "way": Way.mail, "at": now, "email": reader.email}
    asked = session.scalars(sa.select(Request.id).order_by(Request.id).limit(1)).one()
    refused = f"550 no mailbox for {reader.email.upper()} here"
    session.add(Notice(request_id=asked, tries=1, fault=refused, **told))
    alone = Search(also=Subscriber.id == reader.id)
    order = Order(Deed.disable, f"{reader.name} wrote to us", "bob@example.com")
    act = bulk.begin(session, now, alone, str(bulk.mark(session, alone)), order)
    bulk.portion(session, now, act.id)
    file = io.BytesIO(f"email,name\nQUITTENBAUM@elsewhere.example,{reader.name}\n".encode())
    arrivals.create(session, now, "bob@example.com", "people.csv", file)


def bytes_of(config: Config) -> dict[str, bytes]:
    """Return every byte that the installation keeps: the database's and the data directory's."""
    files = {str(one): one.read_bytes() for one in config.data_dir.rglob("*") if one.is_file()}
    if config.database_url.startswith("postgresql"):
        url = databases.libpq(sa.make_url(config.database_url))
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            for name in databases.names():
                with cursor.copy(f"COPY {name} TO STDOUT") as copied:
                    files[name] = decoded(b"".join(map(bytes, copied)))
    return files


def decoded(copied: bytes) -> bytes:
    r"""Return a table's text with its binary columns, ``\\x6869``, beside it in the clear."""
    parts = re.findall(rb"\\\\x((?:[0-9a-f]{2})+)", copied)
    return b"\n".join([copied, *(bytes.fromhex(part.decode()) for part in parts)])


def traces(config: Config) -> list[str]:
    found = bytes_of(config)
    return sorted(
        f"{mark.decode()} in {Path(name).name}"
        for name, content in found.items()
        for mark in HERS
        if mark in content.lower()
    )


def erase(session: Session, reader: Subscriber, now: datetime) -> None:
    email = reader.email
    erasure.erase(session, reader, now + timedelta(hours=1), "command line", reason="her request")
    session.commit()
    desk.sweep(email)


def test_no_byte_of_her_is_left_and_everybody_else_is_whole(
    session: Session,
    config: Config,
    her: Subscriber,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    before = traces(config)
    assert {one.partition(" ")[0] for one in before} == {mark.decode() for mark in HERS}
    erase(session, her, now)
    assert traces(config) == []
    assert [mark for mark in HERS if mark in caplog.text.lower().encode()] == []
    assert session.scalar(sa.select(sa.func.count()).select_from(Subscriber)) == PEOPLE
    assert session.scalars(sa.select(Import.state).where(Import.size > 0)).all() == [
        State.cancelled
    ]
    assert [one.name for one in (config.inbox_dir / "new").iterdir()] == [f"{1:020d}.1.1"]
    while ledger.seal_waiting(session, ConsentEvent):
        session.commit()
    assert ledger.first_broken(session, ConsentEvent) is None
    assert ledger.first_broken(session, AuditEntry) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("of", ["before her move", "after her move"])
def test_a_backup_from_before_forgets_her_when_it_is_restored(
    app: Flask,
    session: Session,
    config: Config,
    site: Site,
    make_reader: MakeReader,
    tell: Tell,
    now: datetime,
    tmp_path_factory: pytest.TempPathFactory,
    of: str,
) -> None:
    kept = tmp_path_factory.mktemp("backups") / "yesterday.sqlite3"
    assert guard.is_free()
    reader = make_reader("quittenbaum")
    reader.name = "Rosalinde Quittenbaum"
    tell(reader)
    if of == "after her move":
        move(session, site, reader, now)
    session.commit()
    backup(config, kept)
    if of == "before her move":
        move(session, site, reader, now)
    erase(session, reader, now)
    assert traces(config) == []
    restore(app, session, config, kept)
    assert traces(config) != []
    guard.is_free()  # as whoever is about to send asks
    assert traces(config) == []
    assert session.scalar(sa.select(sa.func.count()).select_from(Subscriber)) == 0


def file_of(config: Config) -> Path:
    return Path(config.database_url.removeprefix("sqlite:///"))


def backup(config: Config, to: Path) -> None:
    """Copy the database as it stands, as a nightly job does."""
    with closing(sqlite3.connect(file_of(config))) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)


def restore(app: Flask, session: Session, config: Config, kept: Path) -> None:
    """Put a backup in the place of the database, and start anew."""
    session.close()
    db.engine.dispose()
    for part in config.data_dir.glob(f"{file_of(config).name}*"):
        part.unlink()
    shutil.copyfile(kept, file_of(config))
    app.extensions.pop(guard.RECALLED, None)
