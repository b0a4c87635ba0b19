"""The gate at hand-off: no template can take from one reader what the others have."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mailer.accounts.models import AuditEntry
from mailer.audience import senders
from mailer.campaigns import lifecycle
from mailer.campaigns.facts import Facts
from mailer.campaigns.models import Campaign, CampaignStatus, ContentType
from mailer.campaigns.rendering import Reader
from mailer.campaigns.shapes import Filled, Shape
from mailer.delivery import checks, launch, signing, statistics
from mailer.delivery.approval import Unlawful
from mailer.delivery.inspection import Inspector
from mailer.delivery.marks import Marks
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.office import Office
from mailer.delivery.overrides import Acceptance
from tests.conftest import MakeReader
from tests.delivery.conftest import MakeCampaign, Yard
from tests.relays import Sink

pytestmark = pytest.mark.usefixtures("database")


def test_a_condition_that_takes_the_footer_from_one_reader_excludes_her(
    yard: Yard,
    make_reader: MakeReader,
    make_campaign: MakeCampaign,
    smtp_sink: Sink,
) -> None:
    """A lone reader whom neither the sample of the gate holds nor one of its made-up readers."""
    for number in range(20):
        make_reader(f"reader{number}", attributes={"code": "abc" if number == 10 else ""})
    campaign = make_campaign(
        body="Low water is at nine on Sunday.\n\n"
        "{% assign long = subscriber.attributes.code | default: '' | size %}{% if long == 3 %}"
        "\n\nNo footer\n\n{% else %}\n\n{{ legal_footer }}\n\n{% endif %}"
    )
    yard.start(campaign)
    yard.run(campaign)
    assert "reader10@example.org" not in {mail.rcpt_to[0] for mail in smtp_sink.caught}
    assert len(smtp_sink.caught) == 19
    report = statistics.report(yard.session, campaign)
    assert report.states[DeliveryStatus.excluded] == 1
    assert "R16" in next(iter(report.reasons))


@pytest.mark.parametrize(
    "condition",
    [
        "subscriber.attributes.vip",
        "subscriber.attributes.lang == 'de'",
        "subscriber.email contains '@gmail.com'",
        "subscriber.attributes.age > 17",
    ],
)
def test_a_branch_without_the_footer_is_found_before_anybody_is_mailed(
    yard: Yard, make_reader: MakeReader, make_campaign: MakeCampaign, condition: str
) -> None:
    """None of the readers there are takes that branch, but one could."""
    make_reader("rosa")
    campaign = make_campaign(
        body=f"Low water is at nine on Sunday.\n\n{{% if {condition} %}}\n\nNo footer"
        "\n\n{% else %}\n\n{{ legal_footer }}\n\n{% endif %}"
    )
    with pytest.raises(checks.Refused) as refusal:
        yard.start(campaign)
    assert "R16" in {finding.rule for finding in refusal.value.verdict.refusals}


@pytest.mark.parametrize("quirk", ["unsubscribe_url", "subscriber.email"])
def test_a_template_that_shows_the_gate_another_face_gets_nowhere(
    yard: Yard,
    make_reader: MakeReader,
    make_campaign: MakeCampaign,
    smtp_sink: Sink,
    quirk: str,
) -> None:
    """It hides the footer from everybody but the reader that the gate is thought to see."""
    for number in range(12):
        make_reader(f"reader{number}")
    sample = "/u/0-0-0." if quirk == "unsubscribe_url" else "reader@example.com"
    two_faced = make_campaign(
        subject="Low water on Sunday",
        body="<p>The ferry leaves an hour earlier on Sunday than it does on other days.</p>"
        f"{{% if {quirk} contains '{sample}' %}}<div>{{% else %}}"
        "<div style='display:none'>{% endif %}{{ legal_footer }}</div>",
        content_type=ContentType.html,
    )
    try:
        yard.start(two_faced)
    except checks.Refused:
        return
    yard.run(two_faced)
    assert smtp_sink.caught == []
    assert set(yard.statuses(two_faced).values()) == {"excluded"}


def test_a_copy_with_another_readers_link_in_its_header_is_held_back(
    yard: Yard, tides: Campaign
) -> None:
    """Its parts are like those of a copy that was judged, and so is its subject."""
    office = Office.of(yard.session, yard.site, tides, yard.clock())
    inspector = Inspector(office, yard.clock)
    rosa, ines = Reader("rosa@example.org"), Reader("ines@example.org")
    hers, others = (yard.site.unsubscribe(1, number, number) for number in (1, 2))
    copy = office.copy(rosa, hers)
    inspector.approved(office.message(copy, rosa.email, hers, "x", 1), copy, rosa, hers)
    copy = office.copy(ines, others)
    swapped = office.message(copy, ines.email, hers, "x", 2)
    with pytest.raises(Unlawful, match="List-Unsubscribe"):
        inspector.approved(swapped, copy, ines, others)


def test_an_attestation_that_runs_out_holds_the_campaign_and_loses_nobody(
    yard: Yard, make_reader: MakeReader, tides: Campaign, smtp_sink: Sink
) -> None:
    make_reader("rosa")
    tides.sender.attested_on = yard.clock().date() - timedelta(days=366)
    yard.session.commit()
    launch_with_reason(yard, tides)
    yard.clock.wait(days=1)
    yard.run(tides)
    assert (tides.status, yard.statuses(tides)) == (CampaignStatus.paused, {"rosa": "pending"})
    assert "R15, the sender record is incomplete or not confirmed" in tides.hold_reason
    held = yard.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert held is not None
    assert (held.actor, held.action) == ("mailer", "campaign.pause")
    assert (held.subject, held.reason) == (f"campaign {tides.id}", tides.hold_reason)
    with pytest.raises(checks.Refused):
        yard.steer(tides, "resume")
    yard.session.rollback()
    senders.attest(tides.sender, "ana@harbor.example", yard.clock())
    yard.steer(tides, "resume")
    yard.run(tides)
    assert yard.statuses(tides) == {"rosa": "accepted"}
    assert len(smtp_sink.caught) == 1


@pytest.mark.by_hand
def test_a_signing_key_that_is_withdrawn_holds_the_campaign_and_loses_nobody(
    yard: Yard, make_reader: MakeReader, tides: Campaign, smtp_sink: Sink
) -> None:
    """Outside of development, where a copy must be signed."""
    for name in ("rosa", "ines"):
        make_reader(name)
    yard.start(tides)
    yard.site = replace(yard.site, public_url="https://news.harbor.example", development=False)
    yard.run(tides)
    assert tides.status is CampaignStatus.paused
    assert set(yard.statuses(tides).values()) == {"pending"}
    assert "R41, the signature does not cover" in tides.hold_reason
    assert smtp_sink.caught == []
    key = signing.ED25519, "march"
    signing.create(yard.session, yard.site.keys, tides.sender, *key, yard.clock())
    lifecycle.start(yard.session, tides, yard.clock())  # the gate would ask for DNS
    yard.session.commit()
    yard.run(tides)
    assert set(yard.statuses(tides).values()) == {"accepted"}


def launch_with_reason(yard: Yard, campaign: Campaign) -> None:
    """Start a campaign whose attestation is about to run out, which is a warning."""
    said = Acceptance("ana", {"R15": "The form is on its way."})
    launch.start(yard.session, yard.site, campaign, yard.clock(), said)
    launch.record(yard.session, campaign, yard.clock(), "start")
    yard.session.commit()


def test_a_claim_of_one_readers_subject_excludes_her_and_holds_nobody_up(
    yard: Yard, make_reader: MakeReader, make_campaign: MakeCampaign
) -> None:
    """What only her own words say was unlawful at the start already: time is not to blame."""
    for number in range(20):
        slogan = "The sale ends tonight" if number == 10 else "Low water"
        make_reader(f"reader{number}", attributes={"slogan": slogan})
    gone = yard.clock() - timedelta(days=1)
    campaign = make_campaign(
        subject="{{ subscriber.attributes.slogan | default: 'Low water' }}",
        body="Low water: the sale of ropes ended.\n\n{{ legal_footer }}",
        facts=Facts(offer_ends=f"{gone:%Y-%m-%dT%H:%M}", offer_zone="UTC", offer_terms="Ropes"),
    )
    yard.start(campaign)
    yard.run(campaign)
    statuses = yard.statuses(campaign)
    assert (statuses.pop("reader10"), set(statuses.values())) == ("excluded", {"accepted"})
    assert campaign.status is CampaignStatus.running


@pytest.mark.parametrize("lost", ["the link", "the place"])
@pytest.mark.parametrize("part", ["html", "text"])
def test_each_copy_is_searched_for_its_link_and_footer(
    yard: Yard, tides: Campaign, part: str, lost: str
) -> None:
    office = Office.of(yard.session, yard.site, tides, yard.clock())
    rosa, url = Reader("rosa@example.org"), yard.site.unsubscribe(1, 1, 1)
    copy = office.copy(rosa, url)
    raw = office.message(copy, rosa.email, url, "x", 1)
    marks = Marks.of(raw, copy, office.record, office.wire.between)
    assert marks.missing(raw, copy, url) is None
    gone = url if lost == "the link" else office.record.legal_name
    pieces = [piece.replace(gone, "") for piece in getattr(copy, part).pieces()]
    bare = Filled(Shape(tuple(pieces)), ())
    without = copy._replace(html=bare) if part == "html" else copy._replace(text=bare)
    raw = office.message(without, rosa.email, url, "x", 1)
    assert marks.missing(raw, without, url) == gone


def test_the_body_of_each_kind_of_copy_is_judged_once(
    yard: Yard, make_reader: MakeReader, tides: Campaign
) -> None:
    readers = [make_reader(f"reader{number}") for number in range(6)]
    readers.append(make_reader("main"))  # a word of the postal address: a kind of its own
    office = Office.of(yard.session, yard.site, tides, yard.clock())
    inspector = Inspector(office, yard.clock)
    for number, one in enumerate(readers):
        reader = Reader(one.email, one.name)
        url = yard.site.unsubscribe(1, one.id, number)
        copy = office.copy(reader, url)
        inspector.approved(office.message(copy, one.email, url, "x", 1), copy, reader, url)
    assert len(inspector.kinds) == 2
