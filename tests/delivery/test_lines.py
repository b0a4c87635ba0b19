"""A line to a relay: what it writes at once, how it takes back, renews itself, rests and wakes."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from mailer.delivery.approval import Approved
from mailer.delivery.smtp import own_loop
from mailer.delivery.smtp.line import Line
from mailer.delivery.smtp.parcel import Parcel
from mailer.delivery.smtp.relay import Relay, Times
from tests.rude import PIPELINING, TIMES, Notes, Rude, Talk, running

LETTER = Approved(b"Subject: x\r\n\r\nHello\r\n", "none")
ALL = ("PIPELINING", "8BITMIME", "CHUNKING", "SMTPUTF8", "SIZE 1000")
WAYS = {"data": PIPELINING, "chunks": ALL, "one by one": ()}
ways = pytest.mark.parametrize("offers", WAYS.values(), ids=WAYS)

Story = Callable[[Rude, Line, Notes], Awaitable[None]]


def play(
    story: Story,
    rude: Rude,
    *names: str,
    message: Approved = LETTER,
    holds: bool = False,
    **relay: Any,  # noqa: ANN401 - the fields of Relay
) -> Notes:
    """Play a story on a loop of its own; return what the source was told."""

    async def played() -> Notes:
        async with running(rude):
            source = Notes(message, list(names), holds=holds)
            line = Line(replace(rude.relay(times=TIMES), **relay), "news.test", source)
            line.wake()
            await story(rude, line, source)
            line.quit()
            async with asyncio.timeout(5):
                await line.gone()
            assert line.is_down
            return source

    return own_loop.run(played())


def taken(*names: str) -> list[tuple[str, str, str, int]]:
    return [("answered", name, "dot", 250) for name in names]


def all_told(count: int) -> Story:
    async def story(rude: Rude, line: Line, source: Notes) -> None:
        del rude, line
        await source.until(lambda: len(source.told) >= count)

    return story


@ways
def test_messages_follow_each_other_on_one_connection(offers: tuple[str, ...]) -> None:
    rude = Rude(offers=offers)
    source = play(all_told(3), rude, "rosa", "carl", "rita")
    assert source.told == taken("rosa", "carl", "rita")
    assert rude.messages == [LETTER.raw] * 3
    assert (rude.talks, rude.commands[-1]) == (1, "QUIT")


def test_the_next_message_is_offered_before_the_last_is_answered() -> None:
    """The relay holds back its answer to the dot until it has heard of the next recipient."""

    async def waits(talk: Talk) -> bool:
        following = [await talk.reader.readuntil(b"\r\n") for _ in range(3)]
        assert following[1] == b"RCPT TO:<carl@example.org>\r\n"
        return await talk.say(b"250 Kept\r\n" * 3 + b"354 Go on\r\n") and await talk_on(talk)

    async def talk_on(talk: Talk) -> bool:
        await talk.reader.readuntil(b"\r\n.\r\n")
        return await talk.say(b"250 Kept\r\n")

    source = play(all_told(2), Rude("dot", waits), "rosa", "carl")
    assert source.told == taken("rosa", "carl")


@ways
def test_who_is_taken_back_gets_nothing_and_is_not_spoken_of(offers: tuple[str, ...]) -> None:
    async def story(rude: Rude, line: Line, source: Notes) -> None:
        await source.until(lambda: len(source.ready_now) == 1)
        source.holds = False
        line.drop()
        assert not line.release(source.ready_now[0])
        await source.until(lambda: len(source.told) == 1)
        assert rude.messages == [LETTER.raw]

    rude = Rude(offers=offers)
    assert play(story, rude, "rosa", "carl", holds=True).told == taken("carl")
    # Only where no DATA was said can a relay be told to forget it.
    assert rude.talks == (1 if "CHUNKING" in offers else 2)


def test_taking_back_spares_the_message_that_awaits_its_answer() -> None:
    async def slowly(talk: Talk) -> bool:
        await asyncio.sleep(0.1)
        return await talk.say(b"250 Kept\r\n")

    async def story(rude: Rude, line: Line, source: Notes) -> None:
        await source.until(lambda: len(source.ready_now) == 1)
        line.drop()  # rosa's dot is written, carl was offered behind it
        await source.until(lambda: len(source.told) == 2)
        assert len(rude.messages) == 2

    rude = Rude("dot", slowly)
    assert play(story, rude, "rosa", "carl", "rita").told == taken("rosa", "rita")


def test_a_message_released_too_late_is_not_sent() -> None:
    async def closes(talk: Talk) -> bool:
        await talk.say(b"354 Go on\r\n")
        return False

    async def story(rude: Rude, line: Line, source: Notes) -> None:
        await source.until(lambda: len(source.told) == 1)
        assert not line.release(source.ready_now[0])
        assert not line.release(Parcel("a@example.com", "b@example.org", LETTER))
        assert rude.messages == []

    source = play(story, Rude("DATA", closes), "rosa", holds=True)
    assert source.told == [("lost", "rosa", "data", 0)]


def test_a_message_that_nobody_releases_ends_with_its_transaction() -> None:
    times = replace(TIMES, transaction=0.3)
    source = play(all_told(1), Rude(), "rosa", holds=True, times=times)
    assert source.told == [("lost", "rosa", "data", 0)]


@ways
def test_a_connection_carries_as_many_messages_as_it_may(offers: tuple[str, ...]) -> None:
    rude = Rude(offers=offers)
    names = ("rosa", "carl", "rita", "hugo", "vera")
    assert play(all_told(5), rude, *names, messages=2).told == taken(*names)
    assert rude.talks == 3
    assert rude.commands.count("QUIT") == 3


@pytest.mark.parametrize("most", [1, 5, 100])
def test_a_relay_that_closes_after_so_many_messages_costs_nobody_hers(most: int) -> None:
    class Limited(Rude):
        async def at(self, step: str, talk: Talk, usual: bytes) -> bool:
            if step == "MAIL" and talk.taken == most:
                await talk.say(b"421 4.4.2 Maximum message count per session reached\r\n")
                return False
            return await super().at(step, talk, usual)

    class Patient(Notes):
        """Whoever did not get hers is next again, on a new connection."""

        def note(self, line: Line, what: str, parcel: Parcel | None, phase: str, code: int) -> None:
            if code == 250:
                super().note(line, what, parcel, phase, code)
            elif parcel is not None:
                assert (phase, code) == ("mail", 421)
                self.names.insert(0, parcel.claim)
                line.wake()

    async def played(rude: Rude) -> Notes:
        async with running(rude):
            names = [f"reader{number}" for number in range(120)]
            source = Patient(LETTER, names)
            line = Line(rude.relay(times=TIMES), "news.test", source)
            line.wake()
            await source.until(lambda: len(source.told) >= 120, 20)
            line.quit()
            await line.gone()
            return source

    rude = Limited()
    told = own_loop.run(played(rude)).told
    assert told == taken(*(f"reader{number}" for number in range(120)))
    assert (len(rude.messages), rude.talks) == (120, -(-120 // most))


def test_an_idle_line_says_goodbye_and_wakes_again() -> None:
    async def story(rude: Rude, line: Line, source: Notes) -> None:
        await source.until(lambda: len(source.told) == 1)
        async with asyncio.timeout(5):
            await line.gone()
        assert rude.commands[-1] == "QUIT"
        source.names.append("carl")
        line.wake()
        await source.until(lambda: len(source.told) == 2)

    rude = Rude()
    assert play(story, rude, "rosa", times=replace(TIMES, idle=0.1)).told == taken("rosa", "carl")
    assert rude.talks == 2


@pytest.mark.parametrize("word", [b"", b"421 4.4.2 Idle for too long\r\n", b"250 Hello?\r\n"])
def test_a_relay_that_closes_an_idle_line_has_harmed_nobody(word: bytes) -> None:
    async def leaves(talk: Talk) -> bool:
        await talk.say(b"250 Kept\r\n")
        await asyncio.sleep(0.05)
        await talk.say(word)
        return False

    async def story(rude: Rude, line: Line, source: Notes) -> None:
        async with asyncio.timeout(5):
            await line.gone()
        source.names.append("carl")
        line.wake()
        await source.until(lambda: len(source.told) == 2)
        assert rude.talks == 2

    assert play(story, Rude("dot", leaves), "rosa").told == taken("rosa", "carl")


def test_hanging_up_tells_what_was_on_its_way() -> None:
    async def never(talk: Talk) -> bool:
        await asyncio.sleep(60)
        return talk.refused

    async def story(rude: Rude, line: Line, source: Notes) -> None:
        await source.until(lambda: len(source.ready_now) == 1)
        await asyncio.sleep(0.05)
        line.close()
        assert rude.talks == 1

    source = play(story, Rude("dot", never), "rosa", "carl")
    assert source.told == [("lost", "rosa", "dot", 0), ("lost", "carl", "mail", 0)]


@pytest.mark.parametrize("act", ["quit", "close"])
@pytest.mark.parametrize("after", [0.0, 0.05])
def test_a_line_can_be_given_up_while_it_connects(act: str, after: float) -> None:
    async def never(talk: Talk) -> bool:
        await asyncio.sleep(60)
        return talk.refused

    async def story(rude: Rude, line: Line, source: Notes) -> None:
        await asyncio.sleep(after)
        getattr(line, act)()
        async with asyncio.timeout(5):
            await line.gone()
        assert (rude.commands, source.told) == ([], [])

    assert play(story, Rude("banner", never), "rosa").told == []


def test_small_writes_do_not_wait_for_each_other() -> None:
    async def story(rude: Rude, line: Line, source: Notes) -> None:
        await source.until(lambda: len(source.told) == 1)
        assert rude.talks == 1
        assert line.wire is not None
        assert line.wire.transport is not None
        own = line.wire.transport.get_extra_info("socket")
        assert own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    play(story, Rude(), "rosa")


MAILS = [
    (ALL, "rosa", b"Hello", " SIZE=5"),
    (ALL, "rosa", "Grüße".encode(), " SIZE=7 BODY=8BITMIME"),
    (ALL, "jörg", b"Hello", " SIZE=5 SMTPUTF8"),
    (("8BITMIME",), "rosa", "Grüße".encode(), " BODY=8BITMIME"),
    ((), "rosa", b"Hello", ""),
]


@pytest.mark.parametrize(("offers", "name", "raw", "expected"), MAILS)
def test_extensions_are_used_where_the_message_needs_them(
    offers: tuple[str, ...], name: str, raw: bytes, expected: str
) -> None:
    rude = Rude(offers=offers)
    assert play(all_told(1), rude, name, message=Approved(raw, "none")).told == taken(name)
    assert rude.commands[1] == f"MAIL FROM:<news@example.com>{expected}"


UNFIT = [
    ((), "rosa", "Grüße".encode(), ("mail", 554)),
    (("8BITMIME",), "jörg", b"Hello", ("rcpt", 553)),
    (("SIZE 1000",), "rosa", b"x" * 1001, ("mail", 552)),
    (ALL, "rosa> SIZE=1\r\nRCPT TO:<eve", b"Hello", ("rcpt", 553)),
    (ALL, "a b", b"Hello", ("rcpt", 553)),
]


@pytest.mark.parametrize(("offers", "name", "raw", "expected"), UNFIT)
def test_what_a_relay_cannot_take_is_refused_before_it_is_offered(
    offers: tuple[str, ...], name: str, raw: bytes, expected: tuple[str, int]
) -> None:
    async def story(rude: Rude, line: Line, source: Notes) -> None:
        await source.until(lambda: len(source.told) == 1)
        assert line.is_idle
        source.message = LETTER
        source.names.append("carl")
        line.wake()
        await source.until(lambda: len(source.told) == 2)
        assert rude.talks == 1

    rude = Rude(offers=offers)
    told = play(story, rude, name, message=Approved(raw, "none")).told
    assert told == [("answered", name, *expected), *taken("carl")]
    assert rude.messages == [LETTER.raw]


def test_a_source_may_wake_the_line_whenever_it_is_spoken_to() -> None:
    class Eager(Notes):
        def next(self, line: Line) -> Parcel | None:
            line.wake()
            return super().next(line)

        def note(self, line: Line, *what: Any) -> None:  # noqa: ANN401 - as its own
            line.wake()
            super().note(line, *what)

    async def played(rude: Rude) -> Notes:
        async with running(rude):
            source = Eager(LETTER, ["a b", "rosa", "c d", "carl", "nobody", "rita"])
            line = Line(rude.relay(times=TIMES), "news.test", source)
            line.wake()
            await source.until(lambda: len(source.told) == 6)
            line.quit()
            await line.gone()
            return source

    rude = Rude(refuses=frozenset({"nobody"}))
    told = own_loop.run(played(rude)).told
    assert {name: code for _, name, _, code in told} == {
        "a b": 553,
        "rosa": 250,
        "c d": 553,
        "carl": 250,
        "nobody": 550,
        "rita": 250,
    }
    assert len(rude.messages) == 3


def test_a_relay_waits_as_its_phase_deserves() -> None:
    brisk, brief = Times.within(20), Times.brief(20)
    assert (brisk.reach, brisk.command, brisk.data, brisk.dot) == (20, 20, 20, 600)
    assert (brief.body, brief.dot, brief.quit) == (20, 20, 5)
    assert Times.within(1000) == Times()
    assert Relay.at("smtp://127.0.0.1", 20).times == brisk
