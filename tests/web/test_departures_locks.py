"""Readers whom somebody else holds, on PostgreSQL: nobody's leaving waits for another's."""

import threading

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from mailer.audience import enrolment
from mailer.audience.models import MailingList, Subscriber, Suppression
from mailer.db import db
from mailer.web import departures
from tests.conftest import ConfigFor, MakeReader
from tests.web.test_departures import together, wish


@pytest.fixture
def config(postgresql_url: str, config_for: ConfigFor) -> Config:
    return config_for(postgresql_url)


def test_a_reader_who_is_locked_waits_alone_and_leaves_all_the_same(
    app: Flask, session: Session, rosa: Subscriber, letters: MailingList, make_reader: MakeReader
) -> None:
    hers, free = wish(rosa, letters), wish(make_reader("ines"), letters)
    number = rosa.id
    session.commit()
    found: list[int | None] = []

    def leave() -> None:
        with app.app_context():
            found.append(departures.take_off(hers))

    with Session(db.engine) as other:
        enrolment.locked(other, number)
        waiting = threading.Thread(target=leave)
        waiting.start()
        assert set(together([hers, free])) == {free}
        assert departures.take_off(free) is None  # she has left, and no round hangs
        other.rollback()
    waiting.join(10)
    assert found[0] is not None
    assert session.query(Suppression).count() == 2
