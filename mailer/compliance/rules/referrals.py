"""Whether the message pays its readers for writing to others on the sender's behalf."""

import re
from collections.abc import Iterable, Iterator

from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.rule import Reason, Rule
from mailer.compliance.visible.reading import Reading
from mailer.compliance.vocabulary.referrals import ASKED, HEADS, PROMISED, SIGNS, TYING, WHOLE
from mailer.compliance.words import folded, plain

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s|\n")  # noqa: RUF001 - full-width marks are meant
# As words are folded, and as they are spelled.
_SPELLED = {folded(word): word for word in WHOLE | SIGNS}
_HEADS = {folded(head): head for head in HEADS}
_LONGEST = 400
_FIX = (
    "Promise nothing for forwarding or inviting: whoever is paid to write to others makes you the "
    "sender of that mail too. A plain “share” link is fine."
)


def _referrals(case: Case) -> Iterator[Reason]:
    """Find a reward for bringing in others, said in one sentence or in two that follow."""
    for surface in case.surfaces:
        found = next(_paid(surface.views[0].seen), None)
        if found:
            yield Reason(f"{surface.label}: {found}", _FIX, surface.label)


def _paid(reading: Reading) -> Iterator[str]:
    """Give what asks and what promises, where one sentence does both or two are tied."""
    heads = _heads(reading.words.texts)
    if not heads:
        return
    text = reading.text
    sentences = [one.strip()[:_LONGEST] for one in _SENTENCE.split(text) if one.strip()]
    for at, one in enumerate(sentences):
        lower = one.casefold()
        if not any(head in lower for head in heads) or not _says(one, ASKED):
            continue
        if _says(one, PROMISED):
            yield one
        for beside in {max(at - 1, 0), min(at + 1, len(sentences) - 1)} - {at}:
            if _says(sentences[beside], PROMISED) and _says(sentences[beside], TYING):
                yield " ".join(sentences[n] for n in sorted((at, beside)))


def _heads(words: Iterable[str]) -> set[str]:
    """Give the words and beginnings of words that stand in a text and may belong to a request."""
    distinct = set(words)
    found = {_SPELLED[word] for word in distinct & _SPELLED.keys()}
    return found | {_HEADS[head] for head in {word[:5] for word in distinct} & _HEADS.keys()}


def _says(sentence: str, patterns: tuple[re.Pattern[str], ...]) -> bool:
    folded = plain(sentence)
    return any(pattern.search(folded) for pattern in patterns)


FORWARD_TO_FRIEND = Rule(
    id="R27",
    name="forward-to-friend",
    title="Readers are rewarded for writing to others",
    asks="Nobody is paid for forwarding the mail.",
    severity=Severity.refuse,
    citation="15 U.S.C. 7702(9), (12); 73 Fed. Reg. 29654; SOR/2013-221 s.4",
    check=_referrals,
)
