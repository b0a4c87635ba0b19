"""Time-based codes (RFC 6238): six digits that change every 30 seconds, by HMAC-SHA-1."""

import hmac
import secrets
from base64 import b32encode
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES = 20  # RFC 4226 section 4, R6
DIGITS = 6
STEP = timedelta(seconds=30)
# RFC 6238 section 5.2: clocks differ, and typing takes its time. A step either way, no more.
SLACK = 1
ISSUER = "Mailer"
# What authenticator apps understand, all of them; HMAC does not mind what SHA-1 is broken for.
HASH = SHA1()  # noqa: S303


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def step_of(moment: datetime) -> int:
    return int(moment.timestamp() // STEP.total_seconds())


def code(secret: bytes, step: int) -> str:
    """Return the digits that a phone shows during one step."""
    return HOTP(secret, DIGITS, HASH).generate(step).decode()


def matching_step(secret: bytes, given: str, now: datetime) -> int | None:
    """Return the step whose code was given, the latest one within the window; None if none."""
    here = step_of(now)
    for step in range(here + SLACK, here - SLACK - 1, -1):
        if hmac.compare_digest(code(secret, step).encode(), given.encode()):
            return step
    return None


def spelled(secret: bytes) -> str:
    """Return the secret as a person types it: base32 in groups of four."""
    text = b32encode(secret).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def uri(secret: bytes, account: str) -> str:
    """Return the otpauth address that an authenticator app reads from the picture."""
    return TOTP(secret, DIGITS, HASH, int(STEP.total_seconds())).get_provisioning_uri(
        account, ISSUER
    )
