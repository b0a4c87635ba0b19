"""The certificate of a send: sealed, signed, and bound to what was approved."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from mailer import ledger
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.compliance import gate
from mailer.delivery import cells, certificates, discretion, launch
from mailer.delivery.certificates import BadCertificate
from mailer.delivery.models import Certificate, Occasion
from mailer.delivery.overrides import Acceptance
from mailer.links import Site
from tests.conftest import MakeReader
from tests.delivery.conftest import LAWFUL, MakeCampaign, Yard
from tests.relays import Sink

pytestmark = pytest.mark.usefixtures("database")
ALL_RULES = [rule.id for rule in gate.RULES]


@pytest.fixture
def sent(yard: Yard, make_reader: MakeReader, tides: Campaign) -> Campaign:
    """A campaign that everybody has got."""
    for name in ("rosa", "ines", "omar"):
        make_reader(name)
    yard.start(tides)
    yard.run(tides)
    launch.finish(yard.session, yard.site, tides, yard.clock())
    yard.session.commit()
    return tides


def told(yard: Yard, campaign: Campaign) -> list[dict[str, object]]:
    yard.session.expire_all()
    return [json.loads(page.content) for page in certificates.pages(yard.session, campaign.id)]


def test_it_says_what_was_approved_by_whom_and_what_became_of_it(
    yard: Yard, sent: Campaign
) -> None:
    start, end = told(yard, sent)
    assert start["by"] == "the schedule"
    assert start["audience"] == {"": 3}
    assert start["ruleset"] == sent.ruleset
    assert "R14 physical-address" in str(start["asked"])
    assert start["sender"]["legal_name"] == "Harbor Press LLC"  # type: ignore[index]
    assert end["states"]["accepted"] == 3  # type: ignore[index]
    assert end["kinds"] == start["kinds"]


def test_reasons_of_few_are_thrown_together_and_everybody_is_accounted_for(
    yard: Yard, make_reader: MakeReader, tides: Campaign
) -> None:
    make_reader("rosa")
    make_reader("gone", SubscriptionStatus.unsubscribed)
    restriction = {"restricted_at": yard.clock()}
    make_reader("quiet", **restriction)
    for number in range(cells.LEAST):
        make_reader(f"new{number}", SubscriptionStatus.unconfirmed)
    yard.start(tides)
    yard.run(tides)
    launch.finish(yard.session, yard.site, tides, yard.clock())
    yard.session.commit()
    start, end = told(yard, tides)
    assert start["audience"] == {"": 1, "unconfirmed": cells.LEAST, cells.FEW: 2}
    assert end["reasons"] == {"unconfirmed": cells.LEAST, cells.FEW: 2}
    assert sum(end["states"].values()) == end["audience"] == 8  # type: ignore[attr-defined]
    left_out = end["states"]["excluded"] + end["states"]["suppressed"]  # type: ignore[index]
    assert left_out == sum(end["reasons"].values()) == 7


def test_the_file_holds_and_names_the_key_of_this_installation(
    yard: Yard, sent: Campaign, site: Site
) -> None:
    pages = certificates.checked(document(yard, sent))
    assert [page["occasion"] for page in pages] == ["start", "end"]
    assert {page["public_key"] for page in pages} == set(certificates.public_keys(site.keys))


def document(yard: Yard, campaign: Campaign) -> bytes:
    yard.session.expire_all()
    return certificates.document(certificates.pages(yard.session, campaign.id))


def test_any_flipped_byte_is_found(yard: Yard, sent: Campaign) -> None:
    """Every place of the short parts, and each hundredth of the long sample."""
    data = document(yard, sent)
    assert certificates.checked(data)
    for at in range(0, len(data), max(1, len(data) // 400)):
        flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(BadCertificate):
            certificates.checked(flipped)


@pytest.mark.parametrize("at", [0, 7, -1, -2, -3])
def test_a_byte_flipped_at_either_end_is_found(yard: Yard, sent: Campaign, at: int) -> None:
    data = bytearray(document(yard, sent))
    data[at] ^= 1
    with pytest.raises(BadCertificate):
        certificates.checked(bytes(data))


def resealed(page: dict[str, str]) -> dict[str, str]:
    """A page with a seal that fits, as a forger without the key would make one."""
    sealed = {name: page[name] for name in (*certificates.STATED, "signature")}
    return page | {"hash": ledger.seal(page["previous_hash"], sealed)}  # type: ignore[arg-type]


def test_who_seals_anew_lacks_the_key(yard: Yard, sent: Campaign) -> None:
    pages = certificates.checked(document(yard, sent))
    forged = resealed(pages[0] | {"content": pages[0]["content"].replace("schedule", "sundial")})
    data = certificates.spelled({"format": certificates.FORMAT, "pages": [forged]})
    with pytest.raises(BadCertificate, match="signature"):
        certificates.checked(data)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"hash": "0" * 64}, "changed after it was sealed"),
        ({"signature": "not base64!"}, "signature"),
        ({"public_key": "c2hvcnQ="}, "signature"),
        ({"more": "x"}, "fields"),
    ],
)
def test_a_page_that_was_tampered_with_says_how(
    yard: Yard, sent: Campaign, change: dict[str, str], why: str
) -> None:
    page = certificates.checked(document(yard, sent))[0] | change
    page = page if "hash" in change or "more" in change else resealed(page)
    data = certificates.spelled({"format": certificates.FORMAT, "pages": [page]})
    with pytest.raises(BadCertificate, match=why):
        certificates.checked(data)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b'{"format": 1}', b"\xff", b"[" * 10_000, b"[1, 2"]
)
def test_what_is_no_certificate_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(BadCertificate, match="no certificate"):
        certificates.checked(data)


def test_pages_of_two_campaigns_are_no_certificate(
    yard: Yard, sent: Campaign, make_campaign: MakeCampaign
) -> None:
    other = make_campaign(name="Other")
    yard.start(other)
    both = [*certificates.pages(yard.session, sent.id), *certificates.pages(yard.session, other.id)]
    with pytest.raises(BadCertificate, match="several"):
        certificates.checked(certificates.document(both))


def test_the_chain_shows_a_changed_page(yard: Yard, sent: Campaign, database: str) -> None:
    assert ledger.first_broken(yard.session, Certificate) is None
    page = certificates.pages(yard.session, sent.id)[0]
    on = " ON certificates" if database.startswith("postgresql") else ""
    yard.session.execute(sa.text(f"DROP TRIGGER certificates_no_update{on}"))
    page.content = page.content.replace("schedule", "sundial")
    yard.session.flush()
    assert ledger.first_broken(yard.session, Certificate) == page.id


def test_a_word_changed_after_approval_stops_it_at_hand_off(
    yard: Yard, make_reader: MakeReader, tides: Campaign, smtp_sink: Sink
) -> None:
    make_reader("rosa")
    yard.start(tides)
    tides.body = LAWFUL.replace("nine", "nile")  # as lawful as before
    yard.session.commit()
    assert not yard.run(tides)
    assert smtp_sink.caught == []
    assert tides.status is CampaignStatus.paused
    assert "approved" in tides.hold_reason


@pytest.mark.parametrize(
    "change",
    [
        {"legal_name": "Harbour Press LLC"},
        {"from_name": "The Harbour"},
        {"reply_to": "other@harbor.example"},
        {"city": "Portland"},
        {"attested_on": date(2026, 2, 1)},
    ],
)
def test_a_sender_changed_after_approval_stops_it_too(
    yard: Yard, make_reader: MakeReader, tides: Campaign, smtp_sink: Sink, change: dict[str, object]
) -> None:
    make_reader("rosa")
    yard.start(tides)
    for name, value in change.items():
        setattr(tides.sender, name, value)
    yard.session.commit()
    yard.run(tides)
    assert smtp_sink.caught == []


def test_it_is_judged_anew_before_it_goes_on(
    yard: Yard, make_reader: MakeReader, tides: Campaign, smtp_sink: Sink
) -> None:
    make_reader("rosa")
    yard.start(tides)
    tides.body = LAWFUL.replace("nine", "ten")
    yard.session.commit()
    yard.run(tides)
    yard.steer(tides, "resume")
    yard.run(tides)
    assert len(smtp_sink.caught) == 1
    pages = certificates.pages(yard.session, tides.id)
    assert [page.occasion for page in pages] == [Occasion.start, Occasion.resume]
    assert pages[0].source != pages[1].source


def test_a_resume_counts_the_audience_that_was_frozen(
    yard: Yard, make_reader: MakeReader, tides: Campaign, smtp_sink: Sink
) -> None:
    for name in ("ines", "rosa"):
        make_reader(name)
    smtp_sink.answer("RCPT", "450 4.2.1 Busy", to="rosa@example.org", times=1)
    yard.start(tides)
    yard.run(tides)
    yard.steer(tides, "pause")
    make_reader("zoe")  # too late for this one
    yard.steer(tides, "resume")
    start, resumed = told(yard, tides)
    assert start["audience"] == {"": 2}
    states = resumed["states"]
    assert isinstance(states, dict)
    assert {state: count for state, count in states.items() if count} == {
        "accepted": 1,
        "deferred": 1,
    }
    assert resumed["audience"] == 2


def test_kinds_that_only_the_audience_shows_are_in_the_last_page(
    yard: Yard, make_reader: MakeReader, make_campaign: MakeCampaign
) -> None:
    for number in range(12):
        make_reader(f"reader{number}", attributes={"code": "abc" if number == 6 else ""})
    body = (
        "{% assign long = subscriber.attributes.code | default: '' | size %}"
        "{% if long == 3 %}For you alone.{% endif %}\n\n"
    )
    campaign = make_campaign(body=body + LAWFUL)
    yard.start(campaign)
    yard.run(campaign)
    yard.steer(campaign, "cancel")
    start, end = told(yard, campaign)
    assert set(start["kinds"]) < set(end["kinds"])  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "act", ["DELETE FROM certificates", "UPDATE certificates SET content = '{}'"]
)
def test_a_page_cannot_be_changed_or_removed(yard: Yard, sent: Campaign, act: str) -> None:
    assert sent.id
    with pytest.raises(DatabaseError, match="append-only"):
        yard.session.execute(sa.text(act))


@dataclass(frozen=True)
class Fact:
    """A value as certificates state them."""

    day: date
    words: frozenset[str]


def test_values_have_one_spelling_in_every_process() -> None:
    fact = Fact(date(2026, 3, 2), frozenset({"b", "a", "c"}))
    assert certificates.canonical({"z": fact, "a": UTC}) == (
        '{"a": "UTC", "z": {"day": "2026-03-02", "words": ["a", "b", "c"]}}'
    )
    assert "+02:00" in certificates.canonical(
        datetime(2026, 3, 2, tzinfo=timezone(timedelta(hours=2)))
    )
    with pytest.raises(TypeError):
        certificates.canonical(object())


def test_it_seals_no_readers_data_though_the_gate_quotes_it(
    yard: Yard, make_reader: MakeReader, make_campaign: MakeCampaign
) -> None:
    """What is sealed cannot be erased."""
    reader = make_reader("quittenbaum")
    reader.name, reader.attributes = "ROSALINDE", {"wish": "KLARINETTE NOW AND FOR ALL OF YOU"}
    yard.session.commit()
    name = "{{ subscriber.name | default: 'Low water' }}"
    wish = "{{ subscriber.attributes.wish | default: 'on Sunday' }}"
    campaign = make_campaign(subject=f"{name} {wish}")
    said = Acceptance("alice", dict.fromkeys(ALL_RULES, "It is what the readers chose."))
    launch.start(yard.session, yard.site, campaign, yard.clock(), said)
    yard.session.commit()
    (page,) = certificates.pages(yard.session, campaign.id)
    assert discretion.WITHHELD in page.content
    for word in ("quittenbaum", "rosalinde", "klarinette"):
        assert word not in page.content.lower()
