"""Wire bytes: one person's copy as an RFC 5322 message, every header on a line of its own."""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr

from mailer.campaigns.rendering import Rendered
from mailer.tokens import Keys

LONGEST_LINE = 998  # RFC 5322 section 2.1.1
LINE_END = re.compile(r"\r\n|\r|\n")
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class Unsendable(Exception):  # noqa: N818 - errors are named for the situation
    """A value cannot be put into a message; the message says which and why."""


@dataclass(frozen=True)
class Envelope:
    """Everything about one message but its words.

    ``unsubscribe_url`` and ``list_id`` are None for mail that belongs to no list. ``message_id``
    and ``date`` are given, so that the same copy is the same bytes whenever it is composed.
    """

    from_name: str
    from_address: str
    reply_to: str
    to: str
    message_id: str
    date: datetime
    unsubscribe_url: str | None = None
    list_id: str | None = None


def message_id(keys: Keys, domain: str, *numbers: int) -> str:
    """Return a Message-ID that these numbers always give (RFC 5322 section 3.6.4).

    Keyed, so that it tells a stranger nothing; repeatable, so that a re-sent copy is known again.
    """
    text = "-".join(str(number) for number in numbers).encode()
    digest = hmac.digest(keys.derived("message-id")[-1], text, "sha256")[:20]
    return f"<{base64.b32encode(digest).decode().lower()}@{domain}>"


def composed(envelope: Envelope, copy: Rendered) -> bytes:
    """Return the message with CRLF line ends; raises Unsendable.

    Header fields stay unfolded: a folded or encoded List-Unsubscribe is dead for the receivers
    that read the raw field (RFC 8058 section 3.1).
    """
    boundary = f"=_{envelope.message_id[1:21]}"
    lines = [
        *headers(envelope, copy.subject),
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
    ]
    for line in lines:
        if len(line) > LONGEST_LINE and "\r\n " not in line:
            raise Unsendable(f"The header field {line.split(':')[0]} is too long.")
    parts = (("plain", copy.text), ("html", copy.html))
    body = b"".join(part(boundary, kind, text) for kind, text in parts)
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body + f"--{boundary}--\r\n".encode()


def headers(envelope: Envelope, subject: str) -> list[str]:
    fields = [
        ("From", mailbox(envelope.from_name, envelope.from_address)),
        ("To", checked("To", envelope.to)),
        ("Reply-To", checked("Reply-To", envelope.reply_to)),
        ("Subject", unstructured("Subject", subject)),
        ("Date", format_datetime(envelope.date)),
        ("Message-ID", envelope.message_id),
    ]
    if envelope.list_id is not None:
        fields.append(("List-Id", checked("List-Id", envelope.list_id)))
    if envelope.unsubscribe_url is not None:
        fields.append(("List-Unsubscribe", f"<{envelope.unsubscribe_url}>"))
        fields.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    else:
        fields.append(("Auto-Submitted", "auto-generated"))  # RFC 3834 section 5
    fields.append(("MIME-Version", "1.0"))
    return [f"{name}: {value}" for name, value in fields]


def mailbox(name: str, address: str) -> str:
    return formataddr((checked("From", name), checked("From", address)))


def unstructured(name: str, value: str) -> str:
    checked(name, value)
    if value.isascii():
        return value
    return Header(value, "utf-8", header_name=name).encode(linesep="\r\n")


def checked(name: str, value: str) -> str:
    """Return the value, or raise Unsendable when it could start a header field of its own."""
    if CONTROL.search(value):
        raise Unsendable(f"{name} holds a line break or a control character.")
    return value


def part(boundary: str, kind: str, text: str) -> bytes:
    head = (
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    lines = "\r\n".join(LINE_END.split(text)).rstrip("\r\n")
    # The encoder breaks lines the way its input does, hence the line end before it is encoded.
    return head.encode() + binascii.b2a_qp(f"{lines}\r\n".encode(), istext=True)
