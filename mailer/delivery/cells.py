"""Numbers that outlive the people in them: too small ones are thrown together.

What is kept for good, or signed and handed out, would otherwise tell of who was erased since that
she was the one who had complained. Two kinds of numbers stay as they are: how many people there
were in all, and what became of them by state. Each person is in exactly one state, so the states
sum to the audience: that everybody is accounted for, to the last doubtful copy and to the last who
was held back (15 U.S.C. 7704(a)(4)), is what the record is for. A state tells no more than whether
a copy was handed over, and how that went; why somebody got none is what reasons tell.
"""

from collections import Counter
from collections.abc import Mapping

# Fewer people than that who have a reason or a domain in common could be told by it.
LEAST = 5
FEW = "for reasons that fewer than five had"


def are_few(numbers: Mapping[str, int]) -> bool:
    """Tell whether some number, though not none, is too small to be told."""
    return any(0 < number < LEAST for number in numbers.values())


def told(numbers: Mapping[str, int], *, spare: str | None = None, few: str = FEW) -> Counter[str]:
    """Return the numbers by reason, those below LEAST together under ``few``; the sum stays.

    ``spare`` is what is no reason, and stays as it is.
    """
    kept: Counter[str] = Counter()
    for reason, number in numbers.items():
        kept[reason if number >= LEAST or reason == spare else few] += number
    return kept
