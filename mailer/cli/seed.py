"""Made-up data for development: enough to live the whole product within a minute."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit, users
from mailer.accounts.models import User
from mailer.audience import addresses, consent, enrolment, lists, senders
from mailer.audience.consent import Decision, Evidence
from mailer.audience.enrolment import Person
from mailer.audience.models import MailingList, Sender
from mailer.audience.words import ConsentAction, ConsentMethod
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.links import Site

OWNER = "owner@example.com"
ACTOR = "development data"
BASIS = "made-up readers of the development data"
SENDER = senders.Details(
    legal_name="Juniper Lane Seed Company",
    from_name="Juniper Lane Seeds",
    from_address="letters@juniperlane.example.com",
    reply_to="office@juniperlane.example.com",
    address_lines="1128 Water Street, Suite 4",
    city="Port Townsend",
    region="WA",
    postcode="98368",
    country="US",
    address_kind="street",
    ad_label="",
)
LIST = lists.Details(
    name="The Potting Bench",
    description="What to sow and what to leave alone, on the first Tuesday of the month.",
)
READERS = (
    ("rosa@example.com", "Rosa Lindqvist"),
    ("tomas@example.org", "Tomás Ferreira"),
    ("grace@example.net", "Grace Oyelaran"),
    ("henk@example.org", "Henk de Vries"),
    ("mei@example.com", "Mei Tanaka"),
)
LAWFUL = """# What to sow in spring

Hello {{ subscriber.first_name | default: "gardener" }},

the soil is warm enough when you can sit on it bare-legged, our grandmother said. Until then,
start these on the window sill:

- **Tomatoes**, eight weeks before the last frost
- **Basil**, with the tomatoes and never before them
- **Sweet peas**, in deep pots, since they dislike being moved

This month all three come as one packet: [see the spring packet](https://juniperlane.example.com/spring).

Good digging!

{{ legal_footer }}
"""
UNLAWFUL = """Hello {{ subscriber.first_name | default: "gardener" }},

your order of spring bulbs could be so much bigger: **20 % off until Sunday**.

[Take the offer](https://juniperlane.example.com/offer)
"""


def sow(session: Session, site: Site, now: datetime) -> bool:
    """Fill a database in which nobody can sign in yet; False when there was somebody.

    Everything is added by the same functions that staff's pages call; the caller commits.
    """
    if session.scalar(sa.select(User.id).limit(1)) is not None:
        return False
    owner = users.add(session, now, OWNER, "Olive Owner", users.OWNER)
    sender = senders.create(session, now, SENDER)
    senders.attest(sender, owner.email, now)
    potting = lists.create(session, now, sender.id, LIST)
    for email, name in READERS:
        welcome(session, site, now, potting, Person(addresses.parsed(email), name))
    write_drafts(session, now, sender, potting)
    audit.record(session, now, ACTOR, "seed", f"list {potting.id}", reason=BASIS)
    return True


def welcome(
    session: Session, site: Site, now: datetime, mailing_list: MailingList, person: Person
) -> None:
    """Add a confirmed reader with a consent event that says where she comes from."""
    subscriber = enrolment.enrol(session, now, site.keys, person)
    enrolment.confirm_now(now, enrolment.place(session, now, subscriber, mailing_list))
    decision = Decision(ConsentAction.confirmed, ConsentMethod.staff, mailing_list.id)
    evidence = Evidence(shown=BASIS, actor=ACTOR)
    consent.record(session, now, subscriber.address_key, decision, evidence)


def write_drafts(
    session: Session, now: datetime, sender: Sender, mailing_list: MailingList
) -> None:
    """Add one draft that may be sent, and one that the gate refuses for several reasons."""
    for name, subject, body in (
        ("Spring sowing", "What to sow while it still freezes", LAWFUL),
        ("Bulb offer (the gate refuses this one)", "Re: your order", UNLAWFUL),
    ):
        draft = Draft(name, subject, sender.id, (mailing_list.id,), body=body)
        drafts.create(session, draft, now)
