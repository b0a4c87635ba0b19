"""Tokens: whatever was changed, belongs to another purpose or is over is refused."""

import hashlib
import hmac
import string
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer
from itsdangerous.signer import HMACAlgorithm

from mailer import tokens
from mailer.links import LONGEST_ONE_CLICK, Site
from mailer.tokens import BadToken, ExpiredToken, Keys, Purpose

KEYS = Keys(("1f" * 32, "2e" * 32), "3d" * 32)
NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
ALPHABET = string.ascii_letters + string.digits + "-_."


@given(st.lists(st.integers(min_value=0, max_value=2**63 - 1), min_size=1, max_size=4))
def test_numbers_come_back_as_they_went(numbers: list[int]) -> None:
    token = tokens.signed(KEYS, Purpose.unsubscribe, numbers)
    assert tokens.read(KEYS, Purpose.unsubscribe, token) == tuple(numbers)


@given(st.binary(max_size=150), st.binary(max_size=200))
def test_what_signs_fast_signs_as_the_library_does(key: bytes, value: bytes) -> None:
    assert tokens.Mac(key).digest(value) == hmac.digest(key, value, "sha256")


@given(st.lists(st.integers(min_value=0, max_value=2**63 - 1), min_size=1, max_size=4))
def test_a_token_is_what_itsdangerous_would_write(numbers: list[int]) -> None:
    class Short(HMACAlgorithm):
        def get_signature(self, key: bytes, value: bytes) -> bytes:
            return super().get_signature(key, value)[: tokens.MAC_BYTES]

    token = tokens.signed(KEYS, Purpose.unsubscribe, numbers)
    payload, _, _ = token.partition(".")
    key = KEYS.derived(Purpose.unsubscribe)[0]
    signer = Signer(key, sep=".", key_derivation="none", algorithm=Short(hashlib.sha256))
    assert signer.sign(payload).decode() == token


def test_every_changed_character_is_refused() -> None:
    token = tokens.signed(KEYS, Purpose.unsubscribe, (7, 12345, 987654321))
    accepted = [
        forged
        for place in range(len(token))
        for character in ALPHABET
        if (forged := token[:place] + character + token[place + 1 :]) != token
        and is_accepted(forged)
    ]
    assert accepted == []


def test_every_flipped_bit_is_refused() -> None:
    token = tokens.signed(KEYS, Purpose.confirm, (7, 1)).encode()
    accepted = [
        forged
        for place in range(len(token))
        for bit in range(8)
        if is_accepted(
            forged := (
                token[:place] + bytes([token[place] ^ 1 << bit]) + token[place + 1 :]
            ).decode("latin-1"),
            Purpose.confirm,
        )
    ]
    assert accepted == []


def test_every_shortened_or_lengthened_token_is_refused() -> None:
    token = tokens.signed(KEYS, Purpose.unsubscribe, (7, 1, 2))
    changed = [token[:end] for end in range(len(token))]
    changed += [token[start:] for start in range(1, len(token))]
    changed += [token + extra for extra in (*ALPHABET, "=", " ", "\n", "\x00", "%00")]
    assert [forged for forged in changed if is_accepted(forged)] == []


@given(st.text(max_size=300))
def test_what_was_never_signed_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        tokens.read(KEYS, Purpose.unsubscribe, text)


@pytest.mark.parametrize("made_for", list(Purpose))
@pytest.mark.parametrize("used_for", list(Purpose))
def test_a_token_serves_one_purpose(made_for: Purpose, used_for: Purpose) -> None:
    token = tokens.signed(KEYS, made_for, (7, 1, 2))
    assert is_accepted(token, used_for) == (made_for is used_for)


def test_no_two_uses_share_a_key() -> None:
    keys = [key for purpose in (*Purpose, "dkim") for key in KEYS.derived(purpose)]
    assert not [pair for pair in combinations(keys, 2) if pair[0] == pair[1]]


def test_a_token_is_good_until_its_last_second() -> None:
    token = tokens.signed(KEYS, Purpose.confirm, (7, 1), expires=NOW)
    assert tokens.read(KEYS, Purpose.confirm, token, now=NOW) == (7, 1)
    with pytest.raises(ExpiredToken):
        tokens.read(KEYS, Purpose.confirm, token, now=NOW + timedelta(seconds=1))


def test_old_links_work_after_the_key_was_rotated() -> None:
    before = tokens.signed(KEYS, Purpose.unsubscribe, (7, 1, 2))
    rotated = Keys(("4c" * 32, *KEYS.secrets), KEYS.suppression)
    assert tokens.read(rotated, Purpose.unsubscribe, before) == (7, 1, 2)
    assert tokens.signed(rotated, Purpose.unsubscribe, (7, 1, 2)) != before


def test_a_key_that_left_the_ring_opens_nothing() -> None:
    token = tokens.signed(KEYS, Purpose.unsubscribe, (7, 1, 2))
    with pytest.raises(BadToken):
        tokens.read(Keys(KEYS.secrets[1:], KEYS.suppression), Purpose.unsubscribe, token)


def test_a_fingerprint_needs_the_key() -> None:
    fingerprint = tokens.fingerprint(KEYS, "rosa@example.org")
    assert len(fingerprint) == 32
    assert fingerprint == tokens.fingerprint(Keys(("other" * 8,), "3d" * 32), "rosa@example.org")
    assert fingerprint != tokens.fingerprint(Keys(KEYS.secrets, "4c" * 32), "rosa@example.org")


def test_keys_are_not_printed() -> None:
    assert "1f1f" not in repr(KEYS)
    assert "3d3d" not in repr(KEYS)


def test_a_one_click_link_fits_on_one_line() -> None:
    site = Site("https://news.example.com", KEYS)
    link = site.unsubscribe(9_999, 99_999_999, 999_999_999)
    assert len(link) <= LONGEST_ONE_CLICK


def is_accepted(token: str, purpose: Purpose = Purpose.unsubscribe) -> bool:
    try:
        tokens.read(KEYS, purpose, token)
    except BadToken:
        return False
    return True
