"""The gate at hand-off: every reader's own copy, each kind of copy judged in full once."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from html import escape

from mailer.campaigns.rendering import Reader, Rendered
from mailer.compliance import gate
from mailer.compliance.candidate import Candidate
from mailer.compliance.phrases import OPT_OUT
from mailer.delivery.office import Office

MARKUP = re.compile(r"(<[^<>]*>)")
# What these ask is told by the header, in which each reader's own words may stand.
OF_EACH_COPY = tuple(rule for rule in gate.RULES if rule.id in {"R04", "R06", "R40"})
# What time makes false: the subject's claims about an offer, and that somebody vouched for the
# postal address within a year.
TIMELY = tuple(rule for rule in gate.RULES if rule.id in {"R08", "R15"})
LASTING = tuple(rule for rule in gate.RULES if rule not in TIMELY)


class Unlawful(Exception):  # noqa: N818 - errors are named for the situation
    """The gate refuses one reader's own copy; the message names the rules."""


@dataclass
class Inspector:
    """Judges copies of one campaign.

    A template's conditions may take from one reader what the others have, so no sample can speak
    for all. Copies that differ only in what is the reader's own (name, address, link) are alike
    to every rule about the body; the first of each kind is judged in full, all others by it.
    What time makes false is asked again each minute for each subject line: a queue that was held
    up must not say "ends tonight" tomorrow.
    """

    office: Office
    clock: Callable[[], datetime]
    known: dict[tuple[bytes, bool], tuple[str, ...]] = field(default_factory=dict)
    minute: datetime | None = None
    by_now: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def demand_lawful(self, raw: bytes, copy: Rendered, reader: Reader, url: str) -> None:
        """Raise Unlawful when the gate refuses this copy."""
        now = self.clock()
        candidate = self.office.candidate(raw, url, reader, now, now)
        kind = skeleton(copy, reader, url, self.words_of(reader)), candidate.dealing is not None
        if kind not in self.known:
            self.known[kind] = refusing(gate.judge(candidate, LASTING))
        rules = self.known[kind] or refusing(gate.judge(candidate, OF_EACH_COPY))
        if rules:
            raise Unlawful(f"The gate refuses this reader's own copy: {', '.join(rules)}.")
        belated = self.belated(candidate, copy.subject, now)
        if belated:
            raise Unlawful(f"When its turn came, the gate refused it: {'; '.join(belated)}.")

    def belated(self, candidate: Candidate, subject: str, now: datetime) -> tuple[str, ...]:
        """Return what speaks against a subject line at this minute."""
        minute = now.replace(second=0, microsecond=0)
        if minute != self.minute:
            self.minute, self.by_now = minute, {}
        if subject not in self.by_now:
            found = gate.judge(candidate, TIMELY).refusals
            told = (f"{one.rule}, {one.title[:1].lower()}{one.title[1:]}" for one in found)
            self.by_now[subject] = tuple(dict.fromkeys(told))
        return self.by_now[subject]

    def words_of(self, reader: Reader) -> list[str]:
        """Return what a template may print of a reader and no rule looks for, the longest first.

        A name that is part of the label or the address, or holds them, is not masked: with it a
        copy could have what the next one lacks.
        """
        variables = reader.variables()
        words = {str(variables[name]) for name in ("name", "first_name", "last_name")}
        words |= {str(value) for value in reader.attributes.values()}
        return sorted(filter(self.is_beside_the_point, words), key=len, reverse=True)

    def is_beside_the_point(self, word: str) -> bool:
        word, wanted = word.casefold(), self.wanted
        return bool(word) and not any(one in word or word in one for one in wanted)

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        record = self.office.record
        return tuple(one.casefold() for one in (*record.labels(), *record.block(), *OPT_OUT))


def refusing(verdict: gate.Verdict) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.rule for finding in verdict.refusals))


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
