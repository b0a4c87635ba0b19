"""A sender's domain, keys and mailbox on her page: looked up, published, proven."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from mailer import clock, tasks
from mailer.accounts.models import AuditEntry, User
from mailer.audience.models import Sender
from mailer.delivery import reply_probes, rotation, signing
from mailer.delivery.models import SigningKey
from mailer.links import Site
from tests.conftest import ConfigFor
from tests.names import SERVFAIL, Zone, running_zone
from tests.relays import Sink
from tests.visitors import post, sign_in

DOMAIN = "harbor.example.com"


@pytest.fixture
def zone() -> Iterator[Zone]:
    with running_zone() as zone:
        yield zone


@pytest.fixture
def config(sqlite_url: str, config_for: ConfigFor, zone: Zone, smtp_sink: Sink) -> Config:
    """Development with a resolver of its own, so that DNS is looked up all the same."""
    where = f"127.0.0.1:{zone.port}"
    return config_for(sqlite_url, dns_resolver=where, spf="ip4:192.0.2.7", smtp_url=smtp_sink.url)


@pytest.fixture
def adams(client: FlaskClient, adam: User) -> FlaskClient:
    """Adam the admin, signed in."""
    sign_in(client, adam)
    return client


def acts(session: Session) -> list[tuple[str, str, str]]:
    entries = session.query(AuditEntry).order_by(AuditEntry.id)
    return [(entry.actor, entry.action, entry.reason) for entry in entries]


def test_the_page_says_what_is_missing_in_dns_and_what_to_put_there(
    adams: FlaskClient, sender: Sender
) -> None:
    assert "Not looked up yet" in adams.get(f"/senders/{sender.id}").text
    page = post(adams, f"/senders/{sender.id}/look-again", follow_redirects=True).text
    assert "DNS has answered" in page
    assert "There is no DMARC record." in page
    assert "v=DMARC1; p=none; rua=mailto:desk@harbor.example.com" in page
    assert "v=spf1 ip4:192.0.2.7 ~all" in page
    assert "It takes no mail" in page


def test_what_is_in_order_is_said_to_be(adams: FlaskClient, sender: Sender, zone: Zone) -> None:
    zone.text(DOMAIN, "v=spf1 ip4:192.0.2.7 -all")
    zone.text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=reject")
    zone.put(DOMAIN, "A", "192.0.2.1")
    page = post(adams, f"/senders/{sender.id}/look-again", follow_redirects=True).text
    for words in ("It lets the relay send.", "In force: reject.", "It takes mail."):
        assert words in page
    assert "Put into DNS" not in page


def test_a_silent_dns_is_told_and_kept_out_of_the_facts(
    adams: FlaskClient, sender: Sender, zone: Zone
) -> None:
    zone.broken[DOMAIN] = SERVFAIL
    page = post(adams, f"/senders/{sender.id}/look-again", follow_redirects=True).text
    assert "DNS did not answer" in page
    assert "the name servers failed" in page


def test_new_keys_show_their_records_and_sign_at_once_in_development(
    adams: FlaskClient, session: Session, site: Site, sender: Sender
) -> None:
    page = post(adams, f"/senders/{sender.id}/make-keys", follow_redirects=True).text
    keys = session.query(SigningKey).order_by(SigningKey.id).all()
    assert [key.algorithm for key in keys] == ["rsa", "ed25519"]
    assert all(key.selector + f"._domainkey.{DOMAIN}" in page for key in keys)
    assert all(key.public_key in page.replace("&#43;", "+") for key in keys)
    assert len(signing.signers(session, site.keys, sender)) == 2
    assert acts(session) == [("adam@example.com", "signing-key.add", key.selector) for key in keys]
    assert "PRIVATE" not in page


def test_keys_that_wait_begin_to_sign_when_dns_shows_them(
    adams: FlaskClient, session: Session, site: Site, sender: Sender, zone: Zone
) -> None:
    waiting = rotation.prepare(session, site.keys, sender, clock.now())
    session.commit()
    page = post(adams, f"/senders/{sender.id}/make-keys", follow_redirects=True).text
    assert "waiting for DNS already" in page
    for key in waiting:
        zone.text(signing.name(key, DOMAIN), signing.record(key))
    page = post(adams, f"/senders/{sender.id}/look-again", follow_redirects=True).text
    assert page.count("DNS shows this key.") == 2
    assert {act[1] for act in acts(session)} == {"signing-key.activate"}
    assert {act[0] for act in acts(session)} == {"adam@example.com"}


def test_the_mailbox_is_proven_by_the_press_and_not_by_the_look(
    adams: FlaskClient, session: Session, sender: Sender, smtp_sink: Sink, site: Site
) -> None:
    page = post(adams, f"/senders/{sender.id}/prove-mailbox", follow_redirects=True).text
    assert "A letter is on its way to desk@harbor.example.com" in page
    probe = reply_probes.newest(session, sender)
    assert probe is not None
    tasks.probe(probe.id)
    (caught,) = smtp_sink.caught
    assert caught.rcpt_to == ("desk@harbor.example.com",)
    path = site.reply_probe(probe.id, clock.now() + reply_probes.LINK_LIFE)
    path = path.removeprefix(site.public_url)
    assert "Do you read this mailbox?" in adams.get(path).text
    assert "not proven yet" in adams.get(f"/senders/{sender.id}").text
    assert "Thank you" in adams.post(path).text
    assert "Thank you" in adams.post(path).text
    assert "not proven yet" not in adams.get(f"/senders/{sender.id}").text
    assert [act[:2] for act in acts(session)] == [
        ("adam@example.com", "reply-mailbox.ask"),
        ("reply mailbox", "reply-mailbox.answer"),
    ]


def test_a_second_letter_waits(adams: FlaskClient, sender: Sender) -> None:
    post(adams, f"/senders/{sender.id}/prove-mailbox")
    page = post(adams, f"/senders/{sender.id}/prove-mailbox", follow_redirects=True).text
    assert "Give it two minutes" in page


def test_an_old_link_is_void_and_a_forged_one_unknown(
    client: FlaskClient, session: Session, site: Site, sender: Sender
) -> None:
    probe = reply_probes.request(session, sender, clock.now())
    session.commit()
    path = site.reply_probe(probe.id, clock.now() - reply_probes.LINK_LIFE)
    path = path.removeprefix(site.public_url)
    assert client.post(path).status_code == 410
    assert client.post(f"{path}x").status_code == 404
    session.refresh(probe)
    assert probe.answered_at is None


def test_a_marketer_sees_all_of_it_and_presses_nothing(
    client: FlaskClient, bob: User, sender: Sender
) -> None:
    sign_in(client, bob)
    page = client.get(f"/senders/{sender.id}").text
    assert "Signing keys" in page
    assert "Look again</button>" not in page
    for act in ("look-again", "make-keys", "prove-mailbox"):
        assert post(client, f"/senders/{sender.id}/{act}").status_code == 403


def test_the_address_fields_speak_the_words_of_the_country(
    adams: FlaskClient, session: Session
) -> None:
    page = post(adams, "/senders/new", {"country": "GB", "city": "Leeds", "step": "country"})
    assert page.status_code == 200
    assert "Post town" in page.text
    assert "cannot be empty" not in page.text
    assert session.query(Sender).count() == 0
    page = post(adams, "/senders/new", {"country": "US", "step": "country"})
    assert "ZIP code" in page.text
    assert '<option value="Illinois">' in page.text
    assert "Town" not in post(adams, "/senders/new", {"country": "SG", "step": "country"}).text


def test_enter_saves_the_form(adams: FlaskClient) -> None:
    page = adams.get("/senders/new").text
    form = page[page.index('action="/senders/new"') :]
    assert 'name="step"' not in form[: form.index("</button>")]
