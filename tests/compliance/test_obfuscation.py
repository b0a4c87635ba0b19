"""R10: characters that hide or disguise what a subject says, and those that languages need."""

# ruff: noqa: RUF001 - odd characters are the matter here

from time import process_time

import pytest

from mailer.compliance import disguise, gate
from mailer.compliance.rules import subject as rules
from tests.compliance.letters import with_headers


def severities(subject: str) -> list[str]:
    """How each finding of R10 on a subject is graded."""
    found = gate.judge(with_headers({"Subject": subject}), (rules.OBFUSCATION,)).findings
    return [finding.severity.value for finding in found]


@pytest.mark.parametrize(
    "subject",
    [
        "Fr\u00adee",
        "Garden \u03c4ips",
        "FRE\u03b5ZE",
        "Free\u202eeerf",
        "\u2066Free\u2069",
        "\u200bFree",
        "Fr\u200dee",
        "Fr\u200cee",
        "Fr\u2060ee",
        "Hi \ufeffAna",
        "Free\u3164",
        "Free\u2800\u2800gift",
        "Hello\u200e there",
        "Hello\u061c there",
        "Sale\U000e0041\U000e0042",
        "\U0001f3f4\U000e0041 flag",
        "👨\u200dx",
        "a\ufe0f",
        "a\U000e0100",
        "a\u180b",
        "go\u200bod",
        "a\x07b",
        "Frее",
        "FREЕ",
        "Cкидка",
        "Ρaypal",
        "Frεε",
        "ACMEѕ sale",
        "РАУРАL",
        "Your аррӏе id",
        "𝗙𝗿𝗲𝗲 gift",
        "𝐅ree",
        "Ⓕⓡⓔⓔ",
        "🅵🆁🅴🅴",
        "ＦＲＥＥ gift",
        "ғʀᴇᴇ gift",
        "ᶠʳᵉᵉ gift",
        "F\u0336r\u0336ee",
        "Z\u0318\u0322\u031b\u033aa",
    ],
)
def test_a_disguised_subject_is_refused(subject: str) -> None:
    assert "refuse" in severities(subject)


@pytest.mark.parametrize(
    "subject",
    [
        "👨‍👩‍👧‍👦 A day out",
        "\u0394t and 5 \u00b5mol explained",
        "NF\u03baB, \u03b1-linolenic acid",
        "Hawai\u02bbi",
        "👩🏽‍🚀 Up we go",
        "❤️ Love, 1️⃣ tip, 🏳️‍🌈 pride",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f Go England",
        "שלום\u200f עולם",
        "خصم\u200e من Acme",
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "क\u094d\u200d",
        "สวัส\u200bดี",
        "葛\U000e0100城",
        "\u1820\u180b",
        "α + β = γ",
        "NFκB and TNFα",
        "Δt, 5 µg and πr²",
        "SMSка пришла, VIPам подарок",
        "IT-компания",
        "Скидки до 20 % на Acme",
        "США и NATO подписали",
        "КОТ",
        "Ελληνικά νέα",
        "iPhone発売、T恤",
        "ＡＢＣニュース",
        "Thé à l’été – c’est là",
        "Tiếng Việt mới",
        "ℝ numbers, ½ price, x², 1ᵉʳ mai, № 5",
        "🅰️ and 🆓",
        "Three garden tips",
        "",
    ],
)
def test_a_subject_as_languages_and_emoji_need_it_is_kept(subject: str) -> None:
    assert severities(subject) == []


@pytest.mark.parametrize(
    "subject",
    [
        "FREE SHEARS FOR ALL",
        "БОЛЬШАЯ РАСПРОДАЖА",
        "Shears!!!",
        "Shears ! ! !",
        "Scheren！！！",
        "Shears ‼!",
        "❗️❗️❗️ Shears",
    ],
)
def test_a_loud_subject_is_a_warning(subject: str) -> None:
    assert severities(subject) == ["warn"]


@pytest.mark.parametrize(
    "subject", ["NASA now", "New: NASA and ESA plans", "Hi! Yes! Go!", "春の新作"]
)
def test_a_subject_that_only_speaks_up_is_kept(subject: str) -> None:
    assert severities(subject) == []


def test_every_subject_line_is_read() -> None:
    twice = with_headers({"Subject": "Fine"}, "Subject: =?utf-8?b?RnLCrWVl?=\r\n")
    (finding,) = gate.judge(twice, (rules.OBFUSCATION,)).findings
    assert "U+00AD soft hyphen" in finding.evidence


@pytest.mark.parametrize(
    "text", ["а", "\u200d", "\U0001f3f4", "\u0300", "aα", "A\u24b6", "x\u0336"]
)
def test_a_hundred_thousand_odd_characters_are_read_quickly(text: str) -> None:
    started = process_time()
    list(disguise.oddities(text * (100_000 // len(text))))
    assert process_time() - started < 1
