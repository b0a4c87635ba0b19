"""Every known trick to hide the footer, and what only looks like one."""

import pytest

from mailer.compliance import gate
from tests.compliance.letters import BODY, FOOTER, INSIDE, LABEL, LINK, PLACE, URL, with_html

MUST_BE_SEEN = {"R13", "R14", "R16"}


def refused(html: str, styles: str = "") -> set[str]:
    refusals = gate.judge(with_html(html, styles)).refusals
    assert not [f for f in refusals if "could not judge" in f.evidence]
    return {finding.rule for finding in refusals}


# A link is blue unless it is told to be like the text around it.
OWN_COLOUR = ("<a ", '<a style="color:inherit" ')


def block(style: str) -> str:
    return f'{BODY}<div style="{style}">{INSIDE}</div>'


MATRIX = {
    "1 html comment": f"{BODY}<!-- {FOOTER} -->",
    "2 Outlook comment": f"{BODY}<!--[if mso]>{FOOTER}<![endif]-->",
    "3 display:none": block("display:none"),
    "5 visibility": block("visibility:hidden"),
    "6 opacity": block("opacity:0"),
    "7 max-height": block("max-height:0;overflow:hidden"),
    "8 off-screen": block("position:absolute;left:-9999px"),
    "9 text-indent": block("text-indent:-9999px"),
    "10 scale": block("transform:scale(0)"),
    "11 clip": block("position:absolute;clip:rect(0,0,0,0)"),
    "12 one pixel": block("font-size:1px"),
    "13 no pixel": block("font-size:0"),
    "15 font white": f'{BODY}<font color="#ffffff">{INSIDE.replace(*OWN_COLOUR)}</font>',
    "16 nearly white": block("color:#fefefe;background:#ffffff").replace(*OWN_COLOUR),
    "17 alpha": block("color:rgba(0,0,0,.01)").replace(*OWN_COLOUR),
    "18 alt only": f'{BODY}<img src="https://x.example/f.png" alt="{LABEL} {PLACE}">',
    "19 noscript": f"{BODY}<noscript>{FOOTER}</noscript>",
    "19 textarea": f"{BODY}<textarea hidden>{FOOTER}</textarea>",
    "20 closed details": f"{BODY}<details>{INSIDE}</details>",
    "20 with a summary": f"{BODY}<details><summary>Legal</summary>{FOOTER}</details>",
}  # fmt: skip


@pytest.mark.parametrize("html", MATRIX.values(), ids=MATRIX)
def test_the_footer_hiding_matrix_is_refused(html: str) -> None:
    assert refused(html) >= MUST_BE_SEEN


@pytest.mark.parametrize(
    "styles",
    [
        ".f{display:none}",
        "@media(max-width:480px){.f{display:none}}",
        "@media only screen and (max-width: 480px) {.f{display:none !important}}",
        "@media (width <= 30em){.f{display:none}}",
        "@media (320px < width <= 480px){.f{display:none}}",
        "@media (min-width:600px){.f{display:none}}",
        "@media (min-width:400px) and (max-width:500px){.f{display:none}}",
        "@media (prefers-color-scheme:dark){.f{display:none}}",
        "@media (prefers-color-scheme:light){.f{display:none}}",
        "@media (prefers-color-scheme:dark){.f,.f a{color:#fff !important}}",
        "@media (min-resolution:2dppx){.f{display:none}}",
        "@media not print{.f{display:none}}",
        "@media not all and (min-resolution:2dppx){.f{display:none}}",
        "@media screen{@media (max-width:480px){.f{display:none}}}",
        "@media (max-width:1px) or (min-width:2px){.f{display:none}}",
        "@supports (display:grid){.f{display:none}}",
        "body div.f:not(.g){display:none}",
        "div{display:block} #f{display:none}",
        ".f{display:none !important} div.f{display:block}",
        ".f{display:none;display:sometimes}",
        ".f :is(::bogus), .g{display:block} .f{display:none}",
        "@font-face{font-family:x} .f{opacity:5%}",
        "@media print{.f{display:block}} .f{visibility:collapse}",
    ],
)
def test_style_sheets_are_followed(styles: str) -> None:
    assert refused(f'{BODY}<div class="f" id="f">{INSIDE}</div>', styles) >= MUST_BE_SEEN


@pytest.mark.parametrize(
    "style",
    [
        "content-visibility:hidden",
        "display:none !important;display:block",
        "font:1px/1 serif",
        "font:bold 0/0 a",
        "font-size:6.9px",
        "font-size:4pt",
        "font-size:.1em",
        "font-size:10%",
        "font-size:.1rem",
        "font-size:.3vw",
        "font-size:min(1px,3px)",
        "font-size:max(1px, 2px)",
        "font-size:clamp(1px,2px,3px)",
        "font-size:calc(1px)",
        "max-width:1px;overflow:hidden",
        "height:0;overflow-y:hidden",
        "width:1px;height:1px;overflow:hidden",
        "line-height:0;overflow:hidden",
        "max-block-size:0;overflow:clip",
        "clip:rect(1px,1px,1px,1px)",
        "clip-path:inset(50%)",
        "clip-path:circle(0)",
        "clip-path:ellipse(0 10px)",
        "clip-path:polygon(0 0, 0 0, 0 0)",
        "-webkit-clip-path:inset(100%)",
        "position:fixed;top:-300px",
        "position:relative;right:-9999px",
        "position:absolute;bottom:-9999px",
        "position:absolute;left:9999px",
        "position:absolute;inset:0 0 0 -200vw",
        "position:absolute;left:-100%",
        "margin-left:-9999px",
        "margin:-999px 0 0",
        "margin-top:-999px",
        "transform:translateX(-9999px)",
        "transform:translate(0,-9999px)",
        "transform:translateY(-9999px)",
        "translate:-9999px",
        "transform:scaleX(0)",
        "transform:scale(1,0)",
        "transform:scale3d(0,1,1)",
        "transform:matrix(0,0,0,0,0,0)",
        "transform:rotateY(90deg)",
        "-webkit-transform:scale(.1)",
        "scale:0",
        "zoom:10%",
        "text-indent:9999px",
        "filter:opacity(0)",
        "filter:blur(9px)",
        "opacity:.05",
        "-webkit-text-fill-color:transparent",
        "color:transparent;-webkit-text-fill-color:currentcolor",
    ],
)
def test_other_ways_to_hide_are_refused(style: str) -> None:
    html = block(style).replace(*OWN_COLOUR)
    assert refused(html) >= MUST_BE_SEEN


@pytest.mark.parametrize(
    "style",
    [
        "color:#fff",
        "color:#fff;background:url(https://x.example/dark.png)",
        "color:white;background-color:#eee",
        "color:hsl(0,0%,98%)",
        "color:oklch(.99 0 0)",
        "color:color(display-p3 1 1 1)",
        "color:#fff;color:var(--ink)",
        "color:#fff;background:linear-gradient(#fff,#eee)",
        "background:#333;color:#333",
        "background:#111;color:#222;background:nonsense(",
        "color:#000;background:currentcolor",
        "background:#000;color:initial",
        "color:rgba(0,0,0,.5);opacity:.2",
    ],
)
def test_text_in_the_colour_of_its_background_is_refused(style: str) -> None:
    html = block(style).replace(*OWN_COLOUR)
    assert refused(html) >= MUST_BE_SEEN


HIDDEN_BY_HTML = {
    "hidden": f"{BODY}<div hidden>{INSIDE}</div>",
    "hidden until found": f'{BODY}<div hidden="until-found">{INSIDE}</div>',
    "closed dialog": f"{BODY}<dialog>{INSIDE}</dialog>",
    "nested opacity": f'{BODY}<div style="opacity:.3"><div style="opacity:.3">{INSIDE}</div></div>',
    "nested em": f'{BODY}<div style="font-size:.5em"><p style="font-size:.5em">{INSIDE}</p></div>',
    "template": f"{BODY}<template>{FOOTER}</template>",
    "script": f"{BODY}<script type='text/plain'>{FOOTER}</script>",
    "option": f"{BODY}<select><option>{LABEL} {PLACE}</option></select>",
    "svg": f"{BODY}<svg><text>{LABEL}</text><text>{PLACE}</text></svg>",
    "title": f"<head><title>{LABEL}, {PLACE}</title></head><body>{BODY}</body>",
    "second summary": f"{BODY}<details><summary>x</summary><summary>{INSIDE}</summary></details>",
    "bgcolor": f'{BODY}<table bgcolor="#0000ee" style="color:#0000ee"><tr><td>{INSIDE}</table>',
    "body text and link": f'<body text="ffffff" link="ffffff">{BODY}{FOOTER}</body>',
    "html hidden": f'<html style="display:none"><body>{BODY}{FOOTER}</body></html>',
}


@pytest.mark.parametrize("html", HIDDEN_BY_HTML.values(), ids=HIDDEN_BY_HTML)
def test_html_that_hides_is_refused(html: str) -> None:
    assert refused(html) >= MUST_BE_SEEN


def test_a_white_footer_with_a_blue_link_is_refused_for_the_rest_only() -> None:
    assert refused(block("color:#fff;background:#fff")) == {"R13", "R14"}


def test_a_link_of_its_own_colour_is_judged_alone() -> None:
    assert refused(BODY + FOOTER.replace("<a ", '<a style="color:#fff" ')) == {"R16"}
    assert refused(BODY + FOOTER, "a{color:#fdfdfd}") == {"R16"}


SHOWN = (INSIDE, f'<p style="visibility:visible;font-size:12px">{INSIDE}</p>')
SEEN = {
    "plain": BODY + FOOTER,
    "light on dark": block("background:#111;color:#eee").replace("<a ", '<a style="color:#8cf" '),
    "10 px grey": block("font-size:10px;color:#777"),
    "preheader": f'<div style="display:none;max-height:0;overflow:hidden">News</div>{BODY}{FOOTER}',
    "a second, hidden copy": f'{BODY}{FOOTER}<div style="display:none">{INSIDE}</div>',
    "one copy per width": f'{BODY}<div class="d">{INSIDE}</div><div class="m">{INSIDE}</div>',
    "visible child": block("visibility:hidden").replace(*SHOWN),
    "large child of a small parent": block("font-size:0").replace(*SHOWN),
    "mso-hide": block("mso-hide:all"),
    "open details": f"{BODY}<details open>{INSIDE}</details>",
    "summary": f"{BODY}<details><summary>{INSIDE}</summary>more</details>",
    "open dialog": f"{BODY}<dialog open>{INSIDE}</dialog>",
    "not Outlook": f"{BODY}<!--[if !mso]><!-->{FOOTER}<!--<![endif]-->",
    "after the end": f"<html><body>{BODY}</body></html>{FOOTER}",
    "overflow without a size": block("overflow:hidden"),
    "cell": f'{BODY}<table><tr><td style="height:1px;overflow:hidden">{INSIDE}</table>',
    "tight lines": block("line-height:1.2;overflow:hidden"),
    "centred": block("position:absolute;left:50%;margin-left:-100px"),
    "centred by transform": block("position:absolute;left:50%;transform:translate(-50%,0) none"),
    "no clip": block("clip:auto;clip-path:inset(0 10px);clip:rect(auto,auto,auto,auto)"),
    "other shapes": block("clip-path:circle(50%);transform:skew(1deg) rotateX(10deg);filter:none"),
    "size that names nothing": block("font-size:caption;font-size:12px;clip:shape(1px)"),
    "opened again": block("max-height:0;overflow:hidden;max-height:none"),
    "variables": block("font-size:var(--s);color:var(--c);opacity:var(--o);display:var(--d)"),
    "arithmetic": block("font-size:calc(8px + 4px);max-height:calc(1px + 9em);overflow:hidden"),
    "small": block("font-size:small"),
    "keywords": block("font-size:small;color:inherit;font-size:larger;visibility:initial"),
    "initial": block("font-size:initial;color:initial;-webkit-text-fill-color:initial"),
    "inherited": block("font:inherit;background:inherit;-webkit-text-fill-color:inherit"),
    "font without a size": block("font:caption;margin:1px 2px 3px;margin:1 2 3 4 5;padding:0"),
    "strange lengths": block("width:5foo;overflow:hidden;font-size:12px;left:3;line-height:normal"),
    "font tag": f'{BODY}<font size="2" color="green">{INSIDE}</font>',
    "relative font tag": f'{BODY}<font size="-1" color="crimson">{INSIDE}</font>',
    "odd font tag": f'{BODY}<font size="x">{INSIDE}</font>',
    "whole 1000 px": block("font-size:3vw;width:50vmin;height:9vmax"),
    "unitless size": block("font-size:12"),
    "half transparent": block("opacity:.8;filter:opacity(.9) saturate(1)"),
    "grown": block("transform:scale(1.1) matrix(1,0,0,1,0,0);zoom:1;scale:1"),
    "dark picture": block("background:linear-gradient(#000,#222);color:#fff").replace(*OWN_COLOUR),
}  # fmt: skip
STYLES = (
    ".d{display:block}.m{display:none}"
    "@media(max-width:480px){.d{display:none}.m{display:block}}"
    "@media (unknown: thing) and (max-width: auto){h1{color:red}} @media (color){h1{color:red}}"
    "@media (width ! 3px),(min-width),(auto < width){h1{color:red}}"
    "@import url(x.css); @media print{p,div{display:none}} p::before{content:'x';display:none}"
    "@keyframes x{from{display:none}} h1!!{color:red} h1{} h1[[{color:red}"
    "@media(min-width:3foo){h1{color:red}}"
)


@pytest.mark.parametrize("html", SEEN.values(), ids=SEEN)
def test_what_a_reader_sees_is_not_refused(html: str) -> None:
    verdict = gate.judge(with_html(html, STYLES))
    assert verdict.findings == ()


def test_a_sheet_for_print_only_hides_nothing() -> None:
    html = f'<style media="print">p{{display:none}}</style>{BODY}{FOOTER}'
    assert gate.judge(with_html(html)).findings == ()


def test_a_pale_footer_is_a_warning() -> None:
    html = block("color:#999").replace(*OWN_COLOUR)
    verdict = gate.judge(with_html(html))
    assert {f.rule for f in verdict.warnings} == MUST_BE_SEEN
    assert verdict.is_lawful


DARK = "@media(prefers-color-scheme:dark){.f{opacity:0}}"


def test_a_footer_of_eight_pixels_is_too_small() -> None:
    verdict = gate.judge(with_html(block("font-size:8px")))
    assert {f.rule for f in verdict.refusals} == MUST_BE_SEEN
    assert "8 px high, 9 px are needed" in verdict.refusals[0].evidence


@pytest.mark.parametrize(
    ("html", "styles", "expected"),
    [
        (f'<div class="f">{INSIDE}</div>', "@media(max-width:480px){.f{display:none}}", "375 px"),
        (f'<div class="f">{INSIDE}</div>', DARK, "dark"),
        (f"<div style='opacity:0'>{INSIDE}</div>", "", "hidden by opacity:0"),
        (f"<!--{INSIDE}-->", "", "only in an image text or a comment"),
        ("", "", "not found"),
    ],
)  # fmt: skip
def test_the_evidence_says_how_and_where_it_is_hidden(
    html: str, styles: str, expected: str
) -> None:
    verdict = gate.judge(with_html(BODY + html, styles))
    assert expected in next(f.evidence for f in verdict.refusals if f.rule == "R14")


def test_an_image_link_without_text_is_no_link() -> None:
    html = FOOTER.replace(
        LINK, f'<a href="{URL}"><img alt="Unsubscribe" src="https://x/i.png"></a>'
    )
    verdict = gate.judge(with_html(BODY + html))
    assert [f.rule for f in verdict.refusals] == ["R16"]
    assert "without any text to click on" in verdict.refusals[0].evidence
