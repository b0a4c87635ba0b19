"""The gate at hand-off: every reader's own copy, each kind of copy judged in full once."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from html import escape

from mailer.campaigns.rendering import Reader, Rendered
from mailer.compliance import gate
from mailer.compliance.candidate import Candidate
from mailer.compliance.finding import Finding
from mailer.compliance.gate import Verdict
from mailer.compliance.phrases import OPT_OUT
from mailer.delivery import approval, specimens
from mailer.delivery.approval import Approved, Overtaken, Unlawful
from mailer.delivery.marks import Marks
from mailer.delivery.office import Office

SHORTEST = 3
MARKUP = re.compile(r"(<[^<>]*>)")
# Where the header of mail composed here turns to the body: it is judged without one.
BODY = b"\r\nContent-Type: "
# What these ask is told by the header, in which each reader's own words may stand.
HEAD_ALONE = frozenset({"R01", "R04", "R06", "R10", "R40"})
OF_THE_HEAD = tuple(rule for rule in gate.RULES if rule.id in HEAD_ALONE | {"R07", "R12"})
# What this asks is told by the domain that a reader's mail goes to.
OF_THE_DOMAIN = tuple(rule for rule in gate.RULES if rule.id == "R35")
# What time makes false: the subject's claims about an offer, and that somebody vouched for the
# postal address within a year.
TIMELY = tuple(rule for rule in gate.RULES if rule.id in {"R08", "R15"})
OF_THE_KIND = tuple(
    rule
    for rule in gate.OF_THE_MESSAGE
    if rule.id not in HEAD_ALONE and rule not in (*OF_THE_DOMAIN, *TIMELY)
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of all copies that are alike but for what is the reader's own."""

    findings: tuple[Finding, ...]
    marks: Marks


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
    heads: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    domains: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    minute: datetime | None = None
    by_now: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    of_all: set[str] | None = None

    def approved(self, raw: bytes, copy: Rendered, reader: Reader, url: str) -> Approved:
        """Return a copy as the door takes it; raises Unlawful or Overtaken by the gate."""
        candidate = self.candidate(raw, reader, url)
        kind = self.kind(candidate, copy, reader, url)
        timely = self.timely(candidate, copy.subject)
        verdict = Verdict(kind.findings + self.own(candidate, copy) + timely)
        if not verdict.is_lawful:
            raise self.refusal(candidate, verdict, Verdict(timely))
        missing = kind.marks.missing(raw, copy, url)
        if missing:
            raise Unlawful(f"This reader's own copy lacks {missing}.")
        return Approved(raw, verdict.ruleset)

    def findings(self, raw: bytes, copy: Rendered, reader: Reader, url: str) -> tuple[Finding, ...]:
        """Return all that the gate finds on a copy."""
        candidate = self.candidate(raw, reader, url)
        of_kind = self.kind(candidate, copy, reader, url).findings
        timely = self.timely(candidate, copy.subject)
        return tuple(dict.fromkeys(of_kind + self.own(candidate, copy) + timely))

    def candidate(self, raw: bytes, reader: Reader, url: str) -> Candidate:
        now = self.clock()
        return self.office.candidate(raw, url, reader, now, self.leaves_at or now)

    def kind(self, candidate: Candidate, copy: Rendered, reader: Reader, url: str) -> Kind:
        """Return what is known of copies like this one, after judging the first of them."""
        alike = skeleton(copy, reader, url, self.words_of(reader)), candidate.dealing is not None
        if alike not in self.kinds:
            findings = gate.judge(candidate, OF_THE_KIND).findings
            self.kinds[alike] = Kind(findings, Marks.of(copy, self.office.record))
        return self.kinds[alike]

    def own(self, candidate: Candidate, copy: Rendered) -> tuple[Finding, ...]:
        """Return what is found on a copy's header, and on the domain that it goes to."""
        if copy.subject not in self.heads:
            head = replace(candidate, raw=candidate.raw.partition(BODY)[0] + b"\r\n\r\n")
            self.heads[copy.subject] = gate.judge(head, OF_THE_HEAD).findings
        domain = candidate.recipient.address.rpartition("@")[2]
        if domain not in self.domains:
            self.domains[domain] = gate.judge(candidate, OF_THE_DOMAIN).findings
        return self.heads[copy.subject] + self.domains[domain]

    def timely(self, candidate: Candidate, subject: str) -> tuple[Finding, ...]:
        """Return what speaks against a subject line at this minute."""
        minute = self.clock().replace(second=0, microsecond=0)
        if minute != self.minute:
            self.minute, self.by_now, self.of_all = minute, {}, None
        if subject not in self.by_now:
            self.by_now[subject] = gate.judge(candidate, TIMELY).findings
        return self.by_now[subject]

    def refusal(self, candidate: Candidate, verdict: Verdict, timely: Verdict) -> Unlawful:
        """Return whose fault it is that a copy is unlawful: its own, or everybody's (Overtaken)."""
        titles = {finding.rule: finding.title for finding in verdict.refusals}
        shared = titles.keys() & self.refused_of_all()
        if timely.refusals:
            shared |= rules(timely) - self.refused_at_first(candidate)
        if not shared:
            return Unlawful(approval.OWN_FAULT.format(", ".join(titles)))
        told = (f"{rule}, {titles[rule][:1].lower()}{titles[rule][1:]}" for rule in sorted(shared))
        return Overtaken(
            f"Since the gate let it go, it has become unlawful: {'; '.join(told)}. "
            "Resume it once that is mended, or cancel it."
        )

    def refused_of_all(self) -> set[str]:
        """Return which rules refuse, this minute, even the copy of somebody who is not known.

        It was lawful at the start. If it is not now, time went by, or a key or a setting changed.
        """
        if self.of_all is None:
            reader = specimens.nobody(self.office.stated.dealing_field)
            _, raw = specimens.copied(self.office, reader)
            candidate = self.candidate(raw, reader, self.office.site.unsubscribe(0, 0, 0))
            self.of_all = rules(gate.judge(candidate, gate.OF_THE_MESSAGE))
        return self.of_all

    def refused_at_first(self, candidate: Candidate) -> set[str]:
        """Return by which timely rules a copy was unlawful already when the campaign was let go."""
        first = self.let_go_at or self.clock()
        return rules(gate.judge(replace(candidate, today=first.date(), at=first), TIMELY))

    def words_of(self, reader: Reader) -> list[str]:
        """Return what a template may print of a reader and no rule looks for, the longest first.

        What is very short stands all over the text: masked, it would make a kind of each reader.
        A name that is part of the label or the address, or holds them, is not masked: with it a
        copy could have what the next one lacks.
        """
        variables = reader.variables()
        words = {str(variables[name]) for name in ("name", "first_name", "last_name")}
        words |= {str(value) for value in reader.attributes.values()}
        return sorted(filter(self.is_beside_the_point, words), key=len, reverse=True)

    def is_beside_the_point(self, word: str) -> bool:
        word, wanted = word.casefold(), self.wanted
        return len(word) >= SHORTEST and not any(one in word or word in one for one in wanted)

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        record = self.office.record
        return tuple(one.casefold() for one in (*record.labels(), *record.block(), *OPT_OUT))


def rules(verdict: Verdict) -> set[str]:
    return {finding.rule for finding in verdict.refusals}


def skeleton(copy: Rendered, reader: Reader, url: str, words: list[str]) -> bytes:
    """Return a digest of a copy's subject and parts without what is the reader's own.

    Her words are masked only between the tags of the HTML part: inside one they could hide
    something, and such a copy is a kind of its own. Her link and address cannot.
    """
    subject = copy.subject
    parts = MARKUP.split(copy.html.replace(url, "\0link").replace(reader.email, "\0address"))
    text = copy.text.replace(url, "\0link").replace(reader.email, "\0address")
    for word in words:
        parts[::2] = [between.replace(escape(word), "\0word") for between in parts[::2]]
        text = text.replace(word, "\0word")
        subject = subject.replace(word, "\0word")
    return hashlib.sha256("\0part".join([*parts, text, subject]).encode()).digest()
