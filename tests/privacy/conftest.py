"""A reader with something in every table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.audience import consent, suppressions
from mailer.audience.addresses import Address
from mailer.audience.affected import AffectedPerson
from mailer.audience.consent import Decision, Evidence
from mailer.audience.imports.models import ForeignId, Import, System
from mailer.audience.joining import limits
from mailer.audience.joining.models import SignUp
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.wishes import wishes
from mailer.audience.words import ConsentAction, ConsentMethod, Scope
from mailer.campaigns.models import Campaign
from mailer.delivery import portions, tallies, unknowns
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause
from mailer.links import Site
from mailer.privacy.archive.models import Archive
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.incidents import register as incidents
from mailer.privacy.incidents.register import Facts
from mailer.privacy.keeping.models import Held, Hold
from mailer.privacy.letters import post
from mailer.privacy.requests import register
from mailer.privacy.requests.models import Challenge, Notice, Recipient
from mailer.privacy.requests.register import Asked
from mailer.privacy.requests.words import About, Channel, Kind, Way

STORED: list[DeliveryStatus] = [one for one in DeliveryStatus if one != DeliveryStatus.claimed]


@dataclass(frozen=True)
class Story:
    """What happened to one reader."""

    reader: Subscriber
    deliveries: dict[DeliveryStatus, Delivery]


Tell = Callable[[Subscriber], Story]


@pytest.fixture
def campaigns(session: Session, letters: MailingList, now: datetime) -> list[Campaign]:
    """One campaign for each status that a delivery can have: nobody has two copies of one."""
    made = [
        Campaign(
            sender_id=letters.sender_id,
            name=f"Campaign {status}",
            subject=f"About {status}",
            created_at=now,
            updated_at=now,
            lists=[letters],
        )
        for status in STORED
    ]
    session.add_all(made)
    session.commit()
    return made


def drop_in(session: Session, reader: Subscriber, list_id: int, now: datetime) -> None:
    """Let her have just sent the form again, which nobody has taken up yet."""
    given = {"spelled": reader.email, "normalised": reader.email, "name": reader.name}
    key = reader.address_key
    session.add(SignUp(at=now, address_key=key, list_id=list_id, given=given))


def at_the_desk(session: Session, site: Site, reader: Subscriber, now: datetime) -> None:
    """Let her have asked about her data, with a link and an archive made for her."""
    told = (reader.address_key, reader.email, f"I am {reader.name}")
    about = Asked(Kind.correction, Regime.gdpr, Channel.letter, now, *told)
    asked = register.receive(session, now, Desk(), about, "alice@example.com")
    asked.answer = f"{reader.name}!"
    mail = {"about": About.receipt, "way": Way.mail, "words": "", "email": reader.email}
    session.add(Notice(request_id=asked.id, at=now, **mail))
    session.add(Recipient(request_id=asked.id, name="relay.example"))
    key = reader.address_key
    challenge = {"kind": Kind.access, "address_key": key, "subscriber_id": reader.id}
    session.add(Challenge(at=now, expires_at=now, **challenge))
    session.add(Archive(subscriber_id=reader.id, asked_at=now))
    held = {"held": Held.person, "reason": "a lawsuit", "actor": "alice", "ended_by": "alice"}
    session.add(Hold(address_key=key, created_at=now, ended_at=now, **held))
    address = Address(reader.email, reader.email)
    limits.note(session, now, limits.mailbox_key(site.keys, address), None)


def came_by_a_file(session: Session, reader: Subscriber, now: datetime) -> None:
    batch = Import(filename="people.csv", created_by="bob@example.com", created_at=now)
    session.add(batch)
    session.flush()
    reader.import_id = batch.id


@pytest.fixture
def tell(
    session: Session, site: Site, letters: MailingList, campaigns: list[Campaign], now: datetime
) -> Tell:
    """``tell(rosa)`` gives her a history in every table that can hold one."""

    def story(reader: Subscriber) -> Story:
        evidence = Evidence("Yes, send me letters", "/subscribe", "203.0.113.9", "Mail/1", "")
        for action, method in (
            (ConsentAction.requested, ConsentMethod.form),
            (ConsentAction.confirmed, ConsentMethod.link),
        ):
            decision = Decision(action, method, letters.id)
            consent.record(session, now, reader.address_key, decision, evidence)
        by_staff = Evidence(shown=f"Wrote from {reader.email}", actor="alice@example.com")
        decision = Decision(ConsentAction.returned, ConsentMethod.staff, letters.id)
        consent.record(session, now, reader.address_key, decision, by_staff)
        refusal = suppressions.Refusal(Scope.sender, letters.sender_id + 1, reason="complaint")
        suppressions.suppress(session, now, reader.address_key, refusal)
        wishes.record(session, now, reader.address_key, f"Topics: {reader.email}", letters.id)
        drop_in(session, reader, letters.id, now)
        at_the_desk(session, site, reader, now)
        came_by_a_file(session, reader, now)
        made = {
            status: Delivery(
                campaign_id=campaign.id,
                subscriber_id=reader.id,
                list_id=letters.id,
                address_key=reader.address_key,
                email=reader.email,
                status=status,
                next_at=now,
                smtp_code=250,
                smtp_text=f"2.1.5 <{reader.email}> ok",
            )
            for status, campaign in zip(STORED, campaigns, strict=True)
        }
        session.add_all(made.values())
        former = f"rosa-{reader.id}"
        place = {"subscriber_id": reader.id, "list_id": letters.id}
        raw = f"From: {reader.email}\r\n\r\nHello".encode()
        kept = post.keep(session, now, reader.email, "desk@harbor.example.com", raw)
        post.read(session, site, kept, now)
        breach = incidents.enter(session, now, "a test", Facts("A stolen laptop", now, now))
        session.add(AffectedPerson(incident_id=breach.id, address_key=reader.address_key))
        session.add(ForeignId(system=System.listmonk, foreign_id=former, **place))
        session.flush()
        doubtful = made[DeliveryStatus.unknown]
        unknowns.note(session, [doubtful.id], Cause.close, now, "relay.example")
        portions.divide(session, doubtful.campaign_id)
        tallies.begin(session, doubtful.campaign_id)
        session.commit()
        return Story(reader, made)

    return story
