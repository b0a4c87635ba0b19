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


@pytest.mark.parametrize("text", ["for rosa@example.org", "<o'x@b\u00fccher.example>", "x@y.z"])
def test_no_address_enters_the_log(text: str) -> None:
    with pytest.raises(reasons.BadReason, match="Leave the address out"):
        reasons.reason(text)


def test_what_cannot_be_seen_does_not_enter_the_log() -> None:
    with pytest.raises(reasons.BadReason, match="invisible"):
        reasons.reason("her\0 request")


def test_an_at_sign_alone_is_no_address() -> None:
    assert reasons.reason("asked @ the fair, 3 p.m.") == "asked @ the fair, 3 p.m."
