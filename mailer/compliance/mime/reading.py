"""From the bytes of a message to what rules read: the door of this package."""

import re
from collections import Counter
from collections.abc import Iterator

from mailer.compliance.bounds import (
    MOST_BYTES,
    MOST_FIELDS,
    MOST_HEAD_BYTES,
    MOST_TEXT_BYTES,
    Unjudgeable,
)
from mailer.compliance.message import Head, Message, Part, head
from mailer.compliance.mime import entities, texts
from mailer.compliance.mime.entities import unjudgeable

_BARE_RETURN = re.compile(rb"\r(?!\n)")
_NAMES = {"html": "HTML part", "text": "text part", "amp": "AMP part"}


def read(raw: bytes) -> Message:
    """Read the bytes of an RFC 5322 message, with CRLF or LF line ends. Never raises.

    What is too large, too deep or ambiguous to be judged stands in the message's `obstacle`.
    """
    root = head(raw, 0, len(raw), MOST_HEAD_BYTES)
    try:
        return Message(raw, root, tuple(_parts(raw, root)))
    except Unjudgeable as refusal:
        return Message(raw, root, (), refusal.obstacle)


def _parts(raw: bytes, root: Head) -> Iterator[Part]:
    if len(raw) > MOST_BYTES:
        fix = "Link to what is large instead of attaching it."
        raise unjudgeable(f"it is larger than {MOST_BYTES >> 20} MB", fix)
    if root.is_cut:
        limits = f"{MOST_FIELDS} fields or {MOST_HEAD_BYTES >> 10} KB"
        raise unjudgeable(f"its headers are more than {limits}")
    if _BARE_RETURN.search(raw):
        raise unjudgeable("a line ends in CR alone, which is an end for some programs only")
    found = [(kind, said) for kind, said in _texts(raw, root) if said.strip()]
    totals = Counter(kind for kind, _ in found)
    numbers: Counter[str] = Counter()
    for kind, said in found:
        numbers[kind] += 1
        is_only = totals[kind] == 1
        number = "" if is_only else f" {numbers[kind]} of {totals[kind]}"
        yield Part(kind, _NAMES[kind] + number, said)


def _texts(raw: bytes, root: Head) -> Iterator[tuple[str, str]]:
    """Give kind and text of each part that is shown; what shows nothing is among them."""
    left = MOST_TEXT_BYTES
    for entity in entities.shown(raw, root):
        data = texts.data(raw, entity, left)
        left -= len(data)
        yield entities.KINDS[entity.type], texts.said(data, entity)
