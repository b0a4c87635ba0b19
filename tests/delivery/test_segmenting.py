"""Segments as SQL: whom each rule finds, the same on both databases."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import consent
from mailer.audience.address_models import AddressChange
from mailer.audience.consent import Decision, Evidence
from mailer.audience.former import CORRECTED
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.segments import fields, rules
from mailer.audience.segments.fields import Details
from mailer.audience.segments.models import FieldKind
from mailer.audience.words import ConsentAction, ConsentMethod, SubscriptionStatus
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import reach, segmenting
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.segmenting import Ground
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")

READERS: dict[str, dict[str, object]] = {
    "rosa": {"city": "Berlin", "age": 41, "born": "1985-05-01", "vip": True, "land": "DE"},
    "Una": {"city": "berlin east", "age": 12.5, "vip": False, "land": "FR"},
    "eve": {"city": "Łódź", "age": "41", "born": "soon", "vip": "yes", "land": None},
    "abe": {},
}
KINDS = {
    "city": FieldKind.text,
    "age": FieldKind.number,
    "born": FieldKind.date,
    "vip": FieldKind.yes_no,
    "land": FieldKind.country,
}


@pytest.fixture(autouse=True)
def people(session: Session, make_reader: MakeReader, now: datetime) -> None:
    for name, attributes in READERS.items():
        make_reader(name, attributes=attributes)
    for key, kind in KINDS.items():
        fields.create(session, now, Details(key, key.title(), kind))
    session.commit()


def found(session: Session, now: datetime, raw: Mapping[str, object]) -> set[str]:
    tree = rules.parsed(raw, segmenting.offers(session))
    test = segmenting.compiled(tree, Ground.of(session, now))
    return {name.lower() for name in session.scalars(sa.select(Subscriber.name).where(test))}


def of(about: str, op: str, value: object = "", key: str = "") -> dict[str, object]:
    return {"mode": "all", "rules": [{"about": about, "key": key, "op": op, "value": value}]}


@pytest.mark.parametrize(
    ("key", "op", "value", "names"),
    [
        ("city", "is", "Berlin", "rosa"),
        ("city", "is-not", "Berlin", "una eve abe"),
        ("city", "contains", "BERLIN", "rosa una"),
        ("city", "begins", "berlin e", "una"),
        ("city", "contains", "ódź", "eve"),
        ("city", "contains", "%", ""),
        ("city", "known", "", "rosa una eve"),
        ("city", "unknown", "", "abe"),
        ("age", "is", "41", "rosa"),
        ("age", "is-not", "41", "una eve abe"),
        ("age", "above", "12", "rosa una"),
        ("age", "below", "41", "una"),
        ("born", "before", "1990-01-01", "rosa"),
        ("born", "on", "1985-05-01", "rosa"),
        ("born", "after", "1985-05-01", "eve"),
        ("vip", "yes", "", "rosa"),
        ("vip", "no", "", "una"),
        ("land", "is", "fr", "una"),
        ("land", "unknown", "", "eve abe"),
    ],
)
def test_attributes(
    session: Session, now: datetime, key: str, op: str, value: str, names: str
) -> None:
    assert found(session, now, of("attribute", op, value, key)) == set(names.split())


@pytest.mark.parametrize(
    ("about", "op", "value", "names"),
    [
        ("email", "begins", "ROSA@", "rosa"),
        ("email", "begins", "un", "una"),
        ("email", "contains", "a@", "rosa una"),
        ("email", "contains", "_", ""),
        ("domain", "is", "@Example.org", "rosa una eve abe"),
        ("domain", "is-not", "example.org", ""),
        ("name", "begins", "r", "rosa"),
        ("name", "unknown", "", ""),
        ("created", "within", "1", "rosa una eve abe"),
        ("created", "not-within", "1", ""),
        ("created", "on", "2026-03-02", "rosa una eve abe"),
        ("created", "before", "2026-03-02", ""),
        ("created", "after", "2026-03-01", "rosa una eve abe"),
    ],
)
def test_what_stands_in_the_row(
    session: Session, now: datetime, about: str, op: str, value: str, names: str
) -> None:
    assert found(session, now, of(about, op, value)) == set(names.split())


def test_a_list_by_status_and_since(
    session: Session, now: datetime, letters: MailingList, make_reader: MakeReader
) -> None:
    make_reader("ida", SubscriptionStatus.unconfirmed)
    make_reader("max", SubscriptionStatus.unsubscribed)
    number = str(letters.id)
    everybody = {"rosa", "una", "eve", "abe"}
    for op, value, names in (
        ("confirmed", "", everybody),
        ("confirmed", "2026-03-02", everybody),
        ("confirmed", "2026-03-03", set[str]()),
        ("unconfirmed", "", {"ida"}),
        ("unsubscribed", "", {"max"}),
        ("never", "", set[str]()),
    ):
        assert found(session, now, of("list", op, value, number)) == names


def test_consent_by_its_way_and_age(session: Session, now: datetime) -> None:
    for name, days, method in (("rosa", 400, "form"), ("rosa", 10, "link"), ("eve", 400, "form")):
        reader = session.query(Subscriber).filter_by(email=f"{name}@example.org").one()
        decision = Decision(ConsentAction.confirmed, ConsentMethod(method), 1)
        at = now - timedelta(days=days)
        consent.record(session, at, reader.address_key, decision, Evidence())
    for op, value, names in (
        ("method", "form", {"eve"}),
        ("method", "link", {"rosa"}),
        ("within", "30", {"rosa"}),
        ("not-within", "30", {"eve"}),
    ):
        assert found(session, now, of("consent", op, value)) == names


def test_a_corrected_address_is_no_fresh_consent(
    session: Session, now: datetime, make_reader: MakeReader
) -> None:
    """What she said at her former address counts, and what somebody else said at hers does not."""
    made = [make_reader(name) for name in ("ida", "max")]
    old_key, before = b"o" * 32, now - timedelta(days=400)
    yes = Decision(ConsentAction.confirmed, ConsentMethod.form, 1)
    corrected = Decision(ConsentAction.confirmed, ConsentMethod.link, 1)
    consent.record(session, before, old_key, yes, Evidence())
    # Max had the address that Ida has now, and said yes while it was his.
    consent.record(session, now - timedelta(days=10), made[0].address_key, yes, Evidence())
    for reader, key in zip(made, (old_key, made[0].address_key), strict=True):
        session.add(moved(reader, key, now))
        consent.record(session, now, reader.address_key, corrected, Evidence(source=CORRECTED))
    session.flush()
    assert found(session, now, of("consent", "method", "form")) == {"ida", "max"}
    assert found(session, now, of("consent", "method", "link")) == set()
    assert found(session, now, of("consent", "within", "30")) == {"max"}
    assert found(session, now, of("consent", "within", "500")) == {"ida", "max"}
    assert found(session, now, of("consent", "not-within", "30")) == {"ida"}
    # Whoever has the old address now is somebody else, and so is whoever said yes there since.
    consent.record(session, now + timedelta(days=1), old_key, yes, Evidence())
    assert found(session, now, of("consent", "within", "30")) == {"max"}


def moved(reader: Subscriber, old_key: bytes, at: datetime) -> AddressChange:
    return AddressChange(
        subscriber_id=reader.id,
        old_key=old_key,
        new_key=reader.address_key,
        email="",
        asked_at=at,
        done_at=at,
    )


def test_a_rule_about_a_list_looks_up_each_reader_alone(session: Session, now: datetime) -> None:
    """Where IN cannot become a join, PostgreSQL reads the whole list anew for each reader."""
    raw = of("list", "confirmed", "", "1")
    tree = rules.parsed(raw, segmenting.offers(session))
    test = segmenting.compiled(tree, Ground.of(session, now))
    assert "EXISTS" in str(test)
    assert " IN (" not in str(test)


def test_who_got_a_campaign_and_who_did_not(
    session: Session, now: datetime, letters: MailingList
) -> None:
    campaign = Campaign(
        sender_id=letters.sender_id,
        name="March",
        subject="March",
        status=CampaignStatus.finished,
        created_at=now,
        updated_at=now,
    )
    session.add(campaign)
    session.flush()
    for name, status in (("rosa", DeliveryStatus.accepted), ("eve", DeliveryStatus.refused)):
        reader = session.query(Subscriber).filter_by(email=f"{name}@example.org").one()
        session.add(
            Delivery(
                campaign_id=campaign.id,
                subscriber_id=reader.id,
                list_id=letters.id,
                address_key=reader.address_key,
                email=reader.email,
                status=status,
                next_at=now,
                finished_at=now - timedelta(days=5),
            )
        )
    session.commit()
    number = str(campaign.id)
    others = {"una", "eve", "abe"}
    assert found(session, now, of("campaign", "got", key=number)) == {"rosa"}
    assert found(session, now, of("campaign", "missed", key=number)) == others
    assert found(session, now, of("accepted", "within", 7)) == {"rosa"}
    assert found(session, now, of("accepted", "not-within", 4)) == {"rosa", *others}


def test_groups_combine_and_what_is_not_known_counts_as_no(session: Session, now: datetime) -> None:
    german = {"about": "attribute", "key": "land", "op": "is", "value": "DE"}
    old = {"about": "attribute", "key": "age", "op": "above", "value": 12}
    for mode, names in (
        ("all", {"rosa"}),
        ("any", {"rosa", "una"}),
        ("none", {"eve", "abe"}),
    ):
        assert found(session, now, {"mode": mode, "rules": [german, old]}) == names
    nested = {"mode": "all", "rules": [old, {"mode": "none", "rules": [german]}]}
    assert found(session, now, nested) == {"una"}


def test_beyond_a_few_people_reasons_are_counted_over_a_part_and_scaled(
    session: Session, make_reader: MakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "SAMPLE", 10)
    monkeypatch.setattr(reach, "SLICES", 2)
    for number in range(16):
        make_reader(f"more{number}", SubscriptionStatus.unconfirmed)
    found = reach.reach(session, sa.true())
    assert (found.people, found.is_sample) == (20, True)
    assert sum(found.reasons.values()) == 20
    assert found.reasons["unconfirmed"] == pytest.approx(16, abs=4)
    monkeypatch.undo()
    assert reach.reach(session, sa.true()).reasons == {"": 4, "unconfirmed": 16}


def test_who_is_on_several_lists_is_told_of_by_the_nearest(
    session: Session, letters: MailingList, make_reader: MakeReader, now: datetime
) -> None:
    other = MailingList(public_id="o", name="O", sender_id=letters.sender_id, created_at=now)
    session.add(other)
    rita = make_reader("rita", SubscriptionStatus.unsubscribed)
    session.add(Subscription(subscriber_id=rita.id, list_id=other.id, created_at=now))
    max_ = make_reader("max")
    session.execute(sa.delete(Subscription).where(Subscription.subscriber_id == max_.id))
    test = Subscriber.id.in_([rita.id, max_.id])
    assert reach.reasons(session, test) == {"unconfirmed": 1, reach.ON_NO_LIST: 1}
