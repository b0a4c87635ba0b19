"""The pages that Chromium judges, too (tests/e2e/test_visibility.py), by our model alone."""

from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.compliance import gate
from mailer.compliance.rules import body
from tests.compliance import layouts, tricks
from tests.compliance.letters import BODY, FOOTER, INSIDE, with_html

HIDING = tricks.hiding() | layouts.MORE
SEEN = tricks.seen() | layouts.SEEN_MORE
SHOWING = (body.AD_LABEL, body.PHYSICAL_ADDRESS, body.UNSUBSCRIBE_PRESENT)


def refusals(html: str) -> list[str]:
    return [f.evidence for f in gate.judge(with_html(html), (body.PHYSICAL_ADDRESS,)).refusals]


@pytest.mark.parametrize("name", HIDING)
def test_a_hidden_address_is_refused_with_a_reason(name: str) -> None:
    found = refusals(HIDING[name])
    assert found
    assert "could not judge" not in found[0]


@pytest.mark.parametrize("name", SEEN)
def test_an_address_that_all_see_is_not_refused(name: str) -> None:
    assert refusals(SEEN[name]) == []


WHOLE = [
    *("display:none", "opacity:0", "font-size:0", "visibility:hidden", "clip-path:inset(100%)"),
    *("position:absolute;left:-9999px", "max-height:0;overflow:hidden", "transform:scale(0)"),
    *("filter:opacity(0)", "content-visibility:hidden", "position:fixed;top:100vh"),
    *("mask:linear-gradient(transparent,transparent)", "-webkit-text-fill-color:transparent"),
]
PLAIN = ["padding:9px", "margin:0", "line-height:1.5", "text-align:center", "max-width:100%"]
LOOKS = [
    *PLAIN,
    "color:#333",
    "font-size:14px",
    "width:600px",
    "position:relative",
    "background:#fff",
]
WRAPPERS = [
    '<div style="%s">{}</div>',
    '<table width="600"><tr><td style="%s">{}</td></tr></table>',
    '<section style="%s">{}</section>',
    '<center style="%s">{}</center>',
]


def wrapped(looks: list[str]) -> st.SearchStrategy[list[str]]:
    """Elements to lie about one another, each with some looks."""
    styles = st.lists(st.sampled_from(looks), max_size=4).map(";".join)
    made = st.tuples(st.sampled_from(WRAPPERS), styles).map(lambda pair: pair[0] % pair[1])
    return st.lists(made, max_size=4)


def within(inside: str, wrappers: list[str]) -> str:
    return reduce(lambda html, around: around.format(f"\n{html}\n"), wrappers, inside)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(wrapped(LOOKS), max_size=3), wrapped(LOOKS))
def test_a_visible_footer_added_to_a_lawful_body_adds_no_finding(
    bodies: list[list[str]], around: list[str]
) -> None:
    lawful = "".join(within(BODY, wrappers) for wrappers in [*bodies, []]) + FOOTER + "\r\n"
    assert gate.judge(with_html(lawful)).findings == ()
    assert gate.judge(with_html(lawful + within(INSIDE, around))).findings == ()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(wrapped(PLAIN), st.sampled_from(WHOLE), st.sampled_from(sorted(tricks.WAYS)), wrapped(LOOKS))
def test_a_footer_hidden_by_any_trick_is_refused(
    inner: list[str], trick: str, way: str, outer: list[str]
) -> None:
    own, rule = tricks.WAYS[way]
    css = trick.replace(";", " !important;") if "important" in rule else trick
    footer = f'<div class="f" id="f" style="{own}">{within(tricks.INSIDE, inner)}</div>'
    html = tricks.page(f'<div class="w">{within(footer, outer)}</div>', rule.replace("%s", css))
    assert "R14" in {f.rule for f in gate.judge(with_html(html), SHOWING).refusals}
