"""How readers are taken off by their links: all who press at the same moment in one transaction."""

import logging
import os
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from mailer import clock
from mailer.audience import effects, subscriptions
from mailer.audience.effects import Channel
from mailer.audience.subscriptions import Wish
from mailer.audience.words import ConsentMethod
from mailer.db import db
from mailer.delivery import news, unknowns
from mailer.web.rounds import Rounds

LOG = logging.getLogger(__name__)
ROUNDS = "departures"


class Press(NamedTuple):
    """A wish, and when it came, by the clock that never jumps."""

    wish: Wish
    came: float

    @property
    def channel(self) -> Channel:
        is_one_click = self.wish.method is ConsentMethod.one_click
        return Channel.one_click if is_one_click else Channel.page


def register(app: Flask) -> None:
    app.extensions[ROUNDS] = Rounds(together)


def take_off(wish: Wish) -> int | None:
    """Take a reader off, for good and on the disk; return what ``subscriptions.unsubscribe`` does.

    Ends the request's transaction.
    """
    rounds: Rounds[Press, int | None] = current_app.extensions[ROUNDS]
    press = Press(wish, time.monotonic())
    if db.session.registry.has():
        db.session.rollback()  # what was read would keep SQLite's lock from whoever leads
    answers = rounds.answers(press)
    if press not in answers:
        db.session.rollback()
        answers = left([press], waits=True)
    return answers[press]


def together(presses: Sequence[Press]) -> Mapping[Press, int | None]:
    """Take off whoever is not locked by somebody else; of one reader's wishes only the first."""
    first = {press.wish.opt_out.subscriber_id: press for press in reversed(presses)}
    return left(list(first.values()), waits=False)


def left(presses: Sequence[Press], *, waits: bool) -> Mapping[Press, int | None]:
    session, now, wishes = db.session(), clock.now(), [press.wish for press in presses]
    found = subscriptions.unsubscribe_all(session, now, wishes, waits=waits)
    answers = {press: found[press.wish] for press in presses if press.wish in found}
    doubts = unknowns.in_doubt(session, [wish.opt_out.delivery_id for wish in wishes])
    new = [press for press, refusal in answers.items() if refusal is not None]
    took = [(press.channel, time.monotonic() - press.came) for press in new]
    effects.note(session, now.date(), took, os.getpid())
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
