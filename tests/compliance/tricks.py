"""Pages on which the footer is hidden, and lawful ones that look alike; judged by two judges."""

# ruff: noqa: E501, RUF001 - a page stands on a line of its own

from tests.compliance.letters import BODY, FOOTER, LABEL, LINK, PLACE

ITEM = f'<span class="item">{PLACE}</span>'
INSIDE = f"{LABEL}<br>{ITEM}<br>{LINK}"
PLAIN_LINK = LINK.replace("<a ", '<a style="color:inherit" ')
_COVER = "background:#fff;width:600px;height:200px"


def page(footer: str, styles: str = "") -> str:
    sheet = f"<style>{styles}</style>" if styles else ""
    return f"<!doctype html><html><head>{sheet}</head><body>{BODY}{footer}</body></html>"


def block(style: str, inside: str = INSIDE) -> str:
    return f"""<div class="w" id="w"><div class="f" id="f" style='{style}'>{inside}</div></div>"""


# Declarations for the footer's own element.
DECLARED = """display:none|display:table-column|visibility:hidden|visibility:collapse|opacity:0|opacity:.02
opacity:calc(1 - 1)|opacity:1%|content-visibility:hidden|all:unset;display:none|display:none!important;display:block
max-height:0;overflow:hidden|height:0;overflow:clip|max-height:min(0px,9px);overflow:hidden
height:1px;overflow-y:hidden|max-width:0;overflow:hidden;white-space:nowrap|width:0;height:0;overflow:hidden
max-height:calc(2px * 1);overflow:hidden|line-height:0;overflow:hidden|block-size:0;overflow-block:hidden;overflow:hidden
position:absolute;left:-9999px|position:absolute;inset:-9999px auto auto 0|position:fixed;top:100vh
position:fixed;top:-50vh;bottom:auto|position:absolute;right:100vw|position:relative;left:-200vw
margin-left:-9999px|margin-top:-2000px|margin-inline-start:-9999px|float:left;margin-left:-3000px
text-indent:-9999px|text-indent:100%;white-space:nowrap;overflow:hidden|padding-left:100vw;overflow:hidden;height:20px
transform:scale(0)|transform:scale(.01)|transform:scaleY(0)|transform:rotateX(90deg)|transform:rotateY(.25turn)
transform:rotate3d(1,0,0,90deg)|transform:matrix(0,0,0,0,0,0)|transform:translateX(-200vw)|transform:translate(-999px,-999px)
transform:matrix3d(1,0,0,0,0,1,0,0,0,0,1,0,-5000,0,0,1)|transform:perspective(1px) translateZ(-5000px)
transform:matrix3d(1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,500)|transform:skewX(89.9deg)|scale:0|rotate:x 90deg|rotate:0 1 0 90deg|translate:-200vw
zoom:1%|zoom:.02|clip-path:inset(100%)|clip-path:inset(0 0 100% 0)|clip-path:inset(0 100% 0 0)|clip-path:circle(0)
clip-path:circle(1px at -99px -99px)|clip-path:polygon(0 0,0 0,0 0)|clip-path:polygon(200% 200%,300% 200%,300% 300%)
clip-path:ellipse(0 0)|clip-path:path("M0 0")|clip-path:xywh(0 0 0 0)|clip-path:rect(0 0 0 0)|position:absolute;clip:rect(0,0,0,0)
position:absolute;clip:rect(1px 1px 1px 1px)
font-size:0|font:0/0 a|font:1px/1 serif|font-size:calc(1px)|font-size:calc(16px - 15px)|font-size:calc(1em * .02)|font-size:clamp(1px,2px,3px)
font-size:.01em|font-size:1%|font-size:.05rem|font-size:max(0px,1px)|font-size-adjust:.01|font-size:min(1px,5vw)
filter:opacity(0)|filter:opacity(1%)|filter:blur(20px)|filter:contrast(0) brightness(2);background:#fff
mask:linear-gradient(transparent,transparent)|-webkit-mask-image:linear-gradient(transparent,transparent)
-webkit-text-security:disc|contain:strict|contain:size;overflow:hidden|-webkit-line-clamp:1;display:-webkit-box;-webkit-box-orient:vertical;overflow:hidden
letter-spacing:-1em|word-spacing:-2em|text-decoration:line-through 2em #000|direction:rtl;unicode-bidi:bidi-override
transform:scaleX(-1)|content:url("data:image/gif;base64,R0lGODlhAQABAAAAACw=")|offset-path:path("M-5000 0");offset-distance:0
mix-blend-mode:color|--d:none;display:var(--d)|--d:var(--e);--e:none;display:var(--d)|display:var(--nope,none)|opacity:var(--nope,0)
font:var(--nope,0 a)|overflow:hidden;height:var(--nope,0)|font-family:Webdings|position:fixed;inset:100vh 0 auto
min-height:0;max-height:.5px;overflow:hidden;padding:0|height:20px;overflow:hidden;padding-top:60px;box-sizing:border-box
font-size:5000px|letter-spacing:900px|animation:gone 1ms forwards|position:absolute;top:-400px;height:20px"""
# Colours: the link takes that of the text around it.
INKS = """color:#fff|color:white|color:#fffffe|color:rgb(255 255 255)|color:hsl(0 0% 100%)|color:transparent
color:rgba(0,0,0,.02)|color:color-mix(in srgb,#fff,#fff)|color:color-mix(in srgb,#fff 99%,#000)|color:light-dark(#fff,#fff)|color:Canvas
color:oklch(1 0 0)|color:lab(100 0 0)|-webkit-text-fill-color:#fff|-webkit-text-fill-color:transparent|color:#0000
background:#000;color:#000|background:#000|background:linear-gradient(#000,#000)|background-image:linear-gradient(#111,#000)
background-color:#222;color:#111|--c:#fff;color:var(--c)|color:var(--nope,#fff)|color:#fff;background:var(--nope,#fff)
filter:invert(1)|filter:brightness(0) invert(1)|mix-blend-mode:screen|mix-blend-mode:lighten|backdrop-filter:brightness(0)
-webkit-text-stroke:6px #fff|color:#fff;text-shadow:0 0 1px #fff|background:currentcolor|color:#FFF!important;color:#000"""
WAYS = {
    "class": ("", ".f{%s}"),
    "id": ("", "#f{%s}"),
    "tag": ("", "body div div{%s}"),
    "important": ("display:block;opacity:1;font-size:14px;color:#000", ".f{%s !important}"),
    "attribute": ("", "[id^=f]{%s}"),
    "style attribute": ("margin:0", '[style*="margin"]{%s}'),
    "not": ("", "div:not(.w){%s}"),
    "nth": ("", "body > div:nth-last-child(1) > :first-child{%s}"),
    "is": ("", ":is(.x,.f){%s}"),
    "has": ("", "div:has(> .item){%s}"),
    "nested": ("", ".w{color:#000; & .f{%s}}"),
    "nested deeper": ("", "body{.w{> .f{%s}}}"),
    "all media": ("", "@media all{.f{%s}}"),
    "nested media": ("", ".f{@media screen{%s}}"),
    "phone": ("", "@media (max-width:600px){.f{%s}}"),
    "phone, range": ("", "@media (width < 37.5em){.f{%s}}"),
    "desk": ("", "@media only screen and (min-width:601px){.f{%s}}"),
    "dark": ("", "@media (prefers-color-scheme:dark){.f{%s}}"),
    "light": ("", "@media not (prefers-color-scheme:dark){.f{%s}}"),
    "either": ("", "@media (max-width:10px) or (min-width:20px){.f{%s}}"),
    "not print": ("", "@media not print{.f{%s}}"),
    "supports": ("", "@supports (display:block){.f{%s}}"),
    "layer": ("", "@layer a{.f{%s !important}} .f{%s}"),
    "layers": ("", "@layer a,b;@layer b{.f{%s}} @layer a{.f{display:block;opacity:1}}"),
    "container": ("", "body{container-type:inline-size} @container (width > 1px){.f{%s}}"),
    "scope": ("", "@scope (.w){.f{%s}}"),
    "import": ("", '@import url("data:text/css,.f{%s}");'),
    "read-only": ("", ".f:read-only{%s}"),
    "comment inside": ("", ".f{color:red;/* } */%s}"),
    "escape": ("", ".\\66{%s}"),
    "capitals": ("", ".f{display:block}.f{%s}@MEDIA print{.f{display:block}}"),
}
SPREAD = [
    "display:none",
    "opacity:0",
    "font-size:0",
    "max-height:0;overflow:hidden",
    "clip-path:inset(100%)",
]

MARKUP = {
    "comment": f"<!-- {FOOTER} -->",
    "comment never closed": f"<!-- {INSIDE}",
    "mso": f"<!--[if mso]>{FOOTER}<![endif]-->",
    "gte mso": f"<!--[if gte mso 9]>{FOOTER}<![endif]-->",
    "hidden": f"<div hidden>{INSIDE}</div>",
    "hidden until found": f"<div hidden=until-found>{INSIDE}</div>",
    "noscript": f"<noscript>{INSIDE}</noscript>",
    "template": f"<template>{INSIDE}</template>",
    "details": f"<details>{INSIDE}</details>",
    "details with a summary": f"<details><summary>Legal</summary>{INSIDE}</details>",
    "dialog": f"<dialog>{INSIDE}</dialog>",
    "popover": f"<div popover>{INSIDE}</div>",
    "textarea hidden": f"<textarea hidden>{INSIDE}</textarea>",
    "style never closed": f"<style>{INSIDE}",
    "title never closed": f"<title>{INSIDE}",
    "script": f"<script type=text/plain>{INSIDE}</script>",
    "iframe": f"<iframe>{INSIDE}</iframe>",
    "noembed": f"<noembed>{INSIDE}</noembed>",
    "noframes": f"<noframes>{INSIDE}</noframes>",
    "select": f"<select><option>x<option>{LABEL} {PLACE}</select>",
    "datalist": f"<datalist><option>{PLACE}</datalist>",
    "audio": f"<audio>{INSIDE}</audio>",
    "canvas": f"<canvas>{INSIDE}</canvas>",
    "shadow root": f"<div><template shadowrootmode=open></template>{INSIDE}</div>",
    "font left open": f'<div>Hi<font color="white"></div>{PLAIN_LINK}{INSIDE}',
    "div with bgcolor": f'<div bgcolor="#000000" style="color:#fff">{LABEL}<br>{ITEM}</div>',
    "bdo": f"<bdo dir=rtl>{INSIDE}</bdo>",
    "override character": INSIDE.replace(PLACE, f"\u202e{PLACE}\u202c"),
    "image only": f'<img alt="{LABEL} {PLACE}" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    "two styles": f'<div style="display:none" style="display:block">{INSIDE}</div>',
    "small nested": f'<div style="font-size:.3em"><div style="font-size:.3em">{INSIDE}</div></div>',
    "faded nested": f'<div style="opacity:.2"><div style="opacity:.2">{INSIDE}</div></div>',
    "visible child of nothing": f'<div style="display:none"><p style="display:block">{INSIDE}</p></div>',
    "moved twice": f'<div style="position:relative;left:-150px;width:100px"><div style="position:relative;left:-450px">{INSIDE}</div></div>',
    "after 200 px of 100": f'<div style="height:100px;overflow:hidden"><div style="height:200px"></div>{INSIDE}</div>',
    "overlay in a holder": f'<div style="position:relative">{INSIDE}<div style="position:absolute;inset:0;background:#fff"></div></div>',
    "overlay by percent": f'<div style="position:relative">{INSIDE}<p style="position:absolute;margin:0;top:0;left:0;width:100%;height:100%;background:#fff"></div>',
    "overlay before it": f'<div style="position:relative"><div style="position:absolute;inset:0;background:#fff"></div>{INSIDE}</div>',
    "overlay fixed": f'{INSIDE}<div style="position:fixed;top:0;left:0;right:0;bottom:0;background:#fff"></div>',
    "overlay of vw": f'{INSIDE}<div style="position:fixed;top:0;left:0;width:100vw;height:100vh;background:#fff;z-index:9"></div>',
    "pulled up": f'{INSIDE}<div style="position:relative;top:-100px;{_COVER}"></div>',
    "pulled up by a margin": f'{INSIDE}<div style="position:relative;margin-top:-100px;{_COVER}"></div>',
    "pulled up by translate": f'{INSIDE}<div style="transform:translateY(-100px);{_COVER}"></div>',
    "pulled up image": f'{INSIDE}<br><img style="margin-top:-120px;{_COVER}" src="data:image/gif;base64,R0lGODlhAQABAIAAAP///////yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==">',
    "inline block": f'{INSIDE}<br><span style="display:inline-block;margin-top:-100px;vertical-align:top;{_COVER}"></span>',
    "static place": f'<div style="position:absolute;{_COVER}"></div>{INSIDE}',
    "absolute, pulled up": f'{INSIDE}<div style="position:absolute;margin-top:-100px;{_COVER}"></div>',
    "gradient over it": f'<div style="position:relative">{INSIDE}<div style="position:absolute;inset:0;background:linear-gradient(#fff,#fff)"></div></div>',
    "behind": f'<div style="background:#fff"><div style="position:relative;z-index:-1">{INSIDE}</div></div>',
    "behind a table": f'<table style="background:#fff"><tr><td><div style="position:relative;z-index:-1">{INSIDE}</div></table>',
}  # fmt: skip
SHEETS = {
    "after": "#f{position:relative}.f::after{content:'';position:absolute;inset:0;background:#fff}",
    "first line": ".f{white-space:nowrap}.item{display:block}.item::first-line{color:#fff}",
    "var of the root": ":root{--x:none}.f{display:var(--x)}",
    "property": "@property --y{syntax:'*';inherits:true;initial-value:none}.f{display:var(--y)}",
    "animation": "@keyframes gone{to{opacity:0}}.f{animation:gone 1ms forwards}",
    "small font": "@font-face{font-family:tiny;src:local('DejaVu Sans'),local('Liberation Sans');size-adjust:1%}.f{font-family:tiny}",
    "important in a layer": "@layer a{.f{display:none !important}} .f{display:block !important}",
    "shared": "h1,.f,.z{position:static}.item{display:none}",
    "ancestor": "#w{display:none} .f{display:block}",
    "body": "body{font-size:1px} h1,p{font-size:14px}",
    "html": "html{opacity:0}",
    "universal": "body *{visibility:hidden} p,h1{visibility:visible}",
    "specific": "div#f.f{display:none} .f{display:block}",
    "later": ".f{display:block} div{display:none} div{color:#000}",
    "white link too": ".f,.f a{color:#fff}",
    "sub-pixel": ".f{font-size:.4px}",
    "dark on dark": "@media (prefers-color-scheme:dark){body{background:#111}}",
    "dark text": "@media (prefers-color-scheme:dark){body{background:#111;color:#111}}",
    "between": "@media (min-width:370px) and (max-width:380px){.f{display:none}}",
}
SEEN_MARKUP = {
    "plain": FOOTER.replace(PLACE, ITEM),
    "open details": f"<details open>{INSIDE}</details>",
    "summary": f"<details><p>x</p><summary>{INSIDE}</summary></details>",
    "not mso": f"<!--[if !mso]><!-->{INSIDE}<!--<![endif]-->",
    "not mso, shown": f"<![if !mso]>{INSIDE}<![endif]>",
    "ghost table": f"<!--[if mso]><table><tr><td><![endif]--><div>{INSIDE}</div><!--[if mso]></table><![endif]-->",
    "table of 600": f'<table width="600" align="center" cellpadding="0" style="width:600px;max-width:100%"><tr><td style="font-size:12px;color:#666">{INSIDE.replace("<a ", "<a style=color:#666 ")}</td></tr></table>',
    "table bgcolor": f'<table bgcolor="#111111" style="color:#fff"><tr><td>{LABEL}<br>{ITEM}<br>{PLAIN_LINK}</table>',
    "preheader": f'<div style="display:none;max-height:0;overflow:hidden;opacity:0;font-size:1px">News</div>{INSIDE}',
    "two copies": f'<div class="d">{INSIDE}</div><div class="m">{INSIDE}</div>',
    "wrapper without size": f'<div style="font-size:0;line-height:0"><div style="font-size:14px;line-height:1.4">{INSIDE}</div></div>',
    "image cell": f'<table><tr><td style="line-height:0;font-size:0"><img width=9 height=9 src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></td></tr><tr><td>{INSIDE}</table>',
    "button": f'<table><tr><td bgcolor="#0a7d4b" style="border-radius:4px;overflow:hidden"><a href="#" style="color:#fff;display:inline-block;padding:12px">Go</a></td></tr></table>{INSIDE}',
    "badge": f'<div style="position:relative;height:120px;background:#eee"><span style="position:absolute;top:8px;right:8px;background:#c00;color:#fff;width:60px">New</span></div>{INSIDE}',
    "hero with an overlay": f'<div style="position:relative;height:150px;background:#333"><div style="position:absolute;inset:0;background:rgba(0,0,0,.6);color:#fff">Hi</div></div>{INSIDE}',
    "card, placed": f'<div style="position:relative;background:#fff;padding:10px">{INSIDE}</div>',
    "card over a card": f'<div style="background:#eee;height:80px">Hi</div><div style="position:relative;margin-top:-20px;background:#fff;padding:10px">{INSIDE}</div>',
    "z in a layer": f'<div style="background:#fff;position:relative;z-index:0"><div style="position:relative;z-index:-1">{INSIDE}</div></div>',
    "raised": f'<div style="position:relative"><div style="position:absolute;inset:0;background:#fff"></div><div style="position:relative">{INSIDE}</div></div>',
    "beneath": f'{INSIDE}<div style="margin-top:-40px;background:#fff;height:90px"></div>',
    "split by cells": f"<table><tr><td class=item>Acme Inc, 12 Oak Street,</td><td class=item>Springfield, IL 62701</td></tr></table>{LABEL}<br>{LINK}",
    "nbsp, soft hyphens": INSIDE.replace("12 Oak Street", "12&nbsp;Oak&#8203; Str&shy;eet"),
    "full width": INSIDE.replace("62701", "６２７０１"),
    "spans": INSIDE.replace("Oak Street", "<b>Oa</b><i>k</i> St<span>reet</span>"),
    "lower case": f'<div style="text-transform:uppercase">{INSIDE}</div>',
    "float": f'<div style="float:left;width:50%">x</div><div style="clear:both">{INSIDE}</div>',
    "xmp": f"{INSIDE}<xmp><b>x</b></xmp>",
    "foster parents": f"<table>{INSIDE}<tr><td>x</td></tr></table>",
    "flex": f'<div style="display:flex;height:60px;overflow:hidden"><div>{"x<br>" * 3}</div><div>{INSIDE}</div></div>',
    "scroll": f'<div style="overflow:auto">{INSIDE}</div>',
    "tall enough": f'<div style="height:200px;overflow:hidden">{INSIDE}</div>',
}  # fmt: skip
SEEN_DECLARED = """color:#777;font-size:10px|background:#111;color:#fff|border-radius:9px;overflow:hidden|max-width:100%|opacity:.9
font-size:calc(8px + 6px)|font-size:var(--nope,14px)|--c:#333;color:var(--c)|--d:none;display:block|max-height:300px;overflow:hidden
transform:translateX(0)|transform:rotate(2deg)|position:relative;top:-5px|position:relative;left:10px|margin-top:-10px
text-indent:2em|letter-spacing:1px|letter-spacing:-.02em|word-spacing:2px|line-height:1|filter:none|filter:grayscale(1)|filter:contrast(1.2)
mix-blend-mode:multiply|clip-path:inset(0)|clip-path:circle(90%)|clip:auto|display:flow-root|display:inline flow-root|display:flex;flex-direction:column
background:linear-gradient(#fff,#eee)|background:url(data:image/gif;base64,R0lGODlhAQABAAAAACw=) #fff|all:unset|all:revert|visibility:visible
color:#000;color:nonsense|display:none;display:block|display:block;display:bogus|opacity:0;opacity:1|font-size:0;font-size:1em
text-decoration:underline|text-decoration:line-through 1px|zoom:1|scale:1|perspective:500px|transform-style:preserve-3d|backdrop-filter:blur(2px)
contain:content|will-change:transform|animation:none|pointer-events:auto|direction:ltr|unicode-bidi:embed|height:20px|width:300px;overflow:visible
-webkit-text-stroke:.2px #000|color:color-mix(in srgb,#000 80%,#fff)|color:light-dark(#222,#222)|min-height:50px;max-height:0;overflow:hidden
-webkit-line-clamp:9;display:-webkit-box;-webkit-box-orient:vertical;overflow:hidden|font:14px/1.4 Arial,sans-serif|font-family:Arial,Webdings"""
SEEN_SHEETS = {
    "print only": "@media print{.f{display:none}}",
    "other ids": "#g,.g,div.f.g,[id=F]{display:none}",
    "two copies": ".d{display:block}.m{display:none}@media(max-width:480px){.d{display:none}.m{display:block}}",
    "dark swap": "@media(prefers-color-scheme:dark){body{background:#111}.f,p,h1{color:#eee}.f a,a{color:#8cf}}",
    "overridden": ".f{display:none} #f{display:block}",
    "important": ".f{display:none} .f{display:block !important} #f{display:none}",
    "dead selectors": ".f:hover{display:none}.f::selection{color:#fff}.f:nope{display:none}.f:not(div){display:none}",
    "bad rule": ".f, ::nope{display:none}",
    "not supported": "h1{color:red}@page{margin:0}@counter-style x{system:cyclic;symbols:x}",
    "marker": ".f::marker{color:#fff}.f::before{content:'';color:#fff}",
    "keyframes": "@keyframes in{from{opacity:0}to{opacity:1}}",
}


def named(text: str) -> list[str]:
    return [part for line in text.split("\n") for part in line.split("|") if part]


def hiding() -> dict[str, str]:
    """Pages whose address nobody should count on."""
    plain = INSIDE.replace(LINK, PLAIN_LINK)
    pages = {f"declared: {css}": page(block(css), _frames(css)) for css in named(DECLARED)}
    pages |= {f"ink: {css}": page(block(css, plain)) for css in named(INKS)}
    for way, (own, rule) in WAYS.items():
        for css in SPREAD:
            many = css.replace(";", " !important;") if "important" in rule else css
            pages[f"{way}: {css}"] = page(block(own), rule.replace("%s", many))
    pages |= {f"markup: {name}": page(html) for name, html in MARKUP.items()}
    return pages | {f"sheet: {name}": page(block(""), css) for name, css in SHEETS.items()}


def seen() -> dict[str, str]:
    """Pages whose address every reader sees."""
    pages = {f"seen: {css}": page(block(css)) for css in named(SEEN_DECLARED)}
    sheet = SEEN_SHEETS["two copies"]
    pages |= {f"seen markup: {name}": page(html, sheet) for name, html in SEEN_MARKUP.items()}
    return pages | {
        f"seen sheet: {name}": page(block(""), css) for name, css in SEEN_SHEETS.items()
    }


def _frames(css: str) -> str:
    return "@keyframes gone{to{opacity:0}}" if "animation" in css else ""
