"""Wire bytes: one person's copy as an RFC 5322 message, every header on a line of its own."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr

from mailer.campaigns.rendering import Rendered
from mailer.campaigns.shapes import LINE_END
from mailer.delivery.quoting import quoted
from mailer.tokens import Keys

LONGEST_LINE = 998  # RFC 5322 section 2.1.1
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class Unsendable(Exception):  # noqa: N818 - errors are named for the situation
    """A value cannot be put into a message; the message says which and why."""


@dataclass(frozen=True)
class Envelope:
    """Everything about one message but its words.

    ``unsubscribe_url`` and ``list_id`` are None for mail that belongs to no list. ``message_id``
    and ``date`` are given, so that the same copy is the same bytes whenever it is composed.
    ``letters`` is the mailbox whose mail comes back to this program, empty if there is none.
    """

    from_name: str
    from_address: str
    reply_to: str
    to: str
    message_id: str
    date: datetime
    unsubscribe_url: str | None = None
    list_id: str | None = None
    letters: str = ""

    @property
    def copy_name(self) -> str:
        """What stands before the @ of the Message-ID, by which a letter tells its copy."""
        return self.message_id.strip("<").partition("@")[0]

    @property
    def is_answered_by_name(self) -> bool:
        """Tell whether answers come back to this program, which then knows whose they are."""
        is_ours = bool(self.letters) and self.reply_to.lower() == self.letters
        return is_ours and self.unsubscribe_url is not None


def message_id(keys: Keys, domain: str, *numbers: int) -> str:
    """Return a Message-ID that these numbers always give (RFC 5322 section 3.6.4).

    Keyed, so that it tells a stranger nothing; repeatable, so that a re-sent copy is known again.
    """
    text = "-".join(map(str, numbers)).encode()
    digest = keys.macs("message-id")[-1].digest(text)
    return f"<{digest[:20].hex()}@{domain}>"


def composed(envelope: Envelope, copy: Rendered) -> bytes:
    """Return the message with CRLF line ends; raises Unsendable."""
    boundary = boundary_of(envelope.message_id)
    head = "".join(
        f"{name}: {value}\r\n" for name, value in fields(envelope, copy.subject, boundary)
    )
    text, html = (quoted(LINE_END.sub("\n", part)) for part in (copy.text, copy.html))
    before, between, after = borders(boundary)
    return b"".join((head.encode("ascii"), before, text, between, html, after))


def boundary_of(seed: str) -> str:
    """Return what stands between the parts: "=_" begins no line of quoted-printable."""
    return f"=_{hashlib.sha256(seed.encode()).hexdigest()[:24]}"


def borders(boundary: str) -> tuple[bytes, bytes, bytes]:
    """Return what stands before the text part, between the parts, and after the HTML part."""
    plain, html = (
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        for kind in ("plain", "html")
    )
    ends = f"\r\n{plain}", f"\r\n{html}", f"\r\n--{boundary}--\r\n"
    return ends[0].encode(), ends[1].encode(), ends[2].encode()


def fields(envelope: Envelope, subject: str, boundary: str) -> list[tuple[str, str]]:
    """Return the header fields in order; raises Unsendable.

    They stay unfolded: a folded or encoded List-Unsubscribe is dead for the receivers that read
    the raw field (RFC 8058 section 3.1).
    """
    by_name = envelope.is_answered_by_name
    reply_to = named(envelope.letters, envelope.copy_name) if by_name else envelope.reply_to
    found = [
        ("From", mailbox(envelope.from_name, envelope.from_address)),
        ("To", plain("To", envelope.to)),
        ("Reply-To", plain("Reply-To", reply_to)),
        ("Subject", unstructured("Subject", subject)),
        ("Date", format_datetime(envelope.date)),
        ("Message-ID", envelope.message_id),
    ]
    if envelope.list_id is not None:
        found.append(("List-Id", plain("List-Id", envelope.list_id)))
    if envelope.unsubscribe_url is not None:
        out = ways_out(envelope.unsubscribe_url, envelope.letters, envelope.copy_name)
        found.append(("List-Unsubscribe", out))
        found.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    else:
        found.append(("Auto-Submitted", "auto-generated"))  # RFC 3834 section 5
    found.append(("MIME-Version", "1.0"))
    found.append(("Content-Type", f'multipart/alternative; boundary="{boundary}"'))
    for name, value in found:
        demand_short(name, value)
    return found


def ways_out(url: str, letters: str, name: str) -> str:
    """Return a List-Unsubscribe (RFC 2369): the link, then the mailbox where letters come in.

    The link comes first, and is the only one of its kind (RFC 8058 section 3.1).
    """
    return (
        f"<{url}>, <mailto:{named(letters, name)}?subject=unsubscribe>" if letters else f"<{url}>"
    )


def named(letters: str, name: str) -> str:
    """Return a mailbox's address with the name of a copy in it (RFC 5233)."""
    local, _, domain = letters.partition("@")
    return f"{local}+{name}@{domain}"


def demand_short(name: str, value: str) -> None:
    """Raise Unsendable when no mail server would take a field."""
    if len(name) + 2 + len(value) > LONGEST_LINE and "\r\n " not in value:
        raise Unsendable(f"The header field {name} is too long.")


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


def plain(name: str, value: str) -> str:
    """Return a value of a field that cannot be encoded, such as an address; raises Unsendable."""
    if not checked(name, value).isascii():
        raise Unsendable(f"{name} holds a letter that no mail server need take.")
    return value
