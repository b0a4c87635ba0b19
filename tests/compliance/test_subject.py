"""R06 and R11: pretended replies, and placeholders that were left behind."""

from dataclasses import replace

import pytest

from mailer.compliance import gate
from tests.compliance.letters import BODY, FOOTER, LAWFUL, SENDER, TEXT, URL, letter, with_headers


def rules(subject: str) -> set[str]:
    return {f.rule for f in gate.judge(with_headers({"Subject": subject})).refusals}


@pytest.mark.parametrize(
    "subject",
    [
        "Re: your order",
        "RE : your order",
        "Re\u00a0: votre commande",
        "=?utf-8?b?77yy772F77ya?= your order",
        "=?utf-8?b?UuKAi2U6IHlvdXIgb3JkZXI=?=",
        "R\u200be: your order",
        "\uff32\uff45\uff1a your order",
        "\u202eRe: order",
        "Fwd: FW: invoice",
        "Re[2]: invoice",
        "Re (3): invoice",
        "Re^2: invoice",
        "[acme] Re: invoice",
        "*** fw: invoice",
        "AW: Rechnung",
        "Antwort: Rechnung",
        "WG: Rechnung",
        "SV: faktura",
        "VS: lasku",
        "TR: facture",
        "RV: factura",
        "ENC: fatura",
        "RES: fatura",
        "Odp: faktura",
        "PD: faktura",
        "YNT: fatura",
        "回复\uff1a发票",
        "转发: 发票",
        "返信: 請求書",
        "Ответ: счёт",
        "R\u0435: your order",
        "[EXT][List] Re: your order",
        "【外部】Re: your order",
        "(External) FW: your order",
        "Re (2) : your order",
        "ʀᴇ: your order",
        "R\u0301e: your order",
        "Re\u0589 your order",
        "\u13a1e: your order",
        "Re\u2236 your order",
    ],
)
def test_a_pretended_reply_is_refused(subject: str) -> None:
    assert rules(subject) - {"R10"} == {"R06"}


@pytest.mark.parametrize(
    "subject",
    [
        "Results: Q3",
        "Re-opening Monday",
        "Three tips: how to re-pot",
        "Reply: what readers said",
        "Answers to: your questions",
        "Fwd planning",
        "Aw, shucks",
        "Re your order",
        "[News] Results: a good year",
        "Ref: 2026",
        "Great: Re: not",
        "(Re)think: three ideas",
        "",
    ],
)
def test_a_subject_of_its_own_is_kept(subject: str) -> None:
    assert rules(subject) == set()


def test_a_brand_may_look_like_a_reply() -> None:
    letter_of_remix = replace(
        with_headers({"Subject": "Re:Mix opens in May"}),
        sender=replace(SENDER, trade_names=("Re:Mix",)),
    )
    assert gate.judge(letter_of_remix).is_lawful
    sender = replace(SENDER, trade_names=("Re:Mix", "RE: 2", "Re"))
    for subject, expected in (
        ("RE: 2 conference", True),
        ("Re:Mixed feelings", False),
        ("FW: Re:Mix", False),
        ("Re: your order", False),
        ("RE: 25 years", False),
    ):
        verdict = gate.judge(replace(with_headers({"Subject": subject}), sender=sender))
        assert ("R06" not in {f.rule for f in verdict.findings}) is expected, subject
    assert rules("Re:Mix opens in May") == {"R06"}


@pytest.mark.parametrize(
    "mark",
    [
        "{{ first_name }}",
        "{{first_name | default: x }}",
        "{% if vip %}",
        "*|FNAME|*",
        "%%first_name%%",
        "[FNAME]",
        "[First Name]",
        "[EMAIL,fallback=you]",
        "{first_name}",
        "<< Name >>",
        "${user.name}",
        "%recipient.name%",
        "Dear None",
        "Dear None,",
        "Hallo undefined!",
        "[object Object]",
    ],
)
def test_a_placeholder_left_over_is_refused_wherever_it_stands(mark: str) -> None:
    assert rules(f"News for {mark}") == {"R11"}
    escaped = mark.replace("<", "&lt;")
    for raw in (letter(html=f"<p>{escaped}</p>{BODY}{FOOTER}"), letter(text=f"{mark}\n{TEXT}")):
        verdict = gate.judge(replace(LAWFUL, raw=raw))
        assert {f.rule for f in verdict.refusals} == {"R11"}
        assert (
            mark.partition("|")[0].rstrip(",!").strip("{}%[]<>* ") in verdict.refusals[0].evidence
        )


@pytest.mark.parametrize("greeting", ["Hi ,", "Hi  , ", "Dear ,", "Dear,", "Hallo ,", "None,"])
def test_a_greeting_of_nobody_is_refused(greeting: str) -> None:
    raw = letter(html=f"<p>{greeting}</p>{BODY}{FOOTER}", text=f"{greeting}\n\n{TEXT}")
    verdict = gate.judge(replace(LAWFUL, raw=raw))
    assert {(f.rule, f.part) for f in verdict.refusals} == {
        ("R11", "HTML part"),
        ("R11", "text part"),
    }


@pytest.mark.parametrize(
    "prose",
    [
        "Hi, here we are",
        "Bonjour !",
        "None of our tips costs money",
        "Say hello, dear reader",
        "Use [brackets] and {braces} and 100%% effort",
        "undefined behaviour",
        "[Name withheld] writes",
        "Dear None of the above voters",
    ],
)
def test_ordinary_prose_is_no_placeholder(prose: str) -> None:
    raw = letter(html=f"<p>{prose}</p>{BODY}{FOOTER}", text=f"{prose}\n\n{TEXT}")
    assert gate.judge(replace(LAWFUL, raw=raw)).findings == ()


@pytest.mark.parametrize(
    "address",
    [
        "{{ unsubscribe_url }}",
        "https://x.example/?u=%7B%7B%20id%20%7D%7D",
        "https://x.example/*|UNIQID|*",
        "https://x.example/?name=None",
        "https://x.example/None/a",
        "https://x.example/?a=undefined&amp;b=1",
    ],
)
def test_a_placeholder_in_a_link_is_refused(address: str) -> None:
    raw = letter(html=f'<p><a href="{address}">Read on</a></p>{BODY}{FOOTER}')
    assert {f.rule for f in gate.judge(replace(LAWFUL, raw=raw)).refusals} == {"R11"}


def test_an_ordinary_link_is_no_placeholder() -> None:
    raw = letter(html=f'<p><a href="https://x.example/none-such?a=%20">a</a></p>{BODY}{FOOTER}')
    assert gate.judge(replace(LAWFUL, raw=raw)).findings == ()


@pytest.mark.parametrize("tag", ["pre", "code", "samp"])
def test_a_lesson_on_templates_may_show_them(tag: str) -> None:
    code = "Hello {{ name }}, {% if vip %}welcome{% endif %}"
    raw = letter(html=f"{BODY}<{tag}>{code}</{tag}>{FOOTER}", text=f"Try:\n{code}\n\n{TEXT}")
    assert gate.judge(replace(LAWFUL, raw=raw)).findings == ()


def test_the_end_of_a_placeholder_is_shown_with_what_stands_before_it() -> None:
    raw = letter(html=f"<p>One<br>Two | upper }}}} three</p>{BODY}{FOOTER}")
    found = gate.judge(replace(LAWFUL, raw=raw)).refusals
    assert [f.evidence for f in found] == ["HTML part: Two | upper }}"]


def test_a_lesson_does_not_excuse_other_placeholders() -> None:
    raw = letter(html=f"{BODY}<pre>{{{{ name }}}}</pre>{FOOTER}", text=f"{{{{ town }}}}\n{TEXT}")
    assert {f.part for f in gate.judge(replace(LAWFUL, raw=raw)).refusals} == {"text part"}


def test_a_placeholder_in_the_name_of_the_reader_or_the_list_is_refused() -> None:
    changes: dict[str, str | None] = {"To": '"{{ name }}" <rosa@reader.example>'}
    assert {f.part for f in gate.judge(with_headers(changes)).refusals} == {"To"}
    url = URL + "{{ token }}"
    changes = {"List-Unsubscribe": f"<{url}>"}
    assert "R11" in {f.rule for f in gate.judge(with_headers(changes)).refusals}
