"""What was made of words is made once, and bounded."""

import pytest

from mailer.campaigns import rendering
from mailer.campaigns.models import Campaign, ContentType
from mailer.campaigns.readings import Readings
from mailer.campaigns.templating import BadTemplate


class Maker:
    """Makes ten characters, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> tuple[str, str]:
        self.times += 1
        return "a" * 4, "b" * 6


def test_the_same_words_are_read_once() -> None:
    readings, make = Readings(most=100), Maker()
    assert readings.of(("one", "two"), make) == readings.of(("one", "two"), make)
    assert make.times == 1


def test_words_that_only_run_together_alike_are_not_the_same() -> None:
    readings, make = Readings(most=100), Maker()
    for words in (("one", "two"), ("onetw", "o"), ('one", "two',)):
        readings.of(words, make)
    assert make.times == 3


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    readings, make = Readings(most=30), Maker()
    for word in ("one", "two", "three", "one", "four"):  # two is the oldest by now
        readings.of((word,), make)
    assert (readings.size, make.times) == (30, 4)
    for word in ("one", "three", "four"):
        readings.of((word,), make)
    assert make.times == 4
    readings.of(("two",), make)
    assert make.times == 5


def test_what_alone_is_too_long_is_made_each_time() -> None:
    readings, make = Readings(most=9), Maker()
    for _ in range(2):
        assert readings.of(("long",), make) == ("aaaa", "bbbbbb")
    assert (readings.size, make.times) == (0, 2)


def test_a_fault_is_told_each_time() -> None:
    campaign = Campaign(
        subject="News", body="{{ never closed", text="", content_type=ContentType.html
    )
    for _ in range(2):
        with pytest.raises(BadTemplate):
            rendering.compiled(campaign)


@pytest.mark.parametrize(
    "change", [{"subject": "Other"}, {"body": "Other"}, {"text": "Other"}, {"content_type": "html"}]
)
def test_changed_words_are_read_anew(change: dict[str, str]) -> None:
    given = {"subject": "News", "body": "Hello *you*", "text": "", "content_type": "markdown"}

    def sources(words: dict[str, str]) -> tuple[str, ...]:
        kind = ContentType(words["content_type"])
        read = rendering.compiled(Campaign(**{**words, "content_type": kind}))
        return tuple(map(str, (read.subject, read.html, read.text)))

    assert sources(given) != sources(given | change)
