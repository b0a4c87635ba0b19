"""Letters to the reply mailbox: sent through the gate, answered by a press, asked for anew."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience.models import Sender
from mailer.compliance.readiness import ReplyMailbox
from mailer.delivery import authentication, domains, reply_probes, signing
from mailer.delivery.models import ReplyProbe
from mailer.delivery.reply_probes import JustSent
from mailer.delivery.smtp.relay import Relay
from mailer.links import Site
from mailer.tokens import Purpose
from tests.names import Zone
from tests.relays import Sink

DESK = "desk@harbor.example.com"


def post(session: Session, site: Site, relay: Relay, probe: ReplyProbe, now: datetime) -> None:
    """Send one letter, as the task does."""
    letter = reply_probes.take(session, site, probe.id, now)
    session.commit()
    assert letter is not None
    assert letter.refusal == ""
    reply_probes.note(session, letter, reply_probes.hand_over(letter, relay, site.host), now)
    session.commit()
    session.refresh(probe)


def answering(session: Session, sender: Sender, now: datetime) -> ReplyMailbox:
    replies = reply_probes.known(session, sender, now)
    assert replies is not None
    return replies.mailboxes[0]


def test_a_letter_reaches_the_mailbox_and_its_link_proves_it(
    database: str,
    session: Session,
    site: Site,
    sender: Sender,
    relay: Relay,
    smtp_sink: Sink,
    now: datetime,
) -> None:
    assert database
    probe = reply_probes.request(session, sender, now)
    assert reply_probes.due(session, now) == [probe.id]
    post(session, site, relay, probe, now)
    assert (probe.sent_at, probe.due_at) == (now, None)
    (caught,) = smtp_sink.caught
    text = caught.content.decode()
    assert f"To: {DESK}" in text
    assert "Auto-Submitted: auto-generated" in text
    assert answering(session, sender, now).answered_on is None
    assert reply_probes.answer(session, probe.id, now)
    assert not reply_probes.answer(session, probe.id, now + timedelta(days=1))
    assert not reply_probes.answer(session, 999, now)
    assert answering(session, sender, now).answered_on == now.date()


def test_the_link_in_the_letter_carries_the_letter(
    session: Session, site: Site, sender: Sender, now: datetime
) -> None:
    probe = reply_probes.request(session, sender, now)
    url = site.reply_probe(probe.id, now + timedelta(days=1))
    token = url.rpartition("/")[2]
    assert tokens.read(site.keys, Purpose.reply_probe, token, now=now) == (probe.id,)
    copy = reply_probes.rendered(site, sender, probe, now + timedelta(days=1))
    assert url in copy.text
    assert copy.html.count(url) == 2


def test_the_gate_passes_the_letter_in_production_with_and_without_keys(
    session: Session, site: Site, sender: Sender, now: datetime
) -> None:
    there = Site("https://news.example.com", site.keys)
    probe = reply_probes.request(session, sender, now)
    assert reply_probes.letter(session, there, sender, probe, now).refusal == ""
    signing.create(session, site.keys, sender, signing.RSA, "r1", now)
    assert reply_probes.letter(session, there, sender, probe, now).refusal == ""


def test_a_letter_that_the_gate_refuses_does_not_leave(
    session: Session, site: Site, sender: Sender, relay: Relay, smtp_sink: Sink, now: datetime
) -> None:
    sender.attested_on = None
    probe = reply_probes.request(session, sender, now)
    letter = reply_probes.take(session, site, probe.id, now)
    assert letter is not None
    assert "R15" in letter.refusal
    reply_probes.note(session, letter, reply_probes.hand_over(letter, relay, site.host), now)
    session.commit()
    session.refresh(probe)
    assert probe.due_at is None
    assert smtp_sink.caught == []
    assert "R15" in answering(session, sender, now).fault


def test_a_relay_that_is_away_is_tried_again(
    session: Session, site: Site, sender: Sender, now: datetime
) -> None:
    nowhere = Relay.at("smtp://127.0.0.1:9", 1)
    probe = reply_probes.request(session, sender, now)
    post(session, site, nowhere, probe, now)
    assert probe.due_at == now + timedelta(minutes=1)
    assert "could not be reached" in probe.fault
    assert answering(session, sender, now).fault == ""
    assert reply_probes.take(session, site, probe.id, now) is None
    at = now
    while probe.due_at is not None:
        at = probe.due_at
        post(session, site, nowhere, probe, at)
    assert probe.tries == 9
    assert "could not be reached" in answering(session, sender, at).fault


def test_a_refused_letter_is_a_fault_of_the_mailbox(
    session: Session, site: Site, sender: Sender, relay: Relay, smtp_sink: Sink, now: datetime
) -> None:
    smtp_sink.answer("RCPT", "552 5.2.2 Mailbox full")
    probe = reply_probes.request(session, sender, now)
    post(session, site, relay, probe, now)
    assert answering(session, sender, now).fault == (
        "The relay refused the letter: 552 5.2.2 Mailbox full"
    )


def test_impatience_sends_no_second_letter(session: Session, sender: Sender, now: datetime) -> None:
    reply_probes.request(session, sender, now)
    with pytest.raises(JustSent):
        reply_probes.request(session, sender, now + timedelta(minutes=1))
    assert reply_probes.request(session, sender, now + timedelta(minutes=3))


def test_a_proven_mailbox_is_asked_again_in_time(
    session: Session, sender: Sender, now: datetime
) -> None:
    assert reply_probes.renew(session, sender, now) is None
    probe = reply_probes.request(session, sender, now)
    assert reply_probes.renew(session, sender, now + timedelta(days=200)) is None
    reply_probes.answer(session, probe.id, now)
    session.flush()
    assert reply_probes.renew(session, sender, now + timedelta(days=75)) is None
    second = reply_probes.renew(session, sender, now + timedelta(days=76))
    assert second is not None
    assert reply_probes.renew(session, sender, now + timedelta(days=89)) is None
    assert reply_probes.renew(session, sender, now + timedelta(days=90)) is not None


def test_another_reply_address_must_be_proven_anew(
    session: Session, sender: Sender, now: datetime
) -> None:
    probe = reply_probes.request(session, sender, now)
    reply_probes.answer(session, probe.id, now)
    sender.reply_to = "post@harbor.example.com"
    session.flush()
    assert answering(session, sender, now) == ReplyMailbox("post@harbor.example.com", None)


def test_the_domains_of_both_addresses_are_known_once_looked_up(
    session: Session, sender: Sender, zone: Zone, now: datetime
) -> None:
    sender.reply_to = "desk@pier.example"
    session.commit()
    zone.put("pier.example", "A", "192.0.2.1")
    question = authentication.take(session, sender.id, now)
    assert question is not None
    facts = domains.looked_up(question, zone.resolver(), "")
    authentication.keep(session, question, facts, now)
    replies = reply_probes.known(session, sender, now)
    assert replies is not None
    assert [(one.address, one.accepts_mail) for one in replies.mailboxes] == [
        ("desk@pier.example", True),
        ("letters@harbor.example.com", False),
    ]
    sender.reply_to = ""
    session.commit()
    replies = reply_probes.known(session, sender, now)
    assert replies is not None
    assert [one.address for one in replies.mailboxes] == ["letters@harbor.example.com"]
