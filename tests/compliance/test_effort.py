"""The time that the gate takes: however a message is made, it is judged or refused soon."""

import ast
import importlib
import pkgutil
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from config import ROOT
from mailer import compliance
from mailer.compliance import gate, merge
from mailer.compliance.message import Part
from mailer.compliance.visible import page
from mailer.compliance.visible.allowance import TooComplex
from tests.compliance.letters import BODY, FOOTER, with_html

SIZE = 30_000
# What is linear takes some milliseconds, what is quadratic takes 0.3 seconds at the very least.
PATTERN_SECONDS = 0.1
USED = {"compile", "escape", "Pattern", "Match", "DOTALL", "IGNORECASE", "MULTILINE", "ASCII"}
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
    *(" your order", " until the", " 1", "1.", "20%", "$1", "a-", "x=", "x;", "<img", " &", "as\n"),
]  # fmt: skip
# What is never searched for: these are asked whether they are the whole of a text.
WHOLE = {
    *("disguise._LETTERED", "disguise._LOAN", "dkim._TAG", "duties._LIST_ROBOT", "markup._PIXELS"),
    *("message._FIELD", "rules.list_headers._FEEDBACK_ID", "rules.list_headers._LIST_ID"),
    *("rules.identity._ONE_MAILBOX", "rules.intake._NUMBERED", "rules.sender._MAILBOX"),
}
# Makes a pattern out of what a caller gives, or out of a table.
MAKERS = {
    "claims._until",
    "claims._up_to",
    "claims._only",
    "optout._copies",
    "wording.phrase_pattern",
}


COMPLIANCE = ROOT / "mailer/compliance"
SOURCES = sorted(p for p in COMPLIANCE.rglob("*.py") if "visible" not in p.parts)


def place(path: Path) -> str:
    return ".".join(path.relative_to(COMPLIANCE).with_suffix("").parts)


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern of the package, by name."""
    for module in pkgutil.walk_packages(compliance.__path__, f"{compliance.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            place = f"{module.name.removeprefix('mailer.compliance.')}.{name}"
            for number, pattern in enumerate(_held(value)):
                yield f"{place}[{number}]" if number else place, pattern


def _held(value: object) -> Iterator[re.Pattern[Any]]:
    """Every pattern in a value, however deep in tuples and tables."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _held(inner)


PATTERNS = dict(patterns())


def seconds(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


def slow_on(pattern: re.Pattern[Any], *, is_whole: bool = False) -> tuple[str, float] | None:
    """The first piece of which a long text takes the pattern longer than is allowed."""
    for piece in PIECES:
        text: Any = (piece * (SIZE // len(piece) + 1))[: SIZE - 1] + "!"
        text = text.encode() if isinstance(pattern.pattern, bytes) else text
        taken = seconds(partial(pattern.fullmatch, text))
        if not is_whole:
            taken += seconds(partial(deque, pattern.finditer(text), 0))
        if taken > PATTERN_SECONDS:
            return piece, taken
    return None


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Attribute]]:
    """Each attribute of a plain name: ("re", re.search), ("_FIELD", _FIELD.fullmatch)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node


def test_the_patterns_are_found() -> None:
    assert {"merge._UNFILLED", "visible.page._COMMENT", "words._WORD"} <= PATTERNS.keys()
    assert PATTERNS.keys() >= WHOLE


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_takes_time_in_proportion_to_the_text(name: str) -> None:
    assert slow_on(PATTERNS[name], is_whole=name in WHOLE) is None


@pytest.mark.parametrize(
    "pattern", [r" +x", r"\w*\d", r"<[^>]*=[^>]*>", r"\s*,"], ids=["run", "tail", "tag", "end"]
)
def test_a_pattern_in_proportion_to_the_square_is_caught(pattern: str) -> None:
    assert slow_on(re.compile(pattern)) is not None


@pytest.mark.parametrize("path", SOURCES, ids=place)
def test_every_pattern_has_a_name_by_which_it_is_measured(path: Path) -> None:
    tree = ast.parse(path.read_text())
    makers = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.col_offset == 0)
    inside = [f for f in makers if f"{place(path)}.{f.name}" not in MAKERS]
    used = {node.attr for name, node in calls(tree) if name == "re"}
    made = [f.name for f in inside if ("re", "compile") in {(n, c.attr) for n, c in calls(f)}]
    assert used <= USED
    assert made == []


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_what_is_asked_of_whole_texts_is_never_searched_for(name: str) -> None:
    module, _, constant = name.rpartition(".")
    path = COMPLIANCE / f"{module.replace('.', '/')}.py"
    assert {c.attr for n, c in calls(ast.parse(path.read_text())) if n == constant} == {"fullmatch"}


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
