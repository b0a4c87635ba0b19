"""Whether the message pays its readers for writing to others on the sender's behalf."""

import re
from collections.abc import Iterator

from mailer.compliance.case import Case
from mailer.compliance.finding import Severity
from mailer.compliance.rule import Reason, Rule
from mailer.compliance.vocabulary.referrals import ASKED, PROMISED, TYING
from mailer.compliance.words import plain

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s|\n")  # noqa: RUF001 - full-width marks are meant
_LONGEST = 400
_FIX = (
    "Promise nothing for forwarding or inviting: whoever is paid to write to others makes you the "
    "sender of that mail too. A plain “share” link is fine."
)


def _referrals(case: Case) -> Iterator[Reason]:
    """Find a reward for bringing in others, said in one sentence or in two that follow."""
    for surface in case.surfaces:
        found = next(_paid(surface.views[0].seen.text), None)
        if found:
            yield Reason(f"{surface.label}: {found}", _FIX, surface.label)


def _paid(text: str) -> Iterator[str]:
    """Give what asks and what promises, where one sentence does both or two are tied."""
    sentences = [one.strip()[:_LONGEST] for one in _SENTENCE.split(text) if one.strip()]
    folded = [plain(one) for one in sentences]
    for at in (n for n, one in enumerate(folded) if _says(one, ASKED)):
        if _says(folded[at], PROMISED):
            yield sentences[at]
        for beside in {max(at - 1, 0), min(at + 1, len(folded) - 1)} - {at}:
            if _says(folded[beside], PROMISED) and _says(folded[beside], TYING):
                yield " ".join(sentences[n] for n in sorted((at, beside)))


def _says(sentence: str, patterns: tuple[re.Pattern[str], ...]) -> bool:
    return any(pattern.search(sentence) for pattern in patterns)


FORWARD_TO_FRIEND = Rule(
    id="R27",
    name="forward-to-friend",
    title="Readers are rewarded for writing to others",
    severity=Severity.refuse,
    citation="15 U.S.C. 7702(9), (12); 73 Fed. Reg. 29654; SOR/2013-221 s.4",
    check=_referrals,
)
