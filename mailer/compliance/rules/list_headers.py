"""What the headers say of the list, and whether the signature stands for them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from mailer.compliance import dkim
from mailer.compliance.case import Case
from mailer.compliance.dkim import Signature
from mailer.compliance.domains import is_aligned
from mailer.compliance.finding import Severity
from mailer.compliance.links import host_of
from mailer.compliance.mailboxes import mailboxes
from mailer.compliance.message import Header
from mailer.compliance.packs import Pack
from mailer.compliance.rule import EVERY_KIND, NOT_TRANSACTIONAL, Reason, Rule

_SIGN = (
    "Sign last, with a key of the From domain, and list From twice and both List-Unsubscribe "
    "headers in h=; Mailer does so once the sender has a DKIM key."
)
_SIGN_LATER = "Nothing to mend while you develop. In production the sender needs a DKIM key."
_LIST_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post")
_PART = "DKIM-Signature"


def _one_click_dkim(case: Case) -> Iterator[Reason]:
    """Give the faults of the best signature: one sound signature is enough."""
    is_listed = bool(case.message.named("List-Unsubscribe-Post"))
    if case.candidate.kind not in NOT_TRANSACTIONAL and not is_listed:
        return
    found = dkim.signatures(case.message)
    if not found:
        if not case.candidate.relay_signs:
            yield _reason("The message bears no DKIM signature.", case)
        return
    judged = [(list(_faults(s, case)), list(_doubts(s, case))) for s in found]
    faults, doubts = min(judged, key=lambda pair: (len(pair[0]), len(pair[1])))
    if faults and case.candidate.relay_signs:
        return
    yield from (_reason(fault, case) for fault in faults)
    if not faults:
        yield from (Reason(doubt, _SIGN, _PART, Severity.warn) for doubt in doubts)


def _reason(evidence: str, case: Case) -> Reason:
    if case.candidate.development:
        return Reason(f"Not judged here: {evidence}", _SIGN_LATER, _PART, Severity.note)
    return Reason(evidence, _SIGN, _PART)


def _faults(signature: Signature, case: Case) -> Iterator[str]:
    """Why receivers will not offer one click because of this signature."""
    which = f"The signature of {signature.domain or 'nobody'}"
    if signature.fault:
        yield f"{which} cannot be used: {signature.fault}."
        return
    senders = [m.domain for h in case.message.named("From") for m in mailboxes(h)]
    if not any(is_aligned(signature.domain, domain) for domain in senders):
        yield f"{which} is not of the From domain {', '.join(senders)}."
    for name in _LIST_HEADERS:
        if case.message.named(name) and not signature.covers(case.message, name):
            yield f"{which} does not cover {name}: h={signature.tags['h']}"
    if not signature.covers(case.message, "From"):
        yield f"{which} does not cover From."
    if "l" in signature.tags:
        yield f"{which} covers only a part of the body: l={signature.tags['l']}"
    midnight = datetime.combine(case.candidate.today, datetime.min.time(), UTC).timestamp()
    if signature.expiry is not None and signature.expiry < midnight:
        yield f"{which} has expired: x={signature.expiry}"


def _doubts(signature: Signature, case: Case) -> Iterator[str]:
    if signature.covered["from"] <= len(case.message.named("From")):
        yield f"The signature of {signature.domain} would survive a second From: h= names it once."


_LIST_ID = re.compile(r"[^<>]*<\s*([^\s<>]+)\s*>\s*")
_LONGEST_ID = 255
_LEAST_UNIQUE = 8
# What belongs to one campaign only: a day, a number, a word for "issue".
_PASSING = re.compile(
    r"(?<!\d)20\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])(?!\d)|"
    r"(?:campaign|kampagne|campagne|campana|issue|ausgabe|mailing|blast|send|job)[-_.]?\d+"
)
_FEEDBACK_ID = re.compile(r"(?:[^:]*:){0,3}[^:\s]{1,127}")


def _list_identity(case: Case) -> Iterator[Reason]:
    found = case.message.named("List-Id")
    if not found:
        fix = "Give each list an identity that stays: List-Id: <news.your-domain>."
        yield Reason("There is no List-Id header.", fix, "List-Id")
    for header in found[:1]:
        yield from _list_id(header, case)
    for name in ("List-Help", "List-Owner", "List-Subscribe", "List-Archive", "List-Post"):
        for header in case.message.named(name):
            if not header.uris() and header.value.upper() != "NO":
                fix = f"Write {name} as <mailto:…> or <https://…>, or leave it out."
                yield Reason(f"{name}: {header.value}", fix, name)
    yield from _marks(case)


def _list_id(header: Header, case: Case) -> Iterator[Reason]:
    part, match = header.name, _LIST_ID.fullmatch(header.body.decode("utf-8", "replace"))
    identity = match.group(1).lower() if match else ""
    if "." not in identity or len(identity) > _LONGEST_ID or "=?" in identity or "@" in identity:
        fix = "Write it as List-Id: Name of the list <label.your-domain>."
        yield Reason(f"List-Id: {header.value}", fix, part)
        return
    known = (case.candidate.list_id or "").strip("<> ").lower()
    if known and identity != known:
        found = f"List-Id is <{identity}>, but this list has been <{known}> so far."
        yield Reason(found, "Keep the List-Id of a list the same for every campaign.", part)
    passing = None if known else _PASSING.search(identity)
    if passing or (not known and _is_own_of_message(identity, case)):
        what = passing.group() if passing else "the message's own number"
        found = f"List-Id <{identity}> holds {what}, so that it changes with each campaign."
        yield Reason(found, "Name the list in List-Id, not the campaign.", part)
    hosts = (
        case.candidate.sender.from_address.rpartition("@")[2],
        host_of(case.unsubscribe_url or ""),
    )
    if not any(is_aligned(identity, host) for host in hosts):
        fix = "Let List-Id end with a domain of your own."
        yield Reason(f"List-Id <{identity}> is of no domain of the sender.", fix, part)


def _is_own_of_message(identity: str, case: Case) -> bool:
    left = [
        h.value.strip("<> ").partition("@")[0].lower() for h in case.message.named("Message-ID")
    ]
    return any(len(one) >= _LEAST_UNIQUE and one in identity for one in left)


def _marks(case: Case) -> Iterator[Reason]:
    """Headers that would make a campaign look like an automatic reply, or feed no report."""
    for header in case.message.named("Auto-Submitted"):
        if header.value.lower().partition(";")[0].strip() == "auto-replied":
            fix = "Leave Auto-Submitted out of a campaign; it marks answers by machines."
            yield Reason(f"Auto-Submitted: {header.value}", fix, header.name)
    for header in case.message.named("Feedback-ID"):
        if not _FEEDBACK_ID.fullmatch(header.value):
            fix = "Write Feedback-ID as up to four parts, a:b:c:sender, the last one never empty."
            yield Reason(f"Feedback-ID: {header.value}", fix, header.name)


ONE_CLICK_DKIM = Rule(
    id="R41",
    name="one-click-dkim",
    title="The signature does not cover the one-click headers",
    asks="The signature covers the headers for unsubscribing with one press.",
    severity=Severity.refuse,
    citation="RFC 8058 s4; RFC 6376 s3.5, s5.4",
    check=_one_click_dkim,
    kinds=EVERY_KIND,
)
LIST_IDENTITY = Rule(
    id="R43",
    name="list-identity",
    title="The list does not keep one identity",
    asks="Each list keeps one name that mail programs can rely on.",
    severity=Severity.warn,
    citation="RFC 2919; RFC 2369; RFC 3834",
    check=_list_identity,
    kinds=NOT_TRANSACTIONAL,
    packs=frozenset({Pack.bulk}),
)
