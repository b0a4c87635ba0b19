"""Consent entries by the thousand: sealed one after the other as the ledger does, written at once.

What ``mailer.ledger`` computes for one entry is spelled out here for many that differ only in
whom they are about; a test holds the two together.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from mailer import ledger
from mailer.audience.imports import bulk
from mailer.audience.models import ConsentEvent
from mailer.audience.words import ConsentAction, ConsentMethod

COLUMNS = (
    "at",
    "address_key",
    "list_id",
    "sender_id",
    "action",
    "method",
    "evidence",
    "evidence_salt",
    "evidence_hash",
    "previous_hash",
    "hash",
    "position",
)
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Receipt:
    """One person's entry; ``evidence`` is canonical JSON text."""

    key: bytes
    action: ConsentAction
    evidence: str
    list_id: int | None = None
    sender_id: int | None = None


def evidence_text(evidence: dict[str, str]) -> str:
    """Return evidence as its hash is taken of it, without what is empty."""
    kept = {name: value for name, value in evidence.items() if value}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"))


def write(session: Session, now: datetime, receipts: list[Receipt]) -> None:
    """Append entries to the consent ledger, under its lock, which lasts until the commit."""
    if receipts:
        tip = ledger.tip(session, ConsentEvent)
        bulk.insert(session, ConsentEvent, COLUMNS, sealed(*tip, now, receipts))


def sealed(
    previous: str, position: int, now: datetime, receipts: list[Receipt]
) -> Iterable[tuple[object, ...]]:
    """Return the rows, each with the seal of the one before."""
    at, method = now.astimezone(UTC).isoformat(), ConsentMethod.staff.value
    salts = os.urandom(SALT_BYTES * len(receipts)).hex()
    for place, one in enumerate(receipts):
        position += 1
        salt = salts[place * SALT_BYTES * 2 : (place + 1) * SALT_BYTES * 2]
        evidence = hashlib.sha256(f"{salt}\n{one.evidence}".encode()).hexdigest()
        action, list_id, sender_id = one.action.value, one.list_id, one.sender_id
        text = (
            f'{previous}\n{{"action":"{action}","address_key":"{one.key.hex()}","at":"{at}",'
            f'"delivery_id":null,"evidence_hash":"{evidence}","list_id":{number(list_id)},'
            f'"method":"{method}","sender_id":{number(sender_id)}}}'
        )
        seal = hashlib.sha256(text.encode()).hexdigest()
        yield (
            *(now, one.key, list_id, sender_id, action, method),
            *(one.evidence, salt, evidence, previous, seal, position),
        )
        previous = seal


def number(value: int | None) -> str:
    return "null" if value is None else str(value)
