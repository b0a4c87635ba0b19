"""Who asks at the same moment is answered together, and nobody pays for another's fault."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from mailer.web import rounds as module
from mailer.web.rounds import Rounds

LONG = 20.0  # s; who waits so long is not there in time

Act = Callable[[list[int]], Mapping[int, str]]


def asked_meanwhile(act: Act, *numbers: int) -> tuple[list[list[int]], list[Mapping[int, str]]]:
    """Ask for 0, and while that is at work for the others; return the rounds and all answers."""
    taken: list[list[int]] = []
    begun, go_on = Event(), Event()

    def first_waits(asked: list[int]) -> Mapping[int, str]:
        taken.append(sorted(asked))
        begun.set()
        assert go_on.wait(5)
        return act(asked)

    rounds = Rounds(first_waits)
    with ThreadPoolExecutor(1 + len(numbers)) as pool:
        waiting: list[Future[Mapping[int, str]]] = [pool.submit(rounds.answers, 0)]
        assert begun.wait(5)
        waiting += [pool.submit(rounds.answers, number) for number in numbers]
        while len(rounds.waiting) < len(numbers):
            time.sleep(0.001)
        go_on.set()
        return taken, [one.result(5) for one in waiting]


def spelled(asked: list[int]) -> Mapping[int, str]:
    return {number: str(number) for number in asked}


def test_who_asks_during_a_round_is_in_the_next_one() -> None:
    taken, answers = asked_meanwhile(spelled, 1, 2, 3)
    assert taken == [[0], [1, 2, 3]]
    assert answers[0] == {0: "0"}
    assert answers[1:] == [{1: "1", 2: "2", 3: "3"}] * 3


def test_a_round_that_fails_leaves_each_to_try_alone_and_the_next_one_goes_on() -> None:
    def failing(asked: list[int]) -> Mapping[int, str]:
        if 0 in asked:
            raise OSError
        return spelled(asked)

    taken, answers = asked_meanwhile(failing, 1, 2)
    assert taken == [[0], [1, 2]]
    assert answers == [{}, *[{1: "1", 2: "2"}] * 2]


def test_after_all_rounds_the_next_who_asks_leads_again() -> None:
    rounds = Rounds(spelled)
    assert [rounds.answers(number) for number in (1, 2)] == [{1: "1"}, {2: "2"}]


def test_a_round_waits_for_as_many_as_there_were_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PATIENCE", LONG)
    taken: list[list[int]] = []
    begun, go_on = Event(), Event()

    def first_waits(asked: list[int]) -> Mapping[int, str]:
        taken.append(sorted(asked))
        begun.set()
        assert go_on.wait(5)
        return spelled(asked)

    rounds = Rounds(first_waits)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(rounds.answers, 0)
        assert begun.wait(5)
        others = [pool.submit(rounds.answers, number) for number in (1, 2)]
        while len(rounds.waiting) < len(others):
            time.sleep(0.001)
        go_on.set()
        assert first.result(5) == {0: "0"}
        assert rounds.company == 1 + len(others)
        others.append(pool.submit(rounds.answers, 3))  # three there were, and three there are
        assert all(one.result(5) == {1: "1", 2: "2", 3: "3"} for one in others)
    assert taken == [[0], [1, 2, 3]]


def test_who_is_alone_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", LONG)
    rounds = Rounds(spelled)
    began = time.monotonic()
    assert [rounds.answers(number) for number in (1, 2)] == [{1: "1"}, {2: "2"}]
    assert time.monotonic() - began < LONG / 2
