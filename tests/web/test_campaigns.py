"""Campaigns on the screen: what the gate refuses, who may do what, and nothing that runs."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts.models import User
from mailer.audience.models import MailingList
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery.models import Delivery
from tests.conftest import MakeReader
from tests.visitors import post, sign_in
from tests.web.conftest import JSON, LAWFUL, Write, acts, form_of, press

# What the gate refuses.


@pytest.mark.parametrize("verb", ["start", "test", "schedule", "resume"])
@pytest.mark.usefixtures("rosa")
def test_whatever_sends_crosses_the_gate_and_says_why_not(
    visitor: FlaskClient, session: Session, write: Write, verb: str
) -> None:
    campaign = write(body="Buy now!")
    if verb == "resume":
        campaign.status = CampaignStatus.paused
    fields = {"address": "bob@example.com", "at": "2099-01-01T09:00", "zone": "UTC"}
    answer = press(visitor, campaign, verb, **fields)
    assert answer.status_code == 422
    assert "The gate refuses this campaign." in answer.text
    assert "R16 unsubscribe-present" in answer.text
    assert "The law behind it" in answer.text
    assert session.query(Delivery).count() == 0
    assert acts(session) == []


@pytest.mark.usefixtures("rosa")
def test_a_program_is_told_the_violations(visitor: FlaskClient, write: Write) -> None:
    campaign = write(body="Buy now!")
    answer = post(visitor, f"/campaigns/{campaign.id}/start", headers=JSON)
    assert answer.status_code == 422
    assert answer.json is not None
    assert set(answer.json) == {"message", "violations", "not_judged"}
    violation = next(one for one in answer.json["violations"] if one["rule"] == "R16")
    assert violation["severity"] == "refuse"
    assert all(violation[part] for part in ("citation", "evidence", "fix"))


@pytest.mark.parametrize(("body", "status"), [(LAWFUL, 200), ("Buy now!", 422)])
def test_a_check_answers_a_program_with_its_verdict(
    visitor: FlaskClient, write: Write, body: str, status: int
) -> None:
    answer = post(visitor, f"/campaigns/{write(body=body).id}/check", headers=JSON)
    assert answer.status_code == status
    assert answer.json is not None
    assert ("R16" in {one["rule"] for one in answer.json["violations"]}) is (status == 422)


def test_a_check_judges_what_stands_in_the_form_and_saves_nothing(
    visitor: FlaskClient, session: Session, write: Write, letters: MailingList
) -> None:
    campaign = write()
    fields = {
        "name": "x",
        "subject": "Re: hello",
        "body": "Buy",
        "sender_id": letters.sender_id,
        "list_ids": letters.id,
    }
    for url in (f"/campaigns/{campaign.id}/check", "/campaigns/check"):
        answer = post(visitor, url, fields, headers={"HX-Request": "true"})
        assert answer.text.lstrip().startswith('<div id="gate-live"')
        assert "R06 subject-fake-reply" in answer.text
    assert campaign.subject == "News in May"
    assert session.query(Campaign).count() == 1


def test_a_check_of_what_cannot_be_kept_says_what_to_change(
    visitor: FlaskClient, write: Write, letters: MailingList
) -> None:
    campaign = write()
    fields = {"name": "x", "body": "x\0", "sender_id": letters.sender_id}
    url = f"/campaigns/{campaign.id}/check"
    answer = post(visitor, url, fields, headers=JSON)
    assert (answer.status_code, answer.json) == (
        422,
        {
            "message": "This holds an invisible character (NUL).",
            "violations": [],
            "not_judged": [],
        },
    )
    assert "invisible character" in post(visitor, url, fields, headers={"HX-Request": "1"}).text


def test_a_campaign_without_audience_is_not_sent_and_says_who_is_missing(
    visitor: FlaskClient, write: Write, make_reader: MakeReader
) -> None:
    make_reader("rosa", SubscriptionStatus.unconfirmed)
    make_reader("ines", SubscriptionStatus.unsubscribed)
    campaign = write()
    assert "Nobody would be mailed" in visitor.get(f"/campaigns/{campaign.id}/start").text
    answer = press(visitor, campaign, "start")
    assert answer.status_code == 422
    assert "1 unconfirmed" in answer.text
    assert "1 unsubscribed" in answer.text
    assert campaign.status is CampaignStatus.draft


@pytest.mark.parametrize(
    "body",
    [
        "{% for i in (1..100000000) %}x{% endfor %}",
        "{% for i in (1..9999) %}{% for j in (1..9999) %}x{% endfor %}{% endfor %}",
        "{% for",
        "{{ nobody.knows }}",
        '{{ "nan" | floor }}',
        "xqliquid7qx",
        "{% if true %}" * 3000,
        "> " * 3000,
        "<div>" * 3000,
    ],
)
@pytest.mark.usefixtures("rosa")
def test_a_template_that_loops_or_breaks_is_refused_never_a_failure(
    visitor: FlaskClient, write: Write, body: str
) -> None:
    campaign = write(body=body)
    for page in ("", "/edit"):
        answer = visitor.get(f"/campaigns/{campaign.id}{page}")
        assert answer.status_code == 200
        assert "cannot be sent yet" in answer.text
    assert visitor.get(f"/campaigns/{campaign.id}/preview").status_code in {200, 422}
    assert press(visitor, campaign, "start").status_code == 422


CORPUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)//<iframe>",
]


@pytest.mark.parametrize("text", CORPUS)
@pytest.mark.usefixtures("rosa")
def test_what_is_typed_never_runs_on_a_page(visitor: FlaskClient, write: Write, text: str) -> None:
    campaign = write(name=text, subject=text, body=text, text=text)
    pages = ["/", "/drafts", "/campaigns/", "/campaigns/new"]
    pages += [f"/campaigns/{campaign.id}{page}" for page in ("", "/edit", "/start", "/report")]
    seen = [visitor.get(page).text for page in pages]
    seen.append(post(visitor, f"/campaigns/{campaign.id}/edit", form_of(campaign, revision=9)).text)
    seen.append(press(visitor, campaign, "pause").text)
    for page in seen:
        assert text not in page
    assert "&lt;" in seen[2] or "&#39;" in seen[2]


# Who, and what is not there.


@pytest.mark.usefixtures("rosa")
def test_a_viewer_reads_and_changes_nothing(client: FlaskClient, vera: User, write: Write) -> None:
    sign_in(client, vera)
    campaign = write()
    page = client.get(f"/campaigns/{campaign.id}")
    assert page.status_code == 200
    assert "Send now" not in page.text
    for verb in ("start", "schedule", "pause", "cancel", "test", "duplicate", "edit"):
        assert press(client, campaign, verb).status_code == 403
    assert campaign.status is CampaignStatus.draft


@pytest.mark.parametrize("number", ["999", "9" * 19, "9" * 40])
def test_what_is_not_there_is_not_found(visitor: FlaskClient, number: str) -> None:
    for page in ("", "/edit", "/preview", "/start", "/report", "/report/people"):
        assert visitor.get(f"/campaigns/{number}{page}").status_code == 404
    assert post(visitor, f"/campaigns/{number}/start").status_code == 404


def test_campaigns_are_listed_by_state(visitor: FlaskClient, write: Write) -> None:
    write(name="First letter")
    write(name="Second letter").status = CampaignStatus.finished
    page = visitor.get("/campaigns/?status=finished").text
    assert "Second letter" in page
    assert "First letter" not in page
    assert "No campaign is paused" in visitor.get("/campaigns/?status=paused").text
    assert "First letter" in visitor.get("/campaigns/?status=nonsense&page=99").text
