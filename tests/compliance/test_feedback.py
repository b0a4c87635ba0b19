"""R39 and R44: counting readers, and readers who complain."""

from dataclasses import replace

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.finding import Severity
from mailer.compliance.inputs import Complaints, Tracking
from mailer.compliance.rules import feedback
from tests.compliance.letters import BODY, FOOTER, LAWFUL, PAID, TEXT, letter

PIXEL = '<img src="https://t.acme.example/o/k7Qw2ZpX9a.gif" width="1" height="1" alt="">'
COUNTED = Tracking(demands_consent=False, addresses=("https://t.acme.example/c/",))


def severities(candidate: Candidate, rule: str) -> set[Severity]:
    return {f.severity for f in gate.judge(candidate).findings if f.rule == rule}


def tracked(html: str, tracking: Tracking | None, text: str = TEXT) -> set[Severity]:
    raw = letter(BODY + html + FOOTER, text)
    return severities(replace(LAWFUL, raw=raw, tracking=tracking), "R39")


@pytest.mark.parametrize(
    "html",
    [
        PIXEL,
        PIXEL.upper().replace("K7QW2ZPX9A", "k7Qw2ZpX9a"),
        '<img src=https://t.acme.example/open?id=7 style="width:1px;height:1px">',
        "<img src='https://t.acme.example/o/12345678' style='display:none'>",
        '<img style="opacity:0" src="https://other.example/p?u=rosa">',
        '<img width="0" src="https://[/o?u=1">',
        '<a href="https://t.acme.example/c/abc">Tips</a>',
        '<a href="https://t.acme&#46;example/c/abc">Tips</a>',
        '<div style="background:url(https://t.acme.example/c/abc)">Tips</div>',
    ],
)
def test_counting_a_reader_without_consent_is_found(html: str) -> None:
    assert tracked(html, COUNTED) == {Severity.warn}
    assert tracked(html, replace(COUNTED, is_consented=False)) == {Severity.warn}
    assert tracked(html, replace(COUNTED, demands_consent=True)) == {Severity.refuse}
    assert tracked(html, replace(COUNTED, is_consented=True)) == set()
    assert tracked(html, None) == set()


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://acme.example/spacer.gif" width="1" height="20">',
        '<img src="https://acme.example/photo-20261122.jpg" width="600">',
        '<img src="https://acme.example/p?x=1" width="100%" height="10">',
        '<img src="cid:photo12345678" width="1">',
        '<img width="1">',
        '<img src="https://t.acme.example/all/20261122.gif?list=tips" width="1">',
        '<a href="https://acme.example/tips">Tips</a>',
    ],
)
def test_pictures_spacers_and_aggregate_counters_are_kept(html: str) -> None:
    tracking = replace(COUNTED, demands_consent=True, aggregate=("https://t.acme.example/all/",))
    assert tracked(html, tracking) == set()


def test_personal_links_count_in_the_text_part_too() -> None:
    text = TEXT.replace("Water", "See https://t.acme.example/c/abc\nWater")
    assert tracked("", COUNTED, text) == {Severity.warn}


@pytest.mark.parametrize(
    ("delivered", "received", "expected"),
    [
        (1000, 4, Severity.refuse),
        (1000, 3, Severity.refuse),
        (100_000, 299, Severity.warn),
        (1000, 1, Severity.warn),
        (100_000, 99, None),
        (1000, 0, None),
        (500, 1, Severity.warn),
        (499, 2, None),
        (12, 1, None),
        (12, 3, Severity.warn),
        (0, 3, Severity.warn),
        (0, 0, None),
    ],
)
def test_complaints_stop_a_sender(delivered: int, received: int, expected: Severity | None) -> None:
    counted = replace(LAWFUL, complaints=Complaints(delivered, received))
    assert severities(counted, "R44") == ({expected} if expected else set())
    receipt = replace(counted, kind=Kind.transactional, dealing=PAID)
    assert severities(receipt, "R44") == set()


def test_the_lower_end_of_the_interval_is_wilsons() -> None:
    assert feedback.lowest_rate(1, 12) == pytest.approx(0.0149, abs=1e-4)
    assert feedback.lowest_rate(0, 10) == pytest.approx(0.0, abs=1e-12)
