"""The composer: drafts are kept, nothing typed is lost, a preview is a real reader's copy."""

import time
from datetime import datetime
from html import unescape

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns import drafts
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.db import db
from mailer.web.checking import NO_CASE
from tests.conftest import MakeReader
from tests.visitors import TOKEN_FIELD, form_token, look_at, post
from tests.web.conftest import LAWFUL, Write, form_of

# Writing.


def test_a_new_campaign_begins_with_the_footer_and_is_kept(
    visitor: FlaskClient, session: Session, letters: MailingList
) -> None:
    page = visitor.get("/campaigns/new").text
    assert "{{ legal_footer }}" in page
    assert f'value="{letters.id}" checked' in page
    fields = {"name": "June", "sender_id": letters.sender_id, "list_ids": letters.id}
    answer = post(visitor, "/campaigns/new", {**fields, "body": "Hello\r\n\r\n{{ legal_footer }}"})
    campaign = session.query(Campaign).one()
    assert answer.location == f"/campaigns/{campaign.id}/edit"
    assert (campaign.body, campaign.lists) == ("Hello\n\n{{ legal_footer }}", [letters])


def test_a_draft_is_saved_and_its_findings_stand_beside_it(
    visitor: FlaskClient, write: Write
) -> None:
    campaign = write()
    url = f"/campaigns/{campaign.id}/edit"
    assert post(visitor, url, form_of(campaign, subject="Fwd: news")).location == url
    assert campaign.subject == "Fwd: news"
    assert "R06 subject-fake-reply" in visitor.get(url).text


def test_a_stale_form_overwrites_nothing_and_keeps_what_was_typed(
    visitor: FlaskClient, write: Write
) -> None:
    campaign = write()
    url, mine = f"/campaigns/{campaign.id}/edit", form_of(campaign, body="Mine\n")
    post(visitor, url, form_of(campaign, body="Theirs\n"))
    answer = post(visitor, url, mine)
    assert answer.status_code == 409
    assert "Somebody else saved this campaign" in answer.text
    assert "Mine" in answer.text
    assert campaign.body == "Theirs\n"
    post(visitor, url, {**mine, "revision": 2})
    assert campaign.body == "Mine\n"


def test_a_save_that_was_pressed_twice_is_no_quarrel(visitor: FlaskClient, write: Write) -> None:
    campaign = write()
    url, mine = f"/campaigns/{campaign.id}/edit", form_of(campaign, body="Mine\n")
    assert [post(visitor, url, mine).status_code for _ in range(2)] == [302, 302]
    assert campaign.revision == 2


def test_what_was_typed_for_a_campaign_that_left_meanwhile_can_be_saved_as_another(
    visitor: FlaskClient, write: Write
) -> None:
    campaign = write()
    typed = form_of(campaign, body="Too late\n")
    campaign.status = CampaignStatus.running
    answer = post(visitor, f"/campaigns/{campaign.id}/edit", typed)
    assert answer.status_code == 409
    assert "Too late" in answer.text
    assert 'action="/campaigns/new"' in answer.text
    assert visitor.get(f"/campaigns/{campaign.id}/edit").location == f"/campaigns/{campaign.id}"


def test_a_megabyte_of_text_is_refused_and_comes_back(visitor: FlaskClient, write: Write) -> None:
    campaign = write()
    answer = post(
        visitor, f"/campaigns/{campaign.id}/edit", form_of(campaign, body="y" * 1_000_000)
    )
    assert answer.status_code == 422
    assert "This is 1,000,000 characters long; 100,000 fit." in answer.text
    assert "y" * 1_000_000 in answer.text
    assert campaign.body == LAWFUL


@pytest.mark.parametrize("field", ["sender_id", "list_ids", "revision", "kind", "content_type"])
@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 30, "\0", "0"])
def test_a_tampered_field_is_refused_or_harmless(
    visitor: FlaskClient, write: Write, field: str, value: str
) -> None:
    campaign = write()
    typed = form_of(campaign, **{field: value})
    answer = post(visitor, f"/campaigns/{campaign.id}/edit", typed)
    assert answer.status_code in {302, 409, 422}
    assert campaign.sender_id == typed["sender_id"] or field == "sender_id"


def test_lists_of_another_sender_are_refused(
    visitor: FlaskClient, session: Session, write: Write, now: datetime
) -> None:
    campaign = write()
    foreign = MailingList(public_id="foreign", name="Foreign", sender_id=1, created_at=now)
    other = {c.name: getattr(campaign.sender, c.name) for c in campaign.sender.__table__.columns}
    foreign.sender = type(campaign.sender)(**{**other, "id": None, "legal_name": "Other LLC"})
    session.add(foreign)
    session.commit()
    answer = post(visitor, f"/campaigns/{campaign.id}/edit", form_of(campaign, list_ids=foreign.id))
    assert answer.status_code == 422
    assert "Readers gave their consent to another sender" in answer.text


def test_the_footer_is_added_once_and_inside_the_page(visitor: FlaskClient, write: Write) -> None:
    campaign = write()
    url = f"/campaigns/{campaign.id}/edit"
    for body, kept in (
        ("Hello", "Hello\n\n{{ legal_footer }}\n"),
        ("<body><p>Hello</p></body>", "<body><p>Hello</p>\n{{ legal_footer }}\n</body>"),
        (LAWFUL, LAWFUL),
    ):
        answer = post(visitor, url, form_of(campaign, body=body, do="footer"))
        assert kept in unescape(answer.text)
    assert campaign.revision == 1


def test_the_generated_text_part_can_be_taken_over_and_given_back(
    visitor: FlaskClient, write: Write
) -> None:
    campaign = write(body="# Title\n\n[Shop](https://shop.example)" + drafts.FRESH_BODY)
    url = f"/campaigns/{campaign.id}/edit"
    taken = post(visitor, url, form_of(campaign, do="generate")).text
    assert "Shop: https://shop.example" in taken
    assert "Your own text part" in taken
    given = post(visitor, url, form_of(campaign, text="Mine", do="forget")).text
    assert "Your own text part" not in given


# The preview.


def test_a_preview_is_a_real_readers_copy_under_its_own_policy(
    visitor: FlaskClient, session: Session, write: Write, rosa: Subscriber
) -> None:
    campaign = write()
    path = f"/campaigns/{campaign.id}/preview?reader={rosa.id}"
    assert visitor.get(path).text == NO_CASE.format(rosa.id)
    page = visitor.get(f"/campaigns/{campaign.id}").text
    assert ("ro…@example.org" in page, rosa.email in page) == (True, False)
    look_at(visitor, rosa.id)
    assert rosa.email in visitor.get(f"/campaigns/{campaign.id}").text
    answer = visitor.get(path)
    assert "Hello Rosa" in answer.text
    last = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert last is not None
    assert (last.action, last.subject) == ("cases.look", f"subscriber {rosa.id}")
    assert last.reason == "case 1: campaigns.preview"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "img-src data:" in policy
    assert policy.endswith("sandbox")
    nobody = visitor.get(f"/campaigns/{campaign.id}/preview?part=text")
    assert nobody.text.startswith("Hello friend,")
    assert nobody.mimetype == "text/plain"


def test_a_preview_shows_what_is_not_saved_yet(
    visitor: FlaskClient, write: Write, rosa: Subscriber
) -> None:
    campaign = write()
    typed = form_of(campaign, body="Unsaved for {{ subscriber.name }}", reader=rosa.id)
    assert "Rosa" not in post(visitor, "/campaigns/preview", typed).text
    look_at(visitor, rosa.id)
    for url in (f"/campaigns/{campaign.id}/preview", "/campaigns/preview"):
        assert "Unsaved for Rosa" in post(visitor, url, typed).text
    assert campaign.body == LAWFUL


def test_only_people_of_the_audience_are_previewed(
    visitor: FlaskClient, write: Write, make_reader: MakeReader
) -> None:
    gone = make_reader("gone", SubscriptionStatus.unsubscribed, attributes={"secret": "x"})
    campaign = write(body="{{ subscriber.email }}")
    look_at(visitor, gone.id)
    answer = visitor.get(f"/campaigns/{campaign.id}/preview?reader={gone.id}")
    assert answer.status_code == 404
    assert gone.email not in answer.text


@pytest.mark.parametrize("verb", ["check", "preview"])
def test_looking_at_a_draft_waits_for_nobody_who_writes(
    visitor: FlaskClient, session: Session, write: Write, verb: str
) -> None:
    """However long a check thinks, an opt-out must not wait for it, nor it for an opt-out."""
    form = form_of(write())
    url = f"/campaigns/1/{verb}"
    token = {TOKEN_FIELD: form_token(visitor)}
    session.commit()
    with db.engine.begin() as writing:
        writing.execute(sa.update(Campaign).values(name="Held"))
        begun = time.monotonic()
        assert visitor.post(url, data={**form, **token}).status_code == 200
        assert time.monotonic() - begun < 10  # the write lock would be waited for for thirty
