"""Chromium as the second judge of what can be seen: pixels decide whether our model is right."""

import base64
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from mailer.compliance import gate
from mailer.compliance.rules import body
from tests.compliance import layouts, tricks
from tests.compliance.letters import with_html

DESK = ViewportSize(width=1000, height=400)
PHONE = ViewportSize(width=375, height=400)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Letters of the address leave about a thousand pixels that stand out from what is behind them.
LEAST_PIXELS = 150
ADOPT = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""
HIDE = ".item,.item *{visibility:hidden !important}"
COMPARE = """async ([shown, without]) => {
  const pixels = async (data) => {
    const file = await fetch('data:image/png;base64,' + data);
    const bitmap = await createImageBitmap(await file.blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  };
  const linear = Array.from({length: 256}, (_, n) =>
    n / 255 <= .04045 ? n / 255 / 12.92 : ((n / 255 + .055) / 1.055) ** 2.4);
  const light = (d, n) =>
    .2126 * linear[d[n]] + .7152 * linear[d[n + 1]] + .0722 * linear[d[n + 2]];
  const [one, other] = [await pixels(shown), await pixels(without)];
  let count = 0;
  for (let n = 0; n < one.length; n += 4) {
    if (one[n] === other[n] && one[n + 1] === other[n + 1] && one[n + 2] === other[n + 2]) continue;
    const [a, b] = [light(one, n) + .05, light(other, n) + .05];
    if (Math.max(a, b) / Math.min(a, b) >= 1.6) count += 1;
  }
  return count;
}"""
# Where our model refuses what Chromium shows, and why it is to stay so.
STRICTER = {
    "declared: text-indent:-9999px": "the first line only goes away: which one, the width decides",
    "declared: text-indent:100%;white-space:nowrap;overflow:hidden": "likewise",
    "declared: transform:skewX(89.9deg)": "letters are smeared over the whole page",
    "declared: font-size:.01em": "Chromium shows 6 px where less is asked for",
    "declared: font-size:1%": "likewise",
    "markup: small nested": "likewise",
    "declared: -webkit-text-security:disc": "dots are seen, no letters",
    "declared: word-spacing:-2em": "words lie upon one another",
    "declared: letter-spacing:900px": "one letter is seen",
    "declared: text-decoration:line-through 2em #000": "a bar is seen, no letters",
    "declared: direction:rtl;unicode-bidi:bidi-override": "letters run backwards",
    "markup: bdo": "likewise",
    "markup: override character": "likewise",
    "declared: transform:scaleX(-1)": "letters are mirrored",
    "declared: font-family:Webdings": "pictures where that font is installed",
    "declared: mix-blend-mode:color": "not followed",
    "hidden in quirks table": "without a doctype tables do not inherit; mail programs have one",
    "h px line": "the tops of letters are seen",
    "ink: mix-blend-mode:screen": "nothing to blend with on a bare page; mail programs have one",
    "ink: mix-blend-mode:lighten": "likewise",
}


class Eye:
    """One tab that shows pages, and one that compares pictures of them."""

    def __init__(self, tab: Page, scale: Page) -> None:
        self.tab, self.scale = tab, scale
        # Left alone, a window without a colour of its own is dark where dark is preferred.
        session = tab.context.new_cdp_session(tab)
        white = {"color": {"r": 255, "g": 255, "b": 255, "a": 255}}
        session.send("Emulation.setDefaultBackgroundColorOverride", white)

    def sees(self, html: str) -> bool:
        """Whether the address of a page stands out in each situation that its styles tell apart."""
        self.tab.set_content(html, wait_until="commit")
        if "animation" in html:
            self.tab.wait_for_timeout(50)
        return all(self.pixels() >= LEAST_PIXELS for _ in self.situations(html))

    def situations(self, html: str) -> Iterator[None]:
        is_wide, is_dyed = "width" in html.partition("@media")[2], "prefers" in html
        for size in (DESK, PHONE) if is_wide else (DESK,):
            self.tab.set_viewport_size(size)
            for scheme in SCHEMES if is_dyed else SCHEMES[:1]:
                self.tab.emulate_media(color_scheme=scheme)
                yield

    def pixels(self) -> int:
        """How many pixels the address changes."""
        shown = self.picture()
        self.tab.evaluate(ADOPT, HIDE)
        without = self.picture()
        self.tab.evaluate("document.adoptedStyleSheets = []")
        return 0 if shown == without else int(self.scale.evaluate(COMPARE, [shown, without]))

    def picture(self) -> str:
        return base64.b64encode(self.tab.screenshot(animations="allow", caret="initial")).decode()


@pytest.fixture
def eye(browser: Browser) -> Iterator[Eye]:
    with browser.new_context() as context, browser.new_context() as other:
        yield Eye(context.new_page(), other.new_page())


def is_refused(html: str) -> bool:
    return bool(gate.judge(with_html(html), (body.PHYSICAL_ADDRESS,)).refusals)


def test_what_chromium_does_not_show_is_refused_and_what_it_shows_is_not(eye: Eye) -> None:
    pages = tricks.hiding() | tricks.seen() | layouts.MORE | layouts.SEEN_MORE
    differing = {name for name, html in pages.items() if is_refused(html) is eye.sees(html)}
    assert differing == STRICTER.keys()
