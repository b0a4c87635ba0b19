"""A message with its envelope, and the commands that carry it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mailer.delivery.approval import Approved
from mailer.delivery.smtp.extensions import Extensions
from mailer.delivery.smtp.reply import Reply
from mailer.delivery.smtp.stuffing import stuffed

# What could end a command or an address inside it has no place in one.
MAILBOX = re.compile(r"[^\x00-\x20<>\x7f-\xa0\u2028\u2029]+@[^\x00-\x20<>\x7f-\xa0\u2028\u2029]+")
LONGEST_MAILBOX = 320
# From this size on the last byte is held back until the rest has left this process, so that
# a relay that stalls or dies over a large message leaves no doubt about its dot.
LARGE = 64 * 1024
OFFER = ("mail", "rcpt", "data")


@dataclass(slots=True, eq=False)
class Parcel:
    """One message for one recipient; the source may hang its own ``claim`` on it."""

    sender: str
    recipient: str
    message: Approved
    claim: Any = None


def refusal(parcel: Parcel, relay: Extensions) -> Reply | None:
    """Return why this relay cannot be offered this parcel, in the relay's stead, or None."""
    fault = sender_fault(parcel.sender, is_utf8=relay.is_utf8)
    if fault:
        return Reply("mail", 553, fault)
    fault = address_fault(parcel.recipient, is_utf8=relay.is_utf8)
    if fault:
        return Reply("rcpt", 553, fault)
    return message_refusal(parcel.message.raw, relay)


def message_refusal(raw: bytes, relay: Extensions) -> Reply | None:
    if not relay.is_eight_bit and not raw.isascii():
        return Reply("mail", 554, "5.6.3 The relay takes no 8-bit message: no 8BITMIME")
    if relay.size is not None and len(raw) > relay.size:
        return Reply("mail", 552, f"5.3.4 The relay takes at most {relay.size} bytes")
    return None


def address_fault(address: str, *, is_utf8: bool) -> str:
    if not MAILBOX.fullmatch(address) or len(address) > LONGEST_MAILBOX:
        return "5.1.3 Not an address that a relay can be given"
    if not is_utf8 and not address.isascii():
        return "5.6.7 The relay takes no such address: no SMTPUTF8"
    return ""


sender_fault = lru_cache(maxsize=64)(address_fault)  # a campaign has one sender


def commands(parcel: Parcel, relay: Extensions) -> tuple[bytes, ...]:
    """Return what offers a parcel: MAIL, RCPT and, without CHUNKING, DATA, as in ``phases``."""
    raw = parcel.message.raw
    size = f" SIZE={len(raw)}" if relay.is_sized else ""
    body = "" if raw.isascii() else " BODY=8BITMIME"
    is_plain = parcel.sender.isascii() and parcel.recipient.isascii()
    utf8 = "" if is_plain else " SMTPUTF8"
    mail = f"MAIL FROM:<{parcel.sender}>{size}{body}{utf8}\r\n".encode()
    rcpt = f"RCPT TO:<{parcel.recipient}>\r\n".encode()
    return (mail, rcpt) if relay.is_chunking else (mail, rcpt, b"DATA\r\n")


def phases(relay: Extensions) -> tuple[str, ...]:
    """Return the phases of the commands that offer a parcel."""
    return OFFER[:2] if relay.is_chunking else OFFER


def is_large(parcel: Parcel) -> bool:
    return len(parcel.message.raw) >= LARGE


def pieces(parcel: Parcel, relay: Extensions) -> tuple[bytes, ...]:
    """Return the message as it is handed over: with its dot, or as one last chunk (RFC 3030)."""
    raw = parcel.message.raw
    if relay.is_chunking:
        return b"BDAT %d LAST\r\n" % len(raw), raw
    return stuffed(raw), b".\r\n"
