"""What DNS says of a sender: looked up in time, kept, and told to the gate."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.campaigns.models import Campaign
from mailer.compliance.readiness import Authentication, Spf
from mailer.delivery import authentication, domain_records, domains, rotation, signing
from mailer.delivery.domains import Facts
from mailer.delivery.models import Delivery, DeliveryStatus, DomainCheck, SigningKey
from mailer.delivery.resolver import Unanswered
from mailer.delivery.rotation import KeysWaiting, Stage
from mailer.links import Site
from tests.names import SERVFAIL, Zone

DOMAIN = "harbor.example.com"
TERM = "ip4:192.0.2.7"
DAY = timedelta(days=1)


def publish(zone: Zone, *keys: SigningKey) -> None:
    for key in keys:
        zone.text(signing.name(key, DOMAIN), signing.record(key))


def in_order(zone: Zone) -> None:
    """Everything but keys."""
    zone.text(DOMAIN, "v=spf1 ip4:192.0.2.7 -all")
    zone.text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=none")
    zone.put(DOMAIN, "MX", "10 mx.example.com.")
    zone.put("mx.example.com", "A", "192.0.2.9")


def look(session: Session, zone: Zone, sender: Sender, now: datetime) -> list[str]:
    """Look once, as the task does; return the selectors that sign from now on."""
    question = authentication.take(session, sender.id, now)
    session.commit()
    assert question is not None
    facts = domains.looked_up(question, zone.resolver(), TERM)
    begun = authentication.keep(session, question, facts, now)
    session.commit()
    return [key.selector for key in begun]


def known(session: Session, sender: Sender, now: datetime) -> Authentication:
    found = authentication.known(session, sender, now)
    assert found is not None
    return found


def test_keys_sign_as_soon_as_dns_shows_them(
    database: str, session: Session, site: Site, sender: Sender, zone: Zone, now: datetime
) -> None:
    assert database
    in_order(zone)
    pair = rotation.prepare(session, site.keys, sender, now)
    assert [key.algorithm for key in pair] == ["rsa", "ed25519"]
    assert look(session, zone, sender, now) == []
    assert signing.signers(session, site.keys, sender) == ()
    assert [rotation.stage(key, now) for key in pair] == [Stage.waiting, Stage.waiting]
    publish(zone, pair[0])
    assert look(session, zone, sender, now + DAY) == [pair[0].selector]
    publish(zone, pair[1])
    assert look(session, zone, sender, now + 2 * DAY) == [pair[1].selector]
    told = known(session, sender, now)
    assert [(key.bits, key.matches) for key in told.keys] == [(256, True), (2048, True)]
    assert (told.domain, told.spf, told.dmarc) == (DOMAIN, Spf.allowed, "none")
    assert told.checked_at == now + 2 * DAY
    assert {one.selector for one in signing.signers(session, site.keys, sender)} == {
        key.selector for key in pair
    }


def test_rotation_keeps_the_old_keys_published_for_sixty_days(
    session: Session, site: Site, sender: Sender, zone: Zone, now: datetime
) -> None:
    old = rotation.prepare(session, site.keys, sender, now)
    with pytest.raises(KeysWaiting):
        rotation.prepare(session, site.keys, sender, now)
    publish(zone, *old)
    look(session, zone, sender, now)
    later = now + timedelta(days=365)
    assert [rotation.is_old(key, later) for key in old] == [True, True]
    assert not rotation.is_old(old[0], later - DAY)
    new = rotation.prepare(session, site.keys, sender, later)
    assert [rotation.stage(key, later) for key in old] == [Stage.signing, Stage.signing]
    publish(zone, *new)
    look(session, zone, sender, later)
    assert [rotation.stage(key, later) for key in new] == [Stage.signing, Stage.signing]
    last_day = later + timedelta(days=59, hours=23)
    assert [rotation.stage(key, last_day) for key in old] == [Stage.resting, Stage.resting]
    end = later + timedelta(days=60)
    assert [rotation.stage(key, end) for key in old] == [Stage.removable, Stage.removable]
    question = authentication.take(session, sender.id, end)
    assert question is not None
    assert {key.name.partition(".")[0] for key in question.keys} == {key.selector for key in new}


def test_two_pairs_on_a_day_have_names_of_their_own(
    session: Session, site: Site, sender: Sender, now: datetime
) -> None:
    first = rotation.prepare(session, site.keys, sender, now)
    for key in first:
        key.activated_at = now
    second = rotation.prepare(session, site.keys, sender, now)
    assert len({key.selector for key in (*first, *second)}) == 4
    everything = {f"s{sender.id}r{now:%Y%m%d}{end}" for end in ["", *"abcdefghijklmnopqrstuvwxyz"]}
    with pytest.raises(KeysWaiting, match="go on tomorrow"):
        rotation.selector(sender, "rsa", now, everything)


def test_it_is_looked_up_daily_and_hourly_while_something_is_missing(
    session: Session, site: Site, sender: Sender, zone: Zone, now: datetime
) -> None:
    assert authentication.due(session, now) == [sender.id]
    in_order(zone)
    pair = rotation.prepare(session, site.keys, sender, now)
    look(session, zone, sender, now)
    assert authentication.due(session, now + timedelta(minutes=59)) == []
    assert authentication.due(session, now + timedelta(hours=1)) == [sender.id]
    publish(zone, *pair)
    look(session, zone, sender, now)
    assert authentication.due(session, now + timedelta(hours=23)) == []
    assert authentication.due(session, now + DAY) == [sender.id]


def test_a_look_that_is_taken_is_not_due_again_at_once(
    session: Session, sender: Sender, now: datetime
) -> None:
    authentication.take(session, sender.id, now)
    assert authentication.due(session, now + timedelta(minutes=4)) == []
    assert authentication.due(session, now + timedelta(minutes=5)) == [sender.id]
    assert authentication.take(session, 999, now) is None


def test_silence_leaves_what_dns_said_before(
    session: Session, site: Site, sender: Sender, zone: Zone, now: datetime
) -> None:
    in_order(zone)
    publish(zone, *rotation.prepare(session, site.keys, sender, now))
    look(session, zone, sender, now)
    zone.broken[f"_dmarc.{DOMAIN}"] = SERVFAIL
    question = authentication.take(session, sender.id, now + DAY)
    assert question is not None
    with pytest.raises(Unanswered) as silence:
        domains.looked_up(question, zone.resolver(), TERM)
    authentication.keep_fault(session, question, str(silence.value), now + DAY)
    session.commit()
    assert known(session, sender, now).checked_at == now
    check = session.scalars(sa.select(DomainCheck)).one()
    assert "name servers failed" in check.fault
    assert check.next_at == now + DAY + timedelta(minutes=10)


def test_another_address_is_another_matter(
    session: Session, sender: Sender, zone: Zone, now: datetime
) -> None:
    look(session, zone, sender, now)
    question = authentication.take(session, sender.id, now)
    sender.from_address = "letters@pier.example.com"
    session.commit()
    assert authentication.known(session, sender, now) is None
    assert authentication.due(session, now) == [sender.id]
    assert question is not None
    facts = domains.looked_up(question, zone.resolver(), TERM)
    authentication.take(session, sender.id, now)
    assert authentication.keep(session, question, facts, now) == []
    assert authentication.known(session, sender, now) is None


def test_facts_come_back_as_they_were_kept(
    session: Session, site: Site, sender: Sender, zone: Zone, now: datetime
) -> None:
    in_order(zone)
    rotation.prepare(session, site.keys, sender, now)
    question = authentication.take(session, sender.id, now)
    assert question is not None
    facts = domains.looked_up(question, zone.resolver(), TERM)
    assert Facts.of(facts.as_dict()) == facts
    assert not facts.is_whole


def test_the_busiest_day_of_the_whole_organisation_counts(
    database: str, session: Session, tides: Campaign, now: datetime
) -> None:
    assert database
    for number in range(7):
        at = now - timedelta(days=0 if number < 3 else 1 if number < 5 else 40)
        session.add(
            Delivery(
                campaign_id=tides.id,
                subscriber_id=number + 1,
                list_id=tides.lists[0].id,
                address_key=bytes([number]) * 32,
                email="x@example.org",
                status=DeliveryStatus.refused if number == 0 else DeliveryStatus.accepted,
                next_at=now,
                finished_at=at,
            )
        )
    session.commit()
    assert authentication.daily_volume(session, "mail.example.com", now) == 2
    assert authentication.daily_volume(session, "other.example.org", now) == 0


# What to put into DNS.


def test_what_is_missing_is_named_with_its_value(
    session: Session, sender: Sender, zone: Zone, now: datetime
) -> None:
    look(session, zone, sender, now)
    facts = authentication.facts(session, sender)
    lines = domain_records.wanted(sender, facts, TERM)
    assert [(line.what, line.name, line.value, line.there) for line in lines] == [
        ("SPF", DOMAIN, "v=spf1 ip4:192.0.2.7 ~all", ""),
        ("DMARC", f"_dmarc.{DOMAIN}", "v=DMARC1; p=none; rua=mailto:desk@harbor.example.com", ""),
        ("Mail", DOMAIN, "", ""),
    ]
    assert [line.state for line in lines] == ["warn", "warn", "refuse"]


@pytest.mark.parametrize(
    ("record", "term", "value", "state"),
    [
        ("v=spf1 mx -all", TERM, "v=spf1 ip4:192.0.2.7 mx -all", "warn"),
        ("v=spf1 ip4:192.0.2.7 -all", TERM, "", "pass"),
        ("v=spf1 bogus -all", TERM, "", "warn"),
        ("v=spf1 mx -all", "", "", "unknown"),
    ],
)
def test_a_record_that_is_there_is_extended(
    session: Session,
    sender: Sender,
    zone: Zone,
    now: datetime,
    record: str,
    term: str,
    value: str,
    state: str,
) -> None:
    zone.text(DOMAIN, record)
    question = authentication.take(session, sender.id, now)
    assert question is not None
    facts = domains.looked_up(question, zone.resolver(), term)
    line = domain_records.spf_line(sender, facts, term)
    assert (line.value, line.there, line.state) == (value, record, state)


def test_reports_go_to_the_senders_own_domain(sender: Sender) -> None:
    sender.reply_to = "harbor@desk.example.net"
    line = domain_records.dmarc_line(sender, None)
    assert line.value.endswith("rua=mailto:letters@harbor.example.com")
    assert line.state == "unknown"


def test_a_policy_from_above_is_named(
    session: Session, sender: Sender, zone: Zone, now: datetime
) -> None:
    zone.text("_dmarc.example.com", "v=DMARC1; p=quarantine")
    look(session, zone, sender, now)
    line = domain_records.dmarc_line(sender, authentication.facts(session, sender))
    assert line.words == "In force through example.com: quarantine."
    assert (line.name, line.state) == ("_dmarc.example.com", "pass")


def test_each_key_says_where_it_belongs_and_what_is_there(
    session: Session, site: Site, sender: Sender, zone: Zone, now: datetime
) -> None:
    rsa, ed25519 = rotation.prepare(session, site.keys, sender, now)
    line = domain_records.key_line(sender, rsa, None, now)
    assert (line.name, line.state) == (f"{rsa.selector}._domainkey.{DOMAIN}", "unknown")
    assert line.value == signing.record(rsa)
    publish(zone, rsa)
    look(session, zone, sender, now)
    facts = authentication.facts(session, sender)
    assert domain_records.key_line(sender, rsa, facts, now).state == "pass"
    assert domain_records.key_line(sender, ed25519, facts, now).state == "warn"
    zone.clear(signing.name(rsa, DOMAIN))
    look(session, zone, sender, now)
    facts = authentication.facts(session, sender)
    assert domain_records.key_line(sender, rsa, facts, now).state == "refuse"
    rsa.retired_at = now
    assert domain_records.key_line(sender, rsa, facts, now + timedelta(days=60)).value == ""
