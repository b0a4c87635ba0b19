"""A campaign's messages, composed by pieces: per reader only what is hers is filled in."""

import re
from typing import NamedTuple

from mailer.campaigns.rendering import Copy
from mailer.delivery import composing, signing
from mailer.delivery.composing import Envelope
from mailer.delivery.sheets import Sheets
from mailer.delivery.signing import Signer

# The fields that are not the same in all messages of a campaign, in their order; Reply-To is one
# of them where answers come back to this program.
OWN = frozenset({"To", "Subject", "Message-ID", "List-Id"})
MOST_SUBJECTS = 10_000
# Beyond it the field is measured, mailbox and all.
LONGEST_LINK = 600
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
        self.letters, self.is_answered_by_name = envelope.letters, envelope.is_answered_by_name
        values = [(name, self.open_value(name, value)) for name, value in fields]
        opened = {name.lower(): value.encode() for name, value in values}
        self.signers = signers
        self.covered = [name for name in signing.COVERED if name in opened]
        self.head = "".join(f"{name}: {value}\r\n" for name, value in values)
        self.canonical = b"".join(signing.relaxed_headers(self.covered, opened)).decode()
        self.sheets = Sheets(boundary)
        self.between = self.sheets.borders[1]
        self.domain = envelope.from_address.rpartition("@")[2]
        self.subjects: dict[str, Value] = {}
        self.lists: dict[str, Value] = {}

    def message(self, copy: Copy, to: str, url: str, list_public_id: str, message_id: str) -> bytes:
        """Return one reader's signed message; raises Unsendable."""
        name = message_id[1:].partition("@")[0] if self.letters else ""
        if len(url) > LONGEST_LINK:
            whole = composing.ways_out(url, self.letters, name)
            composing.demand_short("List-Unsubscribe", whole)
        is_plain = PLAIN_ADDRESS.fullmatch(to)
        if not is_plain:
            composing.demand_short("To", composing.plain("To", to))
        subject = self.subjects.get(copy.subject) or self.subject(copy.subject)
        list_id = self.lists.get(list_public_id) or self.list_id(list_public_id)
        answers = (name,) if self.is_answered_by_name else ()
        out = (url, name) if self.letters else (url,)
        head = self.head % (to, *answers, subject.written, message_id, list_id.written, *out)
        body = self.sheets.body(copy.text, copy.html, url)
        if not self.signers:
            return body.under(head.encode("ascii"))
        bare = to if is_plain else relaxed(to)
        own = bare, *answers, subject.relaxed, message_id, list_id.relaxed, *out
        canonical, digest = (self.canonical % own).encode("ascii"), body.digest()
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

    def open_value(self, name: str, value: str) -> str:
        """Return a field's value as a pattern, with places for what is each message's own."""
        if name == "List-Unsubscribe":
            return composing.ways_out("%s", self.letters, "%s")
        if name == "Reply-To" and self.is_answered_by_name:
            return composing.named(self.letters, "%s")
        return "%s" if name in OWN else value.replace("%", "%%")


def value_of(written: str) -> Value:
    return Value(written, relaxed(written))


def relaxed(written: str) -> str:
    """Return a field's value in relaxed form (RFC 6376 section 3.4.2)."""
    return signing.relaxed_value(written.encode("ascii")).decode()
