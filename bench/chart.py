"""Bars, drawn as an SVG that reads well on a light page and on a dark one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, BAR, STEP, TOP = 640, 14, 40, 44
NUMBERS = 80  # px that the longest bar leaves for its number
STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
.title { font-size: 15px; font-weight: 600; }
.number { font-variant-numeric: tabular-nums; }
.other { fill: #8c959f; }
.own { fill: #2f6f4f; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .other { fill: #6e7681; }
  .own { fill: #56b386; }
}
"""


@dataclass(frozen=True)
class Bar:
    """One bar; ``is_own`` tells what the chart is about from what it is compared with."""

    title: str
    value: float
    is_own: bool


def drawn(title: str, bars: Sequence[Bar]) -> str:
    """Return the chart: a bar for each, its title above it and its value behind it."""
    height = TOP + STEP * len(bars)
    most = max(bar.value for bar in bars)
    spoken = "; ".join(f"{bar.title}: {bar.value:,.0f}" for bar in bars)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"',
        f'width="{WIDTH}" height="{height}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(spoken)}</desc>',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="0" y="18">{escape(title)}</text>',
        *(part for place, bar in enumerate(bars) for part in lines(place, bar, most)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def lines(place: int, bar: Bar, most: float) -> Iterator[str]:
    top = TOP + STEP * place
    width = max(1.0, bar.value / most * (WIDTH - NUMBERS))
    kind = "own" if bar.is_own else "other"
    yield f'<text x="0" y="{top}">{escape(bar.title)}</text>'
    yield (f'<rect class="{kind}" x="0" y="{top + 6}" width="{width:.0f}" height="{BAR}" rx="2"/>')
    yield (
        f'<text class="number" x="{width + 6:.0f}" y="{top + 6 + BAR - 2}">{bar.value:,.0f}</text>'
    )
