"""Corners of CSS and HTML that pages of tricks do not reach."""

import pytest

from mailer.compliance import gate
from mailer.compliance.message import Part
from mailer.compliance.visible import page
from mailer.compliance.visible.allowance import TooComplex
from tests.compliance.letters import BODY, FOOTER, with_html
from tests.compliance.test_tricks import refusals
from tests.compliance.tricks import block
from tests.compliance.tricks import page as made

HIDDEN = [
    ".f{mix-blend-mode:color-dodge}",
    ".f{filter:brightness(0%) invert();background:none}",
    ".f{position:absolute;bottom:9999px}",
    ".f{position:relative;top:99999px}",
    ".f:not(:disabled):not(input:enabled){display:none}",
    ".f{font-size:.1vmax;font-size:.1vmin}",
    ".f{mix-blend-mode:color-burn}",
    ".f{mix-blend-mode:overlay}",
    ".f:lang(en){display:none}",
    "fieldset .f:disabled,.f:empty,.f{display:none}",
    ".item:only-of-type{display:none}",
    ".f:has(+ x),.f:has(~ x),.f:has(.item){display:none}",
    "br:nth-of-type(1) + .item{display:none}",
    ".f:not(:first-child:last-child){x:y}.f:first-child:last-child{display:none}",
    ".f{color:rgb(from red r g b)}",
    ".f{background:light-dark(#fff,#000)}",
    ".f{background:hwb(0 0% 100%)}",
    ".f{color:color-mix(in srgb,#fff 50%,#fff 60%)}",
    ".f{color:color-mix(in srgb,#fff,nonsense)}",
    ".f{color:color-mix(in srgb,#000,#fff 99%)}",
    ".f{display:if(style(--x):none)}",
    ".f{filter:url(#x)}",
    '.f{filter:url("#x")}',
    ".f{filter:sepia(1) saturate(2) hue-rotate(90deg) brightness(0);background:#000}",
    ".f{mix-blend-mode:difference;color:#fff;background:#fff}",
    ".f{font-size:calc(1px + sin(1))}",
    ".f{font-size:calc((2px * 3) / 2)}",
    ".f{font-size:calc(1px * (1 / 1))}",
    ".f{font-size:1vmax;font-size:.1vmin;font-size:env(x,1px)}",
    ".f{font-size:.1dvw}",
    ".f{font-size:.02rlh}",
    ".f{clip-path:circle()}.f{clip-path:circle(1px)}",
    ".f{clip-path:shape(from 0 0)}",
    ".f{transform:rotate3d(0,1,0,90deg) scaleX(1) skewY(1deg) translateZ(1px)}",
    ".f{rotate:0 0 0 1deg;transform:perspective(9px) translateZ(99px)}",
    ".f{position:absolute;right:3000px}",
    "#w{perspective:10px}.f{transform:translateZ(-9000px)}",
    ".f{all:initial;display:none}",
    ".f{--a:var(--a);--b:var(--b,none);display:var(--b,none);display:none}",
    ".f{--a:initial;opacity:var(--a,0)}",
    ".w{--a:0}.f{--a:inherit;opacity:calc(var(--a) * 1)}",
    '@import url("data:text/css;base64,LmZ7ZGlzcGxheTpub25lfQ");.f{display:none}',
    "@import 'https://cdn.example/x.css';",
    "@layer a.b,c;@layer a{@layer b{.f{display:none}}}@layer{.g{x:y}}",
    "@keyframes k{0%{opacity:0}to{opacity:0}}.f{animation:k 1s infinite}",
    "@media not (not (min-width:1px)){.f{display:none}}",
    "@media (prefers-color-scheme){.f{display:none}}",
    "@media (width){.f{display:none}}",
    "@media screen and not print{.f{display:none}}",
    "@media (orientation:portrait),tv{.f{display:none}}",
]  # fmt: skip
SHOWN = [
    ".f{transform:matrix(1,0,0);transform:translateY(-10%)}",
    ".f{clip-path:rect(0)}",
    ".f{clip-path:polygon(evenodd)}",
    ".f{direction:initial;width:5foo;overflow:hidden}",
    ".f{filter:grayscale()}",
    ".f{color:rgb(nonsense)}.f{color:#000}",
    "@font-face;.f:empty,button:disabled{display:none}",
    ".f{position:relative;z-index:1}h1{position:relative;z-index:-1;top:200px;background:#fff}",
]
BODIES = [
    '<!doctype html><body text="#123" bgcolor="transparent">',
    '<!-- x --><!doctype html><body text="#1234567" bgcolor="">',
]
SHOWN += [
    ".f{color:color-mix(in srgb,#000 0%,#000 0%)}",
    ".f{color:color-mix(in srgb,#000 30%,#111)}",
    ".f{font-family:'Webdings Pro'}",
    ".f{mix-blend-mode:hard-light}",
    ".f{backdrop-filter:brightness(1)}",
    ".f{transform:rotate(1rad) none}",
    ".f{clip-path:inset(1px 2px 3px 4px 5px 6px)}",
    ".f{clip-path:rect(auto auto auto auto round 2px)}",
    ".f{clip-path:rect(0)}.f{clip-path:xywh(0)}",
    ".f{clip-path:xywh(0 0 100% 100%)}.f{clip-path:none}",
    ".f{clip-path:polygon(evenodd)}.f{clip-path:none}",
    ".f{clip-path:ellipse(90% 90% at left top)}.f{clip-path:border-box}",
    ".f{font-size-adjust:none;word-spacing:normal;-webkit-text-stroke:1px}",
    ".f{text-decoration:underline;unicode-bidi:isolate}",
    "@import;@import url(x.css);@import url('https://fonts.googleapis.com/css');@import x(1);",
    "@keyframes;@keyframes x{}@layer;@font-face{font-family:x;src:url(x)}@property --x{syntax:'*'}",
    '@import "data:text/css;base64,!";@media print;',
    ".f:host{display:none}.f:nope:read-only{display:none}",
    ".f{--x:1;animation:nope 1s}",
]  # fmt: skip


@pytest.mark.parametrize("css", HIDDEN)
def test_what_these_styles_hide_is_refused(css: str) -> None:
    html = made(block(""), css).replace("<html>", '<html lang="en-GB">')
    assert refusals(html)


@pytest.mark.parametrize("css", SHOWN)
def test_what_these_styles_show_is_not_refused(css: str) -> None:
    assert refusals(made(block(""), css)) == []


@pytest.mark.parametrize("start", BODIES)
def test_old_attributes_are_read_as_browsers_read_them(start: str) -> None:
    assert refusals(start + BODY + FOOTER) == []


@pytest.mark.parametrize("around", ["<div inert>", '<div style="pointer-events:none">'])
def test_a_link_that_nobody_can_click_is_no_link(around: str) -> None:
    found = gate.judge(with_html(BODY + around + FOOTER)).refusals
    assert [finding.rule for finding in found] == ["R16"]


@pytest.mark.parametrize(
    "html",
    [
        "<font x=1><b><i>" * 400 + "<p>" * 400,
        "<style>" + "@media all{" * 40 + "p{top:0}" + "}" * 40 + "</style>",
        f"<style>{'.a{' * 3}{'p' * 190}{{top:0}}" + "}" * 3 + "</style>",
        "<p style='--a:" + "x " * 400 + ";--b:var(--a) var(--a);top:var(--b)'>x</p>",
        "<style>" + "a" * 250 + "{top:0}</style>",
    ],
)
def test_what_would_grow_beyond_measure_is_not_followed(html: str) -> None:
    with pytest.raises(TooComplex):
        page.surface(Part("html", "HTML part", html))
