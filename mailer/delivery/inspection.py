"""The gate at hand-off: every reader's own copy, each kind of copy judged in full once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain, repeat
from typing import NamedTuple

from mailer.campaigns.rendering import Copy, Reader
from mailer.campaigns.shapes import Shape
from mailer.compliance import gate
from mailer.compliance.candidate import Candidate
from mailer.compliance.case import Case
from mailer.compliance.finding import Finding
from mailer.compliance.gate import Verdict
from mailer.compliance.rule import Rule
from mailer.delivery import blame, masks
from mailer.delivery import places as placing
from mailer.delivery.approval import Approved, Unlawful
from mailer.delivery.marks import Marks
from mailer.delivery.masks import Masks, keep
from mailer.delivery.office import Office, country
from mailer.delivery.places import Place

MINUTE = timedelta(minutes=1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
# Where the header of mail composed here turns to the body: it is judged without one.
BODY = b"\r\nContent-Type: "
# What these ask is told by the header, in which each reader's own words may stand.
HEAD_ALONE = frozenset({"R01", "R04", "R06", "R10", "R40"})
OF_THE_HEAD = tuple(rule for rule in gate.RULES if rule.id in HEAD_ALONE | {"R07", "R12"})
# What this asks is told by the domain that a reader's mail goes to.
OF_THE_DOMAIN = tuple(rule for rule in gate.RULES if rule.id == "R35")
# What this asks is told by a reader's own address. It warns, so that it is asked of samples alone.
OF_THE_READER = tuple(rule for rule in gate.RULES if rule.id == "R38")
# What time makes false: the subject's claims about an offer, and that somebody vouched for the
# postal address within a year.
TIMELY = tuple(rule for rule in gate.RULES if rule.id in {"R08", "R15"})
OF_THE_KIND = tuple(
    rule
    for rule in gate.OF_THE_MESSAGE
    if rule.id not in HEAD_ALONE and rule not in (*OF_THE_DOMAIN, *OF_THE_READER, *TIMELY)
)


# Of subject, HTML part and text part.
Shapes = tuple[Shape, Shape, Shape]
Rules = tuple[Rule[Case], ...]
Findings = tuple[Finding, ...]


class Judged(NamedTuple):
    """What was found on something that many copies share."""

    findings: tuple[Finding, ...]
    is_lawful: bool


class Kind(NamedTuple):
    """What is known of all copies that are alike but for what is the reader's own."""

    findings: tuple[Finding, ...]
    is_lawful: bool
    marks: Marks


class Key(NamedTuple):
    """What tells a kind: the shapes of a copy, and what stands for the values in them.

    Besides, what rules about the body ask of its reader: her country (R21), and whether there is
    a dealing (R25).
    """

    shapes: Shapes
    items: tuple[str, ...]
    country: str
    has_dealing: bool

    def digest(self) -> bytes:
        """Return the SHA-256 of a kind, the same in every process."""
        items = iter(self.items)
        spelled = ("".join(masks.spelled(items, shape.pieces)) for shape in self.shapes)
        whole = "\0part".join([*spelled, self.country])
        return hashlib.sha256(whole.encode("utf-8", "replace")).digest()


@dataclass
class Inspector:
    """Judges copies of one campaign.

    A template's conditions may take from one reader what the others have, so no sample can speak
    for all. Copies that differ only in what is the reader's own (name, address, link) are alike
    to every rule about the body; the first of each kind is judged in full, all others by it. The
    same holds for the subject, and for the domain that a copy goes to. What time makes false is
    asked again each minute: a queue that was held up must not say "ends tonight" tomorrow. And
    each single copy is searched for the reader's own link and the footer.

    ``leaves_at`` is when the copies leave, None for at once. ``let_go_at`` is when the gate let the
    campaign go, None if it has not yet.
    """

    office: Office
    clock: Callable[[], datetime]
    leaves_at: datetime | None = None
    let_go_at: datetime | None = None
    kinds: dict[tuple[bytes, bool], Kind] = field(default_factory=dict)
    known: dict[tuple[object, ...], Kind] = field(default_factory=dict)
    places: dict[Shapes, tuple[Place, ...]] = field(default_factory=dict)
    heads: dict[str, Judged] = field(default_factory=dict)
    domains: dict[str, Judged] = field(default_factory=dict)
    minute: datetime = LONG_AGO
    by_now: dict[str, Judged] = field(default_factory=dict)
    of_all: set[str] | None = None

    def approved(self, raw: bytes, copy: Copy, reader: Reader, url: str) -> Approved:
        """Return a copy as the door takes it; raises Unlawful or Overtaken by the gate."""
        kind = self.kind(raw, copy, reader, url)
        head, domain = self.own(raw, copy.subject, reader, url)
        timely = self.timely(raw, copy.subject, reader, url)
        if not (kind.is_lawful and head.is_lawful and domain.is_lawful and timely.is_lawful):
            found = kind.findings + head.findings + domain.findings + timely.findings
            raise self.refusal(self.candidate(raw, reader, url), found, timely.findings)
        missing = kind.marks.missing(raw, copy, url) or self.unanswerable(copy, url)
        if missing:
            raise Unlawful(f"This reader's own copy lacks {missing}.")
        return Approved(raw, gate.RULESET)

    def unanswerable(self, copy: Copy, url: str) -> str | None:
        """Return the link by which a reader says yes, where she is asked and a part lacks it."""
        if not self.office.stated.is_asking:
            return None
        link = self.office.site.renewal(url)
        is_there = link in copy.html.joined() and link in copy.text.joined()
        return None if is_there else link

    def findings(self, raw: bytes, copy: Copy, reader: Reader, url: str) -> tuple[Finding, ...]:
        """Return all that the gate finds on a copy."""
        head, domain = self.own(raw, copy.subject, reader, url)
        timely = self.timely(raw, copy.subject, reader, url)
        of_her = gate.judge(self.candidate(raw, reader, url), OF_THE_READER).findings
        kind = self.kind(raw, copy, reader, url)
        judged = (kind.findings, head.findings, domain.findings, timely.findings, of_her)
        return tuple(dict.fromkeys(chain.from_iterable(judged)))

    def candidate(self, raw: bytes, reader: Reader, url: str) -> Candidate:
        now = self.clock()
        return self.office.candidate(raw, url, reader, now, self.leaves_at or now)

    def kind(self, raw: bytes, copy: Copy, reader: Reader, url: str) -> Kind:
        """Return what is known of copies like this one, after judging the first of them."""
        words, html, text = copy[1:]
        shapes = words.shape, html.shape, text.shape
        places = self.places.get(shapes)
        if places is None:
            places = self.placed(shapes)
        values: tuple[str, ...] = (*words.values, *html.values, *text.values)
        if self.office.stated.is_asking:
            values = masks.marked(values, self.office.site.renewal(url))
        key = (
            shapes,
            self.masks.items(values, places, url, None if self.is_flat else reader.printed()),
            country(reader) if "country" in reader.attributes else "",
            self.office.stated.dealing(reader.attributes) is not None,
        )
        known = self.known.get(key)
        return known or keep(self.known, key, self.judged(Key(*key), raw, copy, reader, url))

    def placed(self, shapes: Shapes) -> tuple[Place, ...]:
        """Return where each value of a subject, an HTML part and a text part stands."""
        words, html, text = shapes
        in_words, in_text = (repeat(Place.words, len(one.holes())) for one in (words, text))
        return keep(self.places, shapes, (*in_words, *placing.places(html), *in_text))

    def judged(self, key: Key, raw: bytes, copy: Copy, reader: Reader, url: str) -> Kind:
        alike = key.digest(), key.has_dealing
        if alike not in self.kinds:
            findings = gate.judge(self.candidate(raw, reader, url), OF_THE_KIND).findings
            marks = Marks.of(raw, copy, self.office.record, self.office.wire.between)
            self.kinds[alike] = Kind(findings, is_lawful(findings), marks)
        return self.kinds[alike]

    def own(self, raw: bytes, subject: str, reader: Reader, url: str) -> tuple[Judged, Judged]:
        """Return what is found on a copy's header, and on the domain that it goes to."""
        head, domain = self.heads.get(subject), reader.email.rpartition("@")[2]
        if head is None:
            bare = raw.partition(BODY)[0] + b"\r\n\r\n"
            head = self.found(self.heads, subject, OF_THE_HEAD, self.candidate(bare, reader, url))
        there = self.domains.get(domain)
        if there is None:
            whole = self.candidate(raw, reader, url)
            there = self.found(self.domains, domain, OF_THE_DOMAIN, whole)
        return head, there

    def timely(self, raw: bytes, subject: str, reader: Reader, url: str) -> Judged:
        """Return what speaks against a subject line at this minute."""
        now = self.clock()
        if not self.minute <= now < self.minute + MINUTE:
            self.minute = now.replace(second=0, microsecond=0)
            self.by_now.clear()
            self.of_all = None
        judged = self.by_now.get(subject)
        if judged is None:
            judged = self.found(self.by_now, subject, TIMELY, self.candidate(raw, reader, url))
        return judged

    def refusal(self, candidate: Candidate, found: Findings, timely: Findings) -> Unlawful:
        """Return whose fault it is that a copy is unlawful: its own, or everybody's (Overtaken)."""
        if self.of_all is None:
            self.of_all = blame.rules(blame.of_all(self.office, candidate))
        shared = self.of_all
        if Verdict(timely).refusals:
            first = self.let_go_at or self.clock()
            then = replace(candidate, today=first.date(), at=first)
            shared = shared | (blame.rules(timely) - blame.rules(gate.judge(then, TIMELY).findings))
        return blame.refusal(found, shared)

    def found(
        self, known: dict[str, Judged], key: str, rules: Rules, candidate: Candidate
    ) -> Judged:
        findings = gate.judge(candidate, rules).findings
        return keep(known, key, Judged(findings, is_lawful(findings)))

    @cached_property
    def masks(self) -> Masks:
        return Masks(self.office.record, self.office.stencil.spoken)

    @cached_property
    def is_flat(self) -> bool:
        return self.office.stencil.is_flat


def is_lawful(findings: Findings) -> bool:
    return Verdict(findings).is_lawful
