"""Every class keeps what is on hold, whatever its period says, and lets it go afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import consent
from mailer.audience.address_models import AddressChange
from mailer.audience.affected import AffectedPerson
from mailer.audience.consent import Decision, Evidence
from mailer.audience.imports.models import Chunk, Import
from mailer.audience.joining.models import AskedMail
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.words import ConsentAction, ConsentMethod, SubscriptionStatus
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.privacy.archive.models import Archive
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.incidents import register as incidents
from mailer.privacy.incidents.register import Facts
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.classes import Class
from mailer.privacy.keeping.holds import Wanted
from mailer.privacy.keeping.models import Held
from mailer.privacy.letters.models import Letter
from mailer.privacy.requests import register, steps
from mailer.privacy.requests.register import Asked
from mailer.privacy.requests.steps import Ending
from mailer.privacy.requests.words import Channel, Kind, Outcome
from tests.conftest import MakeReader
from tests.privacy.keeping.conftest import RunAt

AGES = timedelta(days=366 * 11)


@dataclass(frozen=True)
class Scene:
    """A reader and her list, in which something happens long ago."""

    session: Session
    reader: Subscriber
    letters: MailingList
    now: datetime


def unconfirmed(on: Scene) -> None:
    place = on.reader.subscriptions[0]
    place.status, place.confirmed_at = SubscriptionStatus.unconfirmed, None
    place.confirmation_asked_at = on.now


def imports(on: Scene) -> None:
    content = f"email\n{on.reader.email}\n".encode()
    one = Import(filename="a.csv", size=len(content), created_by="bob", created_at=on.now)
    one.list_ids = [on.letters.id]
    on.session.add(one)
    on.session.flush()
    on.session.add(Chunk(import_id=one.id, number=0, content=content))


def security(on: Scene) -> None:
    on.session.add(AskedMail(at=on.now, mailbox_key=on.reader.address_key, list_id=on.letters.id))


def archives(on: Scene) -> None:
    made = {"asked_at": on.now, "made_at": on.now, "expires_at": on.now}
    on.session.add(Archive(subscriber_id=on.reader.id, **made))


def subscription(on: Scene) -> None:
    place = on.reader.subscriptions[0]
    place.status, place.unsubscribed_at = SubscriptionStatus.unsubscribed, on.now


def proof(on: Scene) -> None:
    """Of somebody who is no reader any more."""
    decision = Decision(ConsentAction.unsubscribed, ConsentMethod.link, on.letters.id)
    key = on.reader.address_key
    consent.record(on.session, on.now, key, decision, Evidence(shown="Goodbye"))
    on.session.delete(on.reader)


def correspondence(on: Scene) -> None:
    letter = {"mail_from": "", "recipient": "", "raw": b"", "size": 0, "read_at": on.now}
    key = on.reader.address_key
    on.session.add(Letter(received_at=on.now, from_key=key, **letter))


def requests(on: Scene) -> None:
    about = (on.reader.address_key, on.reader.email)
    wanted = Asked(Kind.complaint, Regime.gdpr, Channel.letter, on.now, *about)
    one = register.receive(on.session, on.now, Desk(), wanted, "desk")
    steps.close(on.session, on.now, one, "desk", Ending(Outcome.refused, "No."))


def affected(on: Scene) -> None:
    one = incidents.enter(on.session, on.now, "a test", Facts("A laptop", on.now, on.now))
    one.closed_at = on.now
    on.session.add(AffectedPerson(incident_id=one.id, address_key=on.reader.address_key))


def analytics(on: Scene) -> None:
    campaign = Campaign(
        sender_id=on.letters.sender_id,
        name="Tides",
        subject="Tides",
        status=CampaignStatus.finished,
        finished_at=on.now,
        created_at=on.now,
        updated_at=on.now,
        lists=[on.letters],
    )
    on.session.add(campaign)
    on.session.flush()
    on.session.add(
        Delivery(
            campaign_id=campaign.id,
            subscriber_id=on.reader.id,
            list_id=on.letters.id,
            address_key=on.reader.address_key,
            email=on.reader.email,
            status=DeliveryStatus.accepted,
            next_at=on.now,
        )
    )


def audit(on: Scene) -> None:
    """The hold itself is in the log."""
    del on


# What has no list, or no campaign, cannot be held by one.
LIST = {Held.person, Held.list}
HAPPENS: dict[Class, tuple[Callable[[Scene], None], set[Held]]] = {
    Class.unconfirmed: (unconfirmed, LIST),
    Class.imports: (imports, LIST),
    Class.security: (security, LIST),
    Class.archives: (archives, {Held.person}),
    Class.subscription: (subscription, LIST),
    Class.proof: (proof, LIST),
    Class.correspondence: (correspondence, {Held.person}),
    Class.requests: (requests, {Held.person}),
    Class.incidents: (affected, {Held.person}),
    Class.analytics: (analytics, {Held.person, Held.list, Held.campaign}),
    Class.audit: (audit, set(Held)),
}
CASES = [(name, held) for name in Class for held in sorted(HAPPENS[name][1])]


@pytest.fixture
def scene(session: Session, make_reader: MakeReader, letters: MailingList, now: datetime) -> Scene:
    other = Campaign(
        sender_id=letters.sender_id, name="O", subject="O", created_at=now, updated_at=now
    )
    session.add(other)
    reader = make_reader("lea")
    reader.created_at = now - timedelta(days=1)
    session.commit()
    return Scene(session, reader, letters, now)


def wanted(on: Scene, held: Held, key: bytes) -> Wanted:
    campaign = on.session.scalar(sa.select(sa.func.max(Campaign.id)))
    number = {Held.list: on.letters.id, Held.campaign: campaign}.get(held)
    return Wanted(held, "a lawsuit", key if held is Held.person else None, number)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("name", "held"), CASES)
def test_what_is_on_hold_stays_until_that_ends(
    session: Session, scene: Scene, run_at: RunAt, name: Class, held: Held
) -> None:
    key = scene.reader.address_key
    HAPPENS[name][0](scene)
    session.commit()
    hold = holds.place(session, scene.now, "alice", wanted(scene, held, key))
    session.commit()
    assert run_at(scene.now + AGES).counts[name] == {}
    holds.end(session, scene.now, "alice", hold.id, reason="settled")
    session.commit()
    assert sum(run_at(scene.now + AGES + timedelta(days=1)).counts[name].values()) > 0


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("is_before", [True, False])
def test_a_hold_follows_a_person_whose_address_was_corrected(
    session: Session, scene: Scene, run_at: RunAt, *, is_before: bool
) -> None:
    """Copies under the former address, a hold on the present one; and the other way about."""
    analytics(scene)
    reader, one = scene.reader, {"email": "", "asked_at": scene.now, "done_at": scene.now}
    former, reader.address_key = reader.address_key, b"new"
    change = AddressChange(subscriber_id=reader.id, old_key=former, new_key=b"new", **one)
    session.add(change)
    if is_before:
        session.execute(sa.update(Delivery).values(address_key=b"new"))
    held = Wanted(Held.person, "a lawsuit", former if is_before else b"new")
    holds.place(session, scene.now, "alice", held)
    session.commit()
    assert run_at(scene.now + AGES).counts[Class.analytics] == {}
