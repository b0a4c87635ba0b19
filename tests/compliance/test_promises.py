"""R09: whether the body speaks of what the subject names."""

from dataclasses import replace

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.rules.promises import BODY_MISMATCH
from tests.compliance.letters import BODY, FOOTER, LAWFUL, TEXT, head, letter


def candidate(subject: str, body: str) -> Candidate:
    return replace(LAWFUL, raw=letter(f"{body}{FOOTER}", TEXT, {"Subject": subject}))


def evidence(judged: Candidate) -> str:
    findings = gate.judge(judged, (BODY_MISMATCH,)).findings
    assert all(finding.severity.value == "warn" for finding in findings)
    return " ".join(finding.evidence for finding in findings)


@pytest.mark.parametrize(
    ("subject", "body", "missing"),
    [
        ("$50 voucher inside", "<p>Our new shears are here.</p>", "“50”, “voucher”"),
        ("7 tips for roses", "<p>Tips for roses: prune them.</p>", "“7”"),
        ("Save 20 % on roses", "<p>Save on roses: 10 % off.</p>", "“20”"),
        ("Roses and the Bosch pruner", "<p>Roses, and how to prune them.</p>", "“Bosch”"),
        ("Wool blankets and silk scarves", "<p>Our garden in May.</p>", "“Wool”"),
        ("Gutschein für Rosen", "<p>Rosen pflanzen im Mai</p>", "gutschein"),
        ("A free webinar on roses", "<p>Roses, free for all</p>", "webinar"),
        ("Gratis: Rosen", "<p>Rosen pflanzen im Mai</p>", "gratis"),
        ("Un bon d'achat pour vos roses", "<p>Les roses de mai</p>", "bon d achat"),
        ("春の新作と割引", "<p>Hello there</p>", "春"),
        ("Free roses", "<p>Roses</p><p style='display:none'>free</p>", "free"),
        ("We need to talk", "<p>The beans are up.</p>", "talk"),
    ],
)
def test_a_promise_that_the_body_does_not_keep_is_a_warning(
    subject: str, body: str, missing: str
) -> None:
    assert missing in evidence(candidate(subject, body))


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Three garden tips", "<p>Here are three tips for the garden.</p>"),
        ("3 garden tips", "<p>Here are three tips for the garden.</p>"),
        ("Three garden tips", "<p>Here are 3 tips for the garden.</p>"),
        ("What to sow while it still freezes", "<p>Sow after the last frost.</p>"),
        ("$50 voucher inside", "<p>Your coupon: 50 USD, inside.</p>"),
        ("Rosen pflanzen", "<p>Rosenbeete zu bepflanzen ist leicht: pflanzen Sie im Mai.</p>"),
        ("Issue 42: roses", "<p>Roses</p>"),
        ("Roses #42", "<p>Roses</p>"),
        ("Roses in 2026", "<p>Roses</p>"),
        ("Rosa, your roses", "<p>Roses</p>"),
        ("Roses from Acme", "<p>Roses</p>"),
        ("The Best Roses For Balconies", "<p>The best roses for every balcony</p>"),
        ("ROSES FOR BALCONIES", "<p>Roses for every balcony</p>"),
        ("Roses", "<p>The beans are up.</p>"),
        ("สวัสดีครับ roses", "<p>Roses</p>"),
        ("A free gift", "<p><img src='https://x.example/a.png' alt='Free gift'></p>"),
        ("News from us", "<p>The beans are up.</p>"),
        ("", "<p>The beans are up.</p>"),
        ("COVID-19 and roses", "<p>Roses and covid</p>"),
        ("Roses 11/2026", "<p>Roses in November</p>"),
        ("Issue #12: roses", "<p>Roses</p>"),
    ],
)
def test_a_subject_that_the_body_bears_out_is_kept(subject: str, body: str) -> None:
    assert evidence(candidate(subject, body)) == ""


@pytest.mark.parametrize(
    "subject",
    [
        "Garden tips, July 11",
        "Garden tips of 11. Juli",
        "Garden tips, 11 juillet",
        "Garden tips 11/07/2026",
        "Garden tips: 2026-07-11",
        "Garden tips 15.24: water",
        "Garden tips 131 - water",
    ],
)
def test_the_day_and_the_number_of_the_issue_are_no_promise(subject: str) -> None:
    assert evidence(candidate(subject, "<p>Garden tips: how to water.</p>")) == ""


def test_an_editor_may_vouch_for_other_words() -> None:
    teaser = candidate("Sweaters and scarves", "<p>Our pullovers are here.</p>")
    assert "Sweaters" in evidence(teaser)
    assert evidence(replace(teaser, synonyms=(("sweaters", "pullovers"),))) == ""
    assert "Sweaters" in evidence(replace(teaser, synonyms=(("sweaters", "jumpers"),)))


def test_a_message_in_text_only_is_read_as_such_and_a_receipt_not_at_all() -> None:
    raw = head({"Subject": "Blue elephants dance"}) + b"Content-Type: text/plain\r\n\r\n"
    judged = replace(LAWFUL, raw=raw + TEXT.encode())
    assert "elephants" in evidence(judged)
    assert evidence(replace(judged, kind=Kind.transactional)) == ""
    assert evidence(replace(LAWFUL, raw=letter(BODY + FOOTER))) == ""
