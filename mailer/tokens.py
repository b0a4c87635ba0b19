"""Signed tokens in readers' links, numbers that only we read, keyed fingerprints of addresses."""

import hashlib
import hmac
import re
import struct
from base64 import urlsafe_b64encode
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from itsdangerous import BadSignature, Signer
from itsdangerous.signer import SigningAlgorithm

# Words that a person types and that a random key all but never holds.
WEAK_WORDS = ("secret", "changeme", "change-me", "change_me", "password", "development", "example")
SHORTEST_SECRET = 32
# Random keys, hexadecimal ones too, have more of both: of different characters, and of different
# runs of four. A word or a row of the keyboard, repeated until it is long enough, has fewer.
FEWEST_CHARACTERS = 8
FEWEST_RUNS = 24
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Two digits at a time.
PAIRS = [first + second for first in DIGITS for second in DIGITS]
SHORT: list[str] = [*DIGITS, *PAIRS[len(DIGITS) :]]
URLSAFE = bytes.maketrans(b"+/", b"-_")
SHAPE = re.compile(r"[0-9a-z-]{1,100}\.[A-Za-z0-9_-]{24}")
# 144 bits: beyond guessing, and whole base64 characters, so that no character of a
# token has spare bits that could be changed unnoticed.
MAC_BYTES = 18
PART_BYTES = 6
# A suppression key that replaces another begins with its version: ``2:`` and so on.
VERSIONED = re.compile(r"([1-9][0-9]{0,3}):.+")
MARK_BYTES, PRINT_BYTES = 8, 32


class Purpose(StrEnum):
    """What a token may be used for; each purpose has a key of its own."""

    unsubscribe = "unsubscribe"
    undo = "undo"
    confirm = "confirm"
    preferences = "preferences"
    renewal = "renewal"
    sign_in = "sign-in"
    test = "test"
    reply_probe = "reply-probe"
    form = "form"
    address = "address"
    challenge = "challenge"
    desk = "desk"


class BadToken(Exception):  # noqa: N818 - errors are named for the situation
    """The token was not made here for this purpose, or it has been changed."""


class ExpiredToken(BadToken):
    """The token is ours, but its time is over."""


class Mac:
    """HMAC-SHA-256 (RFC 2104) with one key, which is hashed once for any number of values.

    The library's own function takes four times as long for what is as short as a token.
    """

    BLOCK = 64

    def __init__(self, key: bytes) -> None:
        short = key if len(key) <= self.BLOCK else hashlib.sha256(key).digest()
        padded = short.ljust(self.BLOCK, b"\0")
        self.inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self.outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def digest(self, value: bytes) -> bytes:
        """Return the 32 bytes."""
        inner, outer = self.inner.copy(), self.outer.copy()
        inner.update(value)
        outer.update(inner.digest())
        return outer.digest()


class Marked(Mac):
    """Fingerprints that end in their key's mark, so that each row says which key it needs.

    The first key of an installation has made others, without a mark. At the end, for the
    beginning of a fingerprint is taken for random in many places.
    """

    def __init__(self, key: bytes) -> None:
        super().__init__(key)
        self.mark = super().digest(b"the mark of a suppression key")[:MARK_BYTES]

    def digest(self, value: bytes) -> bytes:
        """Return the 32 bytes: 24 of the HMAC (RFC 2104 section 5), and the mark."""
        return super().digest(value)[: PRINT_BYTES - MARK_BYTES] + self.mark


class Veil:
    """Two numbers as 16 bytes that only the key's holder reads: AES-256 on a single block."""

    NUMBERS = struct.Struct(">qq")

    def __init__(self, key: bytes) -> None:
        # One block that is never equal to another's has nothing to be chained to.
        cipher = Cipher(algorithms.AES256(key), modes.ECB())  # noqa: S305
        self.encryptor, self.decryptor = cipher.encryptor(), cipher.decryptor()

    def hidden(self, first: int, second: int) -> bytes:
        """Return the block; the numbers are those that a database can hold."""
        return self.encryptor.update(self.NUMBERS.pack(first, second))

    def shown(self, block: bytes) -> tuple[int, ...]:
        """Return the numbers; of a block that was not made here, any."""
        return self.NUMBERS.unpack(self.decryptor.update(block))


@dataclass(frozen=True)
class Keys:
    """The key ring. ``secrets`` newest first: the first signs, every one verifies.

    ``suppression`` makes the fingerprints of addresses; ``former`` (newest first) has made those
    that may still stand somewhere.
    """

    secrets: tuple[str, ...] = field(repr=False)
    suppression: str = field(repr=False)
    former: tuple[str, ...] = field(default=(), repr=False)

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Return one 32-byte key for each secret of the ring, for one use only."""
        return tuple(
            hmac.digest(secret.encode(), f"mailer/{purpose}".encode(), "sha256")
            for secret in self.secrets
        )

    def vault(self, purpose: str) -> MultiFernet:
        """Return what seals the secrets that the database keeps, and opens them under any key."""
        return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in self.derived(purpose)])

    def macs(self, purpose: str) -> tuple[Mac, ...]:
        """Return what signs with each of the derived keys; made once."""
        macs = self.known.get(purpose)
        if macs is None:
            macs = self.known[purpose] = tuple(map(Mac, self.derived(purpose)))
        return macs

    def veils(self, purpose: str) -> tuple[Veil, ...]:
        """Return what hides numbers with each of the derived keys; made once."""
        veils = self.worn.get(purpose)
        if veils is None:
            veils = self.worn[purpose] = tuple(map(Veil, self.derived(purpose)))
        return veils

    @cached_property
    def prints(self) -> tuple[Mac, ...]:
        """What makes fingerprints under each suppression key, the newest first."""
        return tuple(fingerprinting(key) for key in (self.suppression, *self.former))

    @cached_property
    def marks(self) -> tuple[str, ...]:
        """The marks (16 hexadecimal digits) of the suppression keys, the newest first."""
        return tuple(mark(one).hex() for one in self.prints)

    def reader(self, purpose: str) -> Signer:
        """Return what verifies the tokens of a purpose, by each of the derived keys; made once."""
        signer = self.readers.get(purpose)
        if signer is None:
            ring = list(reversed(self.derived(purpose)))  # itsdangerous signs with the last
            signer = Signer(ring, key_derivation="none", algorithm=ShortHmac(), sep=".")
            self.readers[purpose] = signer
        return signer

    @cached_property
    def readers(self) -> dict[str, Signer]:
        return {}

    @cached_property
    def known(self) -> dict[str, tuple[Mac, ...]]:
        return {}

    @cached_property
    def worn(self) -> dict[str, tuple[Veil, ...]]:
        return {}


class ShortHmac(SigningAlgorithm):
    """HMAC-SHA-256 cut to MAC_BYTES (RFC 2104 section 5): links must fit into 76 characters."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")[:MAC_BYTES]


def signed(
    keys: Keys, purpose: Purpose, carried: Sequence[int], *, expires: datetime | None = None
) -> str:
    """Return a token that carries numbers (each >= 0) and, if given, its last second."""
    stamp = () if expires is None else (int(expires.timestamp()),)
    payload = "-".join(map(base36, (*carried, *stamp)))
    # What ``reader`` would make of it, which costs more than all the rest of a message.
    signature = keys.macs(purpose)[0].digest(payload.encode())[:MAC_BYTES]
    return f"{payload}.{urlsafe(signature)}"


def urlsafe(data: bytes) -> str:
    """Return base64 of RFC 4648 section 5; three times as fast as the library's, for each link."""
    return b2a_base64(data, newline=False).translate(URLSAFE).decode("ascii")


def read(
    keys: Keys, purpose: Purpose, token: str, *, now: datetime | None = None
) -> tuple[int, ...]:
    """Return the numbers of a token; with ``now``, its last number is a time that must be ahead.

    Raises BadToken when it is not ours, ExpiredToken when its time is over.
    """
    # Base64 decoding passes over foreign characters: a token with one more would still verify.
    if not SHAPE.fullmatch(token):
        raise BadToken
    try:
        keys.reader(purpose).unsign(token)
    except BadSignature as error:
        raise BadToken from error
    found = numbers(token)
    if now is None:
        return found
    if now.timestamp() > found[-1]:
        raise ExpiredToken
    return found[:-1]


def numbers(token: str) -> tuple[int, ...]:
    """Return what a token of our own says, unchecked."""
    return tuple(int(part, 36) for part in token.partition(".")[0].split("-"))


def base36(number: int) -> str:
    if number < len(SHORT):
        return SHORT[number]
    return base36(number // len(PAIRS)) + PAIRS[number % len(PAIRS)]


def part(key: bytes) -> int:
    """Return a fingerprint's beginning as a number, to bind a token to whom it stands for."""
    return int.from_bytes(key[:PART_BYTES])


def fingerprint(keys: Keys, address: str) -> bytes:
    """Return the 32-byte keyed fingerprint of a normalised address, under the newest key.

    Keyed, because a plain hash of an address can be guessed; it stands for the person in
    suppressions and ledgers after everything else about her is erased. What is to be found by it
    may stand under a former key: ask ``audience.turning``.
    """
    return keys.prints[0].digest(address.encode())


def fingerprints(keys: Keys, address: str) -> tuple[bytes, ...]:
    """Return the fingerprint of a normalised address under each key, the newest first."""
    value = address.encode()
    return tuple(one.digest(value) for one in keys.prints)


def is_strong(key: str) -> bool:
    """Return whether a key is long, varied and free of repetition and of words people type."""
    if len(key) < SHORTEST_SECRET or len(set(key)) < FEWEST_CHARACTERS:
        return False
    runs = {key[at : at + 4] for at in range(len(key) - 3)}
    return len(runs) >= FEWEST_RUNS and not any(word in key.lower() for word in WEAK_WORDS)


def version(key: str) -> int:
    """Return which version of the suppression key one is; the first need not say so."""
    found = VERSIONED.fullmatch(key)
    return int(found[1]) if found else 1


def fingerprinting(key: str) -> Mac:
    kind = Marked if version(key) > 1 else Mac
    return kind(key.encode())


def mark(one: Mac) -> bytes:
    """Return what tells a suppression key from any other, and gives nothing of it away."""
    if isinstance(one, Marked):
        return one.mark
    return one.digest(b"the suppression key")[:MARK_BYTES]
