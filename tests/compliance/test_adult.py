"""R12: the label of sexually oriented mail, and a cover that shows nothing."""

from dataclasses import replace

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate
from mailer.compliance.rules.adult import EXPLICIT_LABEL
from tests.compliance.letters import FOOTER, LABEL, LAWFUL, PLACE, URL, letter

PHRASE = "SEXUALLY-EXPLICIT"
COVER = f"<p>{PHRASE}</p><p><a href='https://acme.example/enter'>Open our catalogue</a></p>"
TEXT = f"{PHRASE}\n\nOpen: https://acme.example/enter\n\n{LABEL}\n{PLACE}\nUnsubscribe: {URL}\n"
SUBJECT = f"{PHRASE}: News from Acme"


def candidate(subject: str = SUBJECT, cover: str = COVER, text: str = TEXT) -> Candidate:
    raw = letter(cover + FOOTER, text, {"Subject": subject})
    return replace(LAWFUL, raw=raw, adult=True)


def evidence(judged: Candidate) -> list[str]:
    findings = gate.judge(judged, (EXPLICIT_LABEL,)).findings
    assert all(finding.severity.value == "refuse" for finding in findings)
    return [finding.evidence for finding in findings]


@pytest.mark.parametrize(
    "subject",
    [SUBJECT, f"{PHRASE}: ", f"{PHRASE}:\r\n News", f"=?utf-8?q?{PHRASE}=3A_Caf=C3=A9?="],
)
def test_a_labelled_subject_on_a_plain_cover_is_lawful(subject: str) -> None:
    assert evidence(candidate(subject)) == []


@pytest.mark.parametrize(
    "subject",
    [
        "News from Acme",
        "Sexually-Explicit: News",
        "sexually-explicit: news",
        "SEXUALLY\u2010EXPLICIT: News",
        "SEXUALLY EXPLICIT: News",
        "SEXUALLY-EXPLICIT:News",
        "SEXUALLY-EXPLICIT - News",
        "Re: SEXUALLY-EXPLICIT: News",
        "[Acme] SEXUALLY-EXPLICIT: News",
        "ＳＥＸＵＡＬＬＹ-ＥＸＰＬＩＣＩＴ: News",  # noqa: RUF001
        "SEXUALLY-EXPLICIT:\u00a0News",
        "SEXU\u200bALLY-EXPLICIT: News",
        "",
    ],
)
def test_a_subject_without_the_exact_label_is_refused(subject: str) -> None:
    assert len(evidence(candidate(subject))) == 1


@pytest.mark.parametrize(
    "words",
    ["Hot nude pics", "Nackte Haut", "Vidéos porno", "Sexo en vivo", "naked girls @ the lake"],
)
def test_sexual_words_in_subject_or_cover_are_refused(words: str) -> None:
    assert len(evidence(candidate(f"{SUBJECT} {words}"))) == 1
    assert len(evidence(candidate(cover=f"{COVER}<p>{words}</p>"))) == 1
    assert len(evidence(candidate(text=f"{words}\n{TEXT}"))) == 1


@pytest.mark.parametrize(
    "picture",
    [
        "<img src='https://x.example/a.jpg'>",
        "<img src='https://x.example/a.jpg' width=40 height=40>",
        "<div style='background:url(https://x.example/a.jpg)'>x</div>",
        "<table background='https://x.example/a.jpg'><tr><td>x</table>",
        "<style>p{background-image:url(https://x.example/a.jpg)}</style>",
        "<input type=image src='https://x.example/a.jpg'>",
        "<video poster='https://x.example/a.jpg'></video>",
    ],
)
def test_a_picture_on_the_cover_is_refused(picture: str) -> None:
    assert len(evidence(candidate(cover=picture + COVER))) == 1


def test_a_dot_and_a_field_are_no_pictures() -> None:
    dot = "<img src='https://x.example/o.gif' width=1 height='1'><input type=text name=q>"
    style = "<img src='https://x.example/o.gif' style='width:1px; height: 1px !important'>"
    assert evidence(candidate(cover=COVER + dot + style)) == []


def test_the_phrase_must_be_seen_and_the_cover_be_short() -> None:
    assert len(evidence(candidate(cover="<p>Open our catalogue</p>"))) == 1
    assert len(evidence(candidate(cover=COVER.replace("<p>", "<p style='font-size:1px'>", 1)))) == 1
    assert len(evidence(candidate(cover=COVER + "<p>" + "Come and look. " * 30))) == 1


def test_consent_and_other_content_need_no_label() -> None:
    bare = replace(LAWFUL, adult=True)
    assert evidence(bare) != []
    assert evidence(replace(bare, is_adult_consented=True)) == []
    assert evidence(LAWFUL) == []


def test_a_message_without_a_subject_lacks_the_label() -> None:
    raw = letter(COVER + FOOTER, TEXT, {"Subject": None})
    assert len(evidence(replace(LAWFUL, raw=raw, adult=True))) == 1


def test_the_capitals_of_the_label_are_not_held_against_the_subject() -> None:
    found = {finding.rule for finding in gate.judge(candidate()).findings}
    assert "R10" not in found
    assert "R12" not in found
