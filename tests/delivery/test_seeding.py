"""Seed copies: ahead of the audience, through the same relay, judged as they came back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dkim
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mailer.audience.models import Subscriber
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import relays, seals, seeding, seeds, signing
from mailer.delivery.relay_models import SeedResult, SeedState
from mailer.delivery.seed_mailbox import Maildir, Seed
from mailer.delivery.smtp.relay import Relay
from tests.delivery.conftest import Yard
from tests.relays import Sink

ADDRESS = "seed@elsewhere.example"
FOOTER = b"<p>Sent with Parcel Inc, 1 Elm Road, Boston</p></body>"
HOST = "127.0.0.1"


@pytest.fixture
def seed(tmp_path: Path, smtp_sink: Sink) -> Seed:
    """A mailbox into which the relay delivers."""
    smtp_sink.maildir = tmp_path / "seeds"
    return Seed(ADDRESS, Maildir(smtp_sink.maildir))


def ahead(yard: Yard, seed: Seed, campaign: Campaign, relay: Relay | None = None) -> None:
    seeding.go_ahead(yard.session, yard.site, relay or yard.relay, seed, campaign.id, yard.clock)


def asked_for(yard: Yard, seed: Seed, campaign: Campaign) -> SeedResult:
    """Send a copy by hand and look for it."""
    one = seeds.queue(yard.session, HOST, campaign, yard.clock())
    yard.session.commit()
    followed(yard, seed, one)
    yard.clock.wait(seconds=5)
    followed(yard, seed, one)
    return one


def followed(yard: Yard, seed: Seed, one: SeedResult) -> None:
    seeding.step(yard.session, yard.site, yard.relay, seed, one.id, yard.clock)
    yard.session.refresh(one)


def the_only(yard: Yard) -> SeedResult:
    yard.session.expire_all()
    return yard.session.scalars(sa.select(SeedResult)).one()


def without(name: bytes) -> Callable[[bytes], bytes]:
    def alter(raw: bytes) -> bytes:
        head, blank, body = raw.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.startswith(name + b":")]
        return b"\r\n".join(lines) + blank + body

    return alter


def test_a_seed_copy_goes_ahead_of_the_audience_once(
    yard: Yard, seed: Seed, tides: Campaign, rosa: Subscriber, smtp_sink: Sink
) -> None:
    yard.start(tides)
    ahead(yard, seed, tides)
    ahead(yard, seed, tides)
    yard.run(tides)
    assert [one.rcpt_to[0] for one in smtp_sink.caught] == [ADDRESS, rosa.email]
    assert (the_only(yard).state, the_only(yard).ahead_of) == (SeedState.sent, tides.started_at)


def test_a_seed_copy_is_made_as_any_readers_is(
    yard: Yard, seed: Seed, tides: Campaign, rosa: Subscriber, smtp_sink: Sink
) -> None:
    yard.start(tides)
    ahead(yard, seed, tides)
    yard.run(tides)
    own, hers = (one.content for one in smtp_sink.caught)
    names = [
        [line.partition(b":")[0] for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")]
        for raw in (own, hers)
    ]
    assert names[0] == names[1]
    assert yard.site.unsubscribe(0, 0, the_only(yard).id).encode() in own
    assert rosa.email.encode() not in own


def test_a_draft_sends_no_copy_ahead(yard: Yard, seed: Seed, tides: Campaign) -> None:
    ahead(yard, seed, tides)
    assert yard.session.scalar(sa.select(SeedResult)) is None


def test_a_copy_that_comes_back_whole_passes(
    yard: Yard, seed: Seed, tides: Campaign, smtp_sink: Sink
) -> None:
    keys = yard.site.keys
    for algorithm in (signing.RSA, signing.ED25519):
        signing.create(yard.session, keys, tides.sender, algorithm, algorithm, yard.clock())
    one = asked_for(yard, seed, tides)
    assert (one.state, one.findings, one.raw) == (SeedState.passed, [], None)
    assert "list-unsubscribe-post" in one.covered.split(":")
    assert not one.relay_signs
    assert len(one.sent_hash) == len(one.received_hash) == 64
    assert one.sent_hash != one.received_hash
    known = relays.known(yard.session, HOST)
    assert (known.seed_passed_on, known.seed_fault) == (yard.clock().date(), "")
    assert seeds.list_header(yard.session, tides) == one.list_header != ""
    assert smtp_sink.caught[0].rcpt_to == (ADDRESS,)


@pytest.mark.parametrize(
    ("alter", "fault"),
    [
        (without(b"List-Unsubscribe-Post"), "took List-Unsubscribe-Post away"),
        (without(b"List-Unsubscribe"), "took List-Unsubscribe away"),
        (without(b"Reply-To"), "took Reply-To away"),
        (lambda raw: raw.replace(b"Subject: ", b"Subject: [bulk] "), "changed Subject"),
        (
            lambda raw: raw.replace(b"Content-Type: text/html", b"Content-Type: image/gif"),
            "HTML",
        ),
    ],
)
def test_a_relay_that_breaks_a_copy_stops_all_its_mail(
    yard: Yard,
    seed: Seed,
    make_campaign: Callable[..., Campaign],
    rosa: Subscriber,
    smtp_sink: Sink,
    alter: Callable[[bytes], bytes],
    fault: str,
) -> None:
    assert rosa
    running, tried = make_campaign(), make_campaign(name="Another")
    yard.start(running)
    smtp_sink.alter = alter
    one = asked_for(yard, seed, tried)
    assert one.state is SeedState.failed
    assert fault in relays.known(yard.session, HOST).seed_fault
    yard.session.refresh(running)
    assert running.status is CampaignStatus.paused
    assert "came back broken" in running.hold_reason
    smtp_sink.alter = bytes
    asked_for(yard, seed, tried)
    assert relays.known(yard.session, HOST).seed_fault == ""


@pytest.mark.parametrize(
    ("alter", "remark"),
    [
        (lambda raw: raw.replace(b"</body>", FOOTER), "Parcel Inc"),
        (without(b"List-Id"), "took List-Id away"),
        (lambda raw: raw.replace(b"</body>", b"<img src=3D'https://p.example/o'></body>"), "image"),
    ],
)
def test_what_a_relay_adds_is_remarked_upon(
    yard: Yard,
    seed: Seed,
    tides: Campaign,
    smtp_sink: Sink,
    alter: Callable[[bytes], bytes],
    remark: str,
) -> None:
    smtp_sink.alter = alter
    assert asked_for(yard, seed, tides).state is SeedState.passed
    assert remark in relays.known(yard.session, HOST).seed_remark


def test_a_body_changed_on_the_way_breaks_our_signature(
    yard: Yard, seed: Seed, tides: Campaign, smtp_sink: Sink
) -> None:
    signing.create(yard.session, yard.site.keys, tides.sender, signing.RSA, "march", yard.clock())
    smtp_sink.alter = lambda raw: raw.replace(b"</body>", FOOTER)
    one = asked_for(yard, seed, tides)
    assert one.state is SeedState.failed
    assert "DKIM signature arrived broken" in relays.known(yard.session, HOST).seed_fault


def test_a_relay_that_signs_is_found_out(
    yard: Yard, seed: Seed, tides: Campaign, smtp_sink: Sink
) -> None:
    private = Ed25519PrivateKey.generate()
    theirs = signing.Signer("harbor.example.com", "parcel", private)
    smtp_sink.alter = lambda raw: signing.signed(raw, [theirs])
    one = asked_for(yard, seed, tides)
    assert one.relay_signs
    assert seeds.relay_signs(yard.session, HOST, tides.sender)
    elsewhere = replace(theirs, domain="parcel.example")
    smtp_sink.alter = lambda raw: signing.signed(raw, [elsewhere])
    asked_for(yard, seed, tides)
    assert not seeds.relay_signs(yard.session, HOST, tides.sender)


def test_a_copy_is_known_again_by_its_link_when_its_id_was_rewritten(
    yard: Yard, seed: Seed, tides: Campaign, smtp_sink: Sink
) -> None:
    smtp_sink.alter = lambda raw: without(b"Message-ID")(raw).replace(
        b"To:", b"Message-ID: <0100@harbor.example.com>\r\nTo:", 1
    )
    assert asked_for(yard, seed, tides).state is SeedState.passed


def test_another_campaigns_copy_is_not_taken_for_this_one(
    yard: Yard, seed: Seed, tides: Campaign, smtp_sink: Sink
) -> None:
    first = asked_for(yard, seed, tides)
    maildir, smtp_sink.maildir = smtp_sink.maildir, None
    second = asked_for(yard, seed, tides)
    assert (first.state, second.state) == (SeedState.passed, SeedState.sent)
    smtp_sink.maildir = maildir


def test_a_copy_that_never_comes_is_lost_after_a_day(
    yard: Yard, seed: Seed, tides: Campaign, smtp_sink: Sink
) -> None:
    assert smtp_sink.maildir
    for folder in ("new", "cur"):
        (smtp_sink.maildir / folder).mkdir(parents=True)
    smtp_sink.maildir = None
    one = asked_for(yard, seed, tides)
    assert (one.state, one.note) == (SeedState.sent, "")
    assert one.next_at is not None
    yard.clock.wait(days=2)
    assert seeds.due(yard.session, yard.clock()) == [one.id]
    followed(yard, seed, one)
    assert one.state is SeedState.lost
    assert seeds.due(yard.session, yard.clock()) == []
    assert relays.known(yard.session, HOST).seed_passed_on is None


def test_looking_too_early_does_nothing(yard: Yard, seed: Seed, tides: Campaign) -> None:
    one = seeds.queue(yard.session, HOST, tides, yard.clock())
    yard.session.commit()
    followed(yard, seed, one)
    followed(yard, seed, one)
    assert (one.state, one.received_at, one.tries) == (SeedState.sent, None, 0)


def test_a_mailbox_that_is_not_there_is_told(yard: Yard, tides: Campaign, tmp_path: Path) -> None:
    one = asked_for(yard, Seed(ADDRESS, Maildir(tmp_path / "nowhere")), tides)
    assert one.state is SeedState.sent
    assert "cannot be read" in one.note


@pytest.mark.parametrize(
    ("reply", "state"), [("550 5.1.1 Nobody", SeedState.unsent), ("450 4.2.1 Busy", SeedState.due)]
)
def test_a_relay_that_refuses_the_copy_is_told(
    yard: Yard, seed: Seed, tides: Campaign, smtp_sink: Sink, reply: str, state: SeedState
) -> None:
    smtp_sink.answer("RCPT", reply)
    one = seeds.queue(yard.session, HOST, tides, yard.clock())
    yard.session.commit()
    followed(yard, seed, one)
    assert one.state is state
    assert f"{reply[:3]} to RCPT" in one.note
    assert (one.next_at is None) is (state is SeedState.unsent)


def test_a_relay_that_is_down_is_tried_again_and_the_audience_does_not_wait(
    yard: Yard, seed: Seed, tides: Campaign, rosa: Subscriber
) -> None:
    yard.start(tides)
    ahead(yard, seed, tides, Relay.at("smtp://127.0.0.1:9", 1))
    one = the_only(yard)
    assert one.state is SeedState.due
    assert "connect" in one.note
    yard.run(tides)
    assert yard.statuses(tides) == {rosa.email.partition("@")[0]: "accepted"}
    for _ in range(seeding.MOST_TRIES):
        yard.clock.wait(hours=1)
        down = Relay.at("smtp://127.0.0.1:9", 1)
        seeding.step(yard.session, yard.site, down, seed, one.id, yard.clock)
    assert the_only(yard).state is SeedState.unsent


@pytest.mark.parametrize(
    "changes", [{"subject": "Re: your order"}, {"body": "No footer."}, {"body": "{{ nobody.x }}"}]
)
def test_a_copy_that_the_gate_refuses_does_not_leave(
    yard: Yard,
    seed: Seed,
    make_campaign: Callable[..., Campaign],
    smtp_sink: Sink,
    changes: dict[str, str],
) -> None:
    one = seeds.queue(yard.session, HOST, make_campaign(**changes), yard.clock())
    yard.session.commit()
    followed(yard, seed, one)
    assert one.state is SeedState.unsent
    assert one.note
    assert smtp_sink.caught == []


def test_our_verifier_agrees_with_a_second_one(yard: Yard, seed: Seed, tides: Campaign) -> None:
    assert seed
    key = signing.create(
        yard.session, yard.site.keys, tides.sender, signing.RSA, "march", yard.clock()
    )
    raw = (
        b"From: a@harbor.example.com\r\nSubject:  Low   water\r\nTo: b@c.example\r\n\r\nHi \r\n\r\n"
    )
    signer = signing.signers(yard.session, yard.site.keys, tides.sender)
    whole = signing.signed(raw, signer)
    keys = seals.published(yard.session, tides.sender)
    for letter in (
        whole,
        b"Received: x\r\n" + whole,
        whole.replace(b"  Low   water", b" Low water "),
        whole.replace(b"Low", b"High"),
        whole.replace(b"Hi \r\n", b"Hi there\r\n"),
        b"From: evil@x.example\r\n" + whole,
        whole.replace(b"To: b@c.example\r\n", b""),
    ):
        [seal] = seals.seals(letter, "harbor.example.com", keys)
        dns = lambda *_, **__: signing.record(key).encode()  # noqa: E731
        assert (seal.holds and seal.body_holds) == dkim.verify(letter, dnsfunc=dns)
