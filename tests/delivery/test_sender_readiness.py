"""What is looked up and proven is what the gate asks for: R02 and R03 on the bytes that leave."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.compliance import gate
from mailer.compliance.finding import Finding
from mailer.compliance.readiness import Readiness
from mailer.delivery import authentication, domains, reply_probes, rotation, signing
from mailer.delivery.office import Office
from mailer.links import Site
from tests.names import Zone

DOMAIN = "harbor.example.com"


def look(session: Session, zone: Zone, sender: Sender, now: datetime) -> None:
    question = authentication.take(session, sender.id, now)
    assert question is not None
    facts = domains.looked_up(question, zone.resolver(), "ip4:192.0.2.7")
    authentication.keep(session, question, facts, now)
    session.commit()


def findings(session: Session, site: Site, campaign: Campaign, now: datetime) -> list[Finding]:
    """Judge one copy as production would, by what is known of the sending side."""
    there = Site("https://news.example.com", site.keys)
    office = Office.of(session, there, campaign, now)
    url = there.unsubscribe(0, 0, 0)
    rosa = Reader("rosa@example.org")
    copy = office.copy(rosa, url)
    raw = office.message(copy, "rosa@example.org", url, "letters", 1)
    readiness = Readiness(
        authentication=authentication.known(session, campaign.sender, now),
        replies=reply_probes.known(session, campaign.sender, now),
    )
    candidate = replace(office.candidate(raw, url, rosa, now, now), readiness=readiness)
    verdict = gate.judge(candidate)
    return [one for one in verdict.findings if one.rule in {"R02", "R03"}]


@pytest.fixture
def proven(session: Session, site: Site, sender: Sender, zone: Zone, now: datetime) -> list[str]:
    """Everything in order; returns where the keys stand in DNS."""
    zone.text(DOMAIN, "v=spf1 ip4:192.0.2.7 -all")
    zone.text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=none")
    zone.put(DOMAIN, "A", "192.0.2.9")
    places = []
    for key in rotation.prepare(session, site.keys, sender, now):
        places.append(signing.name(key, DOMAIN))
        zone.text(places[-1], signing.record(key))
    look(session, zone, sender, now)
    reply_probes.answer(session, reply_probes.request(session, sender, now).id, now)
    session.commit()
    return places


@pytest.mark.usefixtures("proven")
def test_a_sender_in_order_is_not_stopped(
    session: Session, site: Site, tides: Campaign, now: datetime
) -> None:
    assert findings(session, site, tides, now) == []


def test_keys_that_leave_dns_stop_the_sender(
    session: Session, site: Site, tides: Campaign, zone: Zone, proven: list[str], now: datetime
) -> None:
    zone.clear(proven[1])
    look(session, zone, tides.sender, now)
    assert [one.severity.value for one in findings(session, site, tides, now)] == ["warn"]
    zone.clear(proven[0])
    look(session, zone, tides.sender, now)
    found = findings(session, site, tides, now)
    assert {one.severity.value for one in found} == {"refuse"}
    assert f"There is no TXT record at {proven[0]}." in [one.evidence for one in found]


@pytest.mark.usefixtures("proven")
def test_a_domain_that_takes_no_mail_stops_the_sender(
    session: Session, site: Site, tides: Campaign, zone: Zone, now: datetime
) -> None:
    zone.records.pop((DOMAIN, "A"))
    look(session, zone, tides.sender, now)
    found = findings(session, site, tides, now)
    assert {one.rule for one in found} == {"R03"}


@pytest.mark.usefixtures("proven")
def test_proof_fades(session: Session, site: Site, tides: Campaign, now: datetime) -> None:
    later = now + timedelta(days=91)
    assert {one.rule for one in findings(session, site, tides, later)} == {"R02", "R03"}


def test_nothing_known_stops_the_sender(
    session: Session, site: Site, tides: Campaign, now: datetime
) -> None:
    found = findings(session, site, tides, now)
    assert {one.rule for one in found} == {"R02", "R03"}
    assert {one.severity.value for one in found} == {"refuse"}
