"""A reason is short, is there, and names nobody's address."""

import pytest

from mailer.audience.models import Subscriber
from mailer.privacy import reasons


def test_a_reason_is_kept_tidily() -> None:
    assert reasons.reason("  her request\n of 3 May ") == "her request of 3 May"


@pytest.mark.parametrize("text", ["", " \n", "x" * 501])
def test_no_reason_and_a_novel_are_refused(text: str) -> None:
    with pytest.raises(reasons.BadReason):
        reasons.reason(text)


def test_the_persons_address_does_not_enter_the_log(rosa: Subscriber) -> None:
    with pytest.raises(reasons.BadReason, match="Leave the address out"):
        reasons.reason(f"{rosa.email.upper()} wrote to us", rosa)
