"""What came of a command: an answer, a refusal, or a connection that ended."""

from typing import NamedTuple

LONGEST_TEXT = 1000


class Reply(NamedTuple):
    """What the relay answered, and to which command; ``code`` as in RFC 5321 section 4.2.

    ``phase`` is banner, ehlo, starttls, auth, mail, rcpt, data, body, dot, rset or quit. A message
    that this relay cannot take at all gets such an answer from our side, before it is offered.
    """

    phase: str
    code: int
    text: str

    @property
    def is_positive(self) -> bool:
        return 200 <= self.code < 300  # noqa: PLR2004 - RFC 5321 section 4.2.1


class Lost(Exception):  # noqa: N818 - errors are named for the situation
    """The connection ended or stalled. ``phase`` says where.

    Before the final dot no message was handed over (RFC 5321 section 4.1.1.4); after it, nobody
    can say (RFC 1047): then ``phase`` is ``dot``. Where the last chunk of BDAT takes the place of
    the dot (RFC 3030), its last byte counts as the dot.
    """

    def __init__(self, phase: str, why: str) -> None:
        super().__init__(f"{phase}: {why}")
        self.phase = phase
        self.why = why


class Refused(Exception):  # noqa: N818 - errors are named for the situation
    """The relay answered before any message was offered, and the answer was no."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.phase}: {reply.code} {reply.text}")
        self.reply = reply

    @property
    def phase(self) -> str:
        return self.reply.phase


def said(phase: str, code: int, raw: bytes) -> Reply:
    """Return a reply with its text made fit for a page: one line, printable, not too long."""
    text = raw[:LONGEST_TEXT].decode("utf-8", "replace").strip()
    if not text.isprintable():
        text = "".join(one if one.isprintable() else " " for one in text)
    return Reply(phase, code, text)
