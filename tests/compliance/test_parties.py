"""R26: several advertisers in one message."""

from dataclasses import replace

import pytest

from mailer.compliance import gate
from mailer.compliance.finding import Finding, Severity
from mailer.compliance.inputs import Party
from tests.compliance.letters import SENDER, with_headers

ACME = Party("Acme Inc", is_designated=True)
BETA = Party("Beta Tools GmbH")


def findings(
    *parties: Party, name: str = "Acme", trade_names: tuple[str, ...] = ()
) -> list[Finding]:
    candidate = replace(
        with_headers({"From": f'"{name}" <news@acme.example>'}),
        promoted_parties=parties,
        sender=replace(SENDER, trade_names=trade_names),
    )
    return [f for f in gate.judge(candidate).findings if f.rule == "R26"]


@pytest.mark.parametrize(
    "parties",
    [
        (),
        (ACME,),
        (replace(ACME, is_designated=False),),
        (ACME, BETA),
        (ACME, BETA, Party("Gamma")),
        (ACME, replace(BETA, is_promoted=False)),
        (replace(ACME, is_designated=False), replace(BETA, is_suppression_applied=True)),
        (replace(BETA, is_suppression_applied=True),),
    ],
)
def test_one_sender_for_all_is_lawful(parties: tuple[Party, ...]) -> None:
    assert findings(*parties) == []


@pytest.mark.parametrize(
    ("parties", "name"),
    [
        ((BETA,), "Acme"),
        ((replace(ACME, is_designated=False), BETA), "Acme"),
        ((ACME, replace(BETA, is_designated=True)), "Acme"),
        ((replace(ACME, is_promoted=False), BETA), "Acme"),
        ((replace(ACME, is_designated=False), replace(BETA, is_designated=True)), "Acme"),
        ((ACME, BETA), "Acme & Beta Tools"),
        ((ACME, BETA), "Acme mit Beta Tools"),
        ((ACME, replace(BETA, is_suppression_applied=True), Party("Gamma")), "Acme, Gamma"),
    ],
)
def test_several_advertisers_without_a_designated_sender_are_refused(
    parties: tuple[Party, ...], name: str
) -> None:
    assert {f.severity for f in findings(*parties, name=name)} == {Severity.refuse}


@pytest.mark.parametrize(
    "name",
    ["Acme & Beta", "Beta und Acme", "Acme et Beta", "Acme y Beta", "Acme x Beta", "Acme + Beta"],
)
def test_a_second_name_in_from_is_worth_a_question(name: str) -> None:
    assert {f.severity for f in findings(name=name)} == {Severity.warn}


@pytest.mark.parametrize(
    "name",
    [
        *("Acme & Sons", "Acme und Freunde", "Acme & the Team", "Acme & Oak", "Ana & Ben, Acme"),
        *("Acme", "Acme | Garden letter", "Acme News & Tips", "Ana + the Acme team"),
        "Acme Tipps und Ideen",
    ],
)
def test_a_name_with_an_and_in_it_may_be_one_name(name: str) -> None:
    assert findings(name=name, trade_names=("Acme & Oak",)) == []
