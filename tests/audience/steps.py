"""What readers do, in one line each."""

from datetime import datetime

from sqlalchemy.orm import Session

from mailer.audience import addresses, standing, subscriptions
from mailer.audience.consent import Evidence
from mailer.audience.enrolment import Person
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.subscriptions import OptOut
from mailer.audience.words import ConsentMethod
from mailer.links import Site

PROOF = Evidence(shown="Yes, send me the letters", page="/subscribe/letters", ip="192.0.2.7")


def person(text: str, name: str = "") -> Person:
    return Person(addresses.parsed(text), name)


class Reader:
    """One address, and what its owner does at the times she is given."""

    def __init__(self, session: Session, site: Site, address: str = "rosa@example.org") -> None:
        self.session = session
        self.site = site
        self.address = address

    def signs_up(self, now: datetime, on: MailingList, name: str = "") -> int | None:
        who = person(self.address, name)
        return subscriptions.sign_up(self.session, now, self.site.keys, on, who, PROOF)

    def confirms(self, now: datetime, on: MailingList) -> Subscription:
        row = self.place(on)
        return subscriptions.confirm(self.session, now, row.id, row.confirmation_serial, PROOF)

    def leaves(self, now: datetime, opt_out: OptOut) -> int | None:
        method = ConsentMethod.link
        return subscriptions.unsubscribe(self.session, now, opt_out, method, PROOF)

    @property
    def row(self) -> Subscriber:
        return self.session.query(Subscriber).filter_by(email=self.address).one()

    def place(self, on: MailingList) -> Subscription:
        query = self.session.query(Subscription)
        return query.filter_by(subscriber_id=self.row.id, list_id=on.id).one()

    def refusal(self, on: MailingList) -> str:
        """Return the one truth about whether she may be mailed."""
        self.session.flush()
        query = self.session.query(standing.refusal()).select_from(Subscriber)
        query = query.join(Subscription).join(MailingList)
        found = query.filter(Subscriber.id == self.row.id, MailingList.id == on.id).scalar()
        return str(found)
