"""Sexually oriented mail: the label, and a cover that shows nothing before the reader asks."""

from collections.abc import Iterator

from mailer.compliance import footers, markup, names, phrases, wording
from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.packs import Pack
from mailer.compliance.rule import Reason, Rule
from mailer.compliance.sighting import Grade, readings, sightings
from mailer.compliance.visible.reading import Reading
from mailer.compliance.vocabulary import adult

LABEL = phrases.ADULT_LABEL
_COVER = (
    "Show only the words SEXUALLY-EXPLICIT, the footer, and a link to the rest; "
    "pictures and text belong on the page behind the link."
)
_PHRASE = wording.flat(LABEL)
_LONGEST_COVER = 300


def _check(case: Case) -> Iterator[Reason]:
    if case.candidate.adult and not case.candidate.is_adult_consented:
        yield from _subject(case)
        yield from _phrase(case)
        yield from _cover(case)


def _subject(case: Case) -> Iterator[Reason]:
    subjects = [header.value for header in case.message.named("Subject")]
    for subject in subjects or [""]:
        # Outer blanks are lost in transport, so a subject of the label alone ends before its own.
        if not f"{subject} ".startswith(LABEL):
            fix = f"Begin the subject with “{LABEL}”: capitals, plain hyphen, colon, blank."
            yield Reason(f"Subject: {subject}", fix, "Subject")
        word = _bad_word(subject.removeprefix(LABEL))
        if word:
            fix = "Take every sexual word out of the subject; the label has said it."
            yield Reason(f"Subject: “{word}” in {subject}", fix, "Subject")


def _phrase(case: Case) -> Iterator[Reason]:
    def find(reading: Reading) -> Iterator[tuple[int, int]]:
        start = reading.text.find(LABEL.strip(": "))
        if start >= 0:
            yield start, start + len(LABEL.strip(": "))

    for seen in sightings(case, find):
        if seen.grade is not Grade.clear:
            found = f"{seen.part}: {seen.detail}: the words SEXUALLY-EXPLICIT"
            yield Reason(found, "Write SEXUALLY-EXPLICIT at the top of the message.", seen.part)


def _cover(case: Case) -> Iterator[Reason]:
    for part, root in case.trees:
        picture = next(markup.shown_pictures(root), None)
        if picture is not None:
            name = picture.get("src") or f"a background of <{picture.tag}>"
            yield Reason(f"{part.label}: a picture, {name}", _COVER, part.label)
    for surface in case.surfaces:
        shown = readings(surface)
        text = max((_cover_text(reading, case) for reading in shown), key=len)
        own = wording.phrase_pattern(names.registered(case.candidate.sender))
        said = (own.sub(" ", reading.words.flat) for reading in shown)
        word = next(filter(None, map(_bad_word, said)), None)
        if word:
            yield Reason(f"{surface.label}: “{word}”", _COVER, surface.label)
        elif len(text) > _LONGEST_COVER:
            found = f"{surface.label}: {len(text)} characters on the cover: {text}"
            yield Reason(found, _COVER, surface.label)


def _cover_text(reading: Reading, case: Case) -> str:
    """Give what a reader sees besides the label and the footer."""
    return footers.said(reading, case.candidate).replace(LABEL.strip(": "), "")


def _bad_word(text: str) -> str | None:
    said = wording.flat(text).replace(_PHRASE, " ")
    found = wording.phrase_pattern(adult.WORDS).search(said)
    return found.group() if found else None


EXPLICIT_LABEL = Rule(
    id="R12",
    name="sexually-explicit-label",
    title="Sexually oriented mail is not labelled and covered as the law demands",
    asks="Sexually oriented mail says so at the start of its subject and shows nothing at first.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(d); 16 CFR 316.4",
    check=_check,
    packs=frozenset({Pack.can_spam}),
)
