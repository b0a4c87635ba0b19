"""One of everything: a database in which every page has something to show."""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock, ledger, tokens
from mailer.accounts import audit
from mailer.accounts.cases import Case
from mailer.accounts.models import User
from mailer.audience import addresses, bulk, effects
from mailer.audience.address_models import AddressChange
from mailer.audience.affected import AffectedPerson
from mailer.audience.bulk import Order
from mailer.audience.bulk_models import Deed
from mailer.audience.imports import arrivals
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription, Suppression
from mailer.audience.moving import changes
from mailer.audience.searches import Search
from mailer.audience.segments import catalogue, fields, rules
from mailer.audience.segments.models import FieldKind
from mailer.audience.words import ConsentAction, ConsentMethod, Scope, SubscriptionStatus
from mailer.campaigns.models import Campaign
from mailer.compliance.readiness import Transfer
from mailer.delivery import reply_probes, seeds, segmenting, signing, unknowns
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.pace_models import About, Limit
from mailer.delivery.processors.models import Service
from mailer.delivery.relay_models import RegisteredRelay
from mailer.delivery.reply_probes import Outcome
from mailer.delivery.report_models import Cause
from mailer.delivery.windows import Span, Window
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.handover import orders, sealing
from mailer.privacy.incidents import register as incidents
from mailer.privacy.keeping import holds, runs
from mailer.privacy.keeping.models import Held
from mailer.privacy.letters import post
from mailer.privacy.policy.models import Page, PolicyVersion
from mailer.privacy.requests import register
from mailer.privacy.requests.models import Challenge
from mailer.privacy.requests.register import Asked
from mailer.privacy.requests.words import Channel, Kind
from mailer.tokens import Purpose

INBOX_NAME = f"{1_772_465_400_000_000_000:020d}.1.0"
LETTER = b"""From: Harbor Letters <letters@harbor.example.com>\r
To: rosa@example.org\r
Subject: Hello\r
Content-Type: text/html; charset=utf-8\r
\r
<p>Hello, Rosa.</p>\r
"""
AN_HOUR = timedelta(hours=1)
RULES = {
    "mode": "all",
    "rules": [
        {"about": "domain", "key": "", "op": "is", "value": "example.org"},
        {
            "mode": "none",
            "rules": [{"about": "attribute", "key": "plan", "op": "is", "value": "free"}],
        },
    ],
}


@dataclass(frozen=True)
class World:
    """What stands in the addresses of pages: numbers and names; and a token of each purpose."""

    parts: dict[str, object]
    tokens: dict[Purpose, str]


def fill(app: Flask, session: Session, letters: MailingList, person: User) -> World:
    """Add one of everything; ``person`` is whom the pages about staff are about."""
    now, site = letters.created_at, app.extensions["site"]
    readers = {
        name: reader(app, session, letters, name, status)
        for name, status in (
            ("rosa", SubscriptionStatus.confirmed),
            ("ruth", SubscriptionStatus.unconfirmed),
            ("sam", SubscriptionStatus.unsubscribed),
        )
    }
    refusal = refused(readers["sam"], letters)
    draft = campaign(letters)
    probe = reply_probes.request(session, letters.sender, now)
    session.add_all([refusal, draft])
    session.flush()
    copy = delivered(draft, readers["rosa"], letters)
    doubtful = delivered(draft, readers["ruth"], letters)
    doubtful.status = DeliveryStatus.unknown
    (through, limit), backup, version = limited(relay(letters)), service(now), policy(now)
    block = Suppression(
        address_key=b"b" * 32,
        scope=Scope.everything,
        reason="blocked",
        actor="alice@example.com",
        created_at=now,
    )
    session.add_all([copy, doubtful, through, limit, block, backup, version])
    session.flush()
    unknowns.note(session, [doubtful.id], Cause.timeout, now, through.host)
    took(session, draft, now)
    seeds.queue(session, through.host, draft, now)
    signing.create(session, site.keys, letters.sender, signing.ED25519, "march", now)
    ledger.append(session, [consented(readers["rosa"], letters)])
    audit.record(session, now, person, "lists.create", f"list {letters.id}")
    asked, entered = at_the_desk(session, readers["rosa"], now)
    person.link_serial = 1
    session.commit()
    receive(app)
    waiting = readers["ruth"].subscriptions[0]
    carried = {
        Purpose.address: (letter(app, session, readers["ruth"]),),
        Purpose.confirm: (waiting.id, waiting.confirmation_serial),
        Purpose.preferences: (readers["rosa"].id, tokens.part(readers["rosa"].address_key)),
        Purpose.sign_in: (person.id, person.link_serial),
        Purpose.undo: (refusal.id,),
        Purpose.reply_probe: (probe.id,),
        Purpose.challenge: (asked[0],),
        Purpose.desk: (asked[1],),
    }
    letters.asked_fields = "plan"
    world = World(
        {
            "act_id": many(session, readers["sam"], now),
            "campaign_id": draft.id,
            "deed": "clear",
            "case_id": to_be_approved(session, readers["rosa"], person),
            "carried": sealed_archive(session, readers["rosa"], now),
            "delivery_id": copy.id,
            "filename": "app.css",
            "former_id": "0f9b2f0c-8a61-4c5e-9d0e-2a8f6c1f3f6e",
            "former_list": "7b1f9d3e-0c52-4a8e-8f1a-5d2c6b7a9e10",
            "hold_id": held(session, now),
            "import_id": upload(session, now),
            "incident_id": breached(session, readers["rosa"], now),
            "letter_id": received_letter(app, session, now),
            "limit_id": limit.id,
            "list_id": letters.id,
            "name": INBOX_NAME,
            "period": "imports",
            "public_id": letters.public_id,
            "relay_id": through.id,
            "service_id": backup.id,
            "request_id": entered,
            "run_id": runs.rehearse(session, now, ZoneInfo("UTC"), "dora@example.com").id,
            "segment_id": segment(session, now),
            "sender_id": letters.sender_id,
            "suppression_id": block.id,
            "step": "identify",
            "subscriber_id": readers["rosa"].id,
            "page": "privacy",
            "user_id": person.id,
            "version_id": version.id,
        },
        signed(app, carried, (letters.id, readers["rosa"].id, copy.id)),
    )
    session.commit()
    return world


def limited(through: RegisteredRelay) -> tuple[RegisteredRelay, Limit]:
    return through, Limit(host=through.host, about=About.relay, domain="", per_second=5.0)


def received_letter(app: Flask, session: Session, now: datetime) -> int:
    """Add a letter from sam that a person must look at."""
    raw = b"From: sam@example.org\r\nSubject: Your mail\r\n\r\nHow do I unsubscribe?\r\n"
    kept = post.keep(session, now, "sam@example.org", "desk@harbor.example.com", raw)
    post.read(session, app.extensions["site"], kept, now)
    return kept


def at_the_desk(session: Session, reader: Subscriber, now: datetime) -> tuple[list[int], int]:
    """Add a link to her data that is new, one that was used, and a request by letter."""
    asked = [
        Challenge(
            at=now,
            kind=Kind.access,
            address_key=reader.address_key,
            subscriber_id=reader.id,
            expires_at=clock.now() + AN_HOUR,
            used_at=used_at,
        )
        for used_at in (None, now)
    ]
    session.add_all(asked)
    about = (now, reader.address_key, reader.email, "My name is misspelt")
    letter = Asked(Kind.correction, Regime.gdpr, Channel.letter, *about)
    entered = register.receive(session, clock.now(), Desk(), letter, "alice@example.com")
    return [one.id for one in asked], entered.id


def to_be_approved(session: Session, reader: Subscriber, person: User) -> int:
    """Add a legal disclosure that waits for adam's word."""
    now = clock.now()
    case = Case(
        subject=f"subscriber {reader.id}",
        actor_id=person.id,
        actor=person.email,
        role=person.role,
        reason="legal disclosure 4 K 1/26, for adam@example.com to approve: Order of the court",
        opened_at=now,
        ends_at=now + AN_HOUR,
        approver="adam@example.com",
    )
    session.add(case)
    session.flush()
    return case.id


def held(session: Session, now: datetime) -> int:
    """Put somebody on hold who is no reader, so that the others can be erased."""
    wanted = holds.Wanted(Held.person, "a lawsuit", b"h" * 32)
    return holds.place(session, now, "dora@example.com", wanted).id


def breached(session: Session, reader: Subscriber, now: datetime) -> int:
    """Add an incident that affected one reader."""
    facts = incidents.Facts("A stolen laptop", now, now, "A laptop was stolen.", "Addresses")
    made = incidents.enter(session, now, "dora@example.com", facts)
    session.add(AffectedPerson(incident_id=made.id, address_key=reader.address_key))
    return made.id


def sealed_archive(session: Session, reader: Subscriber, now: datetime) -> str:
    """Add an archive that waits for its reader; return what its link carries."""
    number, secret = orders.order(session, now, reader.id).id, b"s" * sealing.SECRET_BYTES
    orders.keep(session, number, secret, b"all of it", clock.now(), timedelta(7))
    orders.note(session, number, Outcome(is_sent=True), now)
    return sealing.spelled(number, secret)


def many(session: Session, person: Subscriber, now: datetime) -> int:
    search = Search(also=Subscriber.id == person.id)
    order = Order(Deed.disable, "They asked for a pause", "dora@example.com")
    act = bulk.begin(session, now, search, str(bulk.mark(session, search)), order)
    bulk.portion(session, now, act.id)
    return act.id


def segment(session: Session, now: datetime) -> int:
    plan = fields.Details("plan", "Plan", FieldKind.choice, ("free", "gold"), is_hers=True)
    fields.create(session, now, plan)
    tree = rules.parsed(RULES, segmenting.offers(session))
    return catalogue.create(session, now, "Gold in example.org", tree)


def upload(session: Session, now: datetime) -> int:
    """Add a file of readers that nobody has said anything about yet."""
    file = io.BytesIO(b"email\numa@example.org\n")
    return arrivals.create(session, now, "bob@example.com", "people.csv", file).id


def reader(
    app: Flask, session: Session, letters: MailingList, name: str, status: SubscriptionStatus
) -> Subscriber:
    now, email = letters.created_at, f"{name}@example.org"
    added = Subscriber(
        email=email,
        address_key=tokens.fingerprint(app.extensions["site"].keys, email),
        name=name.title(),
        created_at=now,
        updated_at=now,
        subscriptions=[Subscription(list_id=letters.id, status=status, created_at=now)],
    )
    session.add(added)
    session.flush()
    return added


def letter(app: Flask, session: Session, person: Subscriber) -> int:
    """Let a reader ask for another address; return the number of the letter to the old one."""
    keys, other = app.extensions["site"].keys, addresses.parsed("ruth@elsewhere.example")
    wish = changes.ask(session, clock.now(), keys, person.id, other)
    return session.get_one(AddressChange, wish).letters[0].id


def refused(person: Subscriber, letters: MailingList) -> Suppression:
    return Suppression(
        address_key=person.address_key,
        scope=Scope.list,
        scope_id=letters.id,
        reason="unsubscribed by link",
        created_at=letters.created_at,
    )


def relay(letters: MailingList) -> RegisteredRelay:
    return RegisteredRelay(
        host="127.0.0.1",
        name="Postbote",
        legal_entity="Postbote GmbH",
        country="DE",
        transfer=Transfer.domestic,
        contract="data processing agreement of 2 March 2026",
        created_at=letters.created_at,
    )


def service(now: datetime) -> Service:
    return Service(
        name="Cellar",
        services="keeps our backups",
        legal_entity="Cellar Inc",
        country="US",
        contract="data processing agreement of 2 March 2026",
        created_at=now,
    )


def policy(now: datetime) -> PolicyVersion:
    return PolicyVersion(page=Page.privacy, number=1, at=now, digest="0" * 64, content="# Data")


def campaign(letters: MailingList) -> Campaign:
    return Campaign(
        sender_id=letters.sender_id,
        name="March",
        subject="What March brings",
        body="Hello {{ subscriber.first_name }}",
        lists=[letters],
        created_at=letters.created_at,
        updated_at=letters.created_at,
    )


def delivered(draft: Campaign, person: Subscriber, letters: MailingList) -> Delivery:
    return Delivery(
        campaign_id=draft.id,
        subscriber_id=person.id,
        list_id=letters.id,
        address_key=person.address_key,
        email=person.email,
        status=DeliveryStatus.accepted,
        next_at=letters.created_at,
    )


def took(session: Session, draft: Campaign, now: datetime) -> None:
    """Note what it took to send the two copies, and how soon opt-outs held."""
    window = Window(draft.id, now)
    window.count(DeliveryStatus.accepted)
    window.count(DeliveryStatus.unknown)
    window.add(Span.reply, 0.25)
    window.write(session, now)
    opted_out = [(channel, 10.0**number) for number, channel in enumerate(effects.Channel, -2)]
    effects.note(session, clock.now().date(), opted_out)


def consented(person: Subscriber, letters: MailingList) -> ConsentEvent:
    return ConsentEvent(
        at=letters.created_at,
        address_key=person.address_key,
        list_id=letters.id,
        sender_id=letters.sender_id,
        action=ConsentAction.confirmed,
        method=ConsentMethod.link,
        evidence={"ip": "127.0.0.1"},
        evidence_salt="0a" * 16,
        evidence_hash=ledger.evidence_hash("0a" * 16, {"ip": "127.0.0.1"}),
    )


def receive(app: Flask) -> None:
    """Put a message into the development inbox."""
    folder = app.extensions["config"].inbox_dir / "new"
    folder.mkdir(parents=True)
    (folder / INBOX_NAME).write_bytes(LETTER)


def signed(
    app: Flask, carried: dict[Purpose, tuple[int, ...]], opt_out: tuple[int, ...]
) -> dict[Purpose, str]:
    """Sign one valid token for each purpose; pages read the real clock, so this does too."""
    keys, until = app.extensions["site"].keys, soon()
    expiring = {
        purpose: tokens.signed(keys, purpose, numbers, expires=until)
        for purpose, numbers in carried.items()
    }
    lasting = (Purpose.unsubscribe, Purpose.renewal)
    return expiring | {purpose: tokens.signed(keys, purpose, opt_out) for purpose in lasting}


def soon() -> datetime:
    return clock.now() + AN_HOUR
