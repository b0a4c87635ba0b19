"""How readers are taken off by their links: all who press at the same moment in one transaction."""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from mailer import clock
from mailer.audience import subscriptions
from mailer.audience.subscriptions import Wish
from mailer.db import db
from mailer.delivery import news, unknowns
from mailer.web.rounds import Rounds

LOG = logging.getLogger(__name__)
ROUNDS = "departures"


def register(app: Flask) -> None:
    app.extensions[ROUNDS] = Rounds(together)


def take_off(wish: Wish) -> int | None:
    """Take a reader off, for good and on the disk; return what ``subscriptions.unsubscribe`` does.

    Ends the request's transaction.
    """
    rounds: Rounds[Wish, int | None] = current_app.extensions[ROUNDS]
    if db.session.registry.has():
        db.session.rollback()  # what was read would keep SQLite's lock from whoever leads
    answers = rounds.answers(wish)
    if wish not in answers:
        db.session.rollback()
        answers = left([wish], waits=True)
    return answers[wish]


def together(wishes: Sequence[Wish]) -> Mapping[Wish, int | None]:
    """Take off whoever is not locked by somebody else; of one reader's wishes only the first."""
    first = {wish.opt_out.subscriber_id: wish for wish in reversed(wishes)}
    return left(list(first.values()), waits=False)


def left(wishes: Sequence[Wish], *, waits: bool) -> Mapping[Wish, int | None]:
    session, now = db.session(), clock.now()
    answers = subscriptions.unsubscribe_all(session, now, wishes, waits=waits)
    doubts = unknowns.in_doubt(session, [wish.opt_out.delivery_id for wish in wishes])
    session.commit()
    if doubts:
        settle(doubts, now)
    return answers


def settle(doubts: Collection[int], now: datetime) -> None:
    """Settle what was unknown of the copies whose links were pressed.

    Afterwards, and for itself: nobody's leaving must depend on it.
    """
    try:
        news.follow(db.session(), doubts, now)
        db.session.commit()
    except SQLAlchemyError:
        LOG.exception("A doubt could not be settled.")
        db.session.rollback()
