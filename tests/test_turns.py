"""What a process takes up by itself, and what it leaves for the tick."""

from mailer.turns import Turns


def test_what_has_become_due_is_new_once_until_it_was_not_due() -> None:
    turns = Turns()
    assert turns.new([1, 2]) == {1, 2}
    assert turns.new([1, 2, 3]) == {3}
    assert turns.new([2]) == set()
    assert turns.new([1, 2]) == {1}


def test_what_is_sent_here_is_not_new() -> None:
    turns = Turns()
    with turns.at_work(1):
        assert turns.new([1, 2]) == {2}
