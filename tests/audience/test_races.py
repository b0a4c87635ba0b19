"""Two clicks at once: conflicts are settled by the database, on either kind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.audience import subscriptions, suppressions
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription, Suppression
from mailer.audience.subscriptions import OptOut
from mailer.audience.suppressions import Refusal
from mailer.audience.words import ConsentMethod, Scope
from mailer.db import db
from mailer.links import Site
from tests.audience.steps import PROOF, person

pytestmark = pytest.mark.usefixtures("database")
AT_ONCE = 8


def at_once(app: Flask, act: Callable[[Session], object]) -> list[object]:
    """Do one thing from several threads, each in a transaction of its own."""

    def run(number: int) -> object:
        del number
        with app.app_context():
            done = act(db.session())
            db.session.commit()
            return done

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda number: Context().run(run, number), range(AT_ONCE)))


def test_one_form_sent_eight_times_at_once_makes_one_mail_due(
    app: Flask, session: Session, site: Site, letters: MailingList, now: datetime
) -> None:
    list_id = letters.id
    session.commit()

    def sign_up(own: Session) -> int | None:
        mailing_list = own.get_one(MailingList, list_id)
        who = person("rosa@example.org", "Rosa")
        return subscriptions.sign_up(own, now, site.keys, mailing_list, who, PROOF)

    due = [one for one in at_once(app, sign_up) if one is not None]
    assert len(due) == 1
    for table in (Subscriber, Subscription, ConsentEvent):
        assert session.query(table).count() == 1


def test_eight_clicks_to_leave_are_one_opt_out(
    app: Flask, session: Session, rosa: Subscriber, letters: MailingList, now: datetime
) -> None:
    opt_out = OptOut(letters.id, rosa.id)
    session.commit()

    def leave(own: Session) -> int | None:
        return subscriptions.unsubscribe(own, now, opt_out, ConsentMethod.one_click, PROOF)

    assert len([one for one in at_once(app, leave) if one is not None]) == 1
    assert session.query(Suppression).count() == 1
    assert session.query(ConsentEvent).count() == 1


def test_eight_writers_of_one_refusal_put_it_in_force_once(
    app: Flask, session: Session, rosa: Subscriber, now: datetime
) -> None:
    key = rosa.address_key
    session.commit()
    refusal = Refusal(Scope.everything, reason="complaint")
    made = at_once(app, lambda own: suppressions.suppress(own, now, key, refusal))
    assert len([one for one in made if one is not None]) == 1
    assert session.query(Suppression).count() == 1


def test_confirming_and_leaving_at_once_end_in_one_order(
    app: Flask, session: Session, site: Site, letters: MailingList, now: datetime
) -> None:
    who = person("rosa@example.org")
    due = subscriptions.sign_up(session, now, site.keys, letters, who, PROOF)
    assert due
    opt_out = OptOut(letters.id, session.query(Subscriber).one().id)
    session.commit()
    clicks = iter(range(AT_ONCE))

    def click(own: Session) -> str:
        if next(clicks) % 2:
            subscriptions.unsubscribe(own, now, opt_out, ConsentMethod.link, PROOF)
            return "left"
        try:
            subscriptions.confirm(own, now, due, 1, PROOF)
        except (subscriptions.AlreadyConfirmed, subscriptions.OutdatedLink):
            return "refused"
        return "confirmed"

    at_once(app, click)
    # Whatever came first: an opt-out was among the clicks, and no older link undoes it.
    assert session.query(Subscription).one().status == "unsubscribed"
    assert len(suppressions.in_force(session, session.query(Subscriber).one().address_key)) == 1
    assert ledger.first_broken(session, ConsentEvent) is None
