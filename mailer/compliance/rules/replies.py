"""Whether somebody who answers is heard: the mailboxes that From and Reply-To name."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from mailer.compliance import grace
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.case import Case
from mailer.compliance.domains import is_within
from mailer.compliance.finding import Severity
from mailer.compliance.mailboxes import Mailbox, first_mailboxes
from mailer.compliance.readiness import Intake, Replies, ReplyMailbox
from mailer.compliance.rule import Reason, Rule

# Where a program answers our letters, one is sent every few days. Where a person has to press a
# link in it, asking her weekly would only teach her not to read it: a quarter of a year is as long
# as a mailbox may go unproven, and the last two weeks of it warn.
_AUTOMATIC = timedelta(days=7)
_BY_HAND = timedelta(days=90)
_REMIND = timedelta(days=14)
_NO_REPLY = re.compile(
    r"(?:do[-_.]?)?no(?:t|n)?[-_.]?repl(?:y|ies)|ne[-_.]?pas[-_.]?repondre|no[-_.]?respond(?:er|a)|"
    r"keine?[-_.]?antwort(?:en)?|nicht[-_.]?antworten|non[-_.]?rispondere|nao[-_.]?respond(?:er|a)|"
    r"(?:nie|ne)[-_.]?odpowiadaj|niet[-_.]?beantwoorden|svara[-_.]?(?:inte|ej)"
)
_LET_IN = "See that `mailer lmtp` runs, or that `mailer letters fetch` can read its mailbox."
_PROVE = "Send the letter from the sender's page, and press the link in it where it arrives."


def _reply_address_works(case: Case) -> Iterator[Reason]:
    senders = first_mailboxes(case.message.named("From"))
    named = [_bare(one, case) for one in first_mailboxes(case.message.named("Reply-To"))]
    yield from _registered(named, case.candidate)
    for mailbox in named or senders:
        yield from _willing(mailbox, case)
    not_here = grace.development(case.candidate, "the mailboxes")
    if not_here:
        yield not_here
        return
    readiness = case.candidate.readiness
    replies = readiness.replies if readiness else None
    if replies is None:
        evidence = "nobody has tried whether answers arrive."
        yield grace.unknown(case.candidate, evidence, _PROVE, "Reply-To")
        return
    yield from _intake(case, replies.intake)
    for mailbox in {m.address.lower(): m for m in (*senders, *named)}.values():
        yield from _mailbox(mailbox, replies, case, is_answered=mailbox in (named or senders))


def _bare(mailbox: Mailbox, case: Case) -> Mailbox:
    """Give a mailbox without this message's own name (RFC 5233), by which its answer is known."""
    local, plus, name = mailbox.local.rpartition("+")
    ids = (
        header.value.strip("<> ").partition("@")[0] for header in case.message.named("Message-ID")
    )
    if not plus or name not in ids:
        return mailbox
    return replace(mailbox, address=f"{local}@{mailbox.address.rpartition('@')[2]}")


def _registered(named: list[Mailbox], candidate: Candidate) -> Iterator[Reason]:
    """Another domain is normal for Reply-To; another party is not."""
    record = candidate.sender
    own = {address.lower() for address in (record.reply_to, record.from_address)}
    domains = (*record.domains, record.from_address.rpartition("@")[2])
    for mailbox in named:
        if mailbox.address.lower() not in own and not is_within(mailbox.domain, domains):
            yield Reason(
                evidence=f"Answers go to {mailbox.address}, which is not registered.",
                fix="Enter this address as the sender's reply address, or take it out.",
                part="Reply-To",
            )


def _willing(mailbox: Mailbox, case: Case) -> Iterator[Reason]:
    """Find an address that says "no reply": it repels those who would leave by answering."""
    if not _NO_REPLY.search(mailbox.local.lower()):
        return
    is_owed = case.unsubscribe_url is None
    yield Reason(
        evidence=f"{mailbox.address} tells readers not to answer"
        + (", and no other way out is given." if is_owed else "."),
        fix="Let answers go to a mailbox that somebody reads.",
        part="Reply-To",
        severity=None if is_owed else Severity.warn,
    )


def _intake(case: Case, intake: Intake | None) -> Iterator[Reason]:
    """Where our mail names a mailbox of ours, its letters must have come in within a day."""
    if intake is None:
        return
    if intake.silent_hours is None:
        evidence = "no letter to the mailbox that our mail names could come in yet."
        yield grace.unknown(case.candidate, evidence, _LET_IN, "List-Unsubscribe")
    elif intake.is_silent:
        hours = f"{intake.silent_hours:.0f} hours"
        why = f": {intake.fault}" if intake.fault else "."
        evidence = f"Letters, opt-outs among them, have not come in for {hours}{why}"
        yield Reason(evidence, _LET_IN, "List-Unsubscribe")


def _mailbox(
    mailbox: Mailbox, replies: Replies, case: Case, *, is_answered: bool
) -> Iterator[Reason]:
    """Judge one address; `is_answered` says that answers go there, not only bounces."""
    part = "Reply-To" if is_answered else "From"
    known = next((m for m in replies.mailboxes if _same(m, mailbox)), None)
    if known is None or known.accepts_mail is None:
        evidence = f"DNS of {mailbox.domain or mailbox.address} has not been looked up."
        fix = "Press “Look again” on the sender's page."
        yield grace.unknown(case.candidate, evidence, fix, part)
    elif not known.accepts_mail:
        evidence = f"{mailbox.domain} takes no mail: it has neither MX nor address record."
        yield Reason(evidence, "Use an address whose domain takes mail.", part)
    if known is not None and is_answered:
        yield from _proven(known, case.candidate, part)


def _proven(known: ReplyMailbox, candidate: Candidate, part: str) -> Iterator[Reason]:
    if known.fault:
        yield Reason(f"{known.address}: {known.fault}", _PROVE, part)
    elif known.answered_on is None:
        evidence = f"no letter to {known.address} has come back yet."
        yield grace.unknown(candidate, evidence, _PROVE, part)
    else:
        yield from _age(known, known.answered_on, candidate.today, part)


def _age(known: ReplyMailbox, last: date, today: date, part: str) -> Iterator[Reason]:
    longest = _AUTOMATIC if known.is_automatic else _BY_HAND
    if last > today:
        yield Reason(f"{known.address} answered on {last}, a later day.", _PROVE, part)
    elif today - last > longest:
        evidence = f"{known.address} last answered a letter on {last}."
        yield Reason(evidence, _PROVE, part)
    elif not known.is_automatic and today - last > longest - _REMIND:
        end = last + longest
        evidence = f"{known.address} last answered on {last}; after {end} this refuses."
        yield Reason(evidence, _PROVE, part, Severity.warn)


def _same(known: ReplyMailbox, mailbox: Mailbox) -> bool:
    return known.address.lower() == mailbox.address.lower()


# Transactional mail and service notices are left out: the letter that proves the mailbox is one,
# and could not leave if it had to be proven first.
REPLY_ADDRESS_WORKS = Rule(
    id="R03",
    name="reply-address-works",
    title="Nobody is known to read the answers",
    asks="The address that readers answer to is a mailbox that takes mail.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(3)(A), (a)(6); Dir. 2002/58/EC art. 13(4)",
    check=_reply_address_works,
    kinds=frozenset({Kind.commercial, Kind.editorial}),
)
