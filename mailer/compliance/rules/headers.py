"""What the header block must be: whole, unambiguous, and readable by every mail server."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailer.compliance.case import Case
from mailer.compliance.domains import is_within
from mailer.compliance.finding import Severity
from mailer.compliance.links import host_of, is_loopback
from mailer.compliance.message import Header, Message
from mailer.compliance.rule import Reason, Rule

_ONCE = ("From", "To", "Subject", "Date", "Message-ID")
_AT_MOST_ONCE = (
    "Sender",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Id",
    "In-Reply-To",
    "References",
)
_NEVER = ("Bcc", "Cc", "Resent-To", "Resent-Cc", "Resent-Bcc")
_STRUCTURED = (
    *("Date", "Message-ID", "In-Reply-To", "References", "Return-Path", "DKIM-Signature"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
    "Content-Transfer-Encoding",
)
_MESSAGE_ID = re.compile(r"<[^\s<>@]+@\[?([^\s<>@\]]+)\]?>")
_ENCLOSED = re.compile(rb"<([^<>]*)>")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_LONGEST_LINE = 998
_REBUILD = "Build the message again; names and addresses must not hold line breaks."


def _integrity(case: Case) -> Iterator[Reason]:
    message = case.message
    yield from _counts(message)
    yield from _strange_bytes(message)
    yield from _encoded_fields(message)
    for header in message.named("Date")[:1]:
        yield from _date(header, case)
    for header in message.named("Message-ID")[:1]:
        yield from _message_id(header, case)


def _counts(message: Message) -> Iterator[Reason]:
    for name in _ONCE:
        number = len(message.named(name))
        if number != 1:
            found = f"{name} occurs {number} times." if number else f"There is no {name} header."
            yield Reason(found, f"A message needs exactly one {name} header.", name)
    for name in _AT_MOST_ONCE:
        if len(message.named(name)) > 1:
            yield Reason(f"{name} occurs more than once.", f"Keep one {name} header.", name)
    for name in _NEVER:
        for header in message.named(name):
            yield Reason(f"{name}: {header.value}", f"{_REBUILD} Write to one reader only.", name)


def _strange_bytes(message: Message) -> Iterator[Reason]:
    for stray in message.strays:
        text = stray.decode("utf-8", "replace")
        yield Reason(f"Not a header line: {text!r}", _REBUILD, "headers")
    for header in message.headers:
        yield from _strange_header(header)
    if b"\x00" in message.raw:
        yield Reason("The message holds a NUL byte.", _REBUILD, "message")
    longest = _longest_line(message.raw)
    if longest > _LONGEST_LINE:
        fix = "Encode the body as quoted-printable or base64, and fold long headers."
        yield Reason(
            f"A line is {longest} bytes long; {_LONGEST_LINE} are allowed.", fix, "message"
        )


def _longest_line(raw: bytes) -> int:
    """Give the length of the longest line, or some shorter one if all are within the limit.

    It leaps from line end to line end without a copy, since a message may be 50 MB long.
    """
    start = longest = 0
    while start < len(raw):
        end = raw.rfind(b"\n", start, start + _LONGEST_LINE)
        if end < 0:
            end = raw.find(b"\n", start)
            end = end if end >= 0 else len(raw)
            longest = max(longest, end - start - raw.endswith(b"\r", start, end))
        start = end + 1
    return longest


def _strange_header(header: Header) -> Iterator[Reason]:
    unfolded = header.body.strip(b"\r\n")
    if _CONTROL.search(unfolded):
        yield Reason(f"{header.name} holds a control character.", _REBUILD, header.name)
    elif not header.body.isascii():
        fix = f"Encode {header.name} by RFC 2047; many mail servers refuse raw characters."
        severity = Severity.warn if _is_utf8(header.body) else Severity.refuse
        found = f"{header.name} holds characters beyond ASCII: {header.value}"
        yield Reason(found, fix, header.name, severity)


def _is_utf8(data: bytes) -> bool:
    return "\ufffd" not in data.decode("utf-8", "replace")


def _encoded_fields(message: Message) -> Iterator[Reason]:
    for name in _STRUCTURED:
        for header in message.named(name):
            if b"=?" in header.body:
                found = f"{name}: {header.body.decode('utf-8', 'replace').strip()}"
                yield Reason(found, f"Write {name} without encoded words (=?…?=).", name)
    for name in ("From", "To", "Reply-To", "Sender"):
        for header in message.named(name):
            if any(b"=?" in address for address in _ENCLOSED.findall(header.body)):
                found = f"The address in {name} is an encoded word."
                yield Reason(found, "Encode the name only, never the address.", name)


def _date(header: Header, case: Case) -> Iterator[Reason]:
    today = case.candidate.today
    try:
        sent = parsedate_to_datetime(header.value)
    except (ValueError, OverflowError):
        yield Reason(f"Date: {header.value}", "Date must be a date as in RFC 5322.", "Date")
        return
    if abs((_utc(sent).date() - today).days) > 1:
        fix = f"Date must be the day of sending, {today:%Y-%m-%d}, within 24 hours."
        yield Reason(f"Date: {header.value}", fix, "Date")


def _utc(sent: datetime) -> datetime:
    try:
        return sent.replace(tzinfo=sent.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        return sent


def _message_id(header: Header, case: Case) -> Iterator[Reason]:
    match = _MESSAGE_ID.fullmatch(header.value)
    if match is None:
        fix = "Message-ID must be one <unique-part@your-domain>."
        yield Reason(f"Message-ID: {header.value}", fix, "Message-ID")
        return
    domain = match.group(1).lower()
    ours = {case.candidate.sender.from_address.rpartition("@")[2].lower()}
    ours.add(host_of(case.unsubscribe_url or ""))
    is_local = case.candidate.development and is_loopback(domain)
    if not is_local and not any(
        is_within(domain, {own}) or is_within(own, {domain}) for own in ours if own
    ):
        fix = "Use the sender's own domain in Message-ID."
        yield Reason(f"Message-ID is of {domain}.", fix, "Message-ID", Severity.warn)


INTEGRITY = Rule(
    id="R04",
    name="header-integrity",
    title="The headers are broken or ambiguous",
    asks="The headers are whole: one of each, none forged, none left over.",
    severity=Severity.refuse,
    citation="RFC 5322 s2.1.1, s2.2, s3.6; 15 U.S.C. 7704(a)(1), (a)(6)",
    check=_integrity,
)
