"""The privacy policy: each of its facts read from the setting that the code itself obeys."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import lists, senders
from mailer.audience.models import MailingList, Sender
from mailer.audience.segments import fields
from mailer.audience.words import ListStatus, Optin
from mailer.compliance.readiness import Transfer
from mailer.delivery.processors import register
from mailer.delivery.processors.models import Role
from mailer.privacy.policy import periods
from mailer.privacy.policy.cookies import COOKIES
from mailer.privacy.policy.document import Link, Paragraph, Points, Section, Table
from mailer.privacy.policy.settings import Settings

ROLES = {
    Role.processor: "on our instructions alone",
    Role.joint: "together with us",
    Role.controller: "by its own decision",
}
BASES = {
    Transfer.none: "none",
    Transfer.domestic: "the data stays in the country",
    Transfer.adequacy: "adequacy decision (Art. 45 GDPR)",
    Transfer.dpf: "Data Privacy Framework",
    Transfer.scc: "standard contractual clauses (Art. 46 GDPR)",
}
OPT_INS = {
    Optin.double: "after you confirmed by a link in a mail",
    Optin.single: "after you sent the form",
}
BASIS = (
    "We send you newsletters by your consent (Art. 6(1)(a) GDPR), keep the proof of it because we "
    "must be able to show it (Art. 6(1)(c), 7(1) GDPR), and keep to your refusals (Art. 6(1)(c) "
    "and (f) GDPR)."
)
SOLD = "We do not sell your data or trade with it. Besides those above, only the law may oblige us."
RIGHTS = (
    "get a copy of your data, also in a form for another service (Art. 15, 20 GDPR);",
    "have wrong data corrected (Art. 16 GDPR);",
    "have your data erased (Art. 17 GDPR), or only kept and not used (Art. 18 GDPR);",
    "object, and take back your consent at any time (Art. 21, 7(3) GDPR);",
    "complain to us, and to the data protection authority where you live or work (Art. 77 GDPR).",
)
LEAVING = (
    "The unsubscribe link at the end of each mail; many mail programs show it as a button.",
    "A mail to the address that the newsletter came from, in your own words.",
)
NOT_TRACKED = (
    "We count neither who opens our mails nor who clicks in them: the program that sends them has "
    "no means to. We make no profile of you, and no decision about you is left to a machine "
    "(Art. 22 GDPR)."
)
CHILDREN = (
    "Our newsletters are not for children under 13, and we take nobody in of whom we know that "
    "she is younger (15 U.S.C. 6501)."
)


AGREED = (
    "Which newsletters you take, and what you agreed to: the text that you saw, when, and the "
    "network address and browser that it came from."
)


def sections(session: Session, settings: Settings) -> tuple[Section, ...]:
    """Return the facts of the policy, section by section."""
    active = active_lists(session)
    return (
        Section("controllers", "Who answers for your data", tuple(controllers(session))),
        Section("data", "What we keep of you", (data(session, active),)),
        Section("purposes", "What we use it for", tuple(purposes(active))),
        Section("recipients", "Who else gets it", tuple(recipients(session, settings))),
        Section("periods", "How long we keep it", (kept(session),)),
        Section("leaving", "How you leave", tuple(leaving(settings))),
        Section("rights", "Your rights", tuple(rights(settings))),
        Section("tracking", "What we do not do", (Paragraph(NOT_TRACKED),)),
        Section("cookies", "Cookies", tuple(cookies(settings))),
        Section("children", "Children", tuple(children(active))),
    )


def active_lists(session: Session) -> Sequence[MailingList]:
    chosen = sa.select(MailingList).where(MailingList.status == ListStatus.active)
    return session.scalars(chosen.order_by(MailingList.name, MailingList.id)).all()


def controllers(session: Session) -> Iterator[Points | Paragraph]:
    """Give each sender with its address and how to reach it (Art. 13(1)(a) GDPR)."""
    found = senders.index(session)
    if found:
        yield Points(tuple(controller(sender) for sender in found))
    else:
        yield Paragraph("No sender is set up yet, and nobody is mailed.")


def controller(sender: Sender) -> str:
    reached = ", ".join(filter(None, (sender.reply_to, sender.phone, sender.website)))
    return f"{sender.legal_name}, {senders.postal_line(sender)}. Reach us at {reached}."


def data(session: Session, active: Sequence[MailingList]) -> Points:
    asked = ", ".join(field.label for field in fields.asked(session, active))
    return Points(
        (
            "Your e-mail address, and your name if you give it.",
            *((f"What our forms ask for, if you answer: {asked}.",) if asked else ()),
            AGREED,
            "Which mails were sent to you, and whether your mail provider took them.",
            "What you write to us, and what you ask of us about your data.",
        )
    )


def purposes(active: Sequence[MailingList]) -> Iterator[Table | Paragraph]:
    if active:
        rows = tuple(purpose(one) for one in active)
        columns = ("Newsletter", "What comes", "From", "You are on it")
        yield Table("Newsletters", columns, rows)
    yield Paragraph(BASIS)


def purpose(one: MailingList) -> tuple[str, ...]:
    return one.name, one.description, one.sender.legal_name, OPT_INS[one.optin]


def recipients(session: Session, settings: Settings) -> Iterator[Table | Paragraph]:
    """Give whoever gets the data (Art. 13(1)(e), (f) GDPR)."""
    found = register.entries(session, settings.relays)
    if found:
        columns = ("Who", "What for", "Country", "Who decides", "Basis of the transfer")
        yield Table("Recipients", columns, tuple(recipient(one) for one in found))
    else:
        yield Paragraph("No other firm gets it from us.")
    yield Paragraph("Your own mail provider gets the mails that it takes in for you.")
    yield Paragraph(SOLD)


def recipient(one: register.Entry) -> tuple[str, ...]:
    who = one.legal_entity or one.name
    return who, one.services, one.country, ROLES[one.role], BASES[one.transfer]


def kept(session: Session) -> Table:
    rows = tuple((one.what, one.how_long) for one in periods.in_force(session))
    return Table("Periods", ("What", "How long"), rows)


def leaving(settings: Settings) -> Iterator[Points | Link | Paragraph]:
    yield Points(LEAVING)
    yield Link(
        "Your own page, by a link that we mail to you:", f"{settings.public_url}/preferences"
    )
    yield Paragraph("It holds at once, for mails that are being sent as well. Nobody asks why.")


def rights(settings: Settings) -> Iterator[Points | Link | Paragraph]:
    yield Paragraph("You may:")
    yield Points(RIGHTS)
    yield Link("Do it here, or write to us:", f"{settings.public_url}/your-data")
    yield Paragraph(
        f"We answer within {settings.desk.days} days, and within one month where the GDPR holds "
        "(Art. 12(3)). Objections and withdrawals hold at once. It costs you nothing. To protect "
        "you from strangers we hand out and change data only by a link to your mailbox."
    )


def cookies(settings: Settings) -> Iterator[Paragraph | Link]:
    names = " and ".join(one.name for one in COOKIES)
    yield Paragraph(f"Readers get none. Staff who sign in get {names}.")
    yield Link("More about them:", f"{settings.public_url}/cookies")


def children(active: Sequence[MailingList]) -> Iterator[Paragraph | Points]:
    yield Paragraph(CHILDREN)
    stated = [(one.name, lists.age_statement(one)) for one in active if one.least_age]
    if stated:
        yield Points(tuple(f"“{name}” asks you to state: {words}" for name, words in stated))
