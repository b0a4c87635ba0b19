"""R22 and R23: what is cut off, and whether every form of a message carries the same."""

from dataclasses import replace

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.rules.parts import CLIP_BYTES, EQUIVALENCE, SIZE
from tests.compliance.letters import (
    BODY,
    FOOTER,
    LABEL,
    LAWFUL,
    PLACE,
    TEXT,
    URL,
    letter,
    with_html,
)

KB = 1024
IMAGE = "<img src='https://acme.example/sale.png' alt='Everything at half price' width=600>"
WIDE_ONLY = "<p class=t>Water the beans in the morning. Mulch the beds at noon.</p>"
AMP_HEAD = (
    "<!doctype html><html ⚡4email><head><script async src='https://cdn.ampproject.org/v0.js'>"
    "</script><style amp4email-boilerplate>body{visibility:hidden}</style></head><body>"
)


def severities(candidate: Candidate) -> list[str]:
    return [f.severity.value for f in gate.judge(candidate, (SIZE, EQUIVALENCE)).findings]


def of_size(size: int, top: str = "", bottom: str = FOOTER) -> Candidate:
    """An HTML part of so many bytes."""
    frame = f"{top}{BODY}{bottom}"
    filler = "<p>" + "Water the beans. " * ((size - len(frame.encode()) - 3) // 17)
    short = size - len(f"{frame}{filler}".encode())
    return with_html(f"{top}{BODY}{filler}{'.' * short}{bottom}")


@pytest.mark.parametrize(
    ("candidate", "found"),
    [
        (of_size(99 * KB), []),
        (of_size(CLIP_BYTES - 1), []),
        (of_size(CLIP_BYTES), ["warn"]),
        (of_size(CLIP_BYTES + KB // 2), ["refuse"]),
        (of_size(150 * KB), ["refuse"]),
        (of_size(150 * KB, top=FOOTER), ["warn"]),
        (of_size(150 * KB, top=f"<p>{LABEL}<br>{PLACE}</p>"), ["refuse"]),
        (of_size(150 * KB, top=FOOTER.replace("<p>", "<p hidden>")), ["refuse"]),
        (of_size(150 * KB, top=FOOTER.replace("<p>", "<p style='color:#999'>")), ["warn"]),
    ],
)
def test_what_lies_beyond_the_cut_is_not_seen(candidate: Candidate, found: list[str]) -> None:
    assert severities(candidate) == found


def test_a_kind_that_needs_less_loses_less() -> None:
    bare = of_size(150 * KB, top=f"<p>{PLACE}</p>")
    assert severities(replace(bare, kind=Kind.transactional)) == ["warn"]
    assert severities(replace(bare, kind=Kind.editorial)) == ["refuse"]


def test_the_size_is_counted_in_bytes_and_only_in_html() -> None:
    assert severities(with_html(f"{BODY}<p>{'é' * 60 * KB}</p>{FOOTER}")) == ["refuse"]
    long = "Water the beans.\n" * 9000 + TEXT
    assert severities(replace(LAWFUL, raw=letter(text=long))) == []


def with_amp(html: str) -> Candidate:
    part = f"--b\r\nContent-Type: text/x-amp-html; charset=utf-8\r\n\r\n{html}\r\n--b--"
    return replace(LAWFUL, raw=letter().replace(b"--b--", part.encode()))


def test_an_amp_part_carries_the_footer_too() -> None:
    assert severities(with_amp(f"{AMP_HEAD}{BODY}{FOOTER}")) == []
    assert severities(with_amp(f"{AMP_HEAD}{BODY}")) == ["refuse"] * 3
    hidden = FOOTER.replace("<p>", "<p style='display:none'>")
    assert severities(with_amp(f"{AMP_HEAD}{BODY}{hidden}")) == ["refuse"] * 3
    other = FOOTER.replace(URL, "https://news.acme.example/u/another")
    assert severities(with_amp(f"{AMP_HEAD}{BODY}{other}")) == ["refuse"]
    receipt = replace(with_amp(f"{AMP_HEAD}{BODY}<p>{PLACE}</p>"), kind=Kind.transactional)
    assert severities(receipt) == []


@pytest.mark.parametrize(
    "stub",
    [
        "Your client does not support HTML.",
        "This is an HTML email. Please enable HTML.",
        "Ihr Programm kann kein HTML darstellen.",
        "Votre logiciel ne supporte pas le HTML.",
        "Su programa no admite HTML.",
        "View this email in your browser: https://acme.example/1",
    ],
)
def test_a_text_part_that_only_points_at_the_other_is_refused(stub: str) -> None:
    text = f"{stub}\n\n{LABEL}\n{PLACE}\nUnsubscribe: {URL}\n"
    assert severities(replace(LAWFUL, raw=letter(text=text))) == ["refuse"]
    told = f"{stub}\n\n{'Water the beans in the morning. ' * 10}\n\n{text}"
    assert severities(replace(LAWFUL, raw=letter(text=told))) == []


def test_a_text_part_of_a_footer_alone_is_a_warning() -> None:
    text = f"{LABEL}\n{PLACE}\nUnsubscribe: {URL}\n"
    assert severities(replace(LAWFUL, raw=letter(text=text))) == ["warn"]
    assert severities(replace(LAWFUL, raw=letter(html=None, text=text))) == []


@pytest.mark.parametrize(
    "body",
    [
        IMAGE,
        f"<a href='https://acme.example'>{IMAGE}</a><p>Shop now</p>",
        f"{IMAGE}<p style='display:none'>{'Water the beans. ' * 20}</p>",
        f"{IMAGE}<p style='color:#fff'>{'Water the beans. ' * 20}</p>",
        f"{IMAGE}<p>{'. ' * 300}</p><p>&nbsp;</p>",
        f"{IMAGE}<p>One sentence about beans.</p>",
        "<table background='https://acme.example/sale.png'><tr><td>Sale</table>",
        "<div style=\"background-image:url('https://acme.example/sale.png')\">Sale</div>",
        "<svg width=600 height=400></svg>",
        f"<style>@media(max-width:480px){{p.t{{display:none}}}}</style>{IMAGE}{WIDE_ONLY}",
    ],
)
def test_a_message_of_pictures_alone_is_refused(body: str) -> None:
    assert severities(with_html(body + FOOTER)) == ["refuse"]


@pytest.mark.parametrize(
    "body",
    [
        "<p>Hello</p>",
        f"{IMAGE}{BODY}",
        f"{IMAGE}<p>Water the beans. Mulch the beds today.</p>",
        f"{IMAGE}<p>{'beans and peas ' * 20}</p>",
        f"{IMAGE}<p>春の新作が入荷しました。今すぐご覧ください。詳しくは店頭で。</p>",
        "<img src='https://acme.example/logo.png' width=200 height=60><p>We are closed.</p>",
        "<img src='https://acme.example/dot.gif' style='width:1px'><p>We are closed.</p>",
    ],
)
def test_words_besides_pictures_are_enough(body: str) -> None:
    assert severities(with_html(body + FOOTER)) == []


def test_parts_that_share_no_words_are_a_warning() -> None:
    words = [f"word{number}" for number in range(80)]
    html = f"<p>{' '.join(words)}</p>{FOOTER}"
    assert severities(with_html(html)) == ["warn"]
    text = f"{' '.join(words[:40])}\n\n{TEXT}"
    assert severities(replace(LAWFUL, raw=letter(html, text))) == []
