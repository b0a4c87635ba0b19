"""A notice of an incident reaches whom the law wants told, and nobody else; nothing else does."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing, suppressions
from mailer.audience.affected import AffectedPerson
from mailer.audience.models import MailingList, Sender, Subscriber
from mailer.audience.words import Scope, SubscriberStatus, SubscriptionStatus
from mailer.campaigns import drafts
from mailer.campaigns.drafts import BadDraft, Draft
from mailer.campaigns.models import Campaign
from mailer.compliance.candidate import Kind
from mailer.delivery import audience, checks
from mailer.links import Site
from mailer.privacy import erasure, restriction
from mailer.privacy.incidents import affected, notice, register, uploads
from mailer.privacy.incidents.models import Incident
from tests.conftest import MakeReader
from tests.delivery.conftest import Yard
from tests.relays import Sink

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def incident(session: Session, now: datetime) -> Incident:
    facts = register.Facts(
        "A stolen laptop",
        now,
        now,
        happened="A laptop with a copy of the list was stolen from our office.",
        data="Addresses and first names.",
        consequences="Somebody could write to you and pretend to be us.",
        measures="The laptop is locked. Do not answer messages that ask for a password.",
        contact="desk@harbor.example.com",
    )
    made = register.enter(session, now, "a test", facts)
    session.commit()
    return made


def left(session: Session, reader: Subscriber, scope: Scope, reason: str, now: datetime) -> None:
    place = reader.subscriptions[0]
    numbers = {Scope.list: place.list_id, Scope.sender: place.list.sender_id}
    refusal = suppressions.Refusal(scope, numbers.get(scope, 0), reason=reason)
    suppressions.suppress(session, now, reader.address_key, refusal)
    place.status, place.unsubscribed_at = SubscriptionStatus.unsubscribed, now
    session.commit()


@pytest.fixture
def people(session: Session, make_reader: MakeReader, now: datetime) -> None:
    """One reader for each thing that can stand against mail."""
    for name, scope, reason in (
        ("left", Scope.list, "unsubscribed"),
        ("objected", Scope.everything, "objected"),
        ("complained", Scope.sender, "complaint"),
        ("invalid", Scope.everything, "invalid"),
        ("blocked", Scope.everything, "blocked"),
        ("returning", Scope.everything, "erased"),  # signs up anew, and has not confirmed yet
    ):
        left(session, make_reader(name), scope, reason, now)
    make_reader("faithful")
    make_reader("waiting", SubscriptionStatus.unconfirmed)
    make_reader("paused").paused_until = now
    make_reader("disabled").status = SubscriberStatus.disabled
    make_reader("blocklisted").status = SubscriberStatus.blocklisted
    restriction.restrict(session, now, make_reader("restricted").id, "a test", reason="a dispute")
    erasure.erase(session, make_reader("erased"), now, "a test", reason="her request")
    session.commit()


TOLD = {"left", "objected", "complained", "faithful", "waiting", "paused"}


def draft(session: Session, incident: Incident, sender: Sender, now: datetime) -> Campaign:
    campaign = notice.draft(session, now, "a test", incident, sender)
    session.commit()
    return campaign


@pytest.mark.usefixtures("people")
def test_who_left_is_told_and_who_was_erased_is_not(
    yard: Yard, incident: Incident, sender: Sender, now: datetime, smtp_sink: Sink
) -> None:
    affected.add_everybody(yard.session, incident.id)
    campaign = draft(yard.session, incident, sender, now)
    yard.start(campaign)
    assert yard.run(campaign) is False
    got = {mail.rcpt_to[0].partition("@")[0] for mail in smtp_sink.caught}
    assert got == TOLD
    assert notice.unreached(yard.session, incident.id) == 6
    assert register.told_at(yard.session, incident) == now


@pytest.mark.usefixtures("people")
def test_another_campaign_reaches_none_of_those_who_left(
    yard: Yard, tides: Campaign, smtp_sink: Sink
) -> None:
    yard.start(tides)
    yard.run(tides)
    assert [mail.rcpt_to for mail in smtp_sink.caught] == [("faithful@example.org",)]


def test_only_the_affected_are_told(
    yard: Yard,
    incident: Incident,
    sender: Sender,
    make_reader: MakeReader,
    now: datetime,
    smtp_sink: Sink,
) -> None:
    make_reader("rosa")
    make_reader("tomas")
    rings = uploads.rings(
        yard.site.keys,
        "email;name\nROSA@example.org;Rosa\nstranger@example.net\n",
        test_environment=True,
    )
    assert affected.add_addresses(yard.session, incident.id, rings) == (1, 1)
    campaign = draft(yard.session, incident, sender, now)
    assert audience.arithmetic(yard.session, campaign, now) == {
        standing.MAILABLE: 1,
        audience.NOT_AFFECTED: 1,
    }
    yard.start(campaign)
    yard.run(campaign)
    assert [mail.rcpt_to for mail in smtp_sink.caught] == [("rosa@example.org",)]


def test_who_is_erased_after_the_freeze_is_stopped_at_the_fence(
    yard: Yard, incident: Incident, sender: Sender, make_reader: MakeReader, now: datetime
) -> None:
    rosa, ines = make_reader("rosa"), make_reader("ines")
    affected.add_everybody(yard.session, incident.id)
    campaign = draft(yard.session, incident, sender, now)
    yard.start(campaign)
    hold = yard.hold(campaign)
    people = yard.people(hold)
    left(yard.session, rosa, Scope.everything, "objected", now)
    left(yard.session, ines, Scope.everything, "invalid", now)
    assert yard.pass_fence(hold, *people) == 1
    assert yard.statuses(campaign) == {"rosa": "sending", "ines": "suppressed"}


def test_a_notice_stays_a_service_notice_and_its_copy_is_none(
    session: Session,
    incident: Incident,
    sender: Sender,
    rosa: Subscriber,
    letters: MailingList,
    now: datetime,
) -> None:
    assert rosa
    affected.add_everybody(session, incident.id)
    campaign = draft(session, incident, sender, now)
    words = Draft("Sale", "Sale", sender.id, (letters.id,), kind=Kind.commercial)
    with pytest.raises(BadDraft):
        drafts.edit(session, campaign, words, campaign.revision, now)
    assert not drafts.duplicate(session, campaign, now).is_notice
    campaign.kind = Kind.commercial
    assert not campaign.is_notice


def test_the_draft_passes_the_gate_and_an_advertisement_in_it_does_not(
    session: Session,
    site: Site,
    incident: Incident,
    sender: Sender,
    rosa: Subscriber,
    now: datetime,
) -> None:
    assert rosa
    affected.add_everybody(session, incident.id)
    campaign = draft(session, incident, sender, now)
    assert checks.examined(session, site, campaign, now).is_lawful
    campaign.body = campaign.body.replace("Hello,", "Summer sale: 20 % off everything!")
    refused = checks.examined(session, site, campaign, now).refusals
    assert "R25" in {one.rule for one in refused}


def test_nobody_affected_is_no_notice(
    session: Session, incident: Incident, sender: Sender, letters: MailingList, now: datetime
) -> None:
    assert letters
    with pytest.raises(notice.NobodyAffected):
        notice.draft(session, now, "a test", incident, sender)


def test_erasing_her_takes_her_out_of_incidents(
    session: Session, incident: Incident, rosa: Subscriber, now: datetime
) -> None:
    affected.add_everybody(session, incident.id)
    assert affected.told(session, rosa.address_key) == [(now, "A stolen laptop", incident.data)]
    erasure.erase(session, rosa, now, "a test", reason="her request")
    assert session.scalars(sa.select(AffectedPerson)).all() == []
