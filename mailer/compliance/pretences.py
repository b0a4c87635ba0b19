"""Whether words pretend that something has happened between the sender and this very reader."""

import re
from functools import lru_cache

from mailer.compliance import wording
from mailer.compliance.finding import Severity
from mailer.compliance.vocabulary import alerts, dealings, denials
from mailer.compliance.words import Words

_OWN = wording.any_of(dealings.OWN)
_PAPER = wording.any_of(dealings.PAPERS)
_NOUN = wording.any_of(dealings.PAPERS + dealings.MATTERS)
_COMPOUNDS = wording.any_of(dealings.COMPOUNDS)
_STATE = wording.any_of(dealings.STATES)
_FUTURE = wording.any_of(dealings.FUTURE)
# "your order", "your latest invoice", but not "your next order".
_OWN_NOUN = rf"{_OWN} (?:(?!{_FUTURE} )\w+ ){{0,2}}?{_NOUN}(?= )(?! (?:{_COMPOUNDS}|of(?! \d)) )"
_OPEN = rf"^ (?:{wording.any_of(dealings.POLITE)} ){{0,3}}(?:the |la |le |el |il |die |das |der )?"
_NUMBER = "(?:no|nr|id|number|nummer|numero|num|n|ref)"
_END = rf"(?: {_NUMBER}| (?:from|von|de|di)| \w*\d\w*){{0,6}} $"
_COPULA = r"(?:(?:is|has|was|are|have|been|being|wurde|ist|wird|est|a|ete|ha|sido|esta|e|stato|werd|har|er) ){0,3}"  # noqa: E501

# Each refuses by itself.
_PRETENCES = {
    "a state of the reader's affairs": re.compile(rf" {_OWN_NOUN}(?: \w+){{0,6}}? {_STATE}(?= )"),
    "a state of affairs": re.compile(rf"{_OPEN}{_NOUN}(?: \w*\d\w*){{0,3}} {_COPULA}{_STATE}(?= )"),
    "a matter to settle": re.compile(rf" {wording.any_of(dealings.LEADS)} {_OWN_NOUN}"),
    "a paper of the reader's own": re.compile(rf"{_OPEN}{_OWN} (?:\w+ ){{0,2}}?{_PAPER}{_END}"),
    "a numbered paper": re.compile(rf"{_OPEN}{_NOUN}(?=(?:\D*\d){{4}}| {_NUMBER} ){_END}"),
    "a notice": re.compile(
        rf"{_OPEN}(?:{_OWN} )?(?:\w+ )?{_NOUN} {wording.any_of(dealings.NOTICES)}(?= )"
    ),
    "details": re.compile(
        rf"{_OPEN}{_OWN} (?:\w+ )?{_NOUN} {wording.any_of(dealings.DETAILS)}{_END}"
    ),
    "an alert": re.compile(rf"{_OPEN}{wording.any_of(alerts.ALERTS)}(?= )"),
}
_ALERT = wording.phrase_pattern(alerts.ALERTS)
# "Security warning draws lawsuit": a report, as long as it neither turns to its reader nor names
# another matter of hers.
_REPORTED = re.compile(rf" {wording.any_of(alerts.STIRS)} \w")
_TURN = re.compile(
    rf" (?:{_OWN}|{_NOUN}|{wording.any_of(alerts.TURNS_TO_THE_READER)}"
    rf"|{wording.any_of(dealings.DEMANDS + dealings.UPDATES)}) "
)
_ALONE = re.compile(rf"{_OPEN}(?:{_OWN} (?:(?!{_FUTURE} )\w+ )?{_NOUN}|{_PAPER}){_END}")
_DEMAND = re.compile(rf"{_OPEN}{wording.any_of(dealings.DEMANDS)} {_OWN} (?:\w+ ){{0,2}}?")
_UPDATE = re.compile(rf"{_OPEN}{wording.any_of(dealings.UPDATES)} {_OWN_NOUN}")
_INVITED = wording.phrase_pattern(dealings.INVITED)
_MENTION = re.compile(rf" (\w+ )?{_OWN_NOUN} ")
_PROSPECT = re.compile(rf"{wording.any_of(dealings.PROSPECTS)} ")
_LESSON = wording.phrase_pattern(dealings.LESSONS)

_WRITING = wording.any_of(denials.WRITING)
_DENIAL = re.compile(
    rf" {wording.any_of(denials.THIS)} (?:{_WRITING} )?(?:is|was|isn|wasn|s) (?:not|t) "
    r"(?:(?:an?|any|in|way|form|kind|type|sort|of|intended|meant|sent|as|for) ){0,6}"
    rf"(?:advert\w*|ads?|solicitations?|(?:marketing|promotion\w*|commercial|sales|bulk)"
    rf"(?: {_WRITING}| $))(?= |$)"
)
_OTHER_DENIAL = wording.phrase_pattern(denials.DENIALS)
_LONGEST = 2000


def pretence(text: str) -> tuple[Severity, str] | None:
    """Tell how gravely a subject pretends a dealing with its reader, and in which words."""
    parts = wording.segments(text[:_LONGEST])
    found = [f for part in parts if (f := _in_segment(part))]
    alone = _ALONE.match(parts[0]) if len(parts) == 1 else None
    if alone:
        found.append((Severity.refuse, alone.group().strip()))
    return min(found, key=lambda f: f[0] is not Severity.refuse, default=None)


@lru_cache(maxsize=256)
def grave_pretence(text: str) -> str | None:
    """Give the words of a running text that pretend a dealing beyond doubt.

    All copies of a campaign begin alike.
    """
    found = (f for part in wording.segments(text[:_LONGEST]) if (f := _in_segment(part)))
    return next((words for severity, words in found if severity is Severity.refuse), None)


def denial(words: Words) -> str | None:
    """Give the words by which a text claims to be no advertising."""
    found = _DENIAL.search(words.flat)
    if not found and wording.may_have(words, denials.DENIALS):
        found = _OTHER_DENIAL.search(words.flat)
    return found.group().strip() if found else None


def _in_segment(part: str) -> tuple[Severity, str] | None:
    """Judge one clause; what teaches ("how to…") or reports deserves a second look only."""
    found = next((m for p in _PRETENCES.values() if (m := p.search(part))), None)
    found = found or _demand(part)
    if found and not _is_report(part, found):
        is_lesson = _LESSON.search(part[: found.start() + 1] + _first_word(found.group()))
        severity = Severity.warn if is_lesson else Severity.refuse
        return severity, found.group().strip()
    return _mention(part)


def _is_report(part: str, found: re.Match[str]) -> bool:
    return bool(_REPORTED.match(part, found.end())) and not _TURN.search(part)


def _first_word(text: str) -> str:
    return f"{text.split(maxsplit=1)[0]} "


def _demand(part: str) -> re.Match[str] | None:
    return _UPDATE.match(part) or (None if _INVITED.search(part) else _DEMAND.match(part))


def _mention(part: str) -> tuple[Severity, str] | None:
    """Find a dealing that is only spoken of, and not as a purchase yet to come."""
    for match in _MENTION.finditer(part):
        if not _PROSPECT.fullmatch(match.group(1) or ""):
            return Severity.warn, match.group().strip()
    mention = _ALERT.search(part) or _DEMAND.match(part)
    return (Severity.warn, mention.group().strip()) if mention else None
