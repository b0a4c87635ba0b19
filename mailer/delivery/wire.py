"""A campaign's messages, composed by pieces: per reader only what is hers is filled in."""

import re
from typing import NamedTuple

from mailer.campaigns.rendering import Copy
from mailer.delivery import composing, signing
from mailer.delivery.composing import Envelope
from mailer.delivery.sheets import Sheets
from mailer.delivery.signing import Signer

# The fields that are not the same in all messages of a campaign, in their order.
OWN = ("To", "Subject", "Message-ID", "List-Id", "List-Unsubscribe")
MOST_SUBJECTS = 10_000
LONGEST_LINK = 900
# An address of which nothing has to be said, and which is its own canonical form.
PLAIN_ADDRESS = re.compile(r"[!-~]{3,900}")


class Value(NamedTuple):
    """A field's value as it is written, and in relaxed form."""

    written: str
    relaxed: str


class Wire:
    """Puts the copies of one campaign on the wire.

    ``envelope`` is that of any of its messages; ``seed`` tells its boundary from that of others.
    """

    def __init__(self, envelope: Envelope, seed: str, signers: tuple[Signer, ...]) -> None:
        boundary = composing.boundary_of(seed)
        fields = composing.fields(envelope, "Subject", boundary)
        present = {name.lower(): value for name, value in fields}
        self.signers = signers
        self.covered = [name for name in signing.COVERED if name in present]
        self.head = "".join(f"{name}: {open_value(name, value)}\r\n" for name, value in fields)
        opened = {name.lower(): open_value(name, value).encode() for name, value in fields}
        self.canonical = b"".join(signing.relaxed_headers(self.covered, opened)).decode()
        self.sheets = Sheets(boundary)
        self.between = self.sheets.borders[1]
        self.domain = envelope.from_address.rpartition("@")[2]
        self.subjects: dict[str, Value] = {}
        self.lists: dict[str, Value] = {}

    def message(self, copy: Copy, to: str, url: str, list_public_id: str, message_id: str) -> bytes:
        """Return one reader's signed message; raises Unsendable."""
        if len(url) > LONGEST_LINK:
            composing.demand_short("List-Unsubscribe", url)
        is_plain = PLAIN_ADDRESS.fullmatch(to)
        if not is_plain:
            composing.demand_short("To", composing.plain("To", to))
        subject = self.subjects.get(copy.subject) or self.subject(copy.subject)
        list_id = self.lists.get(list_public_id) or self.list_id(list_public_id)
        head = self.head % (to, subject.written, message_id, list_id.written, url)
        body = self.sheets.body(copy.text, copy.html, url)
        if not self.signers:
            return body.under(head.encode("ascii"))
        bare = to if is_plain else relaxed(to)
        own = self.canonical % (bare, subject.relaxed, message_id, list_id.relaxed, url)
        canonical, digest = own.encode("ascii"), body.digest()
        seals = [signing.field(one, self.covered, canonical, digest) for one in self.signers]
        return body.under(b"".join((*seals, head.encode("ascii"))))

    def subject(self, subject: str) -> Value:
        if len(self.subjects) >= MOST_SUBJECTS:
            self.subjects.clear()
        written = composing.unstructured("Subject", subject)
        composing.demand_short("Subject", written)
        value = self.subjects[subject] = value_of(written)
        return value

    def list_id(self, public_id: str) -> Value:
        """Return the list's own List-Id (RFC 2919), the same for every campaign."""
        written = composing.plain("List-Id", f"<{public_id}.{self.domain}>")
        composing.demand_short("List-Id", written)
        value = self.lists[public_id] = value_of(written)
        return value


def open_value(name: str, value: str) -> str:
    """Return a field's value as a pattern, with a place for it where it is each message's own."""
    if name not in OWN:
        return value.replace("%", "%%")
    return "<%s>" if name == "List-Unsubscribe" else "%s"


def value_of(written: str) -> Value:
    return Value(written, relaxed(written))


def relaxed(written: str) -> str:
    """Return a field's value in relaxed form (RFC 6376 section 3.4.2)."""
    return signing.relaxed_value(written.encode("ascii")).decode()
