"""Does she want no more mail? Judged by what she wrote herself."""

import re
from enum import Enum

from mailer.privacy.letters import phrases
from mailer.privacy.letters.phrases import folded

# Longer letters say more than one thing, and a person reads them as well.
MANY_WORDS = 120
FEW_WORDS = 12
LONGEST = 20_000
SENTENCE = re.compile(r"[^.!?;]+[.!?;]*")
PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
PREFIX = re.compile(r"^(?:(?:re|aw|antw|antwort|sv|vs|fw|fwd|wg|tr|rv|res|enc|rif|r|i)\s?:\s?)+")
EDGES = " \t\"'.,!*<>()[]-"


class Intent(Enum):
    """``doubtful`` is probably an opt-out, ``unclear`` speaks of it and may mean the contrary."""

    clear = "clear"
    doubtful = "doubtful"
    unclear = "unclear"
    none = "none"


def of(subject: str, words: str) -> Intent:
    """Judge a letter by its subject and her own words.

    A subject that answers ours says nothing. Of what is probable she is believed, since nobody is
    harmed by less mail; only her word that she stays is never taken for the contrary.
    """
    heading, text = title(subject), words[:LONGEST]
    sentences = [heading, *sentences_of(text)] if heading else sentences_of(text)
    own = [one for one in sentences if one and not phrases.OFFER.search(one)]
    if any(map(phrases.STAYS.search, own)):
        return Intent.unclear
    if is_command(heading, text):
        return Intent.clear
    asking = [one for one in own if phrases.REQUEST.search(one)]
    if asking:
        is_plain = len(text.split()) <= MANY_WORDS and not all(one.endswith("?") for one in asking)
        return Intent.clear if is_plain else Intent.doubtful
    return Intent.doubtful if any(map(phrases.MENTION.search, own)) else Intent.none


def title(subject: str) -> str:
    """Return a subject of her own, folded; empty where it answers ours."""
    text = folded(subject)
    return "" if PREFIX.match(text) else text


def sentences_of(text: str) -> list[str]:
    paragraphs = map(folded, PARAGRAPH.split(text))
    return [one.strip() for paragraph in paragraphs for one in SENTENCE.findall(paragraph)]


def is_command(heading: str, text: str) -> bool:
    """Tell whether the subject, or the first of a few words, is nothing but a command."""
    if heading.strip(EDGES) in phrases.COMMANDS:
        return True
    line = folded(next(filter(None, text.split("\n")), ""))
    return len(text.split()) <= FEW_WORDS and line.strip(EDGES) in phrases.COMMANDS
