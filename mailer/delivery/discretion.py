"""What the gate found, as it may be sealed: without a word of the readers whose copies it read.

A certificate can never be changed, so what is erased everywhere else must not stand in it.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from mailer.campaigns.rendering import Reader
from mailer.compliance.finding import Finding

WITHHELD = "Found in one reader's copy. What it quotes of her is not kept."
WORD = re.compile(r"\w+")
SHORTEST = 3  # letters; what is shorter tells nobody from another
CUT = "…"


def discreet(findings: Iterable[Finding], readers: Iterable[Reader]) -> list[Finding]:
    """Return the findings; the evidence that shares a word with a reader's data is withheld.

    Rather too often than once too rarely: the word may be the template's own, too.
    """
    people = list(readers)
    hers = frozenset(word for reader in people for word in words_of(reader))
    emails = {reader.email.casefold() for reader in people if reader.email}
    return [
        replace(one, evidence=WITHHELD)
        if is_about(one.evidence, hers) or any(email in one.evidence.casefold() for email in emails)
        else one
        for one in findings
    ]


def words_of(reader: Reader) -> set[str]:
    """Return the words by which a reader could be told: of her address, her name, her fields."""
    local = reader.email.rpartition("@")[0]
    return words(" ".join((local, reader.name, *map(str, reader.attributes.values()))))


def words(text: str) -> set[str]:
    return {word for word in WORD.findall(text.casefold()) if len(word) >= SHORTEST}


def is_about(evidence: str, hers: frozenset[str]) -> bool:
    found = words(evidence)
    if found & hers:
        return True
    # What was cut off may be the beginning of a word of hers.
    last = WORD.findall(evidence.casefold())[-1:] if evidence.endswith(CUT) else []
    return any(word.startswith(end) for end in last for word in hers)
