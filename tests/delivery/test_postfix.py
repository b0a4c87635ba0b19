"""The second judge of the client: Postfix's own test sink at its rudest, and Postfix as relay."""

import time

import pytest

from mailer.delivery.approval import Approved
from mailer.delivery.smtp import own_loop
from mailer.delivery.smtp.line import Line
from mailer.delivery.smtp.relay import Relay
from tests import postfix
from tests.delivery.test_rude_relays import CARL, ROSA
from tests.relays import Sink
from tests.rude import TIMES, Event, Notes

# Each line of it could end the message early, or begin a command, in a careless client or relay.
BODY = b".\r\n..\r\n.\r\n\r\nMAIL FROM:<evil@example.net>\r\n.x\r\n" + b"x" * 900 + b"\r\n.\r\n"
HEAD = (
    b"Subject: x\r\nFrom: news@example.com\r\nTo: undisclosed-recipients:;\r\n"
    b"Date: Mon, 02 Mar 2026 15:30:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\n"
)
LETTER = Approved(HEAD + BODY, "none")
LARGE = Approved(HEAD + BODY * 200, "none")
LOST_AT_DOT = [("lost", "rosa", "dot", 0), ("lost", "carl", "mail", 0)]
# ``smtp-sink`` hangs up (-q), says 421 and hangs up (-Q), or refuses softly (-r) or hard (-f).
CODES = {"-q": 0, "-Q": 421, "-r": 450, "-f": 500}
REACHING = {"connect": "banner", "ehlo": "ehlo"}


def fate(option: str, command: str) -> list[Event]:
    code, phase = CODES[option], "dot" if command == "." else command
    if command in REACHING:
        return [("lost", "", REACHING[command], code)]
    if option == "-q":
        return LOST_AT_DOT if phase == "dot" else [("lost", "rosa", phase, 0)]
    first = ("answered", "rosa", phase, code)
    if option == "-Q":
        return [first, ("lost", "carl", "mail", 0) if phase == "dot" else ("lost", "", phase, 0)]
    return [first, ("answered", "carl", phase, code)]


async def told(port: int, message: Approved, count: int, *strangers: str) -> list[Event]:
    source = Notes(message, [*strangers, "rosa", "carl"])
    line = Line(Relay.at(f"smtp://127.0.0.1:{port}", 5, TIMES), "news.test", source)
    line.wake()
    await source.until(lambda: len(source.told) >= count)
    line.quit()
    await line.gone()
    return source.told


@pytest.mark.parametrize("command", ["connect", "ehlo", "mail", "rcpt", "data", "."])
@pytest.mark.parametrize("option", CODES)
def test_the_sink_of_postfix_misbehaves_and_each_message_has_its_fate(
    option: str, command: str
) -> None:
    expected = fate(option, command)
    with postfix.running_sink(option, command) as port:
        assert own_loop.run(told(port, LETTER, len(expected))) == expected


@pytest.mark.parametrize("option", ["-p", "-8"])
def test_the_sink_of_postfix_takes_what_it_is_given(option: str) -> None:
    """Without PIPELINING, without 8BITMIME."""
    with postfix.running_sink(option) as port:
        assert own_loop.run(told(port, LETTER, 2)) == [ROSA, CARL]


@pytest.mark.parametrize("silenced", ["", "chunking", "chunking,pipelining"])
def test_postfix_takes_each_message_as_one_and_refuses_only_nobody(
    silenced: str, smtp_sink: Sink
) -> None:
    with postfix.running(smtp_sink.port, silenced) as port:
        nobody = ("answered", "nobody", "rcpt", 550)
        assert own_loop.run(told(port, LETTER, 3, "nobody")) == [nobody, ROSA, CARL]
        assert own_loop.run(told(port, LARGE, 2)) == [ROSA, CARL]
        await_mail(smtp_sink, 4)
    found = [(mail.rcpt_to, mail.content.partition(b"Subject:")[2]) for mail in smtp_sink.caught]
    sent = [one.raw.removeprefix(b"Subject:") for one in (LETTER, LARGE)]
    people = [(f"{name}@example.org",) for name in ("rosa", "carl")]
    assert sorted(found) == sorted((who, what) for who in people for what in sent)


def await_mail(sink: Sink, count: int) -> None:
    until = time.monotonic() + 20
    while len(sink.caught) < count and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.2)  # what was one too many would come now
