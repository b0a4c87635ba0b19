"""Where seed copies are read: a Maildir, and an IMAP folder behind verified TLS."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailer.delivery import seed_mailbox
from mailer.delivery.seed_mailbox import Imap, Maildir, Seed, Sought, Unreadable
from tests import imap
from tests.imap import Folder

SINCE = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
SOUGHT = Sought("<one@harbor.example.com>", "https://news.example/u/abc", SINCE)
ONE = b"From: a@b.example\r\nMessage-ID: <one@harbor.example.com>\r\n\r\nHello\r\n"
OTHER = ONE.replace(b"<one@", b"<two@")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """An IMAP folder whose certificate nobody trusts yet."""
    with imap.running(tmp_path) as running:
        yield running


@pytest.fixture
def trusted(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """The same, trusted by this machine."""
    monkeypatch.setenv("SSL_CERT_FILE", str(folder.certificate))
    return folder


def at(url: str) -> Seed:
    seed = Seed.at("seed@example.com", url, 5)
    assert seed
    return seed


def test_a_copy_is_found_in_an_imap_folder_and_left_as_it_was(trusted: Folder) -> None:
    trusted.messages += [ONE, OTHER, OTHER]
    assert at(trusted.url()).mailbox.find(SOUGHT) == ONE
    said = b"\n".join(trusted.commands)
    assert b'EXAMINE "Seeds"' in said
    assert b"SINCE 1-Mar-2026" in said
    assert b"STORE" not in said
    assert said.count(b"BODY.PEEK[]") == 3


def test_what_has_not_come_is_not_found(trusted: Folder) -> None:
    assert at(trusted.url()).mailbox.find(SOUGHT) is None
    trusted.messages.append(OTHER)
    assert at(trusted.url()).mailbox.find(SOUGHT) is None


def test_a_message_that_has_grown_out_of_all_bounds_is_left_alone(
    trusted: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seed_mailbox, "LARGEST", len(ONE) - 1)
    trusted.messages.append(ONE)
    assert at(trusted.url()).mailbox.find(SOUGHT) is None
    assert not [command for command in trusted.commands if b"PEEK" in command]


def test_a_certificate_that_cannot_be_verified_is_not_trusted(folder: Folder) -> None:
    with pytest.raises(Unreadable, match="certificate cannot be verified"):
        at(folder.url()).mailbox.find(SOUGHT)
    assert folder.commands == []


@pytest.mark.parametrize(
    ("password", "name", "why"),
    [("wrong-horse", "Seeds", "refused to sign in"), (imap.PASSWORD, "Gone", "no folder Gone")],
)
def test_a_refusal_is_told_without_the_password(
    trusted: Folder, password: str, name: str, why: str
) -> None:
    with pytest.raises(Unreadable, match=why) as refusal:
        at(trusted.url(password, name)).mailbox.find(SOUGHT)
    assert password not in str(refusal.value)


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(Unreadable, match="refused"):
        at("imaps://seed:secret@127.0.0.1:9/Seeds").mailbox.find(SOUGHT)


def test_a_password_is_never_shown() -> None:
    seed = at("imaps://se%40ed:pass%2Fword@mail.example.com/My%20Seeds")
    assert isinstance(seed.mailbox, Imap)
    assert (seed.mailbox.username, seed.mailbox.folder) == ("se@ed", "My Seeds")
    assert (seed.mailbox.password, seed.mailbox.port) == ("pass/word", 993)
    assert "pass" not in repr(seed)
    assert at("imaps://a:b@mail.example.com").mailbox == Imap(
        "mail.example.com", 993, "a", "b", "INBOX", 5
    )


def test_without_a_setting_there_is_no_seed() -> None:
    assert Seed.at("", "", 5) is None
    assert at("maildir:/var/mail/seed").mailbox == Maildir(Path("/var/mail/seed"))


@pytest.mark.parametrize("name", ["new", "cur"])
def test_a_copy_is_found_in_a_maildir(tmp_path: Path, name: str) -> None:
    for folder in ("new", "cur"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1.a").write_bytes(OTHER)
    assert Maildir(tmp_path).find(SOUGHT) is None
    (tmp_path / name / "2.b").write_bytes(ONE)
    assert Maildir(tmp_path).find(SOUGHT) == ONE


def test_a_copy_is_known_by_its_link_wherever_it_stands() -> None:
    for raw in (
        OTHER.replace(b"Hello", b"Leave: https://news.example/u/abc"),
        b"List-Unsubscribe: <https://news.example/u/abc>\r\n" + OTHER,
        b"Content-Transfer-Encoding: base64\r\n"
        + OTHER.replace(b"Hello", b"aHR0cHM6Ly9uZXdzLmV4YW1wbGUvdS9hYmM="),
    ):
        assert SOUGHT.is_in(raw)
    assert not SOUGHT.is_in(OTHER)


def test_old_mail_is_not_searched(tmp_path: Path) -> None:
    for folder in ("new", "cur"):
        (tmp_path / folder).mkdir()
    (tmp_path / "new" / "1.a").write_bytes(ONE)
    later = Sought(SOUGHT.message_id, SOUGHT.link, datetime(2099, 1, 1, tzinfo=UTC))
    assert Maildir(tmp_path).find(later) is None
