"""Domains side by side: a slow one has its part of the lines, and no more while others wait."""

from dataclasses import dataclass, field

import pytest

from mailer.delivery.carriers import Carrier
from mailer.delivery.gates import Gate
from mailer.delivery.lanes import Lane, Lanes, Rests
from mailer.delivery.routes import route

DOMAINS = 20
ALL = 400
LINES = 4
QUICK, SLOW = 0.05, 3.0
NOBODY = "nobody"


@dataclass
class Letter:
    """What lanes know of a copy."""

    lane: Lane
    gates: tuple[Gate, ...] = ()
    took: float = field(default=QUICK)


class Post:
    """Four lines at work on an imagined clock."""

    def __init__(self, rests: Rests, slow: str, left: int = 0) -> None:
        self.lanes: Lanes[Letter] = Lanes()
        self.lanes.rests, self.lanes.lines = rests, LINES
        self.carrier = Carrier(route("smtp://127.0.0.1:9", 1.0), "example.com")
        for number in range(-left * DOMAINS, ALL):
            domain = f"domain{number % DOMAINS}.example"
            if number < 0 and domain != slow:
                self.lanes.seen += 1
                continue
            took = SLOW if domain == slow else QUICK
            lane = self.lanes.lane(f"reader{number}@{domain}")
            self.lanes.waiting.append(Letter(lane, took=took))

    def work(self, now: float = 0.0) -> dict[str, list[float]]:
        """Carry everything; return when each domain's letters were answered (s)."""
        done: dict[str, list[float]] = {}
        lines: list[tuple[float, Letter]] = []
        while len(self.lanes) or lines:
            self.lanes.look(now, is_all=True)
            while len(lines) < LINES:
                letter = self.lanes.next(self.carrier, now)
                if letter is None:
                    break
                lines.append((now + letter.took, letter))
            now += QUICK
            for at, letter in [one for one in lines if one[0] <= now]:
                lines.remove((at, letter))
                self.lanes.heed(letter.lane, letter.took, at)
                self.lanes.leave(letter)
                done.setdefault(letter.lane.domain, []).append(at)
        return done


def end_of_the_others(done: dict[str, list[float]]) -> float:
    return max(max(times) for domain, times in done.items() if domain != "domain0.example")


@pytest.fixture
def rests() -> Rests:
    return Rests()


def test_a_domain_known_to_be_slow_leaves_nearly_all_of_the_lines_to_the_others(
    rests: Rests,
) -> None:
    usual = end_of_the_others(Post(Rests(), NOBODY).work())
    rests["domain0.example"] = SLOW
    slow = end_of_the_others(Post(rests, "domain0.example").work())
    assert usual / slow >= 0.9


def test_what_is_left_for_a_slow_domain_gives_it_no_right_to_more_lines(rests: Rests) -> None:
    """Turn after turn, the portions begun before are fetched first: nobody else waits in them."""
    usual = end_of_the_others(Post(Rests(), NOBODY).work())
    slow = end_of_the_others(Post(rests, "domain0.example", left=100).work())
    assert usual / slow >= 0.9


def test_a_slow_domain_rests_for_as_long_as_its_part_of_the_lines_asks_for(rests: Rests) -> None:
    post = Post(rests, "domain0.example")
    lane = post.lanes.lane("one@domain0.example")
    post.lanes.heed(lane, SLOW, 100.0)
    share = 2 * LINES / DOMAINS
    assert rests["domain0.example"] == pytest.approx(100 + SLOW * (1 / share - 1), rel=0.1)


def test_it_goes_on_at_once_when_nobody_else_waits(rests: Rests) -> None:
    done = Post(rests, "domain0.example").work()
    assert {domain: len(times) for domain, times in done.items()} == {
        f"domain{number}.example": ALL // DOMAINS for number in range(DOMAINS)
    }
    times = done["domain0.example"]
    alone = [later - one for one, later in zip(times[-5:], times[-4:], strict=False)]
    assert max(alone) <= SLOW + 3 * QUICK


def test_a_domain_that_answers_quickly_again_is_like_any_other(rests: Rests) -> None:
    post = Post(rests, NOBODY)
    lane = post.lanes.lane("one@domain0.example")
    post.lanes.heed(lane, SLOW, 0.0)
    post.lanes.look(100.0, is_all=False)
    post.lanes.heed(lane, QUICK, 101.0)
    assert not rests
    assert not lane.is_slow


def test_where_all_mail_goes_to_one_slow_domain_nobody_rests(rests: Rests) -> None:
    lanes: Lanes[Letter] = Lanes()
    lanes.rests, lanes.lines = rests, LINES
    lane = lanes.lane("one@slow.example")
    lanes.heed(lane, SLOW, 0.0)
    assert lane.is_slow
    assert not rests


def test_who_waited_aside_for_a_quick_domain_is_marked_with_all_others() -> None:
    """Otherwise each of them asks the fence alone, and everybody who comes after them does."""
    lanes: Lanes[Letter] = Lanes()
    lanes.lines = 16
    carrier = Carrier(route("smtp://127.0.0.1:9", 1.0), "example.com")
    for number in range(ALL):
        lanes.waiting.append(Letter(lanes.lane(f"reader{number}@domain{number % DOMAINS}.example")))
    on_lines = [lanes.next(carrier, 0.0) for _ in range(3 * DOMAINS)]
    met = [one for one in on_lines if one is not None]
    assert lanes.aside > 0
    for letter in met:
        letter.lane.is_quick = True
        lanes.leave(letter)
    assert (lanes.aside, len(lanes.freed)) == (0, 0)
    assert len(lanes.ahead(ALL)) == ALL - len(met)
