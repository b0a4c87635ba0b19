"""The sink keeps its word: on the disk before 250, in order, and as ordered."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sink import running
from tests.sink.running import HOST, RunningSink

ENVELOPE = b"MAIL FROM:<a@example.com>\r\nRCPT TO:<%s>\r\nDATA\r\n"
MESSAGE = b"Subject: Hello\r\nmessage-id: <one@example.com>\r\n\r\nA line.\r\n..\r\n.\r\n"
TAKEN = b"250 2.0.0 Ok\r\n"
GO_ON = b"354 Go on\r\n"


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[RunningSink]:
    with running.running(tmp_path) as sink:
        yield sink


def said(wire: socket.socket, lines: int) -> bytes:
    """Read that many lines of answer, or up to the end."""
    found = b""
    while found.count(b"\n") < lines and (more := wire.recv(4096)):
        found += more
    return found


def called(sink: RunningSink) -> socket.socket:
    wire = socket.create_connection((HOST, sink.port), timeout=5)
    said(wire, 1)
    return wire


def mail(to: bytes = b"rosa@example.org") -> bytes:
    return ENVELOPE % to + MESSAGE


def test_what_was_answered_is_in_the_journal_already(sink: RunningSink) -> None:
    with called(sink) as wire:
        wire.sendall(mail())
        assert said(wire, 4) == TAKEN * 2 + GO_ON + TAKEN
    (taken,) = sink.taken()
    assert (taken.message_id, taken.sender) == ("<one@example.com>", "a@example.com")
    assert taken.recipient == "rosa@example.org"


def test_pipelined_commands_in_any_pieces_are_answered_in_order(sink: RunningSink) -> None:
    text = mail() + mail(b"sam@example.org") + b"NOOP\r\nQUIT\r\n"
    for piece in (len(text), 1, 7):
        with called(sink) as wire:
            for at in range(0, len(text), piece):
                wire.sendall(text[at : at + piece])
            expected = (TAKEN * 2 + GO_ON + TAKEN) * 2 + TAKEN + b"221 2.0.0 Bye\r\n"
            assert said(wire, 99) == expected
    assert len(sink.taken()) == 6


def test_a_reply_waits_as_long_as_its_domain_is_ordered_to(sink: RunningSink) -> None:
    sink.order(slow={"slow.example": 0.3})
    with called(sink) as quick, called(sink) as slow:
        began = time.monotonic()
        slow.sendall(mail(b"rosa@slow.example"))
        quick.sendall(mail())
        said(quick, 4)
        assert time.monotonic() - began < 0.25
        said(slow, 4)
        assert time.monotonic() - began >= 0.3


def test_refusals_are_not_taken(sink: RunningSink) -> None:
    sink.order(
        at_rcpt={"rosa@example.org": "451 4.2.1 Later"}, at_dot={"sam@example.org": "554 5.6.0 No"}
    )
    with called(sink) as wire:
        wire.sendall(ENVELOPE % b"rosa@example.org")
        assert said(wire, 3) == TAKEN + b"451 4.2.1 Later\r\n554 5.5.1 No valid recipients\r\n"
        wire.sendall(mail(b"sam@example.org"))
        assert said(wire, 4) == TAKEN * 2 + GO_ON + b"554 5.6.0 No\r\n"
    assert sink.taken() == []


def test_a_full_connection_is_closed_and_a_sink_that_is_down_hangs_up(sink: RunningSink) -> None:
    sink.order(most=1)
    with called(sink) as wire:
        wire.sendall(mail() + mail())
        assert said(wire, 99).startswith(TAKEN * 2 + GO_ON + TAKEN + b"421 ")
    sink.order(is_down=True)
    with called(sink) as wire:
        assert wire.recv(1) == b""
    sink.until(lambda: sink.counts()["connections"] == 2)
    assert len(sink.taken()) == 1
