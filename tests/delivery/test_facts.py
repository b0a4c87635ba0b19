"""Facts of a campaign reach the gate: offers and the clock, kinds, advertisers, dealings."""

from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber
from mailer.campaigns.facts import Facts
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.campaigns.rendering import Reader
from mailer.compliance import gate
from mailer.compliance.candidate import Kind
from mailer.delivery import checks, launch
from mailer.delivery.inspection import TIMELY, Inspector
from mailer.delivery.office import Office
from mailer.links import Site
from tests.conftest import MakeReader
from tests.delivery.conftest import Clock, MakeCampaign, Yard
from tests.relays import Sink

pytestmark = pytest.mark.usefixtures("database", "rosa")

BODY = "The summer sale ends tonight: 20 % off all ropes.\n\n{{ legal_footer }}\n"
SALE = {"subject": "Summer sale: 20 % off ends tonight", "body": BODY}
OFFER = Facts(
    offer_zone="Europe/Berlin", offer_terms="All ropes", offer_claims="20 % off: all ropes"
)


def local(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def sale(make: MakeCampaign, ends: str, zone: str = "UTC", **more: object) -> Campaign:
    facts = Facts(**{**OFFER.__dict__, "offer_ends": ends, "offer_zone": zone})
    return make(**{**SALE, "facts": facts, **more})


def found(session: Session, site: Site, campaign: Campaign, now: datetime) -> set[tuple[str, str]]:
    verdict = checks.examined(session, site, campaign, now)
    return {(f.rule, f.severity.value) for f in verdict.findings if f.severity.value != "note"}


def test_a_claim_is_held_against_the_end_in_the_zone_of_the_offer(
    session: Session, site: Site, make_campaign: MakeCampaign
) -> None:
    """Half an hour to midnight in Berlin is half past two in the afternoon in Los Angeles."""
    now = datetime(2026, 7, 10, 21, 30, tzinfo=UTC)
    make_campaign()
    berlin = sale(make_campaign, "2026-07-11T00:00", "Europe/Berlin")
    assert found(session, site, berlin, now) == set()
    late = sale(make_campaign, "2026-07-11T23:59", "America/Los_Angeles")
    assert found(session, site, late, now) == {("R08", "refuse")}


def test_a_schedule_is_judged_as_of_its_own_time(
    session: Session, site: Site, make_campaign: MakeCampaign, now: datetime
) -> None:
    ends = (now + timedelta(days=3)).replace(hour=22, minute=0)
    campaign = sale(make_campaign, local(ends))
    with pytest.raises(checks.Refused):
        launch.start(session, site, campaign, now)
    session.rollback()
    launch.schedule(session, site, campaign, ends - timedelta(hours=4), now)
    assert found(session, site, campaign, now) == set()


def test_a_queue_that_was_held_up_does_not_say_tonight_tomorrow(
    yard: Yard, make_reader: MakeReader, make_campaign: MakeCampaign, smtp_sink: Sink, clock: Clock
) -> None:
    for number in range(3):
        make_reader(f"reader{number}")
    ends = clock() + timedelta(hours=1)
    campaign = sale(make_campaign, local(ends))
    yard.start(campaign)
    yard.session.commit()
    clock.wait(minutes=90)
    yard.run(campaign)
    assert smtp_sink.caught == []
    assert set(yard.statuses(campaign).values()) == {"pending"}
    assert campaign.status is CampaignStatus.paused
    assert "R08" in campaign.hold_reason


def test_readers_before_the_end_are_mailed_and_those_after_it_are_not(
    yard: Yard, make_campaign: MakeCampaign, clock: Clock
) -> None:
    """One inspector, as in one turn of the queue; the minute decides, not the first copy."""
    clock.time = clock.time.replace(hour=18, minute=59, second=40)
    campaign = sale(make_campaign, local(clock().replace(hour=19, minute=0)))
    office = Office.of(yard.session, yard.site, campaign, clock())
    inspector = Inspector(office, clock)
    said = []
    for second in (0, 10, 20, 30):
        clock.time = clock.time.replace(minute=59, second=40) + timedelta(seconds=second)
        said.append(verdict_on(inspector, office, Reader("a@example.org", "Ana")))
    assert [not one for one in said] == [True, True, False, False]


def verdict_on(inspector: Inspector, office: Office, reader: Reader) -> str:
    url = office.site.unsubscribe(1, 1, 1)
    copy = office.copy(reader, url)
    raw = office.message(copy, reader.email, url, "x", 1)
    try:
        inspector.approved(raw, copy, reader, url)
    except Exception as error:  # noqa: BLE001 - its words are what is asked for
        return str(error)
    return ""


def test_an_attestation_that_runs_out_is_noticed_the_day_after(
    yard: Yard, tides: Campaign, clock: Clock
) -> None:
    tides.sender.attested_on = clock().date() - timedelta(days=366)
    office = Office.of(yard.session, yard.site, tides, clock())
    inspector = Inspector(office, clock)
    assert not verdict_on(inspector, office, Reader("a@example.org"))
    clock.wait(days=1)
    assert "R15" in verdict_on(inspector, office, Reader("a@example.org"))


def test_a_subject_of_one_reader_only_is_judged_too(
    yard: Yard, make_campaign: MakeCampaign, clock: Clock
) -> None:
    vip = "{% if subscriber.attributes.vip %}Your order: 50 % off{% else %}Low water{% endif %}"
    campaign = sale(make_campaign, "", subject=vip, body="Low water: 20 %.\n\n{{ legal_footer }}")
    office = Office.of(yard.session, yard.site, campaign, clock())
    inspector = Inspector(office, clock)
    assert not verdict_on(inspector, office, Reader("a@example.org"))
    assert "R08" in verdict_on(inspector, office, Reader("b@example.org", attributes={"vip": 1}))


def test_the_clock_costs_each_copy_next_to_nothing(
    yard: Yard, make_campaign: MakeCampaign, clock: Clock
) -> None:
    campaign = sale(make_campaign, local(clock().replace(hour=23, minute=0)))
    office = Office.of(yard.session, yard.site, campaign, clock())
    inspector, url = Inspector(office, clock), yard.site.unsubscribe(1, 1, 1)
    reader = Reader("a@example.org")
    copy = office.copy(reader, url)
    raw = office.message(copy, reader.email, url, "x", 1)
    inspector.timely(raw, copy.subject, reader, url)
    begun = perf_counter()
    for _ in range(1000):
        inspector.timely(raw, copy.subject, reader, url)
    assert (perf_counter() - begun) / 1000 < 0.000_1
    assert {rule.id for rule in TIMELY} == {"R08", "R15"}


def test_an_editorial_without_a_reason_is_refused_and_with_one_it_goes(
    session: Session, site: Site, make_campaign: MakeCampaign, now: datetime
) -> None:
    bare = make_campaign(kind=Kind.editorial)
    assert found(session, site, bare, now) == {("R25", "refuse")}
    reason = Facts(kind_reason="The tide table that readers subscribed to.")
    reasoned = make_campaign(kind=Kind.editorial, facts=reason)
    assert found(session, site, reasoned, now) == set()


def test_a_service_notice_needs_no_label_and_may_not_advertise(
    session: Session, site: Site, make_campaign: MakeCampaign, now: datetime
) -> None:
    facts = Facts(kind_reason="The office is closed, which members must know.")
    notice = make_campaign(kind=Kind.service, facts=facts)
    assert found(session, site, notice, now) == set()
    notice.body = f"Summer sale: 20 % off everything!\n\n{notice.body}"
    assert ("R25", "refuse") in found(session, site, notice, now)


def test_a_transactional_campaign_names_each_readers_own_dealing(
    yard: Yard, make_reader: MakeReader, make_campaign: MakeCampaign, smtp_sink: Sink
) -> None:
    make_reader("buyer", attributes={"order_number": "A-77"})
    facts = Facts("A recall of what was bought.", "safety", "order_number")
    body = (
        "Your order {{ subscriber.attributes.order_number | default: 'of ours' }}: the rope is "
        "recalled. Please stop using it.\n\n{{ legal_footer }}\n"
    )
    recall = make_campaign(
        kind=Kind.transactional, subject="Recall of your rope", body=body, facts=facts
    )
    with pytest.raises(checks.Refused) as refusal:  # Rosa bought nothing
        yard.start(recall)
    assert {f.rule for f in refusal.value.verdict.refusals} == {"R25"}
    yard.session.rollback()
    rosa = yard.session.query(Subscriber).filter_by(email="rosa@example.org").one()
    rosa.attributes = {"order_number": "A-78"}
    yard.session.commit()
    yard.start(recall)
    yard.run(recall)
    assert len(smtp_sink.caught) == 2


def test_other_advertisers_want_the_sender_to_advertise_too(
    session: Session, site: Site, make_campaign: MakeCampaign, now: datetime
) -> None:
    body = "Low water is at nine on Sunday. Ropes by Rope Ltd.\n\n{{ legal_footer }}"
    for facts, expected in (
        (Facts(advertisers="Rope Ltd"), set()),
        (Facts(advertisers="Rope Ltd", is_own_promoted=False), {("R26", "refuse")}),
        (Facts("", "", "", False, "Rope Ltd", False, True), set()),  # noqa: FBT003 - a table
    ):
        assert found(session, site, make_campaign(facts=facts, body=body), now) == expected


def test_a_pack_that_is_switched_off_asks_nothing_and_promises_always_do(
    session: Session, site: Site, make_campaign: MakeCampaign, now: datetime
) -> None:
    campaign = make_campaign(facts=Facts(advertisers="Rope Ltd", is_own_promoted=False))
    campaign.sender.packs = ""
    assert found(session, site, campaign, now) == set()
    campaign.body = "No footer."
    assert {"R13", "R14", "R16"} <= {rule for rule, _ in found(session, site, campaign, now)}
    assert {rule.id for rule in gate.RULES} - {
        rule.id for rule in gate.bound(Kind.commercial, frozenset())
    } == {"R12", "R21", "R26", "R30", "R31", "R35", "R38", "R39", "R43", "R44"}
