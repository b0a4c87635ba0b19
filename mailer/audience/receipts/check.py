"""Whether a receipt holds: asks neither database nor network."""

import base64
import hashlib
import json
from binascii import Error as NotBase64
from collections.abc import Iterator
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mailer import ledger

FORMAT = "mailer/consent-receipt/1"
SEALED = (
    "at",
    "address_key",
    "list_id",
    "sender_id",
    "action",
    "method",
    "delivery_id",
    "evidence_hash",
)


class BadReceipt(Exception):  # noqa: N818 - errors are named for the situation
    """The file is no receipt, or something in it was changed; the message says what."""


def spelled(content: dict[str, object]) -> bytes:
    """Return a receipt as a file."""
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def stated(content: dict[str, object]) -> bytes:
    """Return what the signature covers: all but itself, in one spelling."""
    told = {name: value for name, value in content.items() if name != "signature"}
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def checked(data: bytes) -> dict[str, object]:
    """Return the content of a receipt file; raises BadReceipt when a single byte is off.

    Whose key signed it the file alone cannot tell: compare ``public_key`` with the one that the
    installation names.
    """
    try:
        content = json.loads(data)
        is_ours = content["format"] == FORMAT and spelled(content) == data
        if not is_ours:
            raise BadReceipt("This is no receipt, or it was changed.")
        demand_signed(content)
        for event in content["events"]:
            demand_sealed(event)
        for digest, text in content["texts"].items():
            if hashlib.sha256(text.encode()).hexdigest() != digest:
                raise BadReceipt("A text is not the one that was shown.")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadReceipt("This is no receipt, or it was changed.") from error
    found: dict[str, object] = content
    return found


def demand_signed(content: dict[str, object]) -> None:
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(str(content["public_key"])))
        public.verify(base64.b64decode(str(content["signature"])), stated(content))
    except (InvalidSignature, NotBase64, ValueError) as error:
        raise BadReceipt("Its signature does not fit.") from error


def demand_sealed(event: dict[str, Any]) -> None:
    """Reckon an entry's hashes again, as far as it is sealed and nothing is withheld."""
    salt, evidence = event["evidence_salt"], event["evidence"]
    is_there = isinstance(evidence, dict) and not event["withheld"]
    if is_there and ledger.evidence_hash(str(salt), evidence) != event["evidence_hash"]:
        raise BadReceipt("The evidence of an entry is not the one that was sealed.")
    if event["hash"] is None:
        return
    values = {name: event[name] for name in SEALED}
    if ledger.seal(str(event["previous_hash"]), values) != event["hash"]:
        raise BadReceipt("An entry was changed after it was sealed.")


def summary(content: dict[str, Any]) -> Iterator[str]:
    """Return a line for each entry of a receipt that was checked."""
    for event in content["events"]:
        seal = "waits for its seal" if event["hash"] is None else f"sealed as {event['position']}"
        yield f"{event['at'][:19]} {event['action']} by {event['method']}, {seal}"
