"""The sending loop against a real relay, on both databases."""

import re
from email import message_from_bytes, policy

import pytest

from mailer.audience import consent, subscriptions
from mailer.audience.models import Subscriber
from mailer.audience.words import ConsentMethod, Scope, SubscriberStatus
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import portions, signing, statistics
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.smtp.relay import Relay, Times
from tests.conftest import MakeReader
from tests.delivery.conftest import Yard
from tests.delivery.test_signing import verified
from tests.relays import CLOSE, HANG, Rudeness, RudeRelay, Sink

pytestmark = pytest.mark.usefixtures("database")
HER_NOTE = consent.Evidence(shown="Unsubscribe", page="/u/…")


def test_everybody_who_may_be_mailed_gets_one_copy(
    yard: Yard,
    make_reader: MakeReader,
    tides: Campaign,
    smtp_sink: Sink,
) -> None:
    for number in range(5):
        make_reader(f"reader{number}")
    make_reader("absent", status="unconfirmed")
    make_reader("gone", status="unsubscribed")
    yard.start(tides)
    assert yard.run(tides) is False
    assert sorted(mail.rcpt_to[0] for mail in smtp_sink.caught) == [
        f"reader{number}@example.org" for number in range(5)
    ]
    report = statistics.report(yard.session, tides)
    assert report.audience == sum(report.states.values()) == 7
    assert report.states[DeliveryStatus.accepted] == 5
    assert report.reasons == {"unconfirmed": 1, "unsubscribed": 1}
    assert statistics.is_done(yard.session, tides)
    assert smtp_sink.connections == 1


def test_the_wire_carries_her_own_link_in_header_and_both_parts(
    yard: Yard,
    rosa: Subscriber,
    tides: Campaign,
    smtp_sink: Sink,
) -> None:
    keys = [
        signing.create(yard.session, yard.site.keys, tides.sender, kind, f"{kind}1", yard.clock())
        for kind in (signing.RSA, signing.ED25519)
    ]
    yard.start(tides)
    yard.run(tides)
    raw = smtp_sink.caught[0].content
    delivery = yard.deliveries(tides)[0]
    url = yard.site.unsubscribe(delivery.list_id, rosa.id, delivery.id)
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert verified(raw, *keys)
    covered = re.findall(rb"^DKIM-Signature: .* h=([^;]*);", raw, re.MULTILINE)
    assert len(covered) == 2
    for names in covered:
        assert {b"list-unsubscribe", b"list-unsubscribe-post"} <= set(names.split(b":"))
    message = message_from_bytes(raw, policy=policy.default)
    for kind in ("html", "plain"):
        part = message.get_body((kind,))
        assert part is not None
        assert url in part.get_content()
        assert "120 W Main St" in part.get_content()
        assert "Advertisement" in part.get_content()


def test_a_reader_who_left_after_queueing_gets_nothing(
    yard: Yard,
    make_reader: MakeReader,
    tides: Campaign,
    smtp_sink: Sink,
) -> None:
    rosa, sam = make_reader("rosa"), make_reader("sam")
    yard.start(tides)
    list_id = tides.lists[0].id
    leaving = subscriptions.OptOut(list_id, rosa.id, scope=Scope.list)
    subscriptions.unsubscribe(
        yard.session, yard.clock(), leaving, ConsentMethod.one_click, HER_NOTE
    )
    sam.status = SubscriberStatus.blocklisted
    yard.session.commit()
    yard.run(tides)
    assert smtp_sink.caught == []
    assert yard.statuses(tides) == {"rosa": "suppressed", "sam": "suppressed"}


@pytest.mark.parametrize(
    ("command", "reply", "status"),
    [
        ("RCPT", "550 5.1.1 No such user", "refused"),
        ("RCPT", "450 4.2.1 Busy", "deferred"),
        ("DATA", "554 5.6.0 Too ugly", "refused"),
        ("DATA", "451 4.3.0 Later", "deferred"),
        ("RCPT", "421 4.7.0 Closing", "accepted"),
    ],
)
def test_one_readers_trouble_is_hers_alone(
    yard: Yard,
    make_reader: MakeReader,
    tides: Campaign,
    smtp_sink: Sink,
    command: str,
    reply: str,
    status: str,
) -> None:
    for name in ("ana", "rosa", "zoe"):
        make_reader(name)
    smtp_sink.answer(command, reply, to="rosa@example.org", times=1)
    yard.start(tides)
    yard.run(tides)
    assert yard.statuses(tides) == {"ana": "accepted", "rosa": status, "zoe": "accepted"}
    assert tides.status is CampaignStatus.running


def test_what_was_put_off_is_tried_again_when_its_time_comes(
    yard: Yard,
    rosa: Subscriber,
    tides: Campaign,
    smtp_sink: Sink,
) -> None:
    smtp_sink.answer("RCPT", "450 4.2.1 Busy", times=1)
    yard.start(tides)
    yard.run(tides)
    yard.run(tides)
    assert yard.statuses(tides) == {"rosa": "deferred"}
    yard.clock.wait(minutes=2)
    yard.run(tides)
    assert yard.statuses(tides) == {"rosa": "accepted"}
    assert [mail.rcpt_to for mail in smtp_sink.caught] == [(rosa.email,)]


def test_a_relay_that_refuses_the_sender_pauses_the_campaign(
    yard: Yard,
    make_reader: MakeReader,
    tides: Campaign,
    smtp_sink: Sink,
) -> None:
    for number in range(3):
        make_reader(f"reader{number}")
    smtp_sink.answer("MAIL", "550 5.7.1 Not you")
    yard.start(tides)
    yard.run(tides)
    yard.session.refresh(tides)
    assert tides.status is CampaignStatus.paused
    assert "550 to MAIL" in tides.hold_reason
    assert "Not you" not in tides.hold_reason  # the relay's words may quote a reader
    assert sorted(yard.statuses(tides).values()) == ["pending", "pending", "refused"]


@pytest.mark.parametrize("moment", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    "rudeness", [CLOSE, HANG, b"what?\r\n", b"250-x\r\n" * 200, b"2" * 200_000]
)
def test_a_relay_that_misbehaves_before_the_dot_loses_nobody(
    yard: Yard,
    rosa: Subscriber,
    tides: Campaign,
    rude_relay: RudeRelay,
    moment: str,
    rudeness: Rudeness | bytes,
) -> None:
    rude_relay.behaviour[moment] = rudeness
    yard.start(tides)
    yard.run(tides, Relay.at(rude_relay.url, 0.3, Times.brief(0.3)))
    assert yard.statuses(tides)["rosa"] in {"pending", "deferred"}
    rude_relay.behaviour.clear()
    yard.clock.wait(minutes=2)
    yard.run(tides, Relay.at(rude_relay.url, 5))
    assert yard.statuses(tides) == {"rosa": "accepted"}
    assert len(rude_relay.messages) == 1
    assert rosa


def test_a_copy_that_only_ever_meets_lost_connections_is_given_up_after_three_days(
    yard: Yard, rosa: Subscriber, tides: Campaign, rude_relay: RudeRelay
) -> None:
    rude_relay.behaviour["DATA"] = CLOSE
    yard.start(tides)
    relay = Relay.at(rude_relay.url, 0.3, Times.brief(0.3))
    for _ in range(4):
        yard.run(tides, relay)
        assert yard.statuses(tides) == {"rosa": "pending"}
        yard.clock.wait(hours=17.9)
    yard.clock.wait(hours=1)
    yard.run(tides, relay)
    (one,) = yard.deliveries(tides)
    assert (one.status, one.reason, one.attempts) == (
        DeliveryStatus.expired,
        "no relay took it in three days",
        0,
    )
    assert statistics.is_done(yard.session, tides)
    assert rosa


@pytest.mark.parametrize("rudeness", [CLOSE, HANG, b"what?\r\n"])
def test_silence_after_the_dot_is_unknown_and_never_sent_again(
    yard: Yard,
    rosa: Subscriber,
    tides: Campaign,
    rude_relay: RudeRelay,
    rudeness: Rudeness | bytes,
) -> None:
    rude_relay.behaviour["message"] = rudeness
    yard.start(tides)
    relay = Relay.at(rude_relay.url, 0.3, Times.brief(0.3))
    yard.run(tides, relay)
    yard.clock.wait(days=1)
    yard.run(tides, relay)
    assert yard.statuses(tides) == {"rosa": "unknown"}
    assert len(rude_relay.messages) == 1
    assert rosa


def test_a_relay_that_is_down_rests_and_burns_no_attempt(
    yard: Yard,
    rosa: Subscriber,
    tides: Campaign,
) -> None:
    yard.start(tides)
    yard.run(tides, Relay.at("smtp://127.0.0.1:9", 1))
    delivery = yard.deliveries(tides)[0]
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.pending, 0)
    assert portions.due(yard.session, yard.clock()) == []
    yard.clock.wait(minutes=1)
    assert portions.due(yard.session, yard.clock()) == [tides.id]
    assert rosa


def test_a_paused_campaign_sends_nothing_and_a_resumed_one_the_rest(
    yard: Yard,
    rosa: Subscriber,
    tides: Campaign,
    smtp_sink: Sink,
) -> None:
    yard.start(tides)
    yard.steer(tides, "pause")
    assert yard.run(tides) is False
    assert smtp_sink.caught == []
    yard.steer(tides, "resume")
    yard.run(tides)
    assert [mail.rcpt_to for mail in smtp_sink.caught] == [(rosa.email,)]


def test_a_cancelled_campaign_accounts_for_everybody(
    yard: Yard,
    rosa: Subscriber,
    tides: Campaign,
    smtp_sink: Sink,
) -> None:
    yard.start(tides)
    yard.steer(tides, "cancel")
    yard.run(tides)
    assert smtp_sink.caught == []
    report = statistics.report(yard.session, tides)
    assert report.reasons == {"cancelled": 1}
    assert report.audience == report.settled == 1
    assert rosa


@pytest.mark.parametrize("is_paused", [True, False])
def test_a_campaign_goes_on_after_days_and_each_copy_bears_its_own_date(
    yard: Yard, rosa: Subscriber, tides: Campaign, smtp_sink: Sink, *, is_paused: bool
) -> None:
    yard.start(tides)
    if is_paused:
        yard.steer(tides, "pause")
    yard.clock.wait(days=3)
    if is_paused:
        yard.steer(tides, "resume")
    yard.run(tides)
    (mail,) = smtp_sink.caught
    assert mail.rcpt_to == (rosa.email,)
    message = message_from_bytes(mail.content, policy=policy.default)
    assert message["Date"].datetime == yard.clock()
