"""Proofs of work, as ALTCHA's first protocol spells them: some hundred thousand hashes for us.

Each challenge is for one mailbox, so that a solution is of no use for another, and none has to
be remembered. A machine can pay the price as well: this slows floods, the budget ends them.
"""

import hashlib
import hmac
import json
import secrets
from base64 import b64decode
from datetime import datetime, timedelta

from mailer.tokens import Keys

ALGORITHM = "SHA-256"
HARDEST = 200_000  # a browser tries half of them on average
LIFE = timedelta(hours=2)
LONGEST = 1_000
USE = "sign-up proof"


def challenge(keys: Keys, now: datetime, mailbox_key: bytes) -> dict[str, str | int]:
    """Return a puzzle: to find the number that makes this hash, with this salt before it."""
    salt = f"{secrets.token_hex(12)}?expires={int((now + LIFE).timestamp())}"
    target = hashed(salt, secrets.randbelow(HARDEST + 1))
    return {
        "algorithm": ALGORITHM,
        "challenge": target,
        "maxnumber": HARDEST,
        "salt": salt,
        "signature": signatures(keys, target, salt, mailbox_key)[0],
    }


def holds(keys: Keys, now: datetime, mailbox_key: bytes, proof: str) -> bool:
    """Tell whether a proof (base64 of ALTCHA's JSON) solves a challenge of ours, in time."""
    if not 0 < len(proof) <= LONGEST:
        return False
    try:
        given = json.loads(b64decode(proof, validate=True))
        salt, target, number = str(given["salt"]), str(given["challenge"]), int(given["number"])
        expires = int(salt.rpartition("=")[2])
        signature = str(given["signature"]).encode()
    except (ValueError, TypeError, KeyError):
        return False
    ours = signatures(keys, target, salt, mailbox_key)
    is_ours = any(hmac.compare_digest(one.encode(), signature) for one in ours)
    return is_ours and now.timestamp() <= expires and hashed(salt, number) == target


def hashed(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def signatures(keys: Keys, target: str, salt: str, mailbox_key: bytes) -> list[str]:
    """Return the signature by each key of the ring, the newest first."""
    signed = f"{target}\n{salt}\n{mailbox_key.hex()}".encode()
    return [mac.digest(signed).hex() for mac in keys.macs(USE)]
