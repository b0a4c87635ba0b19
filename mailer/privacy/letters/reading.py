"""What is this letter? Read from its bytes and its envelope alone; no database, no clock."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailer.privacy.letters import intent, own_words, parts, phrases
from mailer.privacy.letters.intent import Intent
from mailer.privacy.letters.models import Kind
from mailer.privacy.letters.parts import Mail, Unreadable, first
from mailer.privacy.letters.phrases import folded

BROKEN = "It cannot be taken apart. Read it as it came."
ELSE = "It is about something else. Answer it, if it wants an answer."
PROBABLE = "It probably asks for no more mail. That holds already; see whether it says more."
UNCLEAR = "It speaks of unsubscribing, and may mean the contrary."
SILENT = "It says nothing at all. The opt-out holds already, for its address stood in our mail."
ASKS = "An answering machine asks for no more mail. Nothing was done."
UNPROVEN = "A complaint names no copy of ours, only an address."
NOT_OURS = "A complaint of a kind that asks for nothing by itself."
# RFC 5965 section 3.1 and the registry it made: these are the reader's wish not to be mailed.
COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
BULK = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
ANSWERING = ("x-autoreply", "x-autorespond", "x-autoresponse", "x-mail-autoreply")
MACHINES = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
# The name of a copy in the address that was answered: letters+0123…@news.example (RFC 5233).
TAG = re.compile(r"[^@\s]{1,64}\+([0-9a-f]{32})@[^@\s]+", re.IGNORECASE)
# The library's own reading of addresses ends in a recursion without end, if somebody wants it.
ADDRESS = re.compile(r"[^\s<>()\",;:@]{1,64}@[^\s<>()\",;:@]{1,255}")
ANGLED = re.compile(r"<\s?([^\s<>@]{1,64}@[^\s<>@]{1,255})\s?>")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,300}>")
STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
CODE = re.compile(r"\b([245][0-9]{2})\b")
# Where it is told whom a letter was for; relays on the way rewrite the envelope.
DELIVERED = ("delivered-to", "x-original-to", "envelope-to")
TO = (*DELIVERED, "to", "cc")
MOST = 50
# Her wish as a verdict: what the letter is, why a person should look, whether it acts.
VERDICTS = {
    Intent.clear: (Kind.opt_out, "", True),
    Intent.doubtful: (Kind.opt_out, PROBABLE, True),
    Intent.unclear: (Kind.other, UNCLEAR, False),
    Intent.none: (Kind.other, ELSE, False),
}


@dataclass(frozen=True)
class Report:
    """What a bounce tells (RFC 3464): the action, the enhanced status, the SMTP reply's code."""

    action: str
    status: str
    code: int
    text: str


@dataclass(frozen=True)
class Read:
    """A letter that has been read.

    ``names`` are Message-IDs that may be those of our copies, ``tagged`` those that stood in the
    address she answered. ``author`` and ``recipients`` are addresses as written. ``doubt`` is why
    a person should look. ``acts`` is whether somebody is to get no more mail for it.
    """

    kind: Kind
    subject: str
    words: str
    author: str
    recipients: tuple[str, ...]
    names: tuple[str, ...]
    message_id: str
    doubt: str = ""
    acts: bool = False
    report: Report | None = None

    @property
    def mark(self) -> bytes | None:
        """What is the same when the same letter is handed over again; None if nobody can tell."""
        if not self.message_id:
            return None
        told = (self.kind, self.message_id, self.author, self.subject, self.words)
        return hashlib.sha256("\0".join(told).encode("utf-8", "replace")).digest()


def read(raw: bytes, mail_from: str, recipient: str) -> Read:
    """Read a letter; one that cannot be read is a letter too, and a person looks at it."""
    try:
        mail = parts.taken_apart(raw)
        words = own_words.own_words(mail)
    except Unreadable:
        return Read(Kind.other, "", "", mail_from, (recipient,), (), "", BROKEN)
    kind, doubt, acts = judged(mail, words, mail_from, tagged((recipient, *addressed(mail))))
    is_report = kind in {Kind.bounce, Kind.complaint}
    recipients = (recipient, *addressed(mail))
    return Read(
        kind=kind,
        subject=mail.field("subject"),
        words=words,
        author=complained(mail) if kind is Kind.complaint else author(mail, mail_from),
        recipients=recipients,
        names=named(mail, recipients, is_report=is_report),
        message_id=mail.field("message-id")[:300],
        doubt=doubt,
        acts=acts,
        report=delivery_report(mail) if kind is Kind.bounce else None,
    )


def envelope(raw: bytes) -> tuple[str, str]:
    """Return from whom and to whom a letter came, as the last mail server wrote it into the header.

    Where it wrote nothing, the letter is from whom it says; to nobody, for its To is read anyway.
    """
    try:
        mail = parts.taken_apart(raw)
    except Unreadable:
        return "", ""
    told = mail.fields.get("return-path", ())
    named = (mail.fields[name][0] for name in DELIVERED if name in mail.fields)
    return (told[0].strip("<> ") if told else author(mail, "")), next(named, "").strip("<> ")


def judged(mail: Mail, words: str, mail_from: str, tags: tuple[str, ...]) -> tuple[Kind, str, bool]:
    """Return what a letter is, why a person should look, and whether it ends somebody's mail."""
    wish = intent.of(mail.field("subject"), words)
    if mail.report_type == "feedback-report":
        is_wish = first(mail.report, "feedback-type").strip().lower() in COMPLAINTS
        found = (Kind.complaint, "" if is_wish else NOT_OURS, is_wish)
    elif is_bounce(mail, mail_from):
        found = (Kind.bounce, "", False)
    elif is_automatic(mail, words, mail_from, is_asked=bool(tags)):
        wants = intent.of("", words) in {Intent.clear, Intent.doubtful}
        found = (Kind.automatic, ASKS if wants else "", False)
    elif wish is Intent.none and tags and is_silent(mail, words):
        found = (Kind.opt_out, SILENT, True)
    else:
        found = VERDICTS[wish]
    return found


def is_bounce(mail: Mail, mail_from: str) -> bool:
    """Tell whether a mail server reports (RFC 3464), or speaks in words of its own."""
    if mail.report_type == "delivery-status":
        return True
    is_machine = MACHINES.search(mail.field("from")) or "x-failed-recipients" in mail.fields
    return not mail_from and bool(is_machine)


def is_automatic(mail: Mail, words: str, mail_from: str, *, is_asked: bool) -> bool:
    """Tell whether no person wrote this (RFC 3834): by its header, its subject, or its words.

    A mail program that unsubscribes for its user, by the address that our mail names for that,
    says that it made the letter; it answers nothing, and the user asked it to.
    """
    submitted = mail.field("auto-submitted").partition(";")[0].strip().lower()
    if submitted == "auto-generated" and is_asked and mail_from:
        return not intent.is_command(intent.title(mail.field("subject")), "")
    marked = (
        submitted not in {"", "no"}
        or mail.field("precedence").strip().lower() in BULK
        or any(name in mail.fields for name in (*ANSWERING, "list-id", "list-unsubscribe"))
        or mail.field("x-auto-response-suppress").lower() == "all"
        or mail.report_type != ""
        or not mail_from
    )
    if marked or phrases.AUTOMATIC_SUBJECT.search(folded(mail.field("subject"))):
        return True
    return bool(phrases.AUTOMATIC_WORDS.search(folded(words)))


def is_silent(mail: Mail, words: str) -> bool:
    """Tell whether nobody wrote a word, not even by quoting."""
    return not (mail.field("subject").strip() or words or mail.plain.strip() or mail.html.strip())


def author(mail: Mail, mail_from: str) -> str:
    """Return who wrote: the address of From, else that of the envelope."""
    field = mail.field("from")[:1000]
    found = ANGLED.findall(field) or ADDRESS.findall(field)
    return found[-1] if found else mail_from


def complained(mail: Mail) -> str:
    """Return who a complaint says was mailed (RFC 5965 section 3.2)."""
    for name in ("original-rcpt-to", "removal-recipient"):
        found = first(mail.report, name).strip(" <>")
        if "@" in found:
            return found.removeprefix("rfc822;").strip()
    return ""


def addressed(mail: Mail) -> tuple[str, ...]:
    fields = " , ".join(one[:4000] for name in TO for one in mail.fields.get(name, ())[:MOST])
    return tuple(ADDRESS.findall(fields))[:MOST]


def tagged(recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of copies that stand in addresses."""
    found = (TAG.fullmatch(one.strip()) for one in recipients)
    return tuple(dict.fromkeys(one[1] for one in found if one))


def named(mail: Mail, recipients: tuple[str, ...], *, is_report: bool) -> tuple[str, ...]:
    """Return what may be the Message-IDs of copies, the surest first.

    A report is about the message that came with it; the letter that answers a copy names it.
    """
    if is_report:
        return (*message_ids(first(mail.inner, "message-id")), *tagged(recipients))
    answered = [mail.field("in-reply-to"), mail.field("references")]
    others = [one for field in answered for one in message_ids(field)]
    return (*tagged(recipients), *dict.fromkeys(others))


def message_ids(field: str) -> Iterator[str]:
    yield from MESSAGE_ID.findall(field)[-MOST:]


def delivery_report(mail: Mail) -> Report | None:
    """Return what a report tells of the delivery; None when it is in nobody's form."""
    status = STATUS.search(first(mail.report, "status"))
    action = first(mail.report, "action").strip().lower()
    if status is None or not action:
        return None
    text = first(mail.report, "diagnostic-code").partition(";")[2].strip()
    code = CODE.match(text)
    return Report(action, status[0], int(code[1]) if code else 0, text)
