"""The text of one part: its transfer encoding undone (RFC 2045 s6), its charset read."""

import re
from binascii import a2b_base64, a2b_qp

from mailer.compliance import charsets
from mailer.compliance.bounds import MOST_TEXT_BYTES, Unjudgeable
from mailer.compliance.mime.entities import UNENCODED, Entity, unjudgeable

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_SOFT_BREAK = re.compile(rb"=[ \t]*+(?:\r?\n|\Z)")
_BROKEN_QUOTED = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*+(?:\r?\n|\Z))")
_BLANKS = b" \t\r\n"
# A byte that is quoted takes three, one in base64 takes one and a third.
_LONGEST_SPELLING = 3


def data(raw: bytes, entity: Entity, most_bytes: int) -> bytes:
    """Give the body with its transfer encoding undone. Raises Unjudgeable, beyond `most_bytes` too.

    Programs differ in what they make of a broken encoding: some stop, some guess.
    """
    start = entity.head.body_start
    if entity.end - start > _LONGEST_SPELLING * most_bytes:
        raise _too_long()
    found = _decoded(raw[start : entity.end], entity)
    if len(found) > most_bytes:
        raise _too_long()
    return found


def _decoded(body: bytes, entity: Entity) -> bytes:
    encoding, which = entity.encoding, f"the {entity.type} part"
    if encoding in UNENCODED:
        return body
    if encoding == "base64":
        spelt = body.translate(None, _BLANKS)
        if not _BASE64.fullmatch(spelt):
            raise unjudgeable(f"the base64 of {which} is broken")
        return a2b_base64(spelt)
    if encoding == "quoted-printable":
        if _BROKEN_QUOTED.search(body):
            raise unjudgeable(f"the quoted-printable of {which} is broken")
        return a2b_qp(_SOFT_BREAK.sub(b"", body))
    raise unjudgeable(
        f"{which} is encoded as {encoding}, which few mail programs know",
        "Encode it as quoted-printable or base64.",
    )


def said(found: bytes, entity: Entity) -> str:
    """Read bytes in the charset that the part states. Raises Unjudgeable if it lies."""
    charset = entity.parameter("charset")
    text = charsets.decoded(found, charset)
    which = f"the {entity.type} part"
    fix = "Send it in UTF-8, and say so: Content-Type: …; charset=utf-8."
    if text is None:
        raise unjudgeable(f"{which} {_fault(charset)}", fix)
    if "\0" in text:
        raise unjudgeable(f"{which} holds a NUL character", fix)
    return text.removeprefix("\ufeff")


def _fault(charset: str) -> str:
    if not charset:
        return "does not say in which charset its letters are"
    if charsets.is_known(charset):
        return f"says that it is in {charset!r}, but holds bytes that mean nothing there"
    return f"says that it is in {charset!r}, which not every mail program knows"


def _too_long() -> Unjudgeable:
    return unjudgeable(
        f"it has more than {MOST_TEXT_BYTES >> 10} KB of text and HTML",
        "Shorten it: Gmail shows only 102 KB. Link to pictures instead of embedding them.",
    )
