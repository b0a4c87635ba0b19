"""What an HTML document holds besides text: pictures, fields to fill in, things that act."""

import re
from collections.abc import Iterator

from lxml import etree

_PICTURES = frozenset({"img", "amp-img", "amp-anim", "picture", "svg", "video", "input", "image"})
_BACKGROUND = re.compile(r"url\(", re.IGNORECASE)
_PIXELS = re.compile(r"\s*+(\d{1,6})(?:\.\d++)?\s*+(?:px)?\s*+(?:!important)?\s*+", re.IGNORECASE)
_SIDE = re.compile(r"(?:^|;)\s*(?:max-)?(width|height)\s*:([^;]*)", re.IGNORECASE)
_UNSEEN = re.compile(
    r"display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden|"
    r"opacity\s{0,9}:\s{0,9}0(?![.\d])",
    re.IGNORECASE,
)
# A logo, an icon or a line is no more than this high; a picture that says something is higher.
_LOGO_PX = 100
_DOT_PX = 3


def pictures(root: etree._Element, above_px: int = _LOGO_PX) -> Iterator[etree._Element]:
    """Give the pictures that are higher and wider than so many px, or do not say how large."""
    for element in root.iter("*"):
        if _is_picture(element) and min(_sides(element), default=above_px + 1) > above_px:
            yield element


def shown_pictures(root: etree._Element) -> Iterator[etree._Element]:
    """Give all pictures but dots that measure or part."""
    return pictures(root, _DOT_PX)


def dots(root: etree._Element) -> Iterator[etree._Element]:
    """Give the images that nobody can see, being too small or hidden."""
    for image in root.iter("img", "amp-img", "amp-pixel"):
        is_tiny = min(_sides(image), default=_DOT_PX) < _DOT_PX
        if is_tiny or image.tag == "amp-pixel" or _UNSEEN.search(image.get("style") or ""):
            yield image


def _is_picture(element: etree._Element) -> bool:
    if element.tag == "input":
        return (element.get("type") or "").strip().lower() == "image"
    if element.tag == "style":
        return bool(_BACKGROUND.search("".join(map(str, element.itertext()))))
    is_backed = element.get("background") or _BACKGROUND.search(element.get("style") or "")
    return element.tag in _PICTURES or bool(is_backed)


def _sides(element: etree._Element) -> Iterator[int]:
    stated = dict(_SIDE.findall(element.get("style") or ""))
    for name in ("width", "height"):
        match = _PIXELS.fullmatch(stated.get(name) or element.get(name) or "")
        if match:
            yield int(match.group(1))
