"""Whether people may be added by somebody other than themselves."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from mailer.compliance import duties
from mailer.compliance.acts import Intake, Newcomer, Provenance
from mailer.compliance.finding import Severity
from mailer.compliance.mailboxes import Mailbox
from mailer.compliance.rule import Reason, Rule
from mailer.compliance.vocabulary.children import AGED, BORN, SCHOOLED

_FORBIDDEN = {
    Provenance.purchased: "bought or rented",
    Provenance.scraped: "gathered from websites",
    Provenance.appended: "appended from other sources",
    Provenance.unknown: "of unknown origin",
}
# Below this many rows nothing can be told from how addresses resemble one another.
_ENOUGH = 20
_MOST_DUTIES = 0.2
_MOST_AT_ONCE = 50
_ROW_OF_NUMBERS = 10
_DOMAINS_OF_ONE_NAME = 20
_SHARE_OF_ONE_NAME = 0.1
LEAST_AGE = 13
_MOST_AGE = 110
_SHOWN = 3
_NUMBERED = re.compile(r"(\D*)(\d{1,9})(\D*)")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_DATE = re.compile(r"(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})")
# What an import may ask for that would put somebody on a list.
_JOINING = frozenset({"", "subscribed", "confirmed", "enabled", "active", "unconfirmed", "pending"})


def _harvested(intake: Intake) -> Iterator[Reason]:
    """Refuse what the law forbids to mail, and what looks as if it had been made up."""
    origin = _FORBIDDEN.get(intake.provenance)
    fix = "Add only people who asked for this mail themselves, and say where they did."
    if origin:
        yield Reason(f"These addresses are {origin}.", fix)
    if not intake.attested_by.strip():
        yield Reason("Nobody has vouched for where these addresses come from.", fix)
    elif not intake.evidence.strip():
        found = "Nothing on record proves where these addresses come from."
        yield Reason(found, "Name the form, the file or the sheet.", severity=Severity.warn)
    if len(intake.people) >= _ENOUGH:
        for pattern in _patterns(intake.people):
            yield Reason(pattern, fix)


def _patterns(people: tuple[Newcomer, ...]) -> Iterator[str]:
    """Find what looks made up, in words that quote nobody: they are kept with the import."""
    boxes = [Mailbox("", person.address.strip().lower()) for person in people]
    shared = [b for b in boxes if duties.is_duty(b.local) or duties.is_shared(b.local)]
    if len(shared) > _MOST_DUTIES * len(boxes):
        yield f"{len(shared)} of {len(boxes)} addresses are of offices, such as {_some(shared)}."
    yield from _numbered(boxes)
    names = Counter(box.local for box in {(b.local, b.domain): b for b in boxes}.values())
    name, times = names.most_common(1)[0]
    if times >= max(_DOMAINS_OF_ONE_NAME, _SHARE_OF_ONE_NAME * len(boxes)):
        yield f"One name comes at {times} domains; it has {len(name)} letters and begins {name[0]}…"
    moments = Counter(person.consented_at for person in people if person.consented_at)
    for moment, number in moments.most_common(1):
        if number > _MOST_AT_ONCE:
            yield f"{number} people are said to have consented at the same moment, {moment}."


def _numbered(boxes: list[Mailbox]) -> Iterator[str]:
    """Find numbers counted through, as in a1, a2, a3."""
    stems: dict[tuple[str, str, str], set[int]] = {}
    for box in boxes:
        match = _NUMBERED.fullmatch(box.local)
        if match:
            stem = (match.group(1), match.group(3), box.domain)
            stems.setdefault(stem, set()).add(int(match.group(2)))
    for (_, _, domain), numbers in stems.items():
        run = sum(number + 1 in numbers for number in numbers)
        if run >= _ROW_OF_NUMBERS:
            yield f"{run} addresses count through at {domain}."


def _some(boxes: Iterable[Mailbox]) -> str:
    return ", ".join(sorted({f"{box.local}@" for box in boxes})[:_SHOWN])


def _resurrection(intake: Intake) -> Iterator[Reason]:
    """Keep out whoever left, however the list that she stands on was made."""
    back = [
        person
        for person in intake.people
        if person.refusal is not None and person.status.strip().lower() in _JOINING
    ]
    if back:
        named = ", ".join(f"{p.address} ({p.refusal})" for p in back[:_SHOWN])
        more = " …" if len(back) > _SHOWN else ""
        yield Reason(
            f"{len(back)} of these people must not be mailed: {named}{more}",
            "Leave them out. Only their own confirmed sign-up can bring them back.",
        )


def _children(intake: Intake) -> Iterator[Reason]:
    if intake.is_for_children and not intake.attested_for_children.strip():
        yield Reason(
            "This list is meant for children, and nobody has vouched for their parents' consent.",
            "Have an administrator vouch that each parent's verifiable consent is on file.",
        )
    ages = [_age(person, intake.today) for person in intake.people]
    young = [number for number, age in enumerate(ages, 1) if age and 0 <= age[0] < LEAST_AGE]
    odd = [number for number, age in enumerate(ages, 1) if age and not 0 <= age[1] <= _MOST_AGE]
    if young:
        yield Reason(
            f"People under 13 in {len(young)} rows, the first of them row {young[0]}.",
            "Take these rows out and delete them at their source.",
        )
    if odd:
        yield Reason(
            f"Impossible ages in {len(odd)} rows, the first of them row {odd[0]}.",
            "Correct the year, or leave these people out.",
            severity=Severity.warn,
        )
    named = (name for person in intake.people for name, _ in person.fields)
    columns = {_plain(name) for name in (*intake.columns, *named)}
    if not intake.is_for_children and columns & SCHOOLED:
        yield Reason(
            f"The column “{min(columns & SCHOOLED)}” suggests that these may be children.",
            "Make sure that they are adults, or mark the list as one for children.",
            severity=Severity.warn,
        )


def _plain(name: str) -> str:
    return "_".join(name.strip().casefold().replace("-", " ").replace("_", " ").split())


def _age(person: Newcomer, today: date) -> tuple[int, int] | None:
    """Give the lowest and the highest age that a row's fields can mean, if they tell one."""
    for name, value in person.fields:
        column, text = _plain(name), value.strip()
        if column in AGED and text.isdecimal():
            return int(text), int(text)
        if column in BORN:
            return _since(text, today)
    return None


def may_be_under_age(text: str, today: date) -> bool:
    """Whether an age or a birth date, as given in a column, can be that of somebody under 13.

    16 CFR 312.2: who cannot tell the month looks at the youngest that the year allows.
    """
    value = text.strip()
    if value.isdecimal() and not _YEAR.fullmatch(value):
        return int(value) < LEAST_AGE
    age = _since(value, today)
    return age is not None and 0 <= age[0] < LEAST_AGE


def _since(text: str, today: date) -> tuple[int, int] | None:
    """Give the lowest and the highest age of somebody born then; a bare year leaves two."""
    if _YEAR.fullmatch(text):
        return today.year - int(text) - 1, today.year - int(text)
    match = _DATE.match(text)
    if match is None:
        return None
    first, second, third = match.groups()
    year, rest = (first, (second, third)) if _YEAR.fullmatch(first) else (third, (first, second))
    if not _YEAR.fullmatch(year):
        return None
    born = {(int(month), int(day)) for month, day in (rest, rest[::-1]) if int(month) <= 12}  # noqa: PLR2004
    ages = [today.year - int(year) - ((today.month, today.day) < one) for one in born]
    return (min(ages), max(ages)) if ages else None


HARVESTED = Rule(
    id="R33",
    name="harvested-or-generated",
    title="The addresses may have been gathered or made up",
    asks="No address was bought, collected by a program, or guessed.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(b)(1)(A), (b)(2), 7706",
    check=_harvested,
)
IMPORT_RESURRECTION = Rule(
    id="R34",
    name="import-resurrection",
    title="People who left would be brought back",
    asks="No import brings back who opted out.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7704(a)(4)",
    check=_resurrection,
)
UNDER_THIRTEEN = Rule(
    id="R36",
    name="under-13",
    title="Children under 13 must not be added",
    asks="Nobody under thirteen is on the list.",
    severity=Severity.refuse,
    citation="15 U.S.C. 6501-6506; 16 CFR 312",
    check=_children,
)
