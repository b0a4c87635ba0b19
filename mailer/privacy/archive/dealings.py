"""What a person and we had to do with each other beside the mailings, for the answer to her."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import addresses, former
from mailer.audience.address_models import AddressChange, AddressLetter
from mailer.audience.addresses import Address
from mailer.audience.imports.models import Import
from mailer.audience.joining import limits
from mailer.audience.joining.models import AskedMail, SignUp
from mailer.audience.models import Subscriber, Subscription
from mailer.audience.receipts.receipt import OTHERS
from mailer.privacy.archive.models import Archive
from mailer.privacy.letters.models import Letter
from mailer.privacy.names import Names
from mailer.privacy.requests.models import Challenge, Notice, Recipient, Request
from mailer.tokens import Keys

Rows = list[tuple[object, ...]]

ABOUT = {
    None: "the link to your own page",
    limits.ABOUT_ADDRESS: "another address for your mail",
    limits.ABOUT_DATA: "the link to your data",
}


def requests_of(session: Session, subscriber: Subscriber) -> Rows:
    """Return what she asked of us; who of the staff answered is somebody else's data."""
    mine = former.own(session, subscriber, Request.address_key, Request.received_at)
    return [
        (
            one.id,
            one.kind,
            " and ".join(one.laws),
            one.channel,
            one.agent,
            one.home,
            one.received_at,
            one.confirmed_at,
            one.identified_at,
            one.identified_by,
            one.due_at,
            one.citation,
            one.extended_at,
            one.paused_at,
            one.state,
            one.outcome,
            one.closed_at,
            one.email,
            one.wish,
            one.answer,
            one.evidence,
        )
        for one in session.scalars(sa.select(Request).where(mine).order_by(Request.id))
    ]


def request_mails_of(session: Session, subscriber: Subscriber) -> Rows:
    columns = (
        *(Notice.request_id, Notice.about, Notice.way, Notice.at),
        *(Notice.told_at, Notice.email, Notice.words),
    )
    return beside_requests(session, subscriber, Notice, columns)


def recipients_of(session: Session, subscriber: Subscriber) -> Rows:
    columns = (Recipient.request_id, Recipient.name, Recipient.told_at)
    return beside_requests(session, subscriber, Recipient, columns)


def beside_requests(
    session: Session,
    subscriber: Subscriber,
    model: type[Notice | Recipient],
    columns: tuple[Any, ...],
) -> Rows:
    """Return what stands beside her requests."""
    mine = former.own(session, subscriber, Request.address_key, Request.received_at)
    chosen = sa.select(*columns).join(Request, Request.id == model.request_id).where(mine)
    return [tuple(one) for one in session.execute(chosen.order_by(model.id))]


def links_of(session: Session, subscriber: Subscriber) -> Rows:
    mine = former.own(session, subscriber, Challenge.address_key, Challenge.at)
    columns = (
        *(Challenge.at, Challenge.kind, Challenge.home),
        *(Challenge.expires_at, Challenge.used_at),
    )
    found = session.execute(sa.select(*columns).where(mine).order_by(Challenge.id))
    return [tuple(one) for one in found]


def archives_of(session: Session, subscriber: Subscriber) -> Rows:
    columns = (
        *(Archive.asked_at, Archive.made_at, Archive.mailed_at),
        *(Archive.expires_at, Archive.downloaded_at),
    )
    mine = sa.select(*columns).where(Archive.subscriber_id == subscriber.id)
    return [tuple(one) for one in session.execute(mine.order_by(Archive.id))]


def forms_of(session: Session, subscriber: Subscriber, names: Names) -> Rows:
    """Return what she has sent by a form and nobody has taken up yet."""
    mine = former.own(session, subscriber, SignUp.address_key, SignUp.at)
    found = session.scalars(sa.select(SignUp).where(mine).order_by(SignUp.id))
    return [(one.at, names.lists.get(one.list_id, ""), without_others(one.given)) for one in found]


def mails_asked_of(session: Session, keys: Keys, subscriber: Subscriber, names: Names) -> Rows:
    """Return which mails somebody had us send to her mailbox within the last week."""
    address = Address(subscriber.email, addresses.folded(subscriber.email))
    mine = AskedMail.mailbox_key.in_(limits.mailbox_keys(keys, address))
    found = session.scalars(sa.select(AskedMail).where(mine).order_by(AskedMail.id))
    return [
        (one.at, ABOUT.get(one.list_id, f"joining {names.lists.get(one.list_id, 'a list')}"))
        for one in found
    ]


def address_letters_of(session: Session, subscriber: Subscriber) -> Rows:
    found = session.execute(
        sa.select(AddressLetter, AddressChange.asked_at)
        .join(AddressChange, AddressChange.id == AddressLetter.change_id)
        .where(AddressChange.subscriber_id == subscriber.id)
        .order_by(AddressLetter.id)
    )
    return [
        (at, one.side, one.message_id, one.pressed_at, without_others(one.given))
        for one, at in found
    ]


def imports_of(session: Session, subscriber: Subscriber) -> Rows:
    """Return the files that brought her here, or onto a list."""
    numbers = sa.select(Subscription.import_id).where(
        Subscription.subscriber_id == subscriber.id, Subscription.import_id.is_not(None)
    )
    own = [*session.scalars(numbers), subscriber.import_id]
    chosen = sa.select(Import).where(Import.id.in_([one for one in own if one is not None]))
    return [
        (one.created_at, one.filename, one.basis, one.provenance, one.evidence, one.began_on)
        for one in session.scalars(chosen.order_by(Import.id))
    ]


def letters_of(session: Session, subscriber: Subscriber) -> Sequence[Letter]:
    """Return the letters that a person wrote; one that another wrote about her is the other's."""
    mine = former.own(session, subscriber, Letter.from_key, Letter.received_at)
    return session.scalars(sa.select(Letter).where(mine).order_by(Letter.id)).all()


def told(letter: Letter) -> tuple[object, ...]:
    return (
        letter.received_at,
        letter.mail_from,
        letter.recipient,
        letter.kind,
        letter.acted_at,
        letter.answered_at,
        letter.answer,
        f"letters/{letter.id}.eml",
    )


def without_others(given: dict[str, object] | dict[str, str] | None) -> dict[str, object] | None:
    """Return evidence without who of the staff acted (Art. 15(4) GDPR)."""
    return None if given is None else {key: one for key, one in given.items() if key not in OTHERS}
