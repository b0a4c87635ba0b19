"""What a marketer states: read line by line, kept in UTC, handed to the gate as facts."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList
from mailer.campaigns import drafts, facts, stated
from mailer.campaigns.drafts import Draft
from mailer.campaigns.facts import Facts
from mailer.campaigns.models import Campaign

FULL = Facts(
    kind_reason="Readers subscribed to it.",
    dealing_relation="safety",
    dealing_field="order_number",
    advertisers="Rope Ltd\n\n Sail & Sons ",
    offer_starts="2026-06-01T00:00",
    offer_ends="2026-07-01T00:00",
    offer_zone="Europe/Berlin",
    offer_terms="As long as stocks last.",
    offer_claims="50 % off: all garden tools\n9.90 EUR: the spring packet",
    synonyms="moonflower = Ipomoea alba",
)


@pytest.fixture
def campaign(session: Session, letters: MailingList, now: datetime) -> Campaign:
    draft = Draft("May", "News", letters.sender_id, (letters.id,), facts=FULL)
    return drafts.create(session, draft, now)


def test_facts_come_back_as_they_were_typed(campaign: Campaign) -> None:
    assert facts.typed(campaign) == Facts(
        **{**FULL.__dict__, "advertisers": FULL.advertisers.strip()}
    )


def test_the_gate_gets_the_offer_on_the_clocks_of_its_place(campaign: Campaign) -> None:
    offer = stated.of(campaign).offer
    assert offer is not None
    assert offer.ends is not None
    assert offer.ends.isoformat() == "2026-07-01T00:00:00+02:00"
    assert offer.percentages == ("50",)
    assert offer.prices == ("9.90 EUR",)
    assert "all garden tools" in offer.terms


def test_the_gate_gets_advertisers_words_and_each_readers_dealing(campaign: Campaign) -> None:
    told = stated.of(campaign)
    assert [party.name for party in told.parties] == [
        campaign.sender.legal_name,
        "Rope Ltd",
        "Sail & Sons",
    ]
    assert [party.is_designated for party in told.parties] == [True, False, False]
    assert told.synonyms == (("moonflower", "Ipomoea alba"),)
    dealing = told.dealing({"order_number": 77})
    assert dealing is not None
    assert (dealing.relation.value, dealing.reference) == ("safety", "77")
    for without in ({}, {"order_number": " "}, {"order_number": None}, {"other": "A-1"}):
        assert told.dealing(without) is None


def test_nothing_stated_is_no_offer_and_no_dealing(
    session: Session, letters: MailingList, now: datetime
) -> None:
    plain = drafts.create(session, Draft("May", "News", letters.sender_id, (letters.id,)), now)
    told = stated.of(plain)
    assert (told.offer, told.parties, told.synonyms) == (None, (), ())
    assert told.dealing({"": "A-1"}) is None


def test_a_copy_takes_the_facts_over_but_not_the_days(
    session: Session, campaign: Campaign, now: datetime
) -> None:
    copy = drafts.duplicate(session, campaign, now)
    assert (copy.offer_starts_at, copy.offer_ends_at) == (None, None)
    assert copy.offer_terms == campaign.offer_terms
    assert copy.kind_reason == campaign.kind_reason


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("offer_ends", "tomorrow", "day and a time"),
        ("offer_ends", "2026-05-31T00:00", "before it begins"),
        ("offer_ends", "2026-03-29T02:30", "does not exist there"),
        ("offer_zone", "Europe/Atlantis", "time zones"),
        ("offer_claims", "half price: tools", "no percentage and no price"),
        ("offer_claims", "tools: 50 % off", "no percentage and no price"),
        ("synonyms", "moonflower =", "no pair"),
        ("synonyms", "= Ipomoea", "no pair"),
        ("dealing_field", "1st order", "letters, digits"),
        ("kind_reason", "x" * 501, "500 fit"),
    ],
)
def test_what_cannot_be_used_is_named_beside_its_field(name: str, value: str, words: str) -> None:
    found = facts.problems(Facts(**{**FULL.__dict__, name: value}))
    assert words in " ".join(found.values())
    assert name in found or name == "offer_zone"


def test_what_is_well_stated_has_no_problems() -> None:
    assert facts.problems(FULL) == {}
    assert facts.problems(Facts()) == {}
