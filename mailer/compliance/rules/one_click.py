"""The list headers by which mail programs offer to unsubscribe with one click."""

import re
from collections.abc import Iterator

from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.links import differences, host_of, is_loopback
from mailer.compliance.message import Header, Message
from mailer.compliance.rule import NOT_TRANSACTIONAL, Reason, Rule

_PRESS = "Send it through Mailer, or have the sending system add both headers as RFC 8058 asks."
_POST_VALUE = b"List-Unsubscribe=One-Click"
_SAFE_URI = 76
_BLANK = re.compile(rb"\s")
_ENCLOSED = re.compile(rb"<([^<>]*)>")
_LISTED = re.compile(rb"<[^<>]*+>(?:\s*+,\s*+<[^<>]*+>)*+")


def _one_click(case: Case) -> Iterator[Reason]:
    yield from _post(case.message)
    listed = case.message.named("List-Unsubscribe")
    if len(listed) != 1:
        number = f"occurs {len(listed)} times" if listed else "is missing"
        yield Reason(f"List-Unsubscribe {number}.", _PRESS, "List-Unsubscribe")
        return
    yield from _uris(listed[0], case)
    yield from _form(listed[0])


def _post(message: Message) -> Iterator[Reason]:
    name = "List-Unsubscribe-Post"
    found = message.named(name)
    if len(found) != 1:
        number = f"occurs {len(found)} times" if found else "is missing"
        yield Reason(f"{name} {number}.", _PRESS, name)
    elif found[0].body.strip(b" \t") != _POST_VALUE:
        fix = "Its value must be exactly List-Unsubscribe=One-Click."
        yield Reason(f"{name}: {found[0].value}", fix, name)


def _uris(header: Header, case: Case) -> Iterator[Reason]:
    part = header.name
    uris = header.uris()
    web = [uri for uri in uris if not uri.lower().startswith("mailto:")]
    if len(web) != 1:
        found = f"List-Unsubscribe names {len(web)} web addresses: {header.value}"
        yield Reason(found, "It must name one https address, and may name a mailto one.", part)
        return
    if not web[0].startswith("https://"):
        yield _scheme_reason(web[0], case)
    if case.unsubscribe_url is not None and web[0] != case.unsubscribe_url:
        how = differences(web[0], case.unsubscribe_url)
        found = f"{web[0]} instead of {case.unsubscribe_url} ({how})"
        yield Reason(found, "The header must carry this reader's own unsubscribe link.", part)


def _scheme_reason(uri: str, case: Case) -> Reason:
    is_excused = (
        case.candidate.development and uri.startswith("http://") and is_loopback(host_of(uri))
    )
    if is_excused:
        return Reason(
            f"Not judged here: on this machine the link is <{uri}>; others need https.",
            "Nothing to mend while you develop. In production the public address must be https.",
            "List-Unsubscribe",
            Severity.note,
        )
    return Reason(
        f"List-Unsubscribe: <{uri}>",
        "One-click needs https; set the public address of this server to an https one.",
        "List-Unsubscribe",
    )


def _form(header: Header) -> Iterator[Reason]:
    body, part = header.body.strip(b" \t\r\n"), header.name
    shown = body.decode("utf-8", "replace")
    uris = _ENCLOSED.findall(body)
    if not _LISTED.fullmatch(body):
        fix = "Only addresses in <…>, separated by commas, may stand in this header."
        yield Reason(f"List-Unsubscribe: {shown}", fix, part)
    elif any(map(_BLANK.search, uris)) or b"=?" in body:
        fix = "The address must be in one piece: neither folded inside nor encoded (=?…?=)."
        yield Reason(f"List-Unsubscribe: {shown}", fix, part)
    elif header.is_folded and max(map(len, uris)) > _SAFE_URI:
        fix = f"Shorten the link to {_SAFE_URI} characters, or write the header on one line."
        found = f"An address of {max(map(len, uris))} characters in a folded header."
        yield Reason(found, fix, part, Severity.warn)


ONE_CLICK_HEADERS = Rule(
    id="R40",
    name="one-click-headers",
    title="One-click unsubscription is not offered as mailbox providers demand",
    asks="Mail programs can unsubscribe the reader with one press, as RFC 8058 says.",
    severity=Severity.refuse,
    citation="RFC 8058 s3.1; RFC 2369; Gmail and Yahoo sender requirements",
    check=_one_click,
    kinds=NOT_TRANSACTIONAL,
)
