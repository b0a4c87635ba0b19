"""The last corners of the visibility model: values that mean nothing, and rare selectors."""

import pytest

from mailer.compliance import gate
from mailer.compliance.visible import colours, tree
from tests.compliance.letters import BODY, FOOTER, INSIDE, with_html


def refused(html: str, styles: str = "") -> set[str]:
    return {finding.rule for finding in gate.judge(with_html(BODY + html, styles)).refusals}


@pytest.mark.parametrize(
    "style",
    [
        "translate:auto 1px",
        "translate:1px foo 1px",
        "transform:matrix(1,2)",
        "transform:matrix3d(1)",
        "filter:brightness(foo)",
        "filter:blur()",
    ],
)
def test_a_value_that_means_nothing_hides_nothing(style: str) -> None:
    assert refused(f'<div style="{style}">{INSIDE}</div>') == set()


def test_a_box_pushed_out_from_the_right_is_not_seen() -> None:
    assert "R14" in refused(f'<div style="position:absolute;right:3000px">{INSIDE}</div>')


def test_a_colour_without_a_meaning_is_none() -> None:
    assert colours.colour("color()") is None


@pytest.mark.parametrize("text", ["#000100010001", "#0001000100010"])
def test_an_old_colour_of_many_digits_loses_its_zeros(text: str) -> None:
    colour = colours.of_attribute(text)
    assert colour is not None
    assert colour.rgb == pytest.approx((1 / 255, 1 / 255, 1 / 255), abs=0.07)


@pytest.mark.parametrize("text", ["123", "\u05d0\u05d1"])
def test_what_runs_in_its_own_direction_is_legible(text: str) -> None:
    assert refused(f"<bdo dir=rtl>{text}</bdo>{FOOTER}") == set()


def test_a_selector_that_nobody_can_read_is_not_judged() -> None:
    assert refused(FOOTER, ":lang(){display:none}") == {"R00"}


@pytest.mark.parametrize(
    "selector",
    [
        "input:disabled",
        "p:empty",
        "h1:has(~ p)",
        "h1:has(+ b)",
        "p:has(~ x)",
        "p:nth-last-child(1 of p)",
    ],
)
def test_a_rare_selector_reaches_what_it_names_and_nothing_else(selector: str) -> None:
    html = f"<fieldset disabled><input></fieldset>{FOOTER}"
    assert refused(html, f"{selector}{{display:block;color:#111}}") == set()


def test_a_document_without_anything_has_its_frame() -> None:
    assert [element.local_name for element in tree.parsed("").elements] == ["html", "head", "body"]
