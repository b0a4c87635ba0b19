"""DKIM signatures, judged by another implementation."""

from datetime import UTC, datetime

import dkim
import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import Sender
from mailer.campaigns import rendering
from mailer.campaigns.footer import Footer
from mailer.campaigns.models import Campaign, ContentType
from mailer.campaigns.rendering import Reader, Rendered
from mailer.delivery import composing, signing
from mailer.delivery.composing import Envelope
from mailer.delivery.models import SigningKey
from mailer.delivery.wire import Wire
from mailer.links import Site
from mailer.tokens import Keys

URL = "https://news.example.com/u/abc"
ENVELOPE = Envelope(
    from_name="Harbor Letters",
    from_address="letters@harbor.example.com",
    reply_to="desk@harbor.example.com",
    to="rosa@example.org",
    message_id="<m1@harbor.example.com>",
    date=datetime(2026, 3, 2, tzinfo=UTC),
    unsubscribe_url="https://news.example.com/u/abc",
    list_id="<letters.harbor.example.com>",
)
COPY = Rendered("Tides  of   March é", "<p>a  b \t c</p>\n\n\n", "a  b \nc\n\n\n")


@pytest.fixture(params=[signing.RSA, signing.ED25519])
def key(
    request: pytest.FixtureRequest, session: Session, site: Site, sender: Sender, now: datetime
) -> SigningKey:
    return signing.create(session, site.keys, sender, request.param, "s1", now)


def verified(raw: bytes, *keys: SigningKey) -> bool:
    records = {
        f"{key.selector}._domainkey.harbor.example.com.".encode(): signing.record(key).encode()
        for key in keys
    }

    def published(name: bytes, timeout: int = 5) -> bytes | None:
        del timeout
        return records.get(name)

    try:
        return all(dkim.DKIM(raw).verify(idx=i, dnsfunc=published) for i in range(len(keys)))
    except dkim.ValidationError:
        return False


def test_another_implementation_accepts_the_signature(
    session: Session, site: Site, sender: Sender, key: SigningKey
) -> None:
    signers = signing.signers(session, site.keys, sender)
    raw = signing.signed(composing.composed(ENVELOPE, COPY), signers)
    assert verified(raw, key)


def test_another_implementation_accepts_the_signature_of_a_campaigns_copy(
    session: Session, site: Site, sender: Sender, key: SigningKey
) -> None:
    """Runs of blanks in literals and values, a value that begins with one, and none at all."""
    html = "<p>a  b</p>\n\n  {{ subscriber.name }}  \n<p>{{ subscriber.email }}</p>\n\n\n"
    campaign = Campaign(
        subject="Tides of  March é", body=html, text="", content_type=ContentType.html
    )
    stencil = rendering.compiled(campaign).stencil(Footer("", (), ""))
    wire = Wire(ENVELOPE, "x", signing.signers(session, site.keys, sender))
    for name in ("Rosa", "  Rosa \t Luz ", "", "é" * 90):
        copy = stencil.copy(Reader("rosa@example.org", name), URL)
        raw = wire.message(copy, "rosa@example.org", URL, "letters", "<m1@x>")
        assert verified(raw, key)


def test_both_list_headers_are_covered_and_from_twice(
    session: Session, site: Site, sender: Sender, key: SigningKey
) -> None:
    assert key
    signers = signing.signers(session, site.keys, sender)
    raw = signing.signed(composing.composed(ENVELOPE, COPY), signers)
    signature = raw.split(b"\r\n")[0].decode()
    covered = signature.split(" h=")[1].split(";")[0].split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post", "subject"} <= set(covered)
    assert covered.count("from") == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click"),
        (b"https://news.example.com/u/abc>", b"https://news.example.com/u/abd>"),
        (b"From: Harbor", b"From: evil@example.net\r\nFrom: Harbor"),
        (b"<p>a", b"<p>b"),
    ],
)
def test_a_changed_message_no_longer_verifies(
    session: Session, site: Site, sender: Sender, key: SigningKey, before: bytes, after: bytes
) -> None:
    signers = signing.signers(session, site.keys, sender)
    raw = signing.signed(composing.composed(ENVELOPE, COPY), signers)
    assert before in raw
    assert not verified(raw.replace(before, after), key)


def test_a_sender_with_two_keys_signs_with_both(
    session: Session, site: Site, sender: Sender, now: datetime
) -> None:
    keys = [
        signing.create(session, site.keys, sender, signing.RSA, "r1", now),
        signing.create(session, site.keys, sender, signing.ED25519, "e1", now),
    ]
    signers = signing.signers(session, site.keys, sender)
    raw = signing.signed(composing.composed(ENVELOPE, COPY), signers)
    assert raw.count(b"DKIM-Signature:") == 2
    assert verified(raw, *keys)


def test_a_retired_key_signs_no_more(
    session: Session, site: Site, sender: Sender, key: SigningKey, now: datetime
) -> None:
    key.retired_at = now
    assert signing.signers(session, site.keys, sender) == ()


def test_private_keys_are_sealed_and_outlive_a_change_of_secret(
    session: Session, site: Site, sender: Sender, key: SigningKey
) -> None:
    assert "PRIVATE" not in key.sealed_private_key
    rotated = Keys(("n" * 32, *site.keys.secrets), site.keys.suppression)
    assert signing.signers(session, rotated, sender)[0].selector == "s1"
