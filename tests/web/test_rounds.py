"""Who asks at the same moment is answered together, and nobody pays for another's fault."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from mailer.web.rounds import Rounds

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
