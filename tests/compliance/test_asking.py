"""R37: whom a message may ask for consent again, and that each reader sees her link to say yes."""

from dataclasses import replace

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.finding import Severity
from mailer.compliance.inputs import Asking, Recipient
from tests.compliance.letters import BODY, FOOTER, LAWFUL, PAID, TEXT, letter

YES = "https://news.acme.example/k/k7Qw2ZpX"
BUTTON = f'<p><a href="{YES}">Yes, keep sending it</a></p>'
SAID = f"Yes, keep sending it: {YES}\n\n"


def question(html: str = BUTTON, text: str = SAID, **asking: int | None) -> Candidate:
    """Return a lawful message that asks, with its link as given in each part."""
    raw = letter(html=BODY + html + FOOTER, text=text + TEXT)
    return replace(LAWFUL, raw=raw, asking=Asking(YES, **asking))


def found(candidate: Candidate) -> list[tuple[Severity, str | None]]:
    judged = gate.judge(candidate).findings
    return [(one.severity, one.part) for one in judged if one.rule == "R37"]


@pytest.mark.parametrize("kind", [Kind.commercial, Kind.editorial])
@pytest.mark.parametrize("number", [None, 0])
def test_who_still_consents_may_be_asked(kind: Kind, number: int | None) -> None:
    assert found(replace(question(lapsed=number, objectors=number), kind=kind)) == []


def test_nothing_is_wanted_of_a_message_that_does_not_ask() -> None:
    assert found(LAWFUL) == []


@pytest.mark.parametrize(
    ("html", "text", "part"),
    [
        ("", SAID, "HTML part"),
        (BUTTON, "", "text part"),
        (f'<p style="display:none"><a href="{YES}">Yes</a></p>', SAID, "HTML part"),
        (f'<p style="font-size:4px"><a href="{YES}">Yes</a></p>', SAID, "HTML part"),
        (BUTTON.replace(YES, f"{YES}x"), SAID, "HTML part"),
        (BUTTON, SAID.replace(YES, f"{YES}x"), "text part"),
    ],
)
def test_the_link_to_say_yes_is_seen_in_both_parts(html: str, text: str, part: str) -> None:
    assert found(question(html, text)) == [(Severity.refuse, part)]


def test_a_pale_link_is_a_warning() -> None:
    pale = f'<p><a href="{YES}" style="color:#aaaaaa">Yes, keep sending it</a></p>'
    assert found(question(pale)) == [(Severity.warn, "HTML part")]


@pytest.mark.parametrize(("lapsed", "objectors"), [(1, None), (0, 2)])
def test_an_audience_wider_than_those_who_consent_is_refused(
    lapsed: int, objectors: int | None
) -> None:
    candidate = question(lapsed=lapsed, objectors=objectors)
    assert found(candidate) == [(Severity.refuse, "audience")]


@pytest.mark.parametrize("kind", [Kind.service, Kind.transactional])
def test_a_question_is_no_service_and_no_receipt(kind: Kind) -> None:
    candidate = replace(question(), kind=kind, dealing=PAID)
    assert found(candidate) == [(Severity.refuse, None)]


def test_it_binds_whatever_bodies_of_law_a_sender_keeps() -> None:
    candidate = question(lapsed=1)
    lone = replace(candidate, sender=replace(candidate.sender, packs=frozenset()))
    assert found(lone) == [(Severity.refuse, "audience")]


def test_one_reader_who_left_is_refused_beside_the_rest() -> None:
    candidate = replace(question(), recipient=Recipient(was_objector=True))
    assert found(candidate) == [(Severity.refuse, "recipient")]
