"""How the subject is written: no pretended replies, no disguise, no merge marks left unfilled."""

import re
import unicodedata
from collections.abc import Iterator

from mailer.compliance import disguise, merge, phrases
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.rule import Reason, Rule
from mailer.compliance.scripts import skeleton
from mailer.compliance.words import plain

# The colon, and what looks like one (UTS 39).
_COLONS = (
    ":\u02d0\u02f8\u0589\u05c3\u0703\u0704\u0903\u0a83\u16ec\u1803\u1809\u205a\u2236\ua4fd\ua789"
)
_MARKS = "|".join(sorted(map(re.escape, map(plain, phrases.REPLY_MARKS)), key=len, reverse=True))
_LATIN_MARKS = "|".join(skeleton(mark) for mark in phrases.REPLY_MARKS if mark.isascii())
# What a gateway puts before a subject: "[EXT]", "【外部】".
_TAGS = r"(?:(?<=[\[({【])[^\])}】]{1,40}+[\])}】]\W*+){0,3}"
_COUNT = r"\s*+(?:\^?\d++|[\[(]\s*+\d++\s*+[\])])?\s*+"
_REPLY = re.compile(rf"^\W*+{_TAGS}(?:{_MARKS}){_COUNT}[{_COLONS}]")
# The same in letters of other kinds that pass for "re", "fw", "aw" and their like.
_IMITATION = re.compile(rf"^\W*+{_TAGS}(?:{_LATIN_MARKS}){_COUNT}[{_COLONS}]")
_LONGEST = 1000
_LEAST_LETTERS = 8
_MOST_CAPITALS = 0.7
_SHOUT = re.compile("(?:[!\u2755\u2757]\ufe0f?[ ?]?){3}")
_HUMAN_HEADERS = ("Subject", "From", "To", "Reply-To", "Sender", "List-Id", "List-Unsubscribe")


def _fake_reply(case: Case) -> Iterator[Reason]:
    for header in case.message.named("Subject"):
        subject = header.value[:_LONGEST]
        if _is_reply(subject) and not _is_brand(subject, case):
            yield Reason(
                evidence=f"Subject: {header.value}",
                fix="Take the reply or forward mark off the beginning of the subject; if it is "
                "part of a name, enter this as a trade name of the sender.",
                part="Subject",
            )


def _is_reply(subject: str) -> bool:
    return bool(_REPLY.match(plain(subject)) or _IMITATION.match(skeleton(subject)))


def _is_brand(subject: str, case: Case) -> bool:
    """Tell whether a brand of the sender looks like a reply mark: "Re:Mix opens in May"."""
    sender, shown = case.candidate.sender, plain(subject)
    names = [plain(n) for n in (sender.legal_name, *sender.trade_names) if _is_reply(n)]
    return any(shown.startswith(n) and not shown[len(n) : len(n) + 1].isalnum() for n in names)


def _unresolved(case: Case) -> Iterator[Reason]:
    for name in _HUMAN_HEADERS:
        for header in case.message.named(name):
            yield from _reasons(merge.marks(header.value), name)
    code = " ".join(surface.code for surface in case.surfaces)
    for surface in case.surfaces:
        found = (mark for mark in merge.marks(surface.prose) if not merge.is_quoted(mark, code))
        yield from _reasons(found, surface.label)
        for address in dict.fromkeys(surface.addresses):
            yield from _reasons(merge.marks_in_address(address), f"{surface.label}, link")


def _obfuscation(case: Case) -> Iterator[Reason]:
    for header in case.message.named("Subject"):
        for oddity in disguise.oddities(header.value):
            yield Reason(
                evidence=f"Subject: {oddity}: {header.value}",
                fix="Type the subject anew in ordinary letters; text pasted from elsewhere may "
                "hold characters that nobody sees.",
                part="Subject",
            )
        yield from _loudness(_own_words(header.value, case))


def _own_words(subject: str, case: Case) -> str:
    """Give the subject without the capitals that 16 CFR 316.4 prescribes."""
    return subject.removeprefix(phrases.ADULT_LABEL) if case.candidate.adult else subject


def _loudness(subject: str) -> Iterator[Reason]:
    """Capitals and exclamation marks break no law, but filters and readers hold them against it."""
    upper, lower = sum(map(str.isupper, subject)), sum(map(str.islower, subject))
    faults = []
    if upper + lower >= _LEAST_LETTERS and upper > _MOST_CAPITALS * (upper + lower):
        faults.append((f"{upper} of {upper + lower} letters are capitals", "Use small letters."))
    if _SHOUT.search(unicodedata.normalize("NFKC", subject)):
        faults.append(("three or more exclamation marks", "Take the exclamation marks out."))
    for fault, fix in faults:
        yield Reason(f"Subject: {fault}: {subject}", fix, "Subject", Severity.warn)


def _reasons(marks: Iterator[str], part: str) -> Iterator[Reason]:
    for mark in marks:
        yield Reason(
            evidence=f"{part}: {mark}",
            fix=(
                "Replace the placeholder by one that exists, give it a default for readers "
                "without that detail, or put a code sample into <code>."
            ),
            part=part,
        )


FAKE_REPLY = Rule(
    id="R06",
    name="subject-fake-reply",
    title="The subject pretends to be a reply or a forwarded message",
    asks="The subject looks like a reply or a forwarded mail only if it is one.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(2); 16 CFR 316.3",
    check=_fake_reply,
)
OBFUSCATION = Rule(
    id="R10",
    name="subject-obfuscation",
    title="The subject is disguised by odd characters",
    asks="The subject uses no disguised letters or invisible characters.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(2), (a)(6)",
    check=_obfuscation,
)
UNRESOLVED_MERGE = Rule(
    id="R11",
    name="unresolved-merge",
    title="A placeholder was not filled in",
    asks="No merge mark is left unfilled.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(2), (a)(5)",
    check=_unresolved,
)
