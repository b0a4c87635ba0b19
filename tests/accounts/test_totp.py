"""Time-based codes are those of RFC 6238, within a step of now."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from mailer.accounts.factor import totp

SECRET = b"12345678901234567890"
# RFC 6238 appendix B, SHA-1, the last six of its eight digits.
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}


def code(at: datetime) -> str:
    return totp.code(SECRET, totp.step_of(at))


@pytest.mark.parametrize("seconds", VECTORS)
def test_codes_are_those_of_the_standard(seconds: int) -> None:
    assert code(datetime.fromtimestamp(seconds, UTC)) == VECTORS[seconds]


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_code_counts_a_step_either_way(now: datetime, steps: int, is_good: bool) -> None:  # noqa: FBT001
    given = code(now + steps * totp.STEP)
    found = totp.matching_step(SECRET, given, now)
    assert found == (totp.step_of(now) + steps if is_good else None)


def test_the_picture_and_the_key_typed_by_hand_hold_the_same_secret() -> None:
    parts = urlsplit(totp.uri(SECRET, "bob@example.com"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    given = parse_qs(parts.query)
    assert given["secret"] == [totp.spelled(SECRET).replace(" ", "")]
    assert (given["digits"], given["period"], given["issuer"]) == (["6"], ["30"], ["Mailer"])


def test_secrets_are_long_and_new() -> None:
    made = {totp.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(one) for one in made} == {20}
