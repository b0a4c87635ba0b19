"""Where a finding can be mended: a place in what was typed, a field of the form, or a setting."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from mailer.campaigns.drafts import Draft
from mailer.compliance.finding import Finding
from mailer.web.drafting import FOOTER

# Rules that the legal footer keeps, and rules that look at settings outside the composer.
OF_THE_FOOTER = frozenset({"R13", "R14", "R16", "R17", "R21", "R22", "R23"})
OF_THE_SENDER = frozenset({"R01", "R02", "R03", "R15", "R40", "R41", "R43", "R44"})
OF_READERS = frozenset({"R28", "R29", "R30", "R31", "R35", "R38"})
# Fields that state the facts which a rule compares with.
FACTS = {
    "R08": ("field-offer_ends", "The facts of the offer"),
    "R09": ("field-synonyms", "Words that stand for others"),
    "R37": ("field-is_asking", "Asks for consent again"),
    "R12": ("field-is_adult", "Sexually oriented"),
    "R25": ("field-kind-1", "The kind of message"),
    "R26": ("field-advertisers", "Who else advertises"),
}
REASON = ("field-kind_reason", "Why it is of this kind")
DEALING = ("field-dealing_field", "The reader's dealing")
QUOTED = re.compile(
    r"""“([^”]{2,})”|"([^"]{2,})"|<([^<>]{2,})>|(\{\{[^{}]*\}\}|\{%[^%]*%\})|(?<!\w)'([^']{2,60})'(?!\w)"""
)
# A tag of the template that names something.
TAG = r"\{[{%%][^{}]*?(?<![\w.])%s(?!\w)[^{}]*?[%%}]\}"
NAMED = re.compile(r"\b\w+(?:\.\w+)+\b|https?://[^\s<>\"”]+")
SHORTEST, LONGEST = 3, 60


@dataclass(frozen=True)
class Place:
    """One place. ``start`` and ``end`` count UTF-16 units, as browsers do; ``words`` stand there.

    ``page`` is a setting elsewhere: "sender" or "readers". ``wish`` is what a button of the
    composer would do about it.
    """

    label: str
    field: str = ""
    start: int | None = None
    end: int | None = None
    words: str = ""
    page: str = ""
    wish: str = ""


def places(finding: Finding, draft: Draft) -> list[dict[str, object]]:
    """Return where to mend a finding, the likeliest place first; empty when it is nowhere here."""
    return [asdict(place) for place in found(finding, draft)]


def found(finding: Finding, draft: Draft) -> Iterator[Place]:
    rule = finding.rule
    if rule in OF_THE_SENDER:
        yield Place("The sender's settings", page="sender")
    elif rule in OF_READERS:
        yield Place("Your readers", page="readers")
    elif rule in OF_THE_FOOTER:
        yield of_footer(draft)
    else:
        yield from in_words(finding, draft)
        yield from of_facts(finding)


def in_words(finding: Finding, draft: Draft) -> Iterator[Place]:
    """Find what the evidence quotes, in the field that it speaks of, else in any."""
    if finding.part in {"kind", "From"}:
        return
    fields = [("subject", "Subject", draft.subject), ("body", "Text", draft.body)]
    fields += [("text", "Text part", draft.text)] if draft.text else []
    if finding.part != "Subject":
        fields = [*fields[1:], fields[0]]
    for name, label, source in fields[:1] if finding.part == "Subject" else fields:
        span = first(source, finding.evidence, is_of_template=finding.rule == "R11")
        if span:
            yield spot(name, label, source, span)
            return
    if finding.part == "Subject":
        yield spot("subject", "Subject", draft.subject, (0, len(draft.subject)))


def of_facts(finding: Finding) -> Iterator[Place]:
    field = FACTS.get(finding.rule)
    if finding.part == "kind":
        field = REASON
    elif finding.rule == "R25" and finding.part is None and "bound" in finding.evidence:
        field = DEALING
    if field:
        yield Place(field[1], field[0])


def of_footer(draft: Draft) -> Place:
    """Return the footer's own mark, or the end of the text, where it belongs."""
    at = draft.body.find(FOOTER)
    if at >= 0:
        return spot("body", "Text", draft.body, (at, at + len(FOOTER)))
    end = len(draft.body.rstrip())
    return replace(spot("body", "Text", draft.body, (end, end)), wish="footer")


def first(source: str, evidence: str, *, is_of_template: bool) -> tuple[int, int] | None:
    """Return where the first telling words of the evidence stand, in whatever case."""
    for words in telling(evidence):
        pattern = r"\s+".join(map(re.escape, words.split()))
        tag = re.search(TAG % pattern, source) if is_of_template else None
        match = tag or re.search(pattern, source, re.IGNORECASE)
        if match:
            return match.span()
    return None


def telling(evidence: str) -> Iterator[str]:
    """Give the words to look for: what is quoted, names and links, what follows a colon."""
    quoted = ("".join(groups) for groups in QUOTED.findall(evidence))
    tails = [part.rstrip("…. ") for part in (evidence.partition(": ")[2], evidence)]
    tails += [evidence.rpartition(": ")[2].rstrip("…. ")]
    beginning = tails[-1][:LONGEST].rpartition(" ")[0]
    for words in (*quoted, *NAMED.findall(evidence), *tails, beginning):
        if len(words.strip()) >= SHORTEST:
            yield words.strip().rstrip("…")


def spot(name: str, label: str, source: str, span: tuple[int, int]) -> Place:
    start, end = span
    line = source.count("\n", 0, start) + 1
    label = label if "\n" not in source else f"{label}, line {line}"
    return Place(
        label, f"field-{name}", units(source[:start]), units(source[:end]), source[start:end]
    )


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
