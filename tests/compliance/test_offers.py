"""R08: claims about time, price and gifts, without facts, with them, and against them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from mailer.compliance import amounts, claims, gate
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.offer import Offer
from mailer.compliance.rules.offers import FALSE_URGENCY
from tests.compliance.letters import with_headers

# A Sunday.
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
NEW_YORK, TOKYO = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")


def offer(hours: float = 0, days: float = 0) -> Offer:
    """An offer with all its facts, which ends so long after now."""
    end = NOW + timedelta(hours=hours, days=days)
    return Offer(ends=end, terms="with each order", percentages=("20",), prices=("$50",))


def judged(candidate: Candidate) -> str:
    """The gravest grade of R08's findings, or "kept"."""
    findings = gate.judge(candidate, (FALSE_URGENCY,)).findings
    return min((f.severity.value for f in findings), default="kept")


def of_subject(subject: str, facts: Offer | None) -> str:
    return judged(replace(with_headers({"Subject": subject}), offer=facts, at=NOW))


@pytest.mark.parametrize(
    "subject",
    [
        *("Today only", "Ends tonight", "Registration closes 12 May", "20% off", "Free seeds"),
        *("Last chance", "Only 24 hours left", "3 days left", "This weekend only", "Last day!"),
        *("Nur noch heute", "Nur heute: Scheren", "Letzte Chance", "Kostenlose Samen"),
        *("Bis zu 30 % Rabatt", "Dernière chance", "Aujourd'hui seulement", "Rendez-vous gratuit"),
        *("Solo hoy", "Hasta el 24 de noviembre", "Última oportunidad", "Solo oggi", "Só hoje"),
        *("Alleen vandaag", "Bara idag", "Ostatnia szansa", "Только сегодня", "本日限定セール"),
        *("最后一天", "Son gün", "Soldes : -20 %", "30% de descuento", "%20 indirim"),
    ],
)
def test_a_claim_without_facts_is_a_warning(subject: str) -> None:
    assert of_subject(subject, None) == "warn"


@pytest.mark.parametrize(
    "subject",
    [
        *("Best sale ever", "Low water on Sunday", "Concert on 12 May", "What to do today"),
        *("Feel free to ask", "Sugar-free cakes", "The free press", "100% cotton"),
        *("Half of readers say 50% is enough", "Photos by the sea on Sunday", "Shears for $50"),
        *("The last day of Pompeii", "5 days in Rome", "Before the frost comes", "Bis bald"),
        *("Learn to prune in two days", "Open 24 hours", "The best day trips", "Tomorrow's garden"),
        "",
    ],
)
def test_puffery_and_plain_news_are_no_claims(subject: str) -> None:
    assert of_subject(subject, None) == "kept"
    assert of_subject(subject, offer(days=20)) == "kept"


@pytest.mark.parametrize(
    ("subject", "facts"),
    [
        ("Today only", offer(hours=13)),
        ("Ends tonight", offer(hours=13.99)),
        ("Ends at midnight", offer(hours=14)),
        ("Ends tonight", offer(hours=18)),
        ("Last day!", offer(hours=3)),
        ("Endet heute", offer(hours=5)),
        ("Ends tomorrow", offer(days=1)),
        ("Registration closes 24 November", offer(days=2)),
        ("Ends Nov 24", offer(days=2)),
        ("Ends November 24th, 2026", offer(days=2)),
        ("Ends 11/24", offer(days=2)),
        ("until 2026-11-24", offer(days=2)),
        ("bis zum 24. November", offer(days=2)),
        ("bis 24.11.2026", offer(days=2)),
        ("Jusqu'au 24 novembre", offer(days=2)),
        ("截止11月24日", offer(days=2)),
        ("Ends Sunday", offer(days=7)),
        ("Bis Sonntag", offer(hours=5)),
        ("This weekend only", offer(hours=5)),
        ("This week only", offer(hours=13)),
        ("Only 24 hours left", offer(hours=23)),
        ("24h sale", offer(hours=24)),
        ("Final hours", offer(hours=5)),
        ("3 days left", offer(hours=68)),
        ("Just two days to go", offer(days=2)),
        ("Last chance", offer(days=2)),
        ("20% off", offer(days=2)),
        ("Up to 20% off", offer(days=2)),
        ("Save 20 percent on shears for $50", offer(days=2)),
        ("-20 % auf alles", offer(days=2)),
        ("Free seeds", offer(days=2)),
        ("本日まで", offer(hours=3)),
        ("11月24日まで", offer(days=2)),
        ("あと3日", offer(days=3)),
        ("The last day of the sale", offer(hours=3)),
        ("Shears for 50 dollars", offer(days=2)),
    ],
)
def test_a_claim_that_the_facts_bear_out_is_kept(subject: str, facts: Offer) -> None:
    assert of_subject(subject, facts) == "kept"


@pytest.mark.parametrize(
    ("subject", "facts"),
    [
        ("Today only", offer(days=5)),
        ("Only today", replace(offer(hours=5), starts=NOW - timedelta(days=4))),
        ("Ends tonight", offer(hours=-3)),
        ("明日まで", offer(days=5)),
        ("11月30日まで", offer(days=2)),
        ("Plus que quelques heures", offer(days=5)),
        ("Zostały 3 dni", offer(days=9)),
        ("あと3日", offer(days=9)),
        ("Ends tonight", offer(days=1, hours=10)),
        ("Ends tomorrow", offer(days=3)),
        ("Registration closes 12 May", offer(days=2)),
        ("until 2027-11-24", offer(days=2)),
        ("bis 25.11.", offer(days=2)),
        ("Ends Monday", offer(hours=13)),
        ("Ends Sunday", offer(days=14)),
        ("This weekend only", offer(days=3)),
        ("This week only", offer(days=3)),
        ("Only 24 hours left", offer(hours=50)),
        ("Only 24 hours left", offer(hours=5)),
        ("Final hours", offer(hours=50)),
        ("3 days left", offer(days=6)),
        ("Noch 3 Tage", offer(days=1)),
        ("Last chance", offer(days=9)),
        ("最后一天", offer(days=4)),
        ("30% off", offer(days=2)),
        ("Up to 50% off", offer(days=2)),
        ("-25 % auf alles", offer(days=2)),
        ("Shears for $45", offer(days=2)),
        ("Shears for 50 €", offer(days=2)),
        ("20% off", offer(days=-2)),
        ("Free seeds", offer(days=-2)),
    ],
)
def test_a_claim_that_the_facts_contradict_is_refused(subject: str, facts: Offer) -> None:
    assert of_subject(subject, facts) == "refuse"


def test_a_claim_that_people_may_take_otherwise_is_a_warning() -> None:
    assert of_subject("Last chance", offer(days=5)) == "warn"
    assert of_subject("20% off", replace(offer(days=5), terms="")) == "warn"
    assert of_subject("Today only", replace(offer(hours=5), starts=NOW)) == "kept"


def test_a_late_queue_does_not_send_last_night_s_offer() -> None:
    ends = datetime(2026, 11, 22, 23, 59, tzinfo=NEW_YORK)
    tonight = replace(with_headers({"Subject": "Ends tonight"}), offer=Offer(ends=ends, terms="x"))
    assert judged(replace(tonight, at=datetime(2026, 11, 22, 15, tzinfo=UTC))) == "kept"
    assert judged(replace(tonight, at=datetime(2026, 11, 23, 5, tzinfo=UTC))) == "refuse"
    assert judged(replace(tonight, at=datetime(2026, 11, 22, 15))) == "kept"  # noqa: DTZ001


def test_a_day_is_that_of_the_reader_and_of_the_offer() -> None:
    ends = datetime(2026, 11, 22, 23, 59, tzinfo=NEW_YORK)
    today = replace(with_headers({"Subject": "Ends today"}), offer=Offer(ends=ends), zone=TOKYO)
    assert judged(replace(today, at=datetime(2026, 11, 23, 0, tzinfo=UTC))) == "kept"
    assert judged(replace(today, at=datetime(2026, 11, 22, 14, tzinfo=UTC))) == "warn"


def test_a_wall_clock_end_is_read_where_the_reader_is() -> None:
    wall = Offer(ends=datetime(2026, 11, 22, 23, 59))  # noqa: DTZ001
    tonight = replace(with_headers({"Subject": "Ends tonight"}), offer=wall)
    at = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
    assert judged(replace(tonight, at=at, zone=TOKYO)) == "refuse"
    assert judged(replace(tonight, at=at, zone=NEW_YORK)) == "kept"
    assert judged(replace(tonight, at=at)) == "kept"


def test_an_unknown_hour_contradicts_only_what_is_false_all_day() -> None:
    today = with_headers({"Subject": "Ends today"})
    noon = Offer(ends=datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert judged(replace(today, offer=noon)) == "warn"
    before = Offer(ends=datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert judged(replace(today, offer=before)) == "refuse"


def test_an_offer_that_outlives_its_last_chance_is_refused() -> None:
    longer = replace(offer(days=5), announced_end=NOW + timedelta(days=1))
    assert of_subject("Hello", longer) == "refuse"
    assert of_subject("Hello", replace(longer, announced_end=longer.ends)) == "kept"
    endless = Offer(announced_end=NOW - timedelta(days=1))
    assert of_subject("Still on", endless) == "refuse"
    assert of_subject("Hello", replace(endless, announced_end=NOW + timedelta(1))) == "kept"


def test_receipts_make_no_offers() -> None:
    receipt = with_headers({"Subject": "Today only"})
    assert judged(replace(receipt, kind=Kind.transactional)) == "kept"
    assert judged(replace(receipt, kind=Kind.editorial)) == "warn"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,299.50", "1299.5"),
        ("1.299,50", "1299.5"),
        ("1 299", "1299"),
        ("1'299", "1299"),
        ("9,5", "9.5"),
        ("1.299", "1299"),
    ],
)
def test_numbers_are_read_as_countries_write_them(text: str, number: str) -> None:
    assert f"{amounts.value(text):f}" == number


def test_money_is_the_same_however_it_is_written() -> None:
    written = ["$1,299.50", "1.299,50 USD", "1299.50 dollars", "US$ 1299.50"]
    assert len({price for text in written for price in amounts.money(text)}) == 1
    assert not list(amounts.money("50 beans"))


@pytest.mark.parametrize("text", ["only ", "1 ", "ends the ", "20% ", "1,111", "free ", "$1 "])
def test_a_hundred_thousand_characters_are_judged_quickly(text: str) -> None:
    long = text * (100_000 // len(text))
    started = process_time()
    list(claims.deadlines(long))
    list(claims.reductions(long))
    claims.gift(long)
    assert process_time() - started < 1
