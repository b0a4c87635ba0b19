"""R13, R14, R16, R17: label, address and way out, in both parts and in the right place."""

from dataclasses import replace
from datetime import date

import pytest

from mailer.compliance import gate
from mailer.compliance.candidate import AddressKind, Candidate, Kind, PostalAddress, SenderRecord
from tests.compliance.letters import (
    BODY,
    FOOTER,
    LABEL,
    LAWFUL,
    LINK,
    PAID,
    PLACE,
    SENDER,
    TEXT,
    URL,
    head,
    letter,
    with_html,
    with_text,
)

PROMO = "<p>New shears cut everything<p>Beans at half the price now<p>Order today, pay in spring"
LONG = "<p>" + "Water the beans in the morning and mulch the beds.\n" * 60 + "</p>"


def rules(candidate: Candidate) -> set[str]:
    refusals = gate.judge(candidate).refusals
    assert not [f for f in refusals if "could not judge" in f.evidence]
    return {f.rule for f in refusals}


def test_a_lawful_message_has_no_findings() -> None:
    assert gate.judge(LAWFUL).findings == ()


@pytest.mark.parametrize(
    "place",
    [
        "Acme Inc<br>12 Oak Street<br>Springfield, IL 62701<br>USA",
        "ACME INC · 12 OAK ST. · SPRINGFIELD IL 62701",
        "acme, inc., 12&nbsp;Oak&nbsp;St, Springfield, Illinois, 62701",
        "© 2026 Acme Inc. All rights reserved. 12 Oak Street, 62701 Springfield IL",
        "<b>Acme</b> Inc, 1<b>2</b> O<i>a</i>k Street, Spring&shy;field, IL 62701",
        "<table><tr><td>Acme Inc<tr><td>12 Oak Street<td>Springfield<td>IL<td>62701</table>",
        "\uff21cme Inc, 12 Oak Street, Springfield, IL \uff16\uff12\uff17\uff10\uff11",
        "Acme Inc, 12 Oak\u200b Street, Springfield, IL 62701",
    ],
)
def test_an_address_may_be_set_in_many_ways(place: str) -> None:
    assert rules(with_html(BODY + FOOTER.replace(PLACE, place))) == set()


@pytest.mark.parametrize(
    "place",
    [
        "Acme Inc, 12 Oak Street, Springfield",
        "Acme Inc, Springfield, IL 62701",
        "Acme Inc, 112 Oak Street, Springfield, IL 62701",
        "Acme Inc, 12 Oak Street, Springfield, IL 627011",
        "Acme Inc, 12 Oak Avenue, Springfield, IL 62701",
        f"Acme Inc {'and its friends ' * 20} 12 Oak Street, Springfield, IL 62701",
        "See <a href='https://acme.example/imprint'>our website</a> for the address",
        "<img src='https://acme.example/a.png' alt='Acme Inc, 12 Oak Street, Springfield, IL'>",
        "{{ postal_address }}",
        "",
    ],
)
def test_an_address_that_is_not_all_there_is_refused(place: str) -> None:
    assert "R14" in rules(with_html(BODY + FOOTER.replace(PLACE, place)))
    assert "R14" in rules(with_text(TEXT.replace(PLACE, place)))


def test_a_text_full_of_half_addresses_is_judged_quickly() -> None:
    html = "<p>" + "Acme Inc, 12 Oak Street\n" * 3000 + "</p>" + FOOTER
    assert rules(with_html(html)) == set()


def test_an_address_without_the_name_of_the_sender_is_refused() -> None:
    sender = replace(SENDER, ad_labels=("Promo",))
    html = BODY + FOOTER.replace(LABEL, "Promo").replace("Acme Inc, ", "")
    text = TEXT.replace(LABEL, "Promo")
    verdict = gate.judge(replace(LAWFUL, sender=sender, raw=letter(html, text)))
    assert [(f.rule, f.part) for f in verdict.refusals] == [("R14", "HTML part")]


def place(line: str, city: str, region: str, postcode: str, country: str) -> PostalAddress:
    when = date(2026, 5, 4)
    return PostalAddress(
        (line,), city, region, postcode, country, AddressKind.street, "alice", when
    )


@pytest.mark.parametrize(
    ("address", "printed"),
    [
        (place("Hauptstraße 5", "Berlin", "", "10115", "DE"), "Hauptstr. 5<br>10115 Berlin"),
        (place("1 Elm St", "London", "", "SW1A 2AA", "GB"), "1 Elm Street, London SW1A2AA"),
        (place("千代田1-1", "", "東京都", "100-0001", "JP"), "千代田1-1, 東京都 100-0001"),
        (place("Nieuwe Straat 8", "Gent", "", "9000", "BE"), "Nieuwe Straat 8, 9000 Gent"),
        (place("1 rue X", "Montréal", "QC", "H2Y 1C6", "CA"), "1 RUE X, MONTREAL QUEBEC H2Y 1C6"),
        (place("Sol 1", "Madrid", "Madrid", "28012", "ES"), "Sol 1, 28012 Madrid, Madrid"),
    ],
)  # fmt: skip
def test_addresses_of_other_countries_are_found(address: PostalAddress, printed: str) -> None:
    sender = SenderRecord("Acme & Co", "news@acme.example", "", address, ("Promo",))
    block = f"Promo<br>Acme and Co, {printed}<br>"
    html = f"{BODY}<p>{block}{LINK}</p>"
    text = block.replace("<br>", "\n") + f"Unsubscribe: {URL}"
    assert rules(replace(LAWFUL, sender=sender, raw=letter(html, text))) == set()


def test_a_country_that_begins_with_the_large_may_print_so() -> None:
    address = place("千代田1-1", "", "東京都", "100-0001", "JP")
    sender = replace(SENDER, address=address)
    html = FOOTER.replace(PLACE, "〒100-0001 東京都 千代田1-1 Acme Inc")
    text = TEXT.replace(PLACE, "〒100-0001 東京都 千代田1-1 Acme Inc")
    assert rules(replace(LAWFUL, sender=sender, raw=letter(BODY + html, text))) == set()


def test_the_block_that_we_print_is_the_block_that_we_find() -> None:
    lines = SENDER.block()
    html = FOOTER.replace(PLACE, "<br>".join(lines))
    assert rules(with_html(BODY + html)) == set()


@pytest.mark.parametrize(
    "label",
    ["Anzeige / Werbung von Acme Inc", "ADVERTISEMENT FROM ACME INC.", "Publicité de Acme Inc"],
)
def test_the_label_may_be_in_another_language(label: str) -> None:
    assert rules(with_html(BODY + FOOTER.replace(LABEL, label))) == set()


@pytest.mark.parametrize(
    "label",
    [
        "",
        "Advertisement",
        "We write about Advertisement from Acme Inc",
        "Advertisement from Acme Inc is what this is not",
        f"<img src='https://x.example/l.png' alt='{LABEL}'>",
        f"<a href='https://x.example/{LABEL}'>x</a>",
        f"<!-- {LABEL} -->",
        f"<span style='display:none'>{LABEL}</span>",
        f"<span style='color:#fefefe'>{LABEL}</span>",
    ],
)
def test_a_label_that_is_not_seen_as_one_is_refused(label: str) -> None:
    assert rules(with_html(BODY + FOOTER.replace(LABEL, label))) == {"R13"}


def test_a_label_in_one_part_only_is_refused() -> None:
    assert rules(with_text(TEXT.replace(LABEL, ""))) == {"R13"}


def test_a_label_in_the_middle_of_a_long_message_is_refused() -> None:
    middle = FOOTER.replace(LABEL + "<br>", "")
    assert rules(with_html(f"{LONG}<p>{LABEL}</p>{LONG}{middle}")) == {"R13"}
    assert rules(with_html(f"<p>{LABEL}</p>{LONG}{LONG}{middle}")) == set()


def test_a_label_that_filters_punish_is_a_warning() -> None:
    label = "This is an advertisement"
    raw = letter(BODY + FOOTER.replace(LABEL, label), TEXT.replace(LABEL, label))
    sender = replace(SENDER, ad_labels=(label,))
    verdict = gate.judge(replace(LAWFUL, raw=raw, sender=sender))
    assert [f.rule for f in verdict.warnings] == ["R13"]
    assert verdict.is_lawful


def test_an_editorial_message_needs_no_label_and_a_receipt_only_the_address() -> None:
    bare = replace(LAWFUL, raw=letter("<p>Hello</p>", "Hello"))
    assert rules(bare) == {"R13", "R14", "R16"}
    assert rules(replace(bare, kind=Kind.editorial)) == {"R14", "R16"}
    assert rules(replace(bare, kind=Kind.transactional, dealing=PAID)) == {"R14"}


@pytest.mark.parametrize(
    "link",
    [
        f'Tired of us? <a href="{URL}">Opt out</a>',
        f'To unsubscribe, <a href="{URL}">click here</a>.',
        f'<a href="{URL}">Hier</a> können Sie sich abmelden.',
        f'<a href="{URL}">Se d&eacute;sabonner</a>',
        f'<a href=" {URL} ">Darse de baja</a>',
        f'<a href="{URL}">配信停止</a>',
        f'<a href="{URL}"><b>Un</b>subscribe</a>',
        f'<table><tr><td>Unsubscribe</td><td><a href="{URL}">here</a></td></tr></table>',
    ],
)
def test_a_link_that_says_what_it_does_passes(link: str) -> None:
    assert rules(with_html(BODY + FOOTER.replace(LINK, link))) == set()


@pytest.mark.parametrize(
    "link",
    [
        "",
        "Unsubscribe",
        f'<a href="{URL}">Manage preferences</a>',
        f'<a href="{URL}">Shop now</a><p>Unsubscribe</p>',
        f'Unsubscribe <a href="{URL}"></a>',
        f'Unsubscribe <a href="{URL}"> &nbsp; </a>',
        '<a href="https://news.acme.example/">Unsubscribe</a>',
        '<a href="https://news.acme.example/u/another">Unsubscribe</a>',
        '<a href="mailto:unsub@acme.example">Unsubscribe</a>',
        f'<a href="{URL}" style="font-size:8px">Unsubscribe</a>',
        f'<a href="{URL}" style="display:none">Unsubscribe</a>',
        f'<a name="x">Unsubscribe</a> {URL}',
    ],
)
def test_a_link_that_does_not_serve_is_refused(link: str) -> None:
    assert rules(with_html(BODY + FOOTER.replace(LINK, link))) == {"R16"}


@pytest.mark.parametrize(
    "line",
    [f"Unsubscribe: <{URL}>", f"Unsubscribe ({URL}).", f"To opt out, visit\n{URL}"],
)
def test_a_bare_link_in_the_text_part_passes(line: str) -> None:
    assert rules(with_text(TEXT.replace(f"Unsubscribe: {URL}", line))) == set()


@pytest.mark.parametrize(
    "line", ["", f"Visit {URL}", f"Unsubscribe: {URL}2", f"Unsubscribe: {URL}/x", "Unsubscribe"]
)
def test_a_text_part_without_the_link_is_refused(line: str) -> None:
    assert rules(with_text(TEXT.replace(f"Unsubscribe: {URL}", line))) == {"R16"}


def test_a_message_in_html_needs_a_text_part() -> None:
    for raw in (letter(text=None), head() + b"Content-Type: text/html\r\n\r\n" + FOOTER.encode()):
        assert rules(replace(LAWFUL, raw=raw)) == {"R13", "R14", "R16"}


def test_a_message_in_text_only_is_lawful() -> None:
    raw = head() + b"Content-Type: text/plain\r\n\r\n" + TEXT.encode()
    assert rules(replace(LAWFUL, raw=raw)) == set()


def test_each_of_several_html_parts_must_carry_the_footer() -> None:
    second = b"--b\r\nContent-Type: text/html\r\n\r\n<p>More</p>\r\n--b--"
    raw = letter().replace(b"--b--", second)
    findings = gate.judge(replace(LAWFUL, raw=raw)).refusals
    assert {f.part for f in findings} == {"HTML part 2 of 2"}


def test_attachments_are_not_the_message() -> None:
    attached = (
        b"--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment\r\n\r\n<p>x</p>\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n"
        b"Subject: x\r\n\r\ny\r\n--b--"
    )
    raw = letter().replace(b"--b--", attached)
    assert rules(replace(LAWFUL, raw=raw)) == set()


@pytest.mark.parametrize(
    "html",
    [
        f"{FOOTER}{LONG}",
        f"{FOOTER}{LONG}<p>{LABEL}, {PLACE}</p>",
        f"{BODY}{FOOTER}{PROMO}",
        f"{BODY}{FOOTER}<p>Buy our new phone now: our experts help you with it on all days.</p>",
    ],
)
def test_a_link_that_is_not_at_the_bottom_is_refused(html: str) -> None:
    assert "R17" in rules(with_html(html))


def test_a_text_link_that_is_not_at_the_bottom_is_refused() -> None:
    promo = PROMO.replace("<p>", "\n")
    assert rules(with_text(TEXT + promo)) == {"R17"}


@pytest.mark.parametrize(
    "after",
    [
        f"<p>{PLACE}</p><p>© 2026 Acme Inc</p>",
        "<p>You are receiving this because you signed up on our website some time ago.</p>",
        "<p><a href='https://x.example'>Facebook</a> · <a href='https://y.example'>Privacy</a></p>",
        "<p>With love from the garden</p>",
        "<p>Write to hello@acme.example or call 030 123456 from Monday to Friday.</p>",
        "<p>Ricevi questa email perché ti sei iscritto alla nostra newsletter sul sito.</p>",
        "<p>Je ontvangt deze e-mail omdat je je hebt aangemeld voor onze nieuwsbrief.</p>",
        "<p>Você está recebendo este e-mail porque se inscreveu em nossa lista de novidades.</p>",
        "<p>Otrzymujesz tę wiadomość, ponieważ zapisałeś się do naszego newslettera.</p>",
        "<p>このメールは、ニュースレターにご登録いただいた方にお送りしています。</p>",
        f"<p><a href='{URL}'>Unsubscribe</a> from all mail of this sender at any time.</p>",
    ],
)
def test_footer_material_may_follow_the_link(after: str) -> None:
    assert rules(with_html(BODY + FOOTER + after)) == set()


@pytest.mark.parametrize(
    "gap",
    [
        "<br>" * 45,
        "<div style='height:1600px'></div>",
        "<table><tr><td height='1600'>&nbsp;</td></tr></table>",
        "<p style='margin-top:1000px'></p>",
    ],
)
def test_a_link_far_below_everything_else_is_a_warning(gap: str) -> None:
    verdict = gate.judge(with_html(f"{BODY}<p>{LABEL}<br>{PLACE}</p>{gap}<p>{LINK}</p>"))
    assert [f.rule for f in verdict.findings] == ["R17"]
    assert verdict.is_lawful


def test_many_blank_lines_before_the_text_link_are_a_warning() -> None:
    verdict = gate.judge(with_text(TEXT.replace("Unsubscribe", "\n" * 45 + "Unsubscribe")))
    assert [f.rule for f in verdict.warnings] == ["R17"]


def test_a_tall_picture_is_no_blank_space() -> None:
    html = f"{BODY}<img height='1600' alt='x' src='https://x.example/i.png'>{FOOTER}"
    assert gate.judge(with_html(html)).findings == ()


def test_a_reader_who_has_left_is_refused() -> None:
    gone = replace(LAWFUL, standing="unsubscribed on 2026-11-01")
    findings = gate.judge(gone).refusals
    assert [f.rule for f in findings] == ["R28"]
    assert "unsubscribed on 2026-11-01" in findings[0].evidence
    assert rules(replace(gone, kind=Kind.transactional, dealing=PAID)) == {"R28"}
