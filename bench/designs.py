"""Campaigns of 20 KB such as people send: five designs, each skeleton with words of its own."""

from collections.abc import Callable
from html import escape
from random import Random

from mailer.campaigns import rendering
from tests.corpus.newsletters import Newsletter

SIZE = 20_000  # bytes of the author's HTML, before our footer
WORDS = (  # noqa: SIM905 - eighty quoted words would be no easier to read
    "garden harbour letter market morning kitchen winter lantern paper bicycle river orchard "
    "ticket window meadow copper basket journey bakery cellar almond timber valley sailor "
    "pepper candle island pocket silver thunder velvet walnut yellow amber bright careful "
    "gentle hollow little narrow plain quiet simple tender useful warm young ancient brings "
    "carries finds gives holds keeps leaves makes opens reads sends takes waits about after "
    "before between during from into near over since through under until with without"
).split()
FONT = "font-family:Helvetica,Arial,sans-serif"

Design = Callable[[Random, str], str]


def campaign(number: int) -> Newsletter:
    """Return one campaign; the same number always gives the same one."""
    random = Random(number)  # noqa: S311 - made-up words
    subject = sentence(random, 5).rstrip(".")
    design = DESIGNS[number % len(DESIGNS)]
    return Newsletter(f"{number:05}", subject, design(random, subject), text="")


def sentence(random: Random, length: int) -> str:
    return " ".join(random.choices(WORDS, k=length)).capitalize() + "."


def paragraph(random: Random) -> str:
    return " ".join(sentence(random, random.randint(6, 14)) for _ in range(random.randint(2, 5)))


def link(random: Random) -> str:
    words = "-".join(random.choices(WORDS, k=3))
    return f"https://www.acme.example/{words}?utm_source=news&amp;utm_campaign={random.random()}"


def filled(page: str, block: Callable[[], str]) -> str:
    """Put as many blocks into a page as make it SIZE."""
    blocks: list[str] = []
    size = len(page)
    while size < SIZE:
        blocks.append(block())
        size += len(blocks[-1])
    return page.replace("[blocks]", "\n".join(blocks))


def shop(random: Random, subject: str) -> str:
    """Tables and inline styles, two products in a row, a grid that folds on a telephone."""

    def cell() -> str:
        name, price = sentence(random, 3), random.randint(5, 90)
        return (
            f'<td class="half" width="270" valign="top" style="padding:15px;{FONT};color:#333333;">'
            f'<a href="{link(random)}"><img src="https://img.acme.example/{price}.jpg" width="240" '
            f'height="160" alt="{name}" style="display:block;border:0;"></a>'
            f'<p style="margin:12px 0 4px;font-size:16px;line-height:22px;">{name}</p>'
            f'<p style="margin:0;font-size:14px;color:#666666;">${price}.00</p>'
            f'<a href="{link(random)}" style="background-color:#0b5d3b;color:#ffffff;padding:8px '
            f'16px;text-decoration:none;display:inline-block;">{sentence(random, 2)}</a></td>'
        )

    page = (
        "<!doctype html><html><head><style>@media only screen and (max-width:600px){.half{display:"
        "block!important;width:100%!important}.wide{width:100%!important}}img{max-width:100%}"
        "</style><!--[if mso]><style>table{border-collapse:collapse}</style><![endif]--></head>"
        '<body style="margin:0;background-color:#eeeeee;"><div style="display:none;max-height:0;'
        f'overflow:hidden;">{sentence(random, 9)}</div><table width="100%" cellpadding="0" '
        'cellspacing="0"><tr><td align="center"><table class="wide" width="600" bgcolor="#ffffff">'
        f'<tr><td colspan="2" style="padding:24px;{FONT};font-size:28px;">{subject}</td></tr>'
        "[blocks]</table></td></tr></table></body></html>"
    )
    return filled(page, lambda: f"<tr>{cell()}{cell()}</tr>")


def digest(random: Random, subject: str) -> str:
    """Headings, paragraphs and links, styled by classes, with colours for the dark."""

    def block() -> str:
        return (
            f'<div class="story"><h2><a href="{link(random)}">{sentence(random, 6)}</a></h2>'
            f'<p class="body">{paragraph(random)} <em>{sentence(random, 3)}</em> '
            f'{paragraph(random)}</p><p class="meta">{sentence(random, 4)}</p></div>'
        )

    page = (
        "<!doctype html><html><head><style>body{margin:0;background:#fff;color:#222}"
        ".page{max-width:640px;margin:0 auto;padding:20px}.story{border-bottom:1px solid #ddd}"
        "h1,h2{font-family:Georgia,serif;line-height:1.2}h2 a{color:#1a3c6e;text-decoration:none}"
        ".body{font:16px/1.5 Georgia,serif}.story .meta{font-size:13px;color:#555}"
        "@media (prefers-color-scheme:dark){body{background:#111;color:#eee}h2 a{color:#9cf}"
        ".story .meta{color:#aaa}}@media (max-width:480px){.page{padding:8px}h1{font-size:22px}}"
        f'</style></head><body><div class="page"><h1>{subject}</h1>[blocks]</div></body></html>'
    )
    return filled(page, block)


def nested(random: Random, subject: str) -> str:
    """Tables in tables, FONT and spacer images: what old editors write."""

    def block() -> str:
        return (
            '<table width="100%" border="0" cellspacing="0" cellpadding="4"><tr>'
            '<td width="10" bgcolor="#dddddd"><img src="https://img.acme.example/b.gif" width="1" '
            'height="1" alt=""></td><td><table width="100%" border="0"><tr><td valign="top">'
            f'<font face="arial, helvetica" size="2" color="#000000"><b><a href="{link(random)}">'
            f"{sentence(random, 5)}</a></b><br>{paragraph(random)}<br><br></font></td></tr></table>"
            "</td></tr></table>"
        )

    page = (
        '<html><body bgcolor="#ffffff" text="#000000"><center><table width="600" border="0"><tr>'
        f'<td><font face="arial" size="4">{subject}</font></td></tr><tr><td>[blocks]</td></tr>'
        "</table></center></body></html>"
    )
    return filled(page, block)


def announcement(random: Random, subject: str) -> str:
    """Coloured bands with a button for Outlook, and parts for one kind of screen only."""

    def block() -> str:
        href, label = link(random), sentence(random, 3)
        return (
            f'<div style="background-color:#f3f6f9;padding:24px 32px;{FONT};font-size:16px;'
            f'line-height:1.5;color:#24313d;"><h2 style="margin:0;font-size:22px;">'
            f'{sentence(random, 6)}</h2><p style="margin:12px 0;">{paragraph(random)}</p>'
            f'<!--[if mso]><v:roundrect href="{href}" style="height:40px;width:200px;" '
            f'fillcolor="#24313d"><center>{label}</center></v:roundrect><![endif]-->'
            f'<!--[if !mso]><!--><a href="{href}" style="display:inline-block;padding:12px 24px;'
            f'background-color:#24313d;color:#ffffff;border-radius:4px;">{label}</a><!--<![endif]-->'
            f'<p class="small-only" style="display:none;">{sentence(random, 8)}</p></div>'
        )

    page = (
        "<!doctype html><html><head><style>@media (max-width:480px){.small-only{display:block"
        '!important}}</style></head><body style="margin:0;background-color:#ffffff;">'
        f'<h1 style="{FONT};font-size:30px;padding:32px;color:#24313d;">{escape(subject)}</h1>'
        "[blocks]</body></html>"
    )
    return filled(page, block)


def letter(random: Random, subject: str) -> str:
    """Our own plain page, as Markdown fills it."""

    def block() -> str:
        return f'<p>{paragraph(random)} <a href="{link(random)}">{sentence(random, 3)}</a></p>'

    return rendering.in_shell(subject, filled(f"<h1>{subject}</h1>\n[blocks]", block))


DESIGNS: tuple[Design, ...] = (shop, digest, nested, announcement, letter)
