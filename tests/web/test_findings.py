"""Findings beside the text: each with its place, its law and what mends it, within 300 ms."""

import re
from html import unescape
from time import process_time

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience.models import MailingList, Sender
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import Campaign
from mailer.compliance import gate
from mailer.compliance.finding import Finding, Severity
from mailer.delivery.models import Override
from mailer.web import placing
from tests.visitors import post, sign_in
from tests.web.conftest import JSON, LAWFUL, Write, acts, form_of, press

pytestmark = pytest.mark.usefixtures("rosa")
FREE = {"subject": "Free in May", "body": f"All of it is free in May.\n\n{LAWFUL}"}
WHY = "Everything on this evening costs nothing, for everybody."


def live(visitor: FlaskClient, campaign: Campaign, **changes: object) -> str:
    url = f"/campaigns/{campaign.id}/findings"
    return unescape(post(visitor, url, form_of(campaign, **changes)).text)


def test_a_lawful_text_says_what_was_asked_and_what_was_not(
    visitor: FlaskClient, write: Write
) -> None:
    page = live(visitor, write())
    assert "Lawful as far as it can be judged now" in page
    assert re.search(r"\d\d rules were asked", page)
    assert "What was asked (" in page
    assert gate.ASKS["R14"] in page
    assert "Not judged here (" in page
    assert "R41" in page


def test_a_finding_names_its_place_its_law_and_its_mending(
    visitor: FlaskClient, session: Session, write: Write
) -> None:
    campaign = write()
    page = live(visitor, campaign, subject="Re: News in May")
    assert 'data-place="field-subject"' in page
    assert 'data-start="0" data-end="' in page
    assert "The law behind it" in page
    assert gate.ASKS["R06"] in page
    assert "refuses" in page
    assert campaign.subject == "News in May"
    assert acts(session) == []


def test_words_that_were_never_saved_are_judged_for_a_new_campaign(
    visitor: FlaskClient, letters: MailingList
) -> None:
    typed = {"sender_id": letters.sender_id, "body": "Buy now!", "subject": "x"}
    page = unescape(post(visitor, "/campaigns/findings", typed).text)
    assert "This text cannot be sent yet" in page
    assert "Before it can be saved" in page
    assert "Give the campaign a name" in page
    told = post(visitor, "/campaigns/findings", typed, headers=JSON)
    assert told.status_code == 422
    assert told.json is not None
    assert set(told.json) == {"message", "violations", "not_judged"}


def test_without_a_sender_it_says_what_to_choose_first(visitor: FlaskClient) -> None:
    page = post(visitor, "/campaigns/findings", {"body": "x"}).text
    assert "It cannot be judged yet" in page
    assert 'href="#field-sender_id"' in page


@pytest.mark.parametrize("text", ["<script>x</script>", '"><img src=x onerror=y>'])
def test_what_is_typed_never_runs_in_the_findings(
    visitor: FlaskClient, write: Write, text: str
) -> None:
    url = f"/campaigns/{write().id}/findings"
    campaign = write()
    page = post(visitor, url, form_of(campaign, subject=f"Re: {text}", body=text)).text
    assert text not in page


def test_twenty_kilobytes_are_judged_within_three_hundred_milliseconds(
    visitor: FlaskClient, write: Write
) -> None:
    # The server's own time: how many others work on this machine is not its fault.
    paragraph = "The soil is warm when you can sit on it, [she](https://acme.example/g) said.\n\n"
    campaign = write(body=paragraph * (20_000 // len(paragraph)) + LAWFUL)
    live(visitor, campaign)
    spans = []
    for _ in range(5):
        begun = process_time()
        assert "Lawful as far as" in live(visitor, campaign)
        spans.append(process_time() - begun)
    assert min(spans) < 0.3


# Places.

DRAFT = Draft(
    name="x",
    subject="Ends tonight: 50 % off",
    sender_id=1,
    list_ids=(),
    body="Hello 👋,\n\nlook at [our shop](https://evil.example/x)\nand {{ nobody.knows }}.\n\n"
    "{{ legal_footer }}\n",
    text="",
)


def finding(rule: str, evidence: str, part: str | None = None) -> Finding:
    return Finding(rule, "n", "t", Severity.refuse, "c", evidence, "f", part)


@pytest.mark.parametrize(
    ("rule", "evidence", "part", "field", "words"),
    [
        ("R08", "Subject: “ends tonight” in Ends", "Subject", "subject", "Ends tonight"),
        ("R24", "It leads to https://evil.example/x", None, "body", "https://evil.example/x"),
        ("R11", "'nobody' is undefined.", None, "body", "{{ nobody.knows }}"),
        ("R14", "nothing of it is to be seen", "HTML part", "body", "{{ legal_footer }}"),
        ("R09", "It does not speak of “sale”.", "Subject", "subject", DRAFT.subject),
    ],
)  # fmt: skip
def test_a_place_is_the_words_that_the_evidence_quotes(
    rule: str, evidence: str, part: str | None, field: str, words: str
) -> None:
    place = placing.places(finding(rule, evidence, part), DRAFT)[0]
    assert (place["field"], place["words"]) == (f"field-{field}", words)
    source = getattr(DRAFT, field).encode("utf-16-le")
    start, end = int(str(place["start"])), int(str(place["end"]))
    assert source[2 * start : 2 * end].decode("utf-16-le") == words


def test_a_place_may_be_a_fact_or_a_setting() -> None:
    assert {str(p["field"]) for p in placing.places(finding("R08", "x", "Subject"), DRAFT)} == {
        "field-subject",
        "field-offer_ends",
    }
    assert placing.places(finding("R15", "x", "city"), DRAFT)[0]["page"] == "sender"
    assert placing.places(finding("R38", "x", "recipient"), DRAFT)[0]["page"] == "readers"
    assert placing.places(finding("R25", "x", "kind"), DRAFT)[0]["field"] == "field-kind_reason"
    assert placing.places(finding("R99", "x"), DRAFT) == []


# Warnings before a start.


def test_the_page_that_sends_shows_the_verdict_first(visitor: FlaskClient, write: Write) -> None:
    good = visitor.get(f"/campaigns/{write().id}/start").text
    assert "Lawful as far as it can be judged now" in good
    bad = visitor.get(f"/campaigns/{write(body='Buy now!').id}/start").text
    assert "cannot be sent yet" in bad
    assert "Mail 1 reader" not in bad


def test_a_warning_is_accepted_with_a_reason_and_one_press(
    visitor: FlaskClient, session: Session, write: Write
) -> None:
    campaign = write(**FREE)
    page = visitor.get(f"/campaigns/{campaign.id}/start").text
    (name,) = set(re.findall(r'name="(accept-[0-9a-f]{64})"', page))
    assert "Why is this right here?" in page
    refused = press(visitor, campaign, "start", **{name: "ok"})
    assert refused.status_code == 409
    assert "ten letters or more" in refused.text
    assert press(visitor, campaign, "start", **{name: WHY}).status_code == 302
    assert session.query(Override).one().actor == "bob@example.com"
    assert acts(session) == ["campaign.accept", "campaign.start"]


def test_two_warnings_of_one_rule_are_two_questions_of_one_rule(
    visitor: FlaskClient, write: Write
) -> None:
    body = "Ropes: 20 % off until Sunday.\n\n{{ legal_footer }}"
    campaign = write(subject="Ropes: 20 % off until Sunday", body=body)
    page = visitor.get(f"/campaigns/{campaign.id}/start").text
    assert len(set(re.findall(r'name="(accept-[0-9a-f]{64})"', page))) == 2
    assert "No rule refuses it, but one warns." in page


def test_a_schedule_with_a_warning_asks_and_keeps_the_time(
    visitor: FlaskClient, session: Session, write: Write
) -> None:
    campaign = write(**FREE)
    when = {"at": "2099-07-01T09:30", "zone": "Europe/Berlin"}
    campaign.sender.attested_on = campaign.created_at.date()
    asked = press(visitor, campaign, "schedule", **when)
    assert asked.status_code == 409
    assert 'name="at" value="2099-07-01T09:30"' in asked.text
    (name,) = set(re.findall(r'name="(accept-[0-9a-f]{64})"', asked.text))
    assert press(visitor, campaign, "schedule", **when, **{name: WHY}).status_code == 302
    assert WHY in visitor.get(f"/campaigns/{campaign.id}").text
    assert session.query(Override).count() == 1


def test_a_program_accepts_a_warning_by_its_rule(visitor: FlaskClient, write: Write) -> None:
    campaign = write(**FREE)
    url = f"/campaigns/{campaign.id}/start"
    told = post(visitor, url, headers=JSON)
    assert told.status_code == 409
    assert told.json is not None
    assert [one["rule"] for one in told.json["violations"]] == ["R08"]
    assert "not_judged" in told.json
    assert post(visitor, url, {"accept-R08": WHY}, headers=JSON).status_code == 200


# Facts and packs.


def test_facts_are_kept_and_a_wrong_one_says_so_beside_its_field(
    visitor: FlaskClient, write: Write
) -> None:
    campaign = write()
    url = f"/campaigns/{campaign.id}/edit"
    facts = {
        "offer_ends": "2026-07-01T00:00",
        "offer_zone": "Europe/Berlin",
        "offer_claims": "50 % off: all garden tools\n9.90 EUR: the spring packet",
        "synonyms": "moonflower = Ipomoea alba",
        "kind": "editorial",
        "kind_reason": "The letter that they subscribed to.",
        "is_others_only": "yes",
    }
    assert post(visitor, url, form_of(campaign, **facts)).status_code == 302
    assert campaign.offer_ends_at is not None
    assert campaign.offer_ends_at.isoformat() == "2026-06-30T22:00:00+00:00"
    assert not campaign.is_own_promoted
    page = visitor.get(url).text
    assert 'value="2026-07-01T00:00"' in page
    assert '<option value="Europe/Berlin" selected>' in page
    for name, value, words in (
        ("offer_ends", "soon", "Give a day and a time"),
        ("offer_claims", "cheap: everything", "names no percentage and no price"),
        ("synonyms", "moonflower", "is no pair"),
        ("dealing_field", "order number", "A name of letters"),
        ("offer_starts", "2026-07-02T00:00", "would end before it begins"),
    ):
        answer = post(visitor, url, form_of(campaign, **{**facts, name: value}))
        assert answer.status_code == 422
        assert words in unescape(answer.text)
        assert unescape(answer.text).count('class="fold" open') >= 1


def test_packs_are_switched_and_written_down(
    visitor: FlaskClient, session: Session, adams_sender: Sender
) -> None:
    page = visitor.get(f"/senders/{adams_sender.id}/edit").text
    assert 'id="pack-promises" name="packs" value="promises" checked disabled' in page
    form = {
        name: getattr(adams_sender, name)
        for name in (
            "legal_name", "from_name", "from_address", "reply_to", "address_lines", "city",
            "region", "postcode", "country", "address_kind", "ad_label",
        )
    }  # fmt: skip
    url = f"/senders/{adams_sender.id}/edit"
    post(visitor, url, {**form, "packs": ["promises", "can_spam", "nonsense"]})
    assert adams_sender.packs == "promises can_spam"
    assert "senders.packs" in acts(session)
    assert 'id="pack-casl" name="packs" value="casl" aria' in visitor.get(url).text
    post(visitor, url, {**form, "packs": "can_spam"})
    assert acts(session).count("senders.packs") == 1


@pytest.fixture
def adams_sender(visitor: FlaskClient, sender: Sender, adam: User) -> Sender:
    sign_in(visitor, adam)
    return sender
