"""R25: a service notice advertises nothing, and what is not commercial has a recorded reason."""

from dataclasses import replace

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.finding import Severity
from mailer.compliance.inputs import Dealing, Relation
from tests.compliance.letters import FOOTER, LABEL, LAWFUL, PLACE, URL, letter

ASK = "Questions? hello@acme.example"
FOOT = f"{ASK}\n\n{PLACE}\nUnsubscribe: {URL}\n"
NOTICE = "On Sunday from 2 to 4 a.m. our site is closed for maintenance.\nNothing is asked of you."


def notice(text: str = NOTICE, subject: str = "Maintenance on Sunday", html: str = "") -> Candidate:
    rich = html + "".join(f"<p>{line}</p>" for line in text.split("\n"))
    foot = f"<p>{ASK}</p>" + FOOTER.replace(f"{LABEL}<br>", "")
    raw = letter(rich + foot, f"{text}\n\n{FOOT}", headers={"Subject": subject})
    return replace(LAWFUL, raw=raw, kind=Kind.service)


def found(candidate: Candidate) -> list[str]:
    return [f.part or "" for f in gate.judge(candidate).refusals if f.rule == "R25"]


def test_a_notice_without_advertising_needs_no_ad_label() -> None:
    assert gate.judge(notice()).findings == ()


@pytest.mark.parametrize(
    "line",
    [
        "You may also like our lemon press.",
        "Summer sale: 20 % off everything!",
        "Jetzt kaufen: 20 % Rabatt",
        "Soldes : -20 % sur tout le site",
        "También te puede gustar nuestro exprimidor.",
        "今すぐ購入",
    ],
)
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_single_line_that_advertises_refuses_it(line: str, place: str) -> None:
    text = f"{line}\n{NOTICE}" if place == "first" else f"{NOTICE}\n{line}"
    assert found(notice(text)) == ["text part", "HTML part"]


def test_so_does_a_subject_or_a_picture() -> None:
    assert found(notice(subject="Maintenance, and 20% off")) == ["Subject"]
    banner = '<img src="https://acme.example/b.png" alt="Summer sale: 20 % off">'
    assert found(notice(html=banner)) == ["HTML part"]


@pytest.mark.parametrize("missing", [PLACE, f'<a href="{URL}">Unsubscribe</a>'])
def test_it_keeps_address_and_way_out(missing: str) -> None:
    whole = notice()
    bare = replace(whole, raw=whole.raw.replace(missing.encode(), b""))
    assert {"R14", "R16"} & {f.rule for f in gate.judge(bare).refusals}


@pytest.mark.parametrize("kind", [Kind.editorial, Kind.service, Kind.transactional])
def test_a_kind_other_than_commercial_asks_for_a_written_reason(kind: Kind) -> None:
    order = Dealing(Relation.delivery, "order 7")
    candidate = replace(notice(), kind=kind, dealing=order)
    for reason, parts in ((None, []), ("Closes on Sunday", []), ("", ["kind"]), (" \n", ["kind"])):
        assert found(replace(candidate, kind_reason=reason)) == parts


def test_commercial_mail_needs_none() -> None:
    assert found(replace(LAWFUL, kind_reason="")) == []


def test_what_development_does_not_judge_is_noted() -> None:
    local = replace(notice(), development=True)
    unsigned = replace(local, raw=local.raw.replace(b"DKIM-Signature", b"X-None"))
    assert ("R41", Severity.note) in {(f.rule, f.severity) for f in gate.judge(unsigned).findings}
