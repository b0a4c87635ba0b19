"""The Message-IDs of campaign copies: opaque to everybody else, read again by us."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from mailer.tokens import Keys

PURPOSE = "copy-id"
# A Message-ID as a log or a bounce may tell it: angle brackets, capitals, any domain behind it.
SHAPE = re.compile(r"\s*<?([0-9a-f]{32})(?:@[^\s<>]{1,255})?>?\s*", re.IGNORECASE)


class Named(NamedTuple):
    """Which copy a Message-ID may name: a campaign's, to a reader of this number."""

    campaign_id: int
    subscriber_id: int


def message_id(keys: Keys, domain: str, campaign_id: int, number: int) -> str:
    """Return a copy's Message-ID (RFC 5322 section 3.6.4), always the same for these numbers.

    It is known again when a copy is sent a second time, or when news of it come in, and nothing
    need be kept for that; whoever lacks the key reads nothing in it. A ``number`` below 1 is no
    reader's.
    """
    return f"<{keys.veils(PURPOSE)[0].hidden(campaign_id, number).hex()}@{domain}>"


def named(keys: Keys, text: str) -> Iterator[Named]:
    """Return what a Message-ID may name, by each key of the ring; nothing when it is not ours.

    Of one that was not made here the numbers are those of no copy: look whether it exists.
    """
    found = SHAPE.fullmatch(text)
    for veil in keys.veils(PURPOSE) if found else ():
        one = Named(*veil.shown(bytes.fromhex(found[1]))) if found else None
        if one is not None and one.campaign_id > 0 and one.subscriber_id > 0:
            yield one
