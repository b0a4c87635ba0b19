"""The time that the gate takes: however a message is made, it is judged or refused soon."""

import importlib
import pkgutil
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from mailer import compliance
from mailer.compliance import gate, merge
from mailer.compliance.message import Part
from mailer.compliance.visible import page
from mailer.compliance.visible.allowance import TooComplex
from tests.compliance.letters import BODY, FOOTER, with_html

SIZE = 50_000
# What is linear takes some milliseconds, what is quadratic takes minutes.
PATTERN_SECONDS = 0.5
MESSAGE_SECONDS = 5.0
PIECES = [
    *("\n", " ", "\t", "\xa0", "\n ", "\r\n", "\r\n ", "a", "a ", "aa\n", ".", "a.", "a@"),
    *("@", "a@a.", "<", "<!--", "<!-- -->", "<a", ">", "</body ", "<a@", "<<", "<a@[", "{{"),
    *("{", "{%", "{#", "}}", "${", "%", "%%", "%[", "*|", "[", "[]", "[ ", "[name", "[name "),
    *("(", "re:", "re ", "re", "dear ", "dear", "dear\n", "hi ", "hi\n", "none ", "none\n"),
    *("undefined ", "\nundefined", "#", "# ", "0", "1 ", "x", "xx ", "-", "p", "p ", "p. "),
    *("po", "p o ", "b p ", "post office ", "\u4e2d", "\u4e2d ", "\u3042", "\u00e9"),
    *("\u200b", "\u0301", "e\u0301", "_", ":", "::", ",", "/", "=", "=?", "&", "'", '"'),
    *("\\", "\0", "this is an ", "the ", "123 main ", "http", "your ", "address "),
]  # fmt: skip
# What is never searched for: these are asked whether they are the whole of a text.
WHOLE = {"rules.sender._MAILBOX", "message._FIELD"}
# What is looked for in no more characters than a campaign's subject has.
BOUNDED = {"rules.subject._REPLY": 255}


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern of the package, by name."""
    for module in pkgutil.walk_packages(compliance.__path__, f"{compliance.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                yield f"{module.name.removeprefix('mailer.compliance.')}.{name}", value


PATTERNS = dict(patterns())


def seconds(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


def test_the_patterns_are_found() -> None:
    assert {"merge._MARKS", "visible.page._COMMENT", "words._WORD"} <= PATTERNS.keys()
    assert WHOLE | BOUNDED.keys() <= PATTERNS.keys()


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_takes_time_in_proportion_to_the_text(name: str) -> None:
    pattern, size = PATTERNS[name], BOUNDED.get(name, SIZE)
    slow: dict[str, float] = {}
    for piece in PIECES:
        text: Any = (piece * (size // len(piece) + 1))[: size - 1] + "!"
        text = text.encode() if isinstance(pattern.pattern, bytes) else text
        slow[piece] = seconds(partial(pattern.fullmatch, text))
        if name not in WHOLE:
            slow[piece] += seconds(partial(deque, pattern.finditer(text), 0))
    assert {piece: taken for piece, taken in slow.items() if taken > PATTERN_SECONDS} == {}


def test_a_greeting_of_nobody_is_found_after_blank_lines() -> None:
    assert list(merge.marks("\n\n \n\t dear ,\n\n\xa0None,\n Hi ,")) == ["dear ,", "None,", "Hi ,"]


HTML = "<p class=a>x</p>"
HEAVY = {
    "many rules, many elements": ("".join(f"p.a,p{{top:{n}px}}" for n in range(3000)), HTML * 4000),
    "a long list": ("a," * 40_000 + "b{top:0}", HTML),
    "a long selector": ("p" + " p" * 20_000 + "{top:0}", HTML),
    "a long :is()": (":is(" + "b," * 20_000 + "i) p{top:0}", HTML * 4000),
    "looking through ancestors": ("x * * * * * p{top:0}", "<div>" * 150 + HTML),
    "looking through siblings": ("x~*~*~*~*~p{top:0}", HTML * 500),
    "siblings before siblings": ("x~p{top:0}", HTML * 10_000),
    "looking through children": (":has(:has(x)){top:0}", "<div>" * 100 + HTML * 500),
    "counting siblings": ("p:nth-of-type(3){top:0}", HTML * 10_000),
    "many widths": (
        "".join(f"@media(max-width:{320 + n}px){{p{{top:{n}px}}}}" for n in range(600)),
        HTML,
    ),
    "some widths, many elements": (
        "".join(f"@media(max-width:{320 + n * 9}px){{p{{top:{n}px}}}}" for n in range(60)),
        HTML * 4000,
    ),
}


@pytest.mark.parametrize(("styles", "html"), HEAVY.values(), ids=HEAVY)
def test_styles_beyond_measure_are_refused_and_soon(styles: str, html: str) -> None:
    verdicts: list[gate.Verdict] = []
    candidate = with_html(html + BODY + FOOTER, styles)
    assert seconds(lambda: verdicts.append(gate.judge(candidate))) < MESSAGE_SECONDS
    unjudged = [f.rule for f in verdicts[0].refusals if "cannot be judged" in f.evidence]
    assert unjudged == ["R00"]
    with pytest.raises(TooComplex):
        page.surface(Part("html", "HTML part", f"<style>{styles}</style>{html}"))


@pytest.mark.parametrize(
    "html",
    ["<!--" * 8000, f"<!--{'<' * 20_000}-->", "\n" * 4000, "\n " * 4000, "{{" * 4000],
    ids=["openers", "tags in a comment", "newlines", "spaces", "braces"],
)
def test_strange_text_is_judged_soon(html: str) -> None:
    candidate = with_html(BODY + FOOTER + html)
    assert seconds(lambda: gate.judge(candidate)) < MESSAGE_SECONDS


def test_a_heavy_newsletter_is_within_the_allowance() -> None:
    rules = "".join(f".c{n} td.k{n % 20} a{{color:#111;font-size:14px}}\n" for n in range(100))
    narrow = "".join(
        f"@media(max-width:{400 + n * 100}px){{.k{n}{{width:100% !important}}}}" for n in range(4)
    )
    rows = "".join(
        f'<table class="c{n % 100}"><tr><td class="k{n % 20}">Tip <a href="#">more</a></td></tr>'
        "</table>\n"
        for n in range(250)
    )
    html = "<div>" * 12 + rows + "</div>" * 12 + BODY + FOOTER
    assert gate.judge(with_html(html, rules + narrow)).is_lawful
