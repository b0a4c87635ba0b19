"""F-06: 12 steps of a conversation, 18 ways to break it: each of the 216 cells has its one fate."""

import asyncio
import resource
import sys
import time
from dataclasses import replace

import pytest

from mailer.delivery.approval import Approved
from mailer.delivery.smtp import own_loop
from mailer.delivery.smtp.line import Line
from tests.rude import (
    BRIEF,
    CODES,
    FAULTS,
    NOISES,
    ODD,
    SILENCES,
    TIMES,
    Event,
    Notes,
    Rude,
    running,
)

SMALL = Approved(b"Subject: x\r\n\r\nHello\r\n", "none")
LARGE = Approved(b"Subject: x\r\n\r\n" + b"All the news of the harbor.\r\n" * 300_000, "none")
REACHING = ("connect", "banner", "EHLO", "STARTTLS", "AUTH")
STEPS = (*REACHING, "MAIL", "RCPT", "DATA", "body", "dot", "RSET", "QUIT")
CLEARING = ("RSET", "empty")  # what we say after a refusal, before the next message
ROSA, CARL = ("answered", "rosa", "dot", 250), ("answered", "carl", "dot", 250)
LOST_AHEAD = ("lost", "carl", "mail", 0)
DEAD = {*SILENCES, *NOISES}  # ways in which no answer comes
# The deadline, what the watch adds to it, and room for a machine that is busy with other tests.
LATEST = BRIEF * 1.25 + 3


def fate(step: str, fault: str, *, is_ahead: bool = True) -> list[Event]:
    """Return what the source must be told in this cell, and nothing else."""
    phase = step.lower()
    if step in REACHING:
        return fate_while_reaching(phase, fault)
    if step == "QUIT":  # whatever becomes of a goodbye, the mail was taken
        return [ROSA, CARL]
    if step == "dot":
        return fate_after_dot(fault, is_ahead=is_ahead)
    return fate_of_refused(step, fault) if step in CLEARING else fate_before_dot(phase, fault)


def code_of(fault: str) -> int:
    return int(fault[:3]) if fault in CODES else 250


def fate_before_dot(phase: str, fault: str) -> list[Event]:
    if fault in DEAD or (fault in ODD and phase in {"data", "body"}):
        return [("lost", "rosa", phase, 0)]
    if fault in ODD:
        return [ROSA, CARL]
    answer = ("answered", "rosa", phase, code_of(fault))
    goes_on = code_of(fault) != 421 and phase != "body"
    return [answer, CARL if goes_on else ("lost", "", phase, 0)]


def fate_after_dot(fault: str, *, is_ahead: bool) -> list[Event]:
    """Carl, if offered ahead, is lost with the line at his own step, not at his dot."""
    if fault in DEAD:
        return [("lost", "rosa", "dot", 0), *[LOST_AHEAD] * is_ahead]
    answer = ("answered", "rosa", "dot", code_of(fault))
    lost = LOST_AHEAD if is_ahead else ("lost", "", "dot", 0)
    return [answer, lost if code_of(fault) == 421 else CARL]


def fate_while_reaching(phase: str, fault: str) -> list[Event]:
    if phase == "connect" or fault in DEAD or (phase == "starttls" and fault in ODD):
        return [("lost", "", phase, 0)]
    if fault in CODES:
        return [("lost", "", phase, int(fault[:3]))]
    return [ROSA, CARL]


def fate_of_refused(step: str, fault: str) -> list[Event]:
    """After RSET anything but 250 ends the line; an empty message may be answered anyhow."""
    goes_on = fault in ODD or (step == "empty" and fault in CODES and code_of(fault) != 421)
    return [("answered", "rosa", "rcpt", 550), CARL if goes_on else LOST_AHEAD]


LIMITS = {
    **dict.fromkeys(REACHING, "reach"),
    **dict.fromkeys(("MAIL", "RCPT", "RSET", "empty"), "command"),
    "DATA": "data",
    "body": "body",
    "dot": "dot",
    "QUIT": "quit",
}
SCHEMES = {"connect": "smtps", "STARTTLS": "smtp+starttls"}


async def cell(step: str, fault: str, offers: tuple[str, ...]) -> tuple[list[Event], float]:
    """Play one cell; return what the source was told, and for how many seconds it took."""
    refuses = frozenset({"rosa"} if step in CLEARING else ())
    at = Rude(step, FAULTS[fault], offers, refuses, is_lenient=step == "empty")
    async with running(at) as rude:
        source = Notes(LARGE if step == "body" else SMALL, ["rosa", "carl"])
        login = "news:secret@" if step == "AUTH" else ""
        times = replace(TIMES, **{LIMITS[step]: BRIEF})
        relay = rude.relay(SCHEMES.get(step, "smtp"), login, times)
        line = Line(relay, "news.example.com", source)
        began = time.monotonic()
        line.wake()
        line.loop.call_later(0.1, line.quit) if step == "QUIT" else None
        expected = fate(step, fault, is_ahead="PIPELINING" in offers)
        await source.until(lambda: len(source.told) >= len(expected), LATEST)
        line.quit()
        async with asyncio.timeout(LATEST):
            await line.gone()
        return source.told, time.monotonic() - began


async def played(step: str, offers: tuple[str, ...]) -> dict[str, list[Event]]:
    """Play the cells of a step, side by side except where the message is large."""
    found = {}
    if step == "body":
        for fault in FAULTS:
            found[fault] = await cell(step, fault, offers)
    else:
        cells = [cell(step, fault, offers) for fault in FAULTS]
        found = dict(zip(FAULTS, await asyncio.gather(*cells), strict=True))
    assert max(seconds for _, seconds in found.values()) < LATEST
    return {fault: told for fault, (told, _) in found.items()}


def peak() -> int:
    """Return the most bytes that this process ever held; macOS counts in bytes already."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


@pytest.mark.parametrize("step", [*STEPS, "empty"])
def test_each_way_to_break_a_step_has_its_one_fate(step: str) -> None:
    before = peak()
    found = own_loop.run(played(step, ("PIPELINING", "8BITMIME", "AUTH PLAIN")))
    assert found == {fault: fate(step, fault) for fault in FAULTS}
    assert peak() - before < 20_000_000


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "dot", "RSET", "QUIT"])
def test_a_relay_that_takes_one_command_at_a_time_gives_the_same_fates(step: str) -> None:
    found = own_loop.run(played(step, ("8BITMIME",)))
    assert found == {fault: fate(step, fault, is_ahead=False) for fault in FAULTS}


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "body", "dot", "RSET", "QUIT"])
def test_chunks_have_the_same_fates(step: str) -> None:
    found = own_loop.run(played(step, ("PIPELINING", "CHUNKING")))
    assert found == {fault: fate(step, fault) for fault in FAULTS}


def test_the_cells_are_216() -> None:
    assert len(STEPS) * len(FAULTS) == 216
