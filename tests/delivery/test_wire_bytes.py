"""Bytes: replies however they are cut, and bodies that cannot end before their dot."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.smtp.reading import LONGEST_REPLY, Garbled, Reading
from mailer.delivery.smtp.reply import said
from mailer.delivery.smtp.stuffing import stuffed
from mailer.delivery.smtp.watch import Watch
from tests.rude import TIMES

STREAM = b"250-one\r\n250-two\r\n250 three\r\n354 go\r\n250\r\n421\n550-5.1.1 x\n550 5.1.1 y\r\n"
REPLIES = [
    (250, ["one", "two", "three"]),
    (354, ["go"]),
    (250, [""]),
    (421, [""]),
    (550, ["5.1.1 x", "5.1.1 y"]),
]


def read(chunks: list[bytes]) -> list[tuple[int, list[str]]]:
    reading = Reading()
    found = [one for chunk in chunks for one in reading.replies(chunk)]
    assert reading.is_empty
    return [(code, text.decode().splitlines() or [""]) for code, text in found]


@given(st.lists(st.integers(0, len(STREAM)), max_size=6).map(sorted))
def test_replies_are_the_same_however_they_are_cut(cuts: list[int]) -> None:
    edges = [0, *cuts, len(STREAM)]
    chunks = [STREAM[a:b] for a, b in pairwise(edges)]
    assert read(chunks) == REPLIES


@pytest.mark.parametrize(
    "noise",
    [
        *(
            b"what?\r\n",
            b"\r\n",
            b"25\r\n",
            b"2500 x\r\n",
            b"199 x\r\n",
            b"600 x\r\n",
            b"250_x\r\n",
        ),
        *(b" 250 x\r\n", b"+25 x\r\n", b"\xd9\xa2\xd9\xa5 x\r\n", b"250-a\r\n550 b\r\n"),
        *(b"250-a\r\n" * 100, b"250-" + b"x" * LONGEST_REPLY, b"x" * (LONGEST_REPLY + 1)),
        b"250-" + b"x" * LONGEST_REPLY + b"\r\n250 y\r\n",
    ],
)
def test_noise_is_no_reply(noise: bytes) -> None:
    with pytest.raises(Garbled):
        list(Reading().replies(noise))


def test_what_came_whole_before_the_noise_is_heard() -> None:
    reading = Reading().replies(b"250 ok\r\nwhat?\r\n")
    assert next(reading) == (250, b"ok\r")
    with pytest.raises(Garbled):
        next(reading)


def test_the_text_of_a_reply_is_fit_for_a_page() -> None:
    reply = said("dot", 550, b"5.7.1 one\r\n5.7.1 \x1b[31mtwo\x00 \xff" + b"x" * 5000)
    assert reply.text.startswith("5.7.1 one  5.7.1  [31mtwo  \N{REPLACEMENT CHARACTER}xxx")
    assert reply.text.isprintable()
    assert len(reply.text) <= 1000


def plainly_stuffed(message: bytes) -> bytes:
    lines = message.removesuffix(b"\r\n").split(b"\r\n")
    return b"".join((b"." if one.startswith(b".") else b"") + one + b"\r\n" for one in lines)


@given(st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"\0"]), max_size=30))
def test_dots_are_doubled_as_by_the_obvious_way(parts: list[bytes]) -> None:
    message = b"".join(parts)
    if not message.endswith(b"\r\n"):
        message += b"\r\n"
    assert stuffed(message) == plainly_stuffed(message)
    assert stuffed(message.removesuffix(b"\r\n") + b"a") == plainly_stuffed(
        message.removesuffix(b"\r\n") + b"a\r\n"
    )


def test_a_phase_is_over_when_nothing_moved_for_its_time() -> None:
    watch, parcel = Watch(TIMES), object()
    assert not watch.is_over(10, "mail", 1, parcel)
    assert not watch.is_over(10 + TIMES.command * 0.9, "mail", 1, parcel)
    assert watch.is_over(10 + TIMES.command, "mail", 1, parcel)
    assert not watch.is_over(10 + TIMES.command, "rcpt", 2, parcel)
    assert watch.is_over(10 + TIMES.transaction, "source", 3, parcel)
    assert not watch.is_over(10 + TIMES.transaction, "source", 3, None)
