"""Who may be written to."""

from collections.abc import Iterator

from mailer.compliance import duties, wireless
from mailer.compliance.candidate import Kind
from mailer.compliance.case import Case
from mailer.compliance.domains import is_within
from mailer.compliance.finding import Severity
from mailer.compliance.mailboxes import Mailbox, mailboxes
from mailer.compliance.packs import Pack
from mailer.compliance.purpose import is_promoting
from mailer.compliance.rule import Reason, Rule


def readers(case: Case) -> tuple[Mailbox, ...]:
    """Give the mailboxes written to: the one given, else those of the To header."""
    given = case.candidate.recipient.address
    if given:
        return (Mailbox("", given.strip()),)
    return tuple(mailbox for h in case.message.named("To") for mailbox in mailboxes(h))


def _opted_out(case: Case) -> Iterator[Reason]:
    if case.candidate.standing is not None:
        yield Reason(
            evidence=f"This reader must not be mailed: {case.candidate.standing}.",
            fix="Nothing to mend: leave this reader out. Only the reader can undo an opt-out.",
            part="recipient",
        )


def _wireless(case: Case) -> Iterator[Reason]:
    """Any advertising bans the mail; a transactional message without any may go."""
    candidate = case.candidate
    listed = (*wireless.DOMAINS, *candidate.wireless_domains)
    found = [mailbox for mailbox in readers(case) if is_within(mailbox.domain, listed)]
    if not found or candidate.recipient.allows_wireless:
        return
    if candidate.kind is Kind.transactional and not is_promoting(case):
        return
    for mailbox in found:
        yield Reason(
            evidence=f"{mailbox.address} is a telephone: {mailbox.domain} is on the FCC's list.",
            fix="Leave this reader out, or record her express prior authorisation first.",
            part="recipient",
        )


def _role_and_trap(case: Case) -> Iterator[Reason]:
    fix = "Leave this address out, or ask for the address of a person."
    for mailbox in readers(case):
        if duties.is_duty(mailbox.local):
            found = f"{mailbox.address} is a mailbox for duties, not of a person who subscribed."
            yield Reason(found, fix, "recipient")
        elif duties.is_shared(mailbox.local) and case.candidate.recipient.is_confirmed is False:
            found = f"{mailbox.address} is shared by several people, and nobody confirmed it."
            yield Reason(
                found, "Ask for confirmation by email before you write to it.", "recipient"
            )
        if is_within(mailbox.domain, duties.DISPOSABLE):
            found = f"{mailbox.address} is of a service for throw-away addresses."
            yield Reason(found, fix, "recipient")


OPTED_OUT = Rule(
    id="R28",
    name="opted-out",
    title="The reader has opted out or may not be mailed",
    asks="Whoever opted out gets nothing more.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(4)(A); GDPR art. 21(3)",
    check=_opted_out,
)
WIRELESS_DOMAIN = Rule(
    id="R35",
    name="wireless-domain",
    title="The address is a telephone that may not be sent advertising",
    asks="No advertising goes to a telephone's mail address without the owner's leave.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7712; 47 CFR 64.3100",
    check=_wireless,
    packs=frozenset({Pack.can_spam}),
)
ROLE_AND_TRAP = Rule(
    id="R38",
    name="role-and-trap",
    title="The address is not that of a person who subscribed",
    asks="No mail goes to mailboxes of duties or of throw-away services.",
    severity=Severity.warn,
    citation="15 U.S.C. 7704(b)(1); RFC 2142; Gmail and Yahoo sender requirements",
    check=_role_and_trap,
    packs=frozenset({Pack.can_spam, Pack.bulk}),
)
