"""Warnings are accepted by a named person with a reason, each for what it said and no more."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry
from mailer.audience.models import Subscriber
from mailer.campaigns import lifecycle
from mailer.campaigns.drafts import Draft, edit
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.compliance import gate
from mailer.delivery import checks, launch, overrides
from mailer.delivery.models import Delivery, Override
from mailer.delivery.overrides import Acceptance, NeedsOverride
from mailer.links import Site
from tests.delivery.conftest import LAWFUL, Clock, MakeCampaign

pytestmark = pytest.mark.usefixtures("database", "rosa")

WHY = "The boat is free of charge for everybody, there are no terms."
SAID = Acceptance("command line", {"R08": WHY})


@pytest.fixture
def free(make_campaign: MakeCampaign) -> Campaign:
    """A draft with one warning: its subject says "free", and no terms are stated."""
    return make_campaign(subject="Free on Sunday", body=f"The ferry is free on Sunday.\n\n{LAWFUL}")


def test_an_honest_first_letter_has_no_warnings(
    session: Session, site: Site, tides: Campaign, now: datetime
) -> None:
    assert checks.examined(session, site, tides, now).warnings == ()


def test_a_warning_that_nobody_accepted_stops_every_start(
    session: Session, site: Site, free: Campaign, now: datetime
) -> None:
    with pytest.raises(NeedsOverride) as start:
        launch.start(session, site, free, now)
    assert [finding.rule for finding in start.value.open_ones] == ["R08"]
    with pytest.raises(NeedsOverride):
        launch.schedule(session, site, free, now + timedelta(days=1), now)
    assert free.status is CampaignStatus.draft
    assert session.scalars(sa.select(Delivery)).all() == []


@pytest.mark.parametrize("reason", ["", "   ", "ok", "\n\n\n\n\n\n\n\n\n\n\n"])
def test_a_reason_that_says_nothing_is_none(
    session: Session, site: Site, free: Campaign, now: datetime, reason: str
) -> None:
    with pytest.raises(NeedsOverride):
        launch.start(session, site, free, now, Acceptance("command line", {"R08": reason}))


def test_an_accepted_warning_is_kept_with_who_why_and_when(
    session: Session, site: Site, free: Campaign, now: datetime
) -> None:
    launch.start(session, site, free, now, SAID)
    session.commit()
    kept = session.scalars(sa.select(Override)).one()
    assert (kept.rule, kept.actor, kept.reason, kept.at) == ("R08", "command line", WHY, now)
    assert kept.ruleset == free.ruleset == gate.RULESET
    entry = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "campaign.accept")
    ).one()
    assert (entry.subject, entry.reason) == (f"campaign {free.id}", f"R08: {WHY}")


def test_what_was_accepted_at_scheduling_starts_by_itself(
    session: Session, site: Site, free: Campaign, clock: Clock
) -> None:
    launch.schedule(session, site, free, clock() + timedelta(minutes=5), clock(), SAID)
    session.commit()
    clock.wait(minutes=6)
    assert list(launch.start_due(session, site, clock())) == [free]
    assert free.status is CampaignStatus.running
    assert len(session.scalars(sa.select(Override)).all()) == 1


def test_a_text_that_changes_the_finding_makes_the_override_void(
    session: Session, site: Site, free: Campaign, clock: Clock
) -> None:
    launch.schedule(session, site, free, clock() + timedelta(minutes=5), clock(), SAID)
    lifecycle.unschedule(session, free, clock())
    draft = Draft("Tides", "Free today", free.sender_id, (free.lists[0].id,), body=free.body)
    edit(session, free, draft, free.revision, clock())
    with pytest.raises(NeedsOverride):
        launch.start(session, site, free, clock())


def test_a_warning_that_is_new_when_it_is_due_holds_it_back(
    session: Session, site: Site, tides: Campaign, clock: Clock
) -> None:
    launch.schedule(session, site, tides, clock() + timedelta(minutes=5), clock())
    tides.subject = "Free low water on Sunday"
    session.commit()
    clock.wait(minutes=6)
    list(launch.start_due(session, site, clock()))
    assert tides.status is CampaignStatus.draft
    assert "nobody has accepted" in tides.hold_reason


def test_a_refusal_cannot_be_accepted(
    session: Session, site: Site, make_campaign: MakeCampaign, now: datetime
) -> None:
    bare = make_campaign(body="Low water is at nine on Sunday.")
    everything = {rule.id: "I should like to send it all the same." for rule in gate.RULES}
    with pytest.raises(checks.Refused):
        launch.start(session, site, bare, now, Acceptance("command line", everything))
    assert session.scalars(sa.select(Override)).all() == []


def test_a_finding_about_readers_is_the_same_whoever_was_sampled(
    session: Session, site: Site, tides: Campaign, now: datetime, rosa: Subscriber
) -> None:
    rosa.email = "abuse@example.org"
    first = checks.examined(session, site, tides, now).warnings
    rosa.email = "postmaster@example.org"
    second = checks.examined(session, site, tides, now).warnings
    assert [f.rule for f in first] == ["R38"]
    assert first[0].evidence != second[0].evidence
    assert overrides.fingerprint(first[0]) == overrides.fingerprint(second[0])
