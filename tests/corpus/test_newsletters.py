"""Real newsletters under our footer: the gate refuses none for its subject but those named here."""

import pytest

from mailer.compliance import gate
from tests.corpus import newsletters, wrapping

# R00 says that a message is beyond judging, UNJUDGED that it is beyond one rule: real mail is not.
RULES = {"R00", "R06", "R07", "R08", "R09", "R10", "R11"}
UNJUDGED = "could not judge"
ANSWER = "an answer or a copy passed on in a discussion, and its subject says so"
TO_A_FRIEND = (
    "its link to tell a friend carries [[title]] for another server to fill in, which nothing in "
    "the message tells from a mark that was left over"
)
# Refused, and rightly.
NAMED = {
    ("00169", "R06"): ANSWER,
    ("00170", "R06"): ANSWER,
    ("00174", "R06"): ANSWER,
    ("00176", "R06"): ANSWER,
    ("00222", "R06"): ANSWER,
    ("00225", "R06"): ANSWER,
    ("00241", "R06"): ANSWER,
    ("00173", "R11"): TO_A_FRIEND,
    ("00179", "R11"): TO_A_FRIEND,
    ("00180", "R11"): TO_A_FRIEND,
    ("00222", "R11"): "its way out leads to [UnsubscribeURL], which was never filled in",
    ("00223", "R11"): TO_A_FRIEND,
    ("00226", "R11"): TO_A_FRIEND,
}


# One test for each share of the mails, so that the workers divide them.
SHARES = 8


@pytest.mark.parametrize("share", range(SHARES))
def test_real_newsletters_are_refused_for_their_subject_or_marks_only_if_named_here(
    share: int,
) -> None:
    mails = newsletters.newsletters()[share::SHARES]
    found = {mail: gate.judge(wrapping.candidate(mail)).refusals for mail in mails}
    refused = {
        (mail.number, finding.rule): f"{mail.number} {finding.rule} {finding.evidence}"
        for mail, findings in found.items()
        for finding in findings
        if finding.rule in RULES or UNJUDGED in finding.evidence
    }
    newly = [told for key, told in refused.items() if key not in NAMED]
    assert newly == [], "\n".join(["Refused, and not named in this test:", *newly])
    ours = {mail.number for mail in mails}
    no_longer = [key for key in NAMED if key[0] in ours and key not in refused]
    assert no_longer == [], "Named in this test, and not refused any more."


def test_there_are_226_of_them() -> None:
    assert len(newsletters.newsletters()) == 226
