"""The development inbox: what comes in is kept to the byte, and found again quickly."""

import smtplib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailer import inbox

MAIL = (
    b"From: Letters <letters@example.com>\r\n"
    b"To: rosa@example.org\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"List-Unsubscribe: <https://news.example.com/u/abc>, <mailto:u@example.com>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="x"\r\n'
    b"\r\n"
    b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"See https://news.example.com/text. Leave: https://news.example.com/u/abc\r\n.dot\r\n"
    b"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b'<p><a href="https://news.example.com/offer">The <b>offer</b></a> '
    b'<a href="javascript:alert(1)">no</a> '
    b'<a href="https://news.example.com/u/abc">Unsubscribe</a></p>\r\n'
    b"--x--\r\n"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A running inbox that keeps its mail in ``tmp_path``."""
    port = free_port()
    with inbox.receiving(tmp_path, port):
        yield port


def deliver(port: int, content: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as relay:
        relay.sendmail("bounce@example.com", ["rosa@example.org"], content)


def test_a_message_is_kept_byte_for_byte(port: int, tmp_path: Path) -> None:
    deliver(port, MAIL)
    (name,) = inbox.names(tmp_path)
    assert inbox.raw(tmp_path, name) == MAIL


def test_the_newest_message_comes_first(port: int, tmp_path: Path) -> None:
    for number in range(3):
        deliver(port, b"Subject: %d\r\n\r\nx\r\n" % number)
    found = [inbox.summary(tmp_path, name).subject for name in inbox.names(tmp_path)]
    assert found == ["2", "1", "0"]


def test_a_summary_is_decoded(port: int, tmp_path: Path) -> None:
    deliver(port, MAIL)
    summary = inbox.summary(tmp_path, inbox.names(tmp_path)[0])
    assert (summary.subject, summary.recipient) == ("Grüße", "rosa@example.org")
    assert abs(summary.at - time.time()) < 60


def test_a_message_too_large_is_refused(port: int, tmp_path: Path) -> None:
    with pytest.raises(smtplib.SMTPException):
        deliver(port, b"Subject: x\r\n\r\n" + b"x" * 78 * 130_000)
    assert inbox.names(tmp_path) == []


def test_a_port_in_use_is_told_at_once(port: int, tmp_path: Path) -> None:
    start = time.monotonic()
    with pytest.raises(OSError, match="Address already in use"), inbox.receiving(tmp_path, port):
        pass
    assert time.monotonic() - start < 1


def test_an_inbox_that_never_was_is_empty(tmp_path: Path) -> None:
    assert inbox.names(tmp_path / "none") == []


@pytest.mark.parametrize("name", ["../secret", "..", "", "1.2.3", "0" * 20 + ".1.1/../x"])
def test_only_names_of_messages_are_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "secret").write_text("x")
    assert inbox.raw(tmp_path, name) is None
    assert inbox.raw(tmp_path, f"{'0' * 20}.1.1") is None


def test_links_are_listed_once_with_their_words() -> None:
    found = [(link.label, link.url) for link in inbox.links(inbox.parsed(MAIL))]
    assert found == [
        ("The offer", "https://news.example.com/offer"),
        ("Unsubscribe", "https://news.example.com/u/abc"),
        ("https://news.example.com/text", "https://news.example.com/text"),
    ]


def test_the_one_click_link_is_the_headers() -> None:
    assert inbox.one_click(inbox.parsed(MAIL)) == "https://news.example.com/u/abc"
    without = MAIL.replace(b"List-Unsubscribe-Post", b"X-Other")
    assert inbox.one_click(inbox.parsed(without)) == ""


def test_the_headers_are_shown_as_they_came() -> None:
    block = inbox.header_block(MAIL)
    assert "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n" in block
    assert "offer" not in block


def test_a_message_without_html_has_none() -> None:
    message = inbox.parsed(b"Subject: x\r\n\r\nhello\r\n")
    assert (inbox.body(message, "html"), inbox.body(message, "plain")) == ("", "hello\r\n")


def test_ten_thousand_messages_are_listed_quickly(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    for number in range(10_000):
        (tmp_path / "new" / f"{number:020d}.1.{number}").write_bytes(b"Subject: x\r\n\r\n")
    start = time.perf_counter()
    names = inbox.names(tmp_path)
    page = [inbox.summary(tmp_path, name) for name in names[:25]]
    assert (len(names), len(page)) == (10_000, 25)
    assert time.perf_counter() - start < 0.5
