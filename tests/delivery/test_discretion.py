"""What may be sealed of what the gate found: nothing that tells one reader from another."""

import pytest

from mailer.campaigns.rendering import Reader
from mailer.compliance.finding import Finding, Severity
from mailer.delivery.discretion import WITHHELD, discreet

ROSA = Reader("rosa.quitten@example.org", "Rosalinde Bo", {"plays": "Klarinette", "age": 41})


def finding(evidence: str) -> Finding:
    return Finding("R08", "x", "X", Severity.warn, "", evidence, "Mend it.")


@pytest.mark.parametrize(
    "evidence",
    [
        "The subject shouts: ROSALINDE",
        "rosa.quitten@example.org is nobody's own mailbox",
        "Bought for klarinette players",
        "A line that is very long and then ends with Klari…",
    ],
)
def test_what_quotes_a_reader_is_withheld(evidence: str) -> None:
    (told,) = discreet([finding(evidence)], [ROSA])
    assert (told.evidence, told.fix) == (WITHHELD, "Mend it.")


def test_an_address_is_withheld_even_where_its_name_is_too_short_to_tell() -> None:
    reader = Reader("jo@quitten.example")
    (told,) = discreet([finding("JO@quitten.example is a telephone")], [reader])
    assert told.evidence == WITHHELD
    (kept,) = discreet([finding("From is news@quitten.example")], [reader])
    assert kept.evidence == "From is news@quitten.example"


@pytest.mark.parametrize("evidence", ["The subject shouts: LOW WATER", "Bo is 41", "cut off…", ""])
def test_what_is_the_templates_own_is_kept(evidence: str) -> None:
    assert discreet([finding(evidence)], [ROSA]) == [finding(evidence)]
