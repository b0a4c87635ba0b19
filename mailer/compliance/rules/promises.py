"""Whether the body keeps what the subject promises."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mailer.compliance import amounts, phrases, wording
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.rule import NOT_TRANSACTIONAL, Reason, Rule
from mailer.compliance.visible.reading import Reading
from mailer.compliance.vocabulary import days, promises
from mailer.compliance.words import Word, Words, folded

_FIX = (
    "Let the message speak of what its subject names, or change the subject. For a teaser, say in "
    "the override what it stands for."
)
_LEAST_SHARE = 0.5
_SHORT = 4
_STEM = 0.6
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_COUNTED = re.compile(rf"(?: {wording.any_of(promises.NUMBERED)}|#) ?\d+(?= )")
_NUMBERED_SIGN = re.compile(r"[#№]\s?(\d{1,12})|(?<![\d.,/])(\d{1,2})[./-](?=20\d\d(?!\d))")
_MANY_CAPITALS = 0.4
_SPOKEN_LENGTH = 500
# Scripts that put no space between words, so that what a word is cannot be told.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_EMPTY = frozenset(map(folded, promises.EMPTY))
_THINGS = tuple(wording.phrase_pattern(names) for names in promises.THINGS)


@dataclass(frozen=True)
class _Body:
    """What a reader finds in a message, pictures' descriptions included."""

    readings: tuple[Reading, ...]
    described: str

    @cached_property
    def text(self) -> str:
        return "\n".join((*(reading.text for reading in self.readings), self.described))

    @cached_property
    def flat(self) -> str:
        rows = (reading.words.flat for reading in self.readings)
        return "".join((*rows, wording.flat(self.described)))

    @cached_property
    def numbers(self) -> frozenset[object]:
        spelt = amounts.small_numbers()
        words = {spelt[word] for word in set(self.flat.split()) & spelt.keys()}
        return frozenset(words).union(amounts.numbers(self.text))

    def has(self, word: str) -> bool:
        """Whether a word is there in some form, as "freezing" is for "freezes"."""
        if not word.isascii() and len(word) == 1:
            return word in self.flat
        if len(word) <= _SHORT:
            return f" {word[: max(len(word) - 1, 3)]}" in self.flat
        return word[: max(_SHORT, round(len(word) * _STEM))] in self.flat


# The day of the issue, and its number before a colon or a dash ("EFFector 15.24: …").
_MONTHS = "|".join(sorted(" ".join(days.MONTHS).replace("*", "").split(), key=len, reverse=True))
_DATE = re.compile(
    r"(?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?!\d)|(?<!\d)\d{1,2}/\d{4}(?!\d)|"
    rf"\b(?:{_MONTHS})\w{{0,8}}\.? \d{{1,2}}(?!\d)(?:st|nd|rd|th)?|"
    rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th|\.|er|º)? (?:de )?(?:{_MONTHS})\w{{0,8}}",
    re.IGNORECASE,
)
_ISSUE = re.compile(r"^([^\d:]{1,40}) \d{1,4}(?:\.\d{1,3})?(?=\s*(?::|[-–—] ))")  # noqa: RUF001


def _check(case: Case) -> Iterator[Reason]:
    body = _body(case)
    for header in case.message.named("Subject"):
        subject = header.value.removeprefix(phrases.ADULT_LABEL)[:_SPOKEN_LENGTH]
        missing = list(dict.fromkeys(_missing(subject, body, case)))
        if missing:
            named = ", ".join(f"“{word}”" for word in missing[:5])
            found = f"The message does not speak of {named}. Subject: {subject}"
            yield Reason(found, _FIX, "Subject")


def _body(case: Case) -> _Body:
    """Give what is seen of the HTML part; of the text part where there is no other."""
    html = [surface for surface in case.surfaces if surface.kind == "html"]
    readings = tuple(surface.views[0].seen for surface in html or case.surfaces)
    pictures = (image.get("alt", "") for _, root in case.trees for image in root.iter("img"))
    return _Body(readings, " ".join(pictures))


def _missing(subject: str, body: _Body, case: Case) -> Iterator[str]:
    subject = _ISSUE.sub(r"\1", _DATE.sub(" ", subject))
    yield from _numbers(subject, body)
    flat = wording.flat(subject)
    for names in _THINGS:
        promised = names.search(flat)
        if promised and not names.search(body.flat):
            yield promised.group()
    words = _content(subject, case)
    absent = [word for word in words if not _is_covered(word, body, case)]
    is_about_it = len(words) - len(absent) >= _LEAST_SHARE * len(words) or len(words) == 1
    for word in absent:
        if not is_about_it or _is_name(word, subject, words):
            yield subject[word.start : word.end]


def _numbers(subject: str, body: _Body) -> Iterator[str]:
    """Prices, percentages and counts; neither a year nor the number of the issue."""
    counted = {n for m in _COUNTED.finditer(wording.flat(subject)) for n in amounts.numbers(m[0])}
    counted |= {n for m in _NUMBERED_SIGN.finditer(subject) for n in amounts.numbers(m[1] or m[2])}
    priced = [number for number, _ in amounts.money(subject)]
    shares = list(amounts.percentages(subject))
    for number in dict.fromkeys([*priced, *shares, *amounts.numbers(subject)]):
        is_year = _FIRST_YEAR <= number <= _LAST_YEAR and number == int(number)
        if number not in body.numbers and number not in counted and not is_year:
            yield f"{number:f}"


def _content(subject: str, case: Case) -> list[Word]:
    """Give the words that say something; neither the sender's name nor the reader's."""
    sender = case.candidate.sender
    people = [header.value for name in ("To", "From") for header in case.message.named(name)]
    known = wording.flat(" ".join((sender.legal_name, *sender.trade_names, *people))).split()
    skipped = _EMPTY.union(known)
    return [
        word
        for word in Words(subject).words
        if word.text not in skipped
        and (len(word.text) > 2 or not word.text.isascii())  # noqa: PLR2004  # "of", "am", "to"
        and not any(map(str.isdigit, word.text))
        and not _UNSPACED.search(word.text)
    ]


def _is_covered(word: Word, body: _Body, case: Case) -> bool:
    number = amounts.small_numbers().get(word.text)
    if body.has(word.text) or number in body.numbers:
        return True
    others = [other for own, other in case.candidate.synonyms if folded(own) == word.text]
    return any(wording.flat(other) in body.flat for other in others)


def _is_name(word: Word, subject: str, words: list[Word]) -> bool:
    """Whether a word is a name for its capital, in a subject where few words have one."""
    capitals = [w for w in words[1:] if subject[w.start].isupper()]
    is_first = not subject[: word.start].strip()
    is_rare = len(capitals) <= max(1, _MANY_CAPITALS * len(words))
    is_loud = subject.upper() == subject
    return word in capitals and is_rare and not is_first and not is_loud


BODY_MISMATCH = Rule(
    id="R09",
    name="subject-body-mismatch",
    title="The message does not hold what its subject promises",
    asks="The message holds what its subject promises.",
    severity=Severity.warn,
    citation="15 U.S.C. 7704(a)(2); FTC CAN-SPAM guide: accurately reflect the content",
    check=_check,
    kinds=NOT_TRANSACTIONAL,
)
