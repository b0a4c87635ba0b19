"""Why personal data is handed out or erased: a named act needs a reason, and no address in it."""

import re

from mailer.audience.models import Subscriber

LONGEST = 500
ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")


class BadReason(Exception):  # noqa: N818 - errors are named for the situation
    """The reason cannot be recorded; the message says what to write instead."""


def reason(text: str, subscriber: Subscriber | None = None) -> str:
    """Return the reason as the audit log keeps it, or raise BadReason.

    The log can never be changed, so what is erased everywhere else must not be written into it.
    """
    clean = " ".join(text.split())
    if not clean:
        raise BadReason("Say why, in a few words: the audit log keeps it.")
    if len(clean) > LONGEST:
        raise BadReason(f"The reason is {len(clean)} characters long; {LONGEST} fit.")
    if not clean.isprintable():
        raise BadReason("The reason holds an invisible character. Type it anew.")
    if ADDRESS.search(clean) or is_named(subscriber, clean):
        raise BadReason("Leave the address out: the audit log keeps the reason for years.")
    return clean


def is_named(subscriber: Subscriber | None, text: str) -> bool:
    return subscriber is not None and subscriber.email.casefold() in text.casefold()
