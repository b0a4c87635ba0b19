"""R35, R38 and R21: telephones, duties and Canada."""

from dataclasses import replace
from typing import Any

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import Candidate, Kind
from mailer.compliance.finding import Severity
from mailer.compliance.inputs import Party, Recipient
from tests.compliance.letters import (
    ASK,
    BODY,
    FOOTER,
    LAWFUL,
    PAID,
    SENDER,
    TEXT,
    URL,
    letter,
    with_headers,
)


def to(address: str, **changes: object) -> Candidate:
    return replace(with_headers({"To": address}), **changes)  # type: ignore[arg-type]


def severities(candidate: Candidate, rule: str) -> set[Severity]:
    return {f.severity for f in gate.judge(candidate).findings if f.rule == rule}


@pytest.mark.parametrize(
    "address",
    [
        "5551234567@vtext.com",
        "<5551234567@VTEXT.com.>",
        "5551234567@sub.sms.vtext.com",
        '"rosa@gmail.com" <5551234567@txt.att.net>',
        "5551234567@messaging.sprintpcs.com",
        "rosa@gmail.com, 5551234567@tmomail.net",
        "5551234567@mms.new-carrier.example",
    ],
)
def test_advertising_to_a_telephone_is_refused(address: str) -> None:
    candidate = to(address, wireless_domains=("new-carrier.example",))
    assert severities(candidate, "R35") == {Severity.refuse}
    assert severities(replace(candidate, kind=Kind.editorial), "R35") == {Severity.refuse}
    allowed = replace(candidate, recipient=Recipient(allows_wireless=True))
    assert severities(allowed, "R35") == set()


@pytest.mark.parametrize(
    "address",
    [
        "rosa@gmail.com",
        "rosa@att.net",
        "rosa@sprint.com",
        "rosa@notvtext.com",
        '"5551234567@vtext.com" <rosa@reader.example>',
        "vtext.com@reader.example",
        "",
        "rosa",
    ],
)
def test_mailboxes_on_computers_are_kept(address: str) -> None:
    assert severities(to(address), "R35") == set()


def test_a_telephone_may_get_a_receipt_without_any_advertising() -> None:
    receipt = to("5551234567@vtext.com", kind=Kind.transactional, dealing=PAID)
    assert severities(receipt, "R35") == set()
    banner = '<img alt="20 % off everything" src="https://acme.example/b.png">'
    for raw in (
        letter(BODY + "<p>Shop now and get 20 % off.</p>" + FOOTER),
        letter(BODY + banner + FOOTER),
        letter(headers={"Subject": "Summer sale"}),
    ):
        assert severities(replace(receipt, raw=raw, recipient=to_phone()), "R35") == {
            Severity.refuse
        }


def to_phone() -> Recipient:
    return Recipient("5551234567@vtext.com")


@pytest.mark.parametrize(
    "address",
    [
        "abuse@isp.example",
        "Postmaster@isp.example",
        "abuse+acme@isp.example",
        '"noc"@isp.example',
        "security@isp.example",
        "spam@isp.example",
        "gardeners-request@lists.example",
        "owner-gardeners@lists.example",
        "no-reply@isp.example",
        "no.reply@isp.example",
        "Do_Not_Reply@isp.example",
        "bounces-77@isp.example",
        "john-owner@isp.example",
        "x7@mailinator.com",
        "x7@eu.yopmail.com",
    ],
)
def test_duties_robots_and_throw_aways_are_worth_a_warning(address: str) -> None:
    assert severities(to(address), "R38") == {Severity.warn}
    assert severities(to(address, recipient=Recipient(is_confirmed=True)), "R38") == {Severity.warn}


@pytest.mark.parametrize("local", ["info", "Kontakt", "büro", "ventas", "accueil", "office+x"])
def test_a_shared_mailbox_is_doubted_only_if_nobody_confirmed_it(local: str) -> None:
    known = {None: set(), True: set(), False: {Severity.warn}}
    for confirmed, expected in known.items():
        recipient = Recipient(f"{local}@firm.example", is_confirmed=confirmed)
        assert severities(to("x@y.example", recipient=recipient), "R38") == expected


@pytest.mark.parametrize("local", ["rosa", "abuse.smith", "nock", "spamela", "r.quest", "informa"])
def test_people_with_odd_names_are_kept(local: str) -> None:
    recipient = Recipient(f"{local}@firm.example", is_confirmed=False)
    assert severities(to("x@y.example", recipient=recipient), "R38") == set()


def asking(line: str | None, text: str | None = None, **changes: Any) -> Candidate:  # noqa: ANN401
    """The lawful message with another way to reach the sender, in HTML and text."""
    html = BODY.replace(ASK, line or "") + FOOTER
    raw = letter(html, TEXT.replace(ASK, line or "" if text is None else text))
    return replace(LAWFUL, raw=raw, **changes)


CANADIANS: list[dict[str, Any]] = [
    {"recipient": Recipient(country="ca")},
    {"recipient": Recipient("rosa@jardin.ca")},
    {"recipient": Recipient("rosa@jardin.qc.CA.")},
    {"audience_countries": frozenset({"US", "CA"})},
]


@pytest.mark.parametrize("known", CANADIANS)
def test_canadians_must_be_told_how_to_reach_the_sender(known: dict[str, Any]) -> None:
    assert severities(asking(None, **known), "R21") == {Severity.refuse}
    assert severities(asking("Fragen? hello@acme.example", **known), "R21") == set()


def test_where_nobody_knows_the_countries_it_is_a_warning_and_elsewhere_nothing() -> None:
    assert severities(asking(None), "R21") == {Severity.warn}
    assert severities(asking(None, audience_countries=frozenset({"US"})), "R21") == set()
    assert severities(asking(None, recipient=Recipient(country="US")), "R21") == set()
    assert severities(asking(None, kind=Kind.transactional, dealing=PAID), "R21") == set()


@pytest.mark.parametrize(
    "line",
    [
        "Write to hello@acme.example.",
        "www.acme.example",
        "https://acme.example/kontakt",
        "Téléphone : +1 (217) 555-0143",
        "Visit acme-garden.example",
    ],
)
def test_a_telephone_number_an_email_or_a_web_address_will_do(line: str) -> None:
    record = replace(SENDER, phone="+1 217 555 0143", website="https://www.acme-garden.example/")
    assert severities(asking(line, sender=record), "R21") == set()
    bare = replace(record, website="acme-garden.example")
    assert severities(asking(line, sender=bare), "R21") == set()


@pytest.mark.parametrize(
    "href", ["https://acme.example/help", "mailto:hello@acme.example?subject=x", "tel:+12175550143"]
)
def test_a_link_will_do_in_html(href: str) -> None:
    assert severities(asking(f'<a href="{href}">Help</a>', "acme.example"), "R21") == set()


@pytest.mark.parametrize(
    "line",
    [
        "Ask us anything!",
        "hello@other.example",
        "www.other.example",
        "hello@acme.example.evil.example",
        "Order 2175550143",
        f'<a href="{URL}">Leave</a>',
        '<a href="https://other.example">Help</a>',
        '<a href="mailto:x@other.example">Help</a>',
        '<a href="tel:">Help</a>',
        '<a href="https://acme.example"></a>',
        '<span style="display:none">hello@acme.example</span>',
        "<!-- hello@acme.example -->",
    ],
)
def test_what_does_not_reach_the_sender_does_not_do(line: str) -> None:
    assert severities(asking(line, ""), "R21") == {Severity.warn}


def test_the_agency_and_its_client_are_both_named() -> None:
    client = Party("Beta Tools GmbH", is_suppression_applied=True)
    known: dict[str, Any] = {"promoted_parties": (client,), **CANADIANS[0]}
    assert severities(asking(ASK, **known), "R21") == {Severity.refuse}
    assert severities(asking(f"{ASK} Sent for Beta Tools.", **known), "R21") == set()
