"""What the heading of a column gives away: an age, or data that must not be kept at all."""

import re
import unicodedata
from collections.abc import Iterator

from mailer.compliance.vocabulary.children import AGED, BORN
from mailer.compliance.vocabulary.sensitive import ALLOWED, SENSITIVE

_SIGNS = re.compile(r"[\W_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST_RUN = 5


def plain(heading: str) -> str:
    """Give a heading in lower case, its words joined by single underscores."""
    return "_".join(filter(None, _SIGNS.split(heading.strip().casefold())))


def is_birth(heading: str) -> bool:
    """Whether a column tells how old somebody is (16 CFR 312)."""
    name = plain(heading)
    return name in AGED or not BORN.isdisjoint(_runs(plain(_HUMP.sub(" ", heading))))


def sensitive(heading: str) -> str:
    """Say which sensitive data a column seems to hold (GDPR art. 9, 10, 87); empty if none.

    Telling words count among others, with and without their accents: ``Nr. carte d'identité``.
    """
    name = plain(_HUMP.sub(" ", heading))
    words = {plain(heading), *_runs(name), *_runs(_bare(name))}
    return next((kind for kind, telling in SENSITIVE.items() if telling & words), "")


def is_allowable(kind: str) -> bool:
    """Whether the law lets people agree to data of this kind (GDPR art. 9(2)(a))."""
    return kind in ALLOWED


def _runs(name: str) -> Iterator[str]:
    """Give all runs of neighbouring words of a name."""
    words = name.split("_")
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _LONGEST_RUN) + 1):
            yield "_".join(words[start:end])


def _bare(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
