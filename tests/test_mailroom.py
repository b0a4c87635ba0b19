"""Letters out of a mailbox: a Maildir, and a real IMAP server; kept first, then marked as taken."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock, clockwork, mailroom
from mailer.audience import suppressions
from mailer.audience.models import Subscriber
from mailer.cli.main import main
from mailer.delivery import intake, seed_mailbox
from mailer.delivery.intake import Way, WayIn
from mailer.delivery.seed_mailbox import Maildir, Unreadable
from mailer.lmtp import Keep
from mailer.privacy.letters.models import Kind, Letter
from tests import imap
from tests import mailroom as hosts
from tests.conftest import ConfigFor
from tests.mailroom import FOLDER, PASSWORD, MailHost
from tests.privacy.letters.specimens import QUOTED, letter

ASKED = letter("Please take me off", message_id="<1@x>")
# As a mail server leaves them in a mailbox: whom it was for, and the envelope's sender.
DELIVERED = b"Delivered-To: letters@in.harbor.example.com\r\nReturn-Path: <rosa@example.org>\r\n"
MACHINE = b"Return-Path: <>\r\n" + letter("Back on Monday. Please take me off" + QUOTED)
TAKEN = f"{FOLDER}/{mailroom.ASIDE}"


@pytest.fixture(scope="module")
def imap_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailHost]:
    with hosts.running(tmp_path_factory.mktemp("imap")) as host:
        yield host


@pytest.fixture
def host(imap_host: MailHost, monkeypatch: pytest.MonkeyPatch) -> MailHost:
    """The server, trusted by this machine, with nothing in its folders."""
    monkeypatch.setenv("SSL_CERT_FILE", str(imap_host.certificate))
    with imap_host.client() as client:
        client.delete(f'"{TAKEN}"')
        client.delete(f'"{FOLDER}"')
        client.create(f'"{FOLDER}"')
    return imap_host


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    return tmp_path / "mail"


def named(app: Flask, config_for: ConfigFor, mailbox: str) -> Flask:
    """Name the mailbox to fetch from in the settings of the application."""
    url = app.extensions["config"].database_url
    app.extensions["config"] = config_for(url, letters_mailbox=mailbox)
    return app


def fetched(app: Flask) -> str:
    result = CliRunner().invoke(main, ["letters", "fetch"], obj=app)
    assert result.exit_code == 0, result.output
    return str(result.output)


def read(app: Flask, session: Session) -> list[Letter]:
    session.rollback()
    clockwork.read_letters(app)
    session.expire_all()
    return list(session.scalars(sa.select(Letter).order_by(Letter.id)))


def has_left(session: Session, reader: Subscriber) -> bool:
    return bool(suppressions.in_force(session, reader.address_key))


def test_letters_in_an_imap_folder_are_taken_once_and_moved_aside(
    app: Flask, config_for: ConfigFor, session: Session, rosa: Subscriber, host: MailHost
) -> None:
    host.deliver(DELIVERED + ASKED, MACHINE)
    there = named(app, config_for, host.url())
    assert fetched(there) == "2 letters were taken from 127.0.0.1.\n"
    assert (host.number(), host.number(TAKEN)) == (0, 2)
    assert fetched(there) == "0 letters were taken from 127.0.0.1.\n"
    opted_out, machine = read(app, session)
    assert (opted_out.kind, machine.kind) == (Kind.opt_out, Kind.automatic)
    assert (opted_out.mail_from, machine.mail_from) == ("rosa@example.org", "")
    assert opted_out.recipient == "letters@in.harbor.example.com"
    assert has_left(session, rosa)


def test_a_letter_that_could_not_be_kept_stays_where_it_was(
    app: Flask, session: Session, rosa: Subscriber, host: MailHost
) -> None:
    host.deliver(ASKED, letter("Hello", message_id="<2@x>"))
    kept: list[bytes] = []

    def keep(mail_from: str, recipient: str, raw: bytes) -> None:
        if kept:
            raise ArithmeticError(f"no room for {mail_from}, {recipient}")
        mailroom.kept(app, mail_from, recipient, raw)
        kept.append(raw)

    mailbox = seed_mailbox.at(host.url(), 5)
    with pytest.raises(ArithmeticError):
        mailroom.fetch(mailbox, keep)
    assert (host.number(), host.number(TAKEN)) == (1, 1)
    assert has_left(session, rosa) is False
    assert [one.kind for one in read(app, session)] == [Kind.opt_out]


def test_who_dies_between_keeping_and_moving_takes_the_letter_twice_and_acts_once(
    app: Flask, config_for: ConfigFor, session: Session, rosa: Subscriber, host: MailHost
) -> None:
    host.deliver(ASKED)
    with pytest.raises(ArithmeticError):
        mailroom.fetch(seed_mailbox.at(host.url(), 5), dying(app))
    assert host.number() == 1
    fetched(named(app, config_for, host.url()))
    assert session.scalar(sa.select(sa.func.count()).select_from(Letter)) == 2
    assert len(read(app, session)) == 1
    assert has_left(session, rosa)


def dying(app: Flask) -> Keep:
    def keep(mail_from: str, recipient: str, raw: bytes) -> None:
        mailroom.kept(app, mail_from, recipient, raw)
        raise ArithmeticError

    return keep


def test_a_maildir_s_letters_go_from_new_to_cur(
    app: Flask, config_for: ConfigFor, session: Session, rosa: Subscriber, maildir: Path
) -> None:
    (maildir / "new" / "2.b").write_bytes(DELIVERED + ASKED)
    (maildir / "new" / "1.a").write_bytes(MACHINE)
    there = named(app, config_for, f"maildir:{maildir}")
    assert fetched(there) == f"2 letters were taken from {maildir}.\n"
    assert names(maildir / "cur") == ["1.a:2,S", "2.b:2,S"]
    (maildir / "new" / "3.c").write_bytes(ASKED)
    assert fetched(there) == f"One letter was taken from {maildir}.\n"
    assert [one.kind for one in read(app, session)] == [Kind.automatic, Kind.opt_out]
    assert has_left(session, rosa)


def test_a_maildir_that_is_not_there_is_told(tmp_path: Path, app: Flask) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        mailroom.fetch(Maildir(tmp_path / "gone"), dying(app))


def test_a_letter_in_a_maildir_that_could_not_be_kept_stays_new(app: Flask, maildir: Path) -> None:
    (maildir / "new" / "1.a").write_bytes(ASKED)
    with pytest.raises(ArithmeticError):
        mailroom.fetch(Maildir(maildir), dying(app))
    assert names(maildir / "new") == ["1.a"]


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def ways(session: Session) -> list[tuple[str, bool, str]]:
    session.rollback()
    session.expire_all()
    return [
        (one.name, one.failing_since is not None, one.fault)
        for one in session.scalars(sa.select(WayIn))
    ]


@pytest.mark.parametrize(
    ("password", "folder", "why"),
    [
        ("wrong-horse", FOLDER, "refused to sign in"),
        (PASSWORD, "Gone", "has no folder Gone"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_told_and_noted_without_the_password(
    app: Flask,
    config_for: ConfigFor,
    session: Session,
    host: MailHost,
    password: str,
    folder: str,
    why: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    there = named(app, config_for, host.url(password, folder))
    result = CliRunner().invoke(main, ["letters", "fetch"], obj=there)
    assert (result.exit_code, why in result.output) == (2, True)
    ((name, is_failing, fault),) = ways(session)
    assert (name, is_failing, why in fault) == ("mailbox", True, True)
    session.execute(sa.update(WayIn).values(tried_at=clock.now() - timedelta(minutes=2)))
    session.commit()
    mailroom.take_turn(there)
    assert why in caplog.text
    assert password not in caplog.text + result.output + fault


def test_without_a_mailbox_nothing_is_fetched(app: Flask, session: Session) -> None:
    result = CliRunner().invoke(main, ["letters", "fetch"], obj=app)
    assert (result.exit_code, "Set MAILER_LETTERS_MAILBOX" in result.output) == (2, True)
    mailroom.take_turn(app)
    assert ways(session) == []


def test_the_clock_fetches_each_minute_and_only_in_one_process(
    database: str, app: Flask, config_for: ConfigFor, session: Session, maildir: Path
) -> None:
    assert database
    there, now = named(app, config_for, f"maildir:{maildir}"), clock.now()
    for number in range(2):
        (maildir / "new" / f"{number}.a").write_bytes(ASKED)
        mailroom.take_turn(there)
    assert (len(names(maildir / "cur")), ways(session)) == (1, [("mailbox", False, "")])
    assert not intake.take_turn(session, Way.mailbox, now + timedelta(seconds=50), mailroom.EVERY)
    assert intake.take_turn(session, Way.mailbox, now + timedelta(seconds=90), mailroom.EVERY)


def test_a_mail_server_that_cannot_move_letters_is_not_read(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing could mark a letter as taken, it would be taken again and again."""
    with imap.running(tmp_path) as folder:
        monkeypatch.setenv("SSL_CERT_FILE", str(folder.certificate))
        folder.messages.append(ASKED)
        with pytest.raises(Unreadable, match="cannot move letters"):
            mailroom.fetch(seed_mailbox.at(folder.url(), 5), dying(app))
