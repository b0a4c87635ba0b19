"""A message with its envelope, and the commands that carry it."""

import re
from dataclasses import dataclass
from typing import Any

from mailer.delivery.approval import Approved
from mailer.delivery.smtp.extensions import Extensions
from mailer.delivery.smtp.reply import Reply
from mailer.delivery.smtp.stuffing import stuffed

# What could end a command or an address inside it has no place in one.
MAILBOX = re.compile(r"[^\x00-\x20<>\x7f-\xa0\u2028\u2029]+@[^\x00-\x20<>\x7f-\xa0\u2028\u2029]+")
LONGEST_MAILBOX = 320
OFFER = ("mail", "rcpt", "data")

Steps = tuple[tuple[str, bytes], ...]


@dataclass(slots=True, eq=False)
class Parcel:
    """One message for one recipient; the source may hang its own ``claim`` on it."""

    sender: str
    recipient: str
    message: Approved
    claim: Any = None


def refusal(parcel: Parcel, relay: Extensions) -> Reply | None:
    """Return why this relay cannot be offered this parcel, in the relay's stead, or None."""
    for phase, address in (("mail", parcel.sender), ("rcpt", parcel.recipient)):
        fault = address_fault(address, relay)
        if fault:
            return Reply(phase, 553, fault)
    raw = parcel.message.raw
    if not relay.is_eight_bit and not raw.isascii():
        return Reply("mail", 554, "5.6.3 The relay takes no 8-bit message: no 8BITMIME")
    if relay.size is not None and len(raw) > relay.size:
        return Reply("mail", 552, f"5.3.4 The relay takes at most {relay.size} bytes")
    return None


def address_fault(address: str, relay: Extensions) -> str:
    if not MAILBOX.fullmatch(address) or len(address) > LONGEST_MAILBOX:
        return "5.1.3 Not an address that a relay can be given"
    if not relay.is_utf8 and not address.isascii():
        return "5.6.7 The relay takes no such address: no SMTPUTF8"
    return ""


def offer(parcel: Parcel, relay: Extensions) -> Steps:
    """Return the commands that offer a parcel, each with its phase."""
    mail = f"MAIL FROM:<{parcel.sender}>"
    raw = parcel.message.raw
    if relay.is_sized:
        mail += f" SIZE={len(raw)}"
    if not raw.isascii():
        mail += " BODY=8BITMIME"
    if not (parcel.sender.isascii() and parcel.recipient.isascii()):
        mail += " SMTPUTF8"
    envelope = (
        ("mail", f"{mail}\r\n".encode()),
        ("rcpt", f"RCPT TO:<{parcel.recipient}>\r\n".encode()),
    )
    return envelope if relay.is_chunking else (*envelope, ("data", b"DATA\r\n"))


def payload(parcel: Parcel, relay: Extensions) -> bytes:
    """Return the message as it is handed over: with its dot, or in one last chunk (RFC 3030)."""
    raw = parcel.message.raw
    if relay.is_chunking:
        return b"BDAT %d LAST\r\n%b" % (len(raw), raw)
    return stuffed(raw) + b".\r\n"
