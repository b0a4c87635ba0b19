"""After an erasure her address is nowhere, and no mail can reach her."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.accounts.models import AuditEntry, User
from mailer.audience import addresses, suppressions
from mailer.audience.address_models import AddressChange
from mailer.audience.consent import Evidence
from mailer.audience.models import ConsentEvent, Subscriber
from mailer.audience.moving import changes
from mailer.audience.words import ConsentAction, Scope
from mailer.db import Base
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.links import Site
from mailer.privacy import erasure, reasons, record
from tests.conftest import MakeReader
from tests.privacy.conftest import STORED, Tell

UNTOUCHED = set(DeliveryStatus) - set(erasure.NOT_BEGUN)


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def dump(session: Session) -> str:
    """Return every cell of every table as text."""
    return "\n".join(
        repr(tuple(row))
        for table in Base.metadata.sorted_tables
        for row in session.execute(sa.select(table))
    )


def test_her_address_is_found_nowhere(
    session: Session, rosa: Subscriber, alice: User, tell: Tell, now: datetime
) -> None:
    tell(rosa)
    assert "rosa" in dump(session).lower()
    erasure.erase(session, rosa, now, alice, reason="her request")
    session.commit()
    assert "rosa" not in dump(session).lower()


def test_others_keep_everything(
    session: Session, rosa: Subscriber, make_reader: MakeReader, tell: Tell, now: datetime
) -> None:
    tomas = tell(make_reader("tomas"))
    tell(rosa)
    erasure.erase(session, rosa, now, "command line", reason="her request")
    session.commit()
    session.expire_all()
    assert {one.email for one in tomas.deliveries.values()} == {"tomas@example.org"}
    assert [status for status, one in tomas.deliveries.items() if one.status != status] == []
    assert dump(session).count("203.0.113.9") == 2


def test_what_has_not_begun_is_not_sent_and_what_was_sent_stays_counted(
    session: Session, rosa: Subscriber, tell: Tell, now: datetime
) -> None:
    story = tell(rosa)
    erasure.erase(session, rosa, now, "command line", reason="her request")
    session.commit()
    for status, delivery in story.deliveries.items():
        session.refresh(delivery)
        if status in UNTOUCHED:
            assert (delivery.status, delivery.smtp_code) == (status, 250)
        else:
            assert (delivery.status, delivery.reason) == (DeliveryStatus.excluded, "erased")


def test_a_keyed_tombstone_refuses_everything(
    session: Session, rosa: Subscriber, now: datetime
) -> None:
    key = rosa.address_key
    erasure.erase(session, rosa, now, "command line", reason="her request")
    session.commit()
    held = suppressions.in_force(session, key)
    assert [(one.scope, one.reason) for one in held] == [(Scope.everything, "erased")]


def test_both_ledgers_stay_whole_and_say_what_happened(
    session: Session, rosa: Subscriber, alice: User, tell: Tell, now: datetime
) -> None:
    key, number = rosa.address_key, rosa.id
    tell(rosa)
    erasure.erase(session, rosa, now, alice, reason="her request")
    session.commit()
    assert ledger.first_broken(session, ConsentEvent) is None
    assert ledger.first_broken(session, AuditEntry) is None
    *before, last = session.scalars(
        sa.select(ConsentEvent).where(ConsentEvent.address_key == key).order_by(ConsentEvent.id)
    )
    assert {(event.evidence, event.evidence_salt) for event in before} == {(None, None)}
    assert (last.action, last.evidence) == (ConsentAction.erased, {"actor": "alice@example.com"})
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.actor, entry.action) == ("alice@example.com", "privacy.erase_person")
    assert (entry.subject, entry.reason) == (f"subscriber {number}", "her request")


def test_an_erasure_without_a_reason_changes_nothing(
    session: Session, rosa: Subscriber, tell: Tell, now: datetime
) -> None:
    tell(rosa)
    before = dump(session)
    with pytest.raises(reasons.BadReason):
        erasure.erase(session, rosa, now, "command line", reason=f"for {rosa.email}")
    assert dump(session) == before


def test_who_comes_second_is_told(session: Session, rosa: Subscriber, now: datetime) -> None:
    session.refresh(rosa)
    session.execute(sa.delete(Subscriber).execution_options(synchronize_session=False))
    with pytest.raises(erasure.AlreadyErased):
        erasure.erase(session, rosa, now, "command line", reason="her request")


def test_her_row_can_be_erased_though_a_copy_is_on_the_wire(
    session: Session, rosa: Subscriber, tell: Tell, now: datetime
) -> None:
    on_the_wire = tell(rosa).deliveries[DeliveryStatus.sending]
    erasure.erase(session, rosa, now, "command line", reason="her request")
    session.commit()
    kept = session.get_one(Delivery, on_the_wire.id, populate_existing=True)
    assert (kept.status, kept.email) == (DeliveryStatus.sending, "")


def test_what_she_did_at_a_former_address_goes_as_well_and_the_ledger_holds(
    session: Session, site: Site, rosa: Subscriber, tell: Tell, now: datetime
) -> None:
    tell(rosa)
    elsewhere = addresses.parsed("rosa@elsewhere.example")
    wish = changes.ask(session, now, site.keys, rosa.id, elsewhere)
    for letter in session.get_one(AddressChange, wish).letters:
        changes.press(session, now, site.keys, letter.id, Evidence(ip="203.0.113.7"))
    session.commit()
    assert rosa.email == elsewhere.spelled
    assert len(record.gathered(session, site.keys, rosa).tables["deliveries"]) == len(STORED)
    erasure.erase(session, rosa, now, "command line", reason="her request")
    session.commit()
    while ledger.seal_waiting(session, ConsentEvent):
        session.commit()
    assert ledger.first_broken(session, ConsentEvent) is None
    for word in ("rosa", "elsewhere.example", "203.0.113.7", "203.0.113.9"):
        assert word not in dump(session).lower()
