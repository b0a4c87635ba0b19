"""A restricted reader: kept, and in no send, segment or export until she was told otherwise."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts.models import AuditEntry
from mailer.audience import searches, standing
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.searches import Search
from mailer.audience.segments.models import Segment
from mailer.delivery import segmenting
from mailer.privacy import people, reasons, restriction


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def refusal(session: Session, reader: Subscriber) -> str:
    asked = (
        sa.select(standing.refusal())
        .select_from(Subscriber)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, MailingList.id == Subscription.list_id)
        .where(Subscriber.id == reader.id)
    )
    return session.scalars(asked).one()


def exported(session: Session) -> bytes:
    return b"".join(people.written(session, Search()))


def test_she_is_in_no_send_and_no_export(
    session: Session, rosa: Subscriber, letters: MailingList, now: datetime
) -> None:
    assert refusal(session, rosa) == standing.MAILABLE
    assert rosa.email.encode() in exported(session)
    assert restriction.restrict(session, now, rosa.id, "desk", reason="she asked")
    session.flush()
    assert refusal(session, rosa) == standing.RESTRICTED
    assert rosa.email.encode() not in exported(session)
    assert rosa.email.encode() not in b"".join(people.of_list(session, letters.id))


def test_she_leaves_no_trace_in_an_export_when_she_is_on_no_list(
    session: Session, rosa: Subscriber, now: datetime
) -> None:
    session.execute(sa.delete(Subscription))
    session.expire_all()
    restriction.restrict(session, now, rosa.id, "desk", reason="she asked")
    session.flush()
    assert rosa.email.encode() not in exported(session)


def test_she_is_in_no_segment(session: Session, rosa: Subscriber, now: datetime) -> None:
    rules = {"mode": "all", "rules": []}
    everybody = Segment(name="Everybody", rules=rules, created_at=now, updated_at=now)
    inside = Search(also=segmenting.within(session, everybody, now))
    assert searches.count(session, inside) == 1
    restriction.restrict(session, now, rosa.id, "desk", reason="she asked")
    session.flush()
    assert searches.count(session, inside) == 0


def test_it_is_lifted_only_after_she_was_told(
    session: Session, rosa: Subscriber, now: datetime
) -> None:
    restriction.restrict(session, now, rosa.id, "desk", reason="she asked")
    with pytest.raises(reasons.BadReason):
        restriction.lift(session, now, rosa.id, "desk", notice=" ")
    assert rosa.restricted_at == now
    assert restriction.lift(session, now, rosa.id, "desk", notice="letter of 3 May")
    assert not restriction.lift(session, now, rosa.id, "desk", notice="letter of 3 May")
    assert refusal(session, rosa) == standing.MAILABLE
    acts = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert acts == ["privacy.restrict", "privacy.lift_restriction"]
