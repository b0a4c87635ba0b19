"""The sending loop against a real relay, on both databases."""

from datetime import datetime
from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import consent, subscriptions
from mailer.audience.models import ConsentMethod, Scope, Subscriber, SubscriberStatus
from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import claims, fence, launch, replies, sending, signing, statistics
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.smtp import Relay, Reply
from mailer.links import Site
from mailer.privacy import erasure
from tests.conftest import MakeReader
from tests.delivery.conftest import Clock, MakeCampaign
from tests.relays import CLOSE, HANG, Rudeness, RudeRelay, Sink

pytestmark = pytest.mark.usefixtures("database")
HER_NOTE = consent.Evidence(shown="Unsubscribe", page="/u/…")


def statuses(session: Session, campaign: Campaign) -> dict[str, str]:
    """Return each address's status."""
    session.expire_all()
    rows = session.scalars(sa.select(Delivery).where(Delivery.campaign_id == campaign.id))
    return {row.email.partition("@")[0]: row.status.value for row in rows}


def start(session: Session, site: Site, campaign: Campaign, now: datetime) -> None:
    launch.start(session, site, campaign, now)
    session.commit()


def test_everybody_who_may_be_mailed_gets_one_copy(
    session: Session,
    site: Site,
    make_reader: MakeReader,
    tides: Campaign,
    smtp_sink: Sink,
    relay: Relay,
    clock: Clock,
) -> None:
    for number in range(5):
        make_reader(f"reader{number}")
    make_reader("absent", status="unconfirmed")
    make_reader("gone", status="unsubscribed")
    start(session, site, tides, clock())
    assert sending.run(session, site, relay, tides.id, clock) is False
    assert sorted(mail.rcpt_to[0] for mail in smtp_sink.caught) == [
        f"reader{number}@example.org" for number in range(5)
    ]
    report = statistics.report(session, tides)
    assert report.audience == sum(report.states.values()) == 7
    assert report.states[DeliveryStatus.accepted] == 5
    assert report.reasons == {"unconfirmed": 1, "unsubscribed": 1}
    assert statistics.is_done(session, tides)
    assert smtp_sink.connections == 1


def test_the_wire_carries_her_own_link_in_header_and_both_parts(
    session: Session,
    site: Site,
    rosa: Subscriber,
    tides: Campaign,
    smtp_sink: Sink,
    relay: Relay,
    clock: Clock,
) -> None:
    signing.create(session, site.keys, tides.sender, signing.ED25519, "s1", clock())
    start(session, site, tides, clock())
    sending.run(session, site, relay, tides.id, clock)
    raw = smtp_sink.caught[0].content
    delivery = session.scalars(sa.select(Delivery)).one()
    url = site.unsubscribe(delivery.list_id, rosa.id, delivery.id)
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in raw
    assert raw.startswith(b"DKIM-Signature: ")
    message = message_from_bytes(raw, policy=policy.default)
    for kind in ("html", "plain"):
        part = message.get_body((kind,))
        assert part is not None
        assert url in part.get_content()
        assert "120 W Main St" in part.get_content()


def test_a_reader_who_left_after_queueing_gets_nothing(
    session: Session,
    site: Site,
    make_reader: MakeReader,
    tides: Campaign,
    smtp_sink: Sink,
    relay: Relay,
    clock: Clock,
) -> None:
    rosa, sam = make_reader("rosa"), make_reader("sam")
    start(session, site, tides, clock())
    list_id = tides.lists[0].id
    leaving = subscriptions.OptOut(list_id, rosa.id, scope=Scope.list)
    subscriptions.unsubscribe(session, clock(), leaving, ConsentMethod.one_click, HER_NOTE)
    sam.status = SubscriberStatus.blocklisted
    session.commit()
    sending.run(session, site, relay, tides.id, clock)
    assert smtp_sink.caught == []
    assert statuses(session, tides) == {"rosa": "suppressed", "sam": "suppressed"}


def test_a_reader_who_left_while_her_copy_was_on_the_wire_gets_nothing(
    session: Session,
    site: Site,
    rosa: Subscriber,
    tides: Campaign,
    smtp_sink: Sink,
    relay: Relay,
    clock: Clock,
) -> None:
    start(session, site, tides, clock())
    one = claims.claim(session, tides.id, 1, clock())[0]
    session.commit()
    leaving = subscriptions.OptOut(one.list_id, rosa.id, scope=Scope.sender)
    subscriptions.unsubscribe(session, clock(), leaving, ConsentMethod.link, HER_NOTE)
    session.commit()
    assert not fence.passes(session, one, clock())
    assert fence.barred(session, one, clock()).status is DeliveryStatus.suppressed
    assert smtp_sink.caught == []
    assert relay


@pytest.mark.parametrize(
    ("command", "reply", "status"),
    [
        ("RCPT", "550 5.1.1 No such user", "refused"),
        ("RCPT", "450 4.2.1 Busy", "deferred"),
        ("DATA", "554 5.6.0 Too ugly", "refused"),
        ("DATA", "451 4.3.0 Later", "deferred"),
        ("RCPT", "421 4.7.0 Closing", "pending"),
    ],
)
def test_one_readers_trouble_is_hers_alone(
    session: Session,
    site: Site,
    make_reader: MakeReader,
    tides: Campaign,
    smtp_sink: Sink,
    relay: Relay,
    clock: Clock,
    command: str,
    reply: str,
    status: str,
) -> None:
    for name in ("ana", "rosa", "zoe"):
        make_reader(name)
    smtp_sink.answer(command, reply, to="rosa@example.org", times=1)
    start(session, site, tides, clock())
    sending.run(session, site, relay, tides.id, clock)
    assert statuses(session, tides) == {"ana": "accepted", "rosa": status, "zoe": "accepted"}
    assert tides.status is CampaignStatus.running


def test_what_was_put_off_is_tried_again_when_its_time_comes(
    session: Session,
    site: Site,
    rosa: Subscriber,
    tides: Campaign,
    smtp_sink: Sink,
    relay: Relay,
    clock: Clock,
) -> None:
    smtp_sink.answer("RCPT", "450 4.2.1 Busy", times=1)
    start(session, site, tides, clock())
    sending.run(session, site, relay, tides.id, clock)
    sending.run(session, site, relay, tides.id, clock)
    assert statuses(session, tides) == {"rosa": "deferred"}
    clock.wait(minutes=2)
    sending.run(session, site, relay, tides.id, clock)
    assert statuses(session, tides) == {"rosa": "accepted"}
    assert [mail.rcpt_to for mail in smtp_sink.caught] == [(rosa.email,)]


def test_a_relay_that_refuses_the_sender_pauses_the_campaign(
    session: Session,
    site: Site,
    make_reader: MakeReader,
    tides: Campaign,
    smtp_sink: Sink,
    relay: Relay,
    clock: Clock,
) -> None:
    for number in range(3):
        make_reader(f"reader{number}")
    smtp_sink.answer("MAIL", "550 5.7.1 Not you")
    start(session, site, tides, clock())
    sending.run(session, site, relay, tides.id, clock)
    session.refresh(tides)
    assert tides.status is CampaignStatus.paused
    assert "Not you" in tides.hold_reason
    assert sorted(statuses(session, tides).values()) == ["pending", "pending", "refused"]


@pytest.mark.parametrize("moment", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    "rudeness", [CLOSE, HANG, b"what?\r\n", b"250-x\r\n" * 200, b"2" * 200_000]
)
def test_a_relay_that_misbehaves_before_the_dot_loses_nobody(
    session: Session,
    site: Site,
    rosa: Subscriber,
    tides: Campaign,
    rude_relay: RudeRelay,
    clock: Clock,
    moment: str,
    rudeness: Rudeness | bytes,
) -> None:
    rude_relay.behaviour[moment] = rudeness
    start(session, site, tides, clock())
    sending.run(session, site, Relay.at(rude_relay.url, 0.3), tides.id, clock)
    assert statuses(session, tides)["rosa"] in {"pending", "deferred"}
    rude_relay.behaviour.clear()
    clock.wait(minutes=2)
    sending.run(session, site, Relay.at(rude_relay.url, 5), tides.id, clock)
    assert statuses(session, tides) == {"rosa": "accepted"}
    assert len(rude_relay.messages) == 1
    assert rosa


@pytest.mark.parametrize("rudeness", [CLOSE, HANG, b"what?\r\n"])
def test_silence_after_the_dot_is_unknown_and_never_sent_again(
    session: Session,
    site: Site,
    rosa: Subscriber,
    tides: Campaign,
    rude_relay: RudeRelay,
    clock: Clock,
    rudeness: Rudeness | bytes,
) -> None:
    rude_relay.behaviour["message"] = rudeness
    start(session, site, tides, clock())
    relay = Relay.at(rude_relay.url, 0.3)
    sending.run(session, site, relay, tides.id, clock)
    clock.wait(days=1)
    sending.run(session, site, relay, tides.id, clock)
    assert statuses(session, tides) == {"rosa": "unknown"}
    assert len(rude_relay.messages) == 1
    assert rosa


def test_a_relay_that_is_down_rests_and_burns_no_attempt(
    session: Session, site: Site, rosa: Subscriber, tides: Campaign, clock: Clock
) -> None:
    start(session, site, tides, clock())
    sending.run(session, site, Relay.at("smtp://127.0.0.1:9", 1), tides.id, clock)
    delivery = session.scalars(sa.select(Delivery)).one()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.pending, 0)
    assert delivery.next_at > clock()
    assert rosa


def test_a_paused_campaign_sends_nothing_and_a_resumed_one_the_rest(
    session: Session,
    site: Site,
    rosa: Subscriber,
    tides: Campaign,
    smtp_sink: Sink,
    relay: Relay,
    clock: Clock,
) -> None:
    start(session, site, tides, clock())
    one = claims.claim(session, tides.id, 1, clock())[0]
    lifecycle.pause(session, tides, clock())
    session.commit()
    assert not fence.passes(session, one, clock())
    fence.settle(session, [fence.barred(session, one, clock())])
    session.commit()
    assert sending.run(session, site, relay, tides.id, clock) is False
    assert smtp_sink.caught == []
    launch.resume(session, site, tides, clock())
    session.commit()
    sending.run(session, site, relay, tides.id, clock)
    assert [mail.rcpt_to for mail in smtp_sink.caught] == [(rosa.email,)]


def test_a_cancelled_campaign_accounts_for_everybody(
    session: Session,
    site: Site,
    rosa: Subscriber,
    tides: Campaign,
    smtp_sink: Sink,
    relay: Relay,
    clock: Clock,
) -> None:
    start(session, site, tides, clock())
    launch.cancel(session, tides, clock())
    session.commit()
    sending.run(session, site, relay, tides.id, clock)
    assert smtp_sink.caught == []
    report = statistics.report(session, tides)
    assert report.reasons == {"cancelled": 1}
    assert report.audience == report.settled == 1
    assert rosa


def test_what_a_dead_worker_held_goes_back_or_becomes_unknown(
    session: Session,
    site: Site,
    make_reader: MakeReader,
    tides: Campaign,
    relay: Relay,
    clock: Clock,
) -> None:
    make_reader("rosa")
    make_reader("sam")
    start(session, site, tides, clock())
    first, _ = claims.claim(session, tides.id, 2, clock())
    assert fence.passes(session, first, clock())
    session.commit()
    claims.reap(session, clock())
    assert sorted(statuses(session, tides).values()) == ["claimed", "sending"]
    clock.wait(minutes=16)
    claims.reap(session, clock())
    session.commit()
    assert statuses(session, tides) == {"rosa": "unknown", "sam": "pending"}
    assert not fence.passes(session, first, clock())
    sending.run(session, site, relay, tides.id, clock)
    assert statuses(session, tides) == {"rosa": "unknown", "sam": "accepted"}


def test_a_condition_that_takes_the_footer_from_one_reader_excludes_her(
    session: Session,
    site: Site,
    make_reader: MakeReader,
    make_campaign: MakeCampaign,
    smtp_sink: Sink,
    relay: Relay,
    clock: Clock,
) -> None:
    """A lone reader whom the sample of the gate does not hold."""
    for number in range(20):
        make_reader(f"reader{number}", attributes={"vip": number == 10})
    campaign = make_campaign(
        body="The ferry leaves an hour earlier on Sunday.\n\n"
        "{% if subscriber.attributes.vip %}\n\nNo footer\n\n{% else %}\n\n"
        "{{ legal_footer }}\n\n{% endif %}"
    )
    start(session, site, campaign, clock())
    sending.run(session, site, relay, campaign.id, clock)
    assert "reader10@example.org" not in {mail.rcpt_to[0] for mail in smtp_sink.caught}
    assert len(smtp_sink.caught) == 19
    report = statistics.report(session, campaign)
    assert report.states[DeliveryStatus.excluded] == 1
    assert "unsubscribe link" in next(iter(report.reasons))


def test_two_workers_send_nothing_twice(
    session: Session, site: Site, make_reader: MakeReader, tides: Campaign, clock: Clock
) -> None:
    for number in range(6):
        make_reader(f"reader{number}")
    start(session, site, tides, clock())
    first = claims.claim(session, tides.id, 4, clock())
    second = claims.claim(session, tides.id, 4, clock())
    assert (len(first), len(second)) == (4, 2)
    assert not {one.delivery_id for one in first} & {one.delivery_id for one in second}


@pytest.mark.parametrize(("code", "status"), [(250, "accepted"), (450, "excluded")])
def test_who_was_erased_while_her_copy_was_on_the_wire_leaves_no_trace_of_her_address(
    session: Session,
    site: Site,
    rosa: Subscriber,
    tides: Campaign,
    clock: Clock,
    code: int,
    status: str,
) -> None:
    start(session, site, tides, clock())
    one = claims.claim(session, tides.id, 1, clock())[0]
    assert fence.passes(session, one, clock())
    session.commit()
    erasure.erase(session, rosa, clock(), "alice", reason="she asked")
    session.commit()
    reply = Reply("dot", code, "<rosa@example.org> noted")
    fence.settle(session, [replies.answered(one, reply, clock())])
    session.commit()
    delivery = session.scalars(sa.select(Delivery)).one()
    assert (delivery.status, delivery.smtp_text, delivery.email) == (status, "", "")
