"""A reader with something in every table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.audience import consent, suppressions
from mailer.audience.affected import AffectedPerson
from mailer.audience.consent import Decision, Evidence
from mailer.audience.imports.models import ForeignId, System
from mailer.audience.joining.models import SignUp
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.wishes import wishes
from mailer.audience.words import ConsentAction, ConsentMethod, Scope
from mailer.campaigns.models import Campaign
from mailer.delivery import portions, tallies, unknowns
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause
from mailer.links import Site
from mailer.privacy.incidents import register
from mailer.privacy.incidents.register import Facts
from mailer.privacy.letters import post

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
        breach = register.enter(session, now, "a test", Facts("A stolen laptop", now, now))
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
