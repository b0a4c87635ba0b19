"""Senders: recorded as the gate wants them, and vouched for anew when the address changes."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from mailer.audience import senders
from mailer.audience.models import Sender
from mailer.audience.senders import Details, SenderKnown
from mailer.compliance import gate

PRESS = Details(
    legal_name="Harbor Press LLC",
    from_name="Harbor Letters",
    from_address="letters@harbor.example.com",
    reply_to="desk@harbor.example.com",
    address_lines="120 W Main St",
    city="Springfield",
    region="IL",
    postcode="62701",
    country="US",
    address_kind="street",
    ad_label="",
)


def test_a_new_sender_is_refused_until_somebody_has_vouched_for_it(
    session: Session, now: datetime
) -> None:
    made = senders.create(session, now, PRESS)
    assert gate.judge_sender(senders.record(made), now.date())
    senders.attest(made, "alice@example.com", now)
    assert gate.judge_sender(senders.record(made), now.date()) == ()


@pytest.mark.parametrize("field", ["legal_name", "address_lines", "city", "postcode", "country"])
def test_a_changed_name_or_address_needs_a_new_attestation(
    session: Session, now: datetime, field: str
) -> None:
    made = senders.create(session, now, PRESS)
    senders.attest(made, "alice@example.com", now)
    senders.edit(session, made, replace(PRESS, from_name="Letters", ad_label="Advertisement"))
    assert made.attested_by == "alice@example.com"
    senders.edit(session, made, replace(PRESS, **{field: "DE"}))
    session.commit()
    assert (made.attested_by, made.attested_on) == ("", None)


def test_one_sender_is_entered_once(session: Session, now: datetime, sender: Sender) -> None:
    with pytest.raises(SenderKnown):
        senders.create(session, now, PRESS)
    senders.edit(session, sender, PRESS)
    other = senders.create(session, now, replace(PRESS, legal_name="Other"))
    with pytest.raises(SenderKnown):
        senders.edit(session, other, PRESS)


def test_the_record_holds_the_address_line_by_line(session: Session, sender: Sender) -> None:
    sender.address_lines = "Suite 4\r\n\r\n 120 W Main St "
    sender.address_kind = "moon base"
    record = senders.record(sender)
    assert record.address.lines == ("Suite 4", "120 W Main St")
    assert record.address.kind == "street"
    assert record.ad_labels == ("Advertisement",)
    assert (record.person_names, record.contact()) == ((), ())
    sender.other_names = "Ana Ruiz\r\n\r\n Harbor Kids "
    sender.phone, sender.website = "+1 217 555 0142", "harbor.example.com"
    record = senders.record(sender)
    assert record.person_names == ("Ana Ruiz", "Harbor Kids")
    assert record.contact() == ("+1 217 555 0142", "harbor.example.com")
    assert senders.postal_line(sender).startswith("Suite 4, 120 W Main St, Springfield")
    assert senders.index(session) == [sender]
