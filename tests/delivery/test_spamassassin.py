"""SpamAssassin's word on what we send by default. It judges no law; the gate does."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import addresses, consent, subscriptions
from mailer.audience.enrolment import Person
from mailer.audience.models import MailingList, Subscription
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.cli import seed
from mailer.compliance import phrases
from mailer.compliance.candidate import Kind
from mailer.delivery import confirmations, signing
from mailer.delivery.office import Office
from mailer.links import Site
from tests import spamassassin

MOST = 1.0  # of the 5.0 points at which it calls a mail spam
ROSA = Reader("rosa@example.org", "Rosa Lindqvist")
# What the reader's own server writes above a mail that comes from a host with a name.
RECEIVED = (
    b"Received: from relay.example.com (relay.example.com [IPv6:2001:db8::5])\r\n"
    b"\tby mx.example.org with ESMTPS id 4cV2Qx; Mon, 02 Mar 2026 15:30:05 +0000\r\n"
)


@pytest.fixture
def public(site: Site) -> Site:
    """The installation as readers know it: an address of its own, over TLS."""
    return replace(site, public_url="https://news.juniperlane.example.com")


@pytest.fixture
def office(session: Session, public: Site, now: datetime) -> Office:
    """The lawful draft of the development data, signed."""
    assert seed.sow(session, public, now)
    campaign = session.scalars(sa.select(Campaign).order_by(Campaign.id)).first()
    assert campaign is not None
    signing.create(session, public.keys, campaign.sender, signing.ED25519, "march", now)
    return Office.of(session, public, campaign, now)


def received(office: Office, number: int = 1) -> bytes:
    url = office.site.unsubscribe(1, 1, number)
    return RECEIVED + office.message(office.copy(ROSA, url), ROSA.email, url, "potting", number)


def with_label(office: Office, label: str) -> Office:
    return replace(office, record=replace(office.record, ad_labels=(label,)))


def test_the_draft_that_comes_with_the_data_scores_below_one(
    office: Office, tmp_path: Path
) -> None:
    (hits,) = spamassassin.hits(tmp_path, received(office))
    assert "HTML_MESSAGE" in hits
    assert sum(hits.values()) < MOST, hits


def test_the_confirmation_mail_scores_below_one(
    session: Session, public: Site, letters: MailingList, now: datetime, tmp_path: Path
) -> None:
    rosa = Person(addresses.parsed(ROSA.email), ROSA.name)
    evidence = consent.Evidence(shown="Yes, mail me.", page="/subscribe/letters")
    number = subscriptions.sign_up(session, now, public.keys, letters, rosa, evidence)
    signing.create(session, public.keys, letters.sender, signing.ED25519, "march", now)
    owed = session.get_one(Subscription, number)
    raw = confirmations.message(session, public, confirmations.asked(owed), now)
    (hits,) = spamassassin.hits(tmp_path, RECEIVED + raw)
    assert "HTML_MESSAGE" in hits
    assert sum(hits.values()) < MOST, hits


def test_the_advertising_label_costs_nothing_in_any_language(
    office: Office, tmp_path: Path
) -> None:
    labels = [label.format(sender=office.record.legal_name) for label in phrases.AD_LABELS]
    bare = received(replace(office, kind=Kind.editorial))
    labelled = [received(with_label(office, label)) for label in labels]
    assert all(b"Advertisement" not in mail for mail in (bare, *labelled[1:]))
    without, *hits = spamassassin.hits(tmp_path, bare, *labelled)
    assert dict(zip(labels, hits, strict=True)) == dict.fromkeys(labels, without)


def test_the_wording_that_the_gate_warns_of_does_cost(office: Office, tmp_path: Path) -> None:
    (hits,) = spamassassin.hits(tmp_path, received(with_label(office, "This is an advertisement")))
    assert hits["ADMITS_SPAM"] > 0
