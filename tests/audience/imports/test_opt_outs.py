"""No import, with whatever flags, brings back who has left: by all the ways one can leave."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import domain_keys, suppressions
from mailer.audience.imports import batches
from mailer.audience.imports.models import Basis, Outcome, State
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.standing import MAILABLE, refusal
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope, SubscriberStatus, SubscriptionStatus
from mailer.campaigns.models import Campaign
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.links import Site
from tests.audience.imports.conftest import TakeIn, Worked
from tests.conftest import MakeReader

ROSA = b"email,name,status\nrosa@example.org,Rosa,confirmed\n"
FLAGS = {"overwrite": True, "basis": Basis.double_opt_in}


@pytest.fixture(autouse=True)
def on_both(database: str) -> None:
    """Run each test on SQLite and on PostgreSQL."""


def mailable(session: Session) -> list[str]:
    """Return whom a campaign would reach."""
    chosen = sa.select(Subscriber.email).join(Subscription).join(MailingList)
    return list(session.scalars(chosen.where(refusal() == MAILABLE)))


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("reason", ["unsubscribed", "erased", "bounced", "complained"])
def test_a_suppressed_address_never_comes_back(
    session: Session,
    site: Site,
    letters: MailingList,
    now: datetime,
    take_in: TakeIn,
    scope: Scope,
    reason: str,
) -> None:
    """Whatever the overwrite flags say (listmonk issues 2008, 2057, 2452 and 929).

    There is no row about her, as after an erasure, and none is made.
    """
    reach = {Scope.list: letters.id, Scope.sender: letters.sender_id}
    address = tokens.fingerprint(site.keys, "rosa@example.org")
    domain = domain_keys.domain_key(site.keys, "rosa@example.org")
    key = domain if scope is Scope.domain else address
    suppressions.suppress(session, now, key, Refusal(scope, reach.get(scope, 0), reason))
    session.commit()
    batch = take_in(ROSA, **FLAGS)
    kept = reason == "unsubscribed"
    assert batch.counts == {Outcome.kept_unsubscribed if kept else Outcome.suppressed: 1}
    assert session.scalars(sa.select(Subscriber)).all() == []
    assert len(suppressions.in_force(session, key)) == 1


def test_who_has_left_the_list_stays_away(
    session: Session, make_reader: MakeReader, take_in: TakeIn
) -> None:
    """listmonk issue 2008: overwrite_subscription_status resubscribed people."""
    make_reader("rosa", SubscriptionStatus.unsubscribed)
    assert take_in(ROSA, **FLAGS).counts == {Outcome.kept_unsubscribed: 1}
    assert mailable(session) == []


def test_who_is_blocklisted_stays_so(session: Session, rosa: Subscriber, take_in: TakeIn) -> None:
    """listmonk issue 2057."""
    rosa.status = SubscriberStatus.blocklisted
    session.delete(rosa.subscriptions[0])
    session.commit()
    assert take_in(ROSA, **FLAGS).counts == {Outcome.suppressed: 1}
    session.refresh(rosa)
    assert rosa.status is SubscriberStatus.blocklisted
    assert mailable(session) == []


def test_who_never_confirmed_is_not_confirmed_by_a_file(
    session: Session, make_reader: MakeReader, take_in: TakeIn
) -> None:
    make_reader("rosa", SubscriptionStatus.unconfirmed)
    assert take_in(ROSA, basis=Basis.double_opt_in).counts == {Outcome.already_there: 1}
    assert mailable(session) == []


@pytest.mark.parametrize("word", ["unsubscribed", "bounced", "complained", "blocklisted"])
def test_an_opt_out_of_the_source_holds_here_too(
    session: Session,
    site: Site,
    letters: MailingList,
    rosa: Subscriber,
    take_in: TakeIn,
    word: str,
) -> None:
    assert mailable(session) == [rosa.email]
    batch = take_in(f"email,status\nrosa@example.org,{word}\n".encode())
    assert batch.counts == {Outcome.opted_out: 1}
    assert mailable(session) == []
    held = suppressions.in_force(session, tokens.fingerprint(site.keys, rosa.email))
    assert [(one.scope, one.scope_id, one.reason) for one in held] == [
        (Scope.sender, letters.sender_id, word)
    ]


def test_an_undo_takes_out_what_was_added_and_lifts_no_refusal(
    session: Session, site: Site, rosa: Subscriber, take_in: TakeIn, work: Worked, now: datetime
) -> None:
    content = b"email,status\n" + b"".join(
        f"{name},{word}\n".encode()
        for name, word in (
            ("rosa@example.org", "active"),
            ("tom@example.org", "active"),
            ("uma@example.org", "active"),
            ("lea@example.org", "unsubscribed"),
        )
    )
    batch = take_in(content)
    uma = session.scalars(sa.select(Subscriber).filter_by(email="uma@example.org")).one()
    uma.subscriptions[0].status = SubscriptionStatus.unsubscribed
    session.commit()
    batches.undo(session, batch.id)
    session.commit()
    batch = work(batch)
    assert batch.state is State.undone
    assert {name: batch.undone[name] for name in ("places", "people", "kept")} == {
        "places": 1,
        "people": 1,
        "kept": 1,
    }
    left = session.scalars(sa.select(Subscriber.email).order_by(Subscriber.email)).all()
    assert left == ["rosa@example.org", "uma@example.org"]
    assert mailable(session) == ["rosa@example.org"]
    assert suppressions.in_force(session, tokens.fingerprint(site.keys, "lea@example.org"))
    assert rosa.created_at == now


def test_an_undo_leaves_whom_a_campaign_has_reached(
    session: Session, letters: MailingList, take_in: TakeIn, work: Worked
) -> None:
    """The links in her mail must go on working, and her opt-out must find her."""
    batch = take_in(b"email\ntom@example.org\numa@example.org\n")
    tom = session.scalars(sa.select(Subscriber).filter_by(email="tom@example.org")).one()
    draft = Campaign(
        sender_id=letters.sender_id,
        name="March",
        subject="March",
        body="x",
        created_at=letters.created_at,
        updated_at=letters.created_at,
    )
    session.add(draft)
    session.flush()
    session.add(
        Delivery(
            campaign_id=draft.id,
            subscriber_id=tom.id,
            list_id=letters.id,
            address_key=tom.address_key,
            email=tom.email,
            status=DeliveryStatus.accepted,
            next_at=letters.created_at,
        )
    )
    batches.undo(session, batch.id)
    session.commit()
    batch = work(batch)
    assert (batch.undone["people"], batch.undone["kept"]) == (1, 1)
    assert session.scalars(sa.select(Subscriber.email)).all() == ["tom@example.org"]
