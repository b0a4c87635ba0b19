"""What the heading of a column gives away: an age, or data that must not be kept at all."""

import re

from mailer.compliance.vocabulary.children import AGED, BORN
from mailer.compliance.vocabulary.sensitive import SENSITIVE

_SIGNS = re.compile(r"[\W_]+")
_CARD = re.compile(r"(?:\d[ -]?){12,18}\d")
_NINE = 9


def plain(heading: str) -> str:
    """Give a heading in lower case, its words joined by single underscores."""
    return "_".join(filter(None, _SIGNS.split(heading.strip().casefold())))


def is_birth(heading: str) -> bool:
    """Whether a column tells how old somebody is (16 CFR 312)."""
    return plain(heading) in AGED | BORN


def sensitive(heading: str) -> str:
    """Say which sensitive data a column seems to hold (GDPR art. 9, 10, 87); empty if none."""
    name = plain(heading)
    words = {name, *name.split("_")}
    return next((kind for kind, telling in SENSITIVE.items() if telling & words), "")


def is_card_number(text: str) -> bool:
    """Whether a value is the number of a payment card: 13 to 19 digits, the last a check digit."""
    if not _CARD.fullmatch(text.strip()):
        return False
    digits = [int(sign) for sign in text if sign.isdecimal()]
    doubled = [d * 2 - _NINE if d * 2 > _NINE else d * 2 for d in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0
