"""People leave and sign up while they are moved to another key: nothing of it is lost."""

from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from mailer import ledger, tokens
from mailer.audience import subscriptions, suppressions
from mailer.audience.models import ConsentEvent, MailingList, Subscriber
from mailer.audience.subscriptions import OptOut
from mailer.audience.suppressing import staff
from mailer.audience.suppressions import BLOCKED, Refusal
from mailer.audience.turned import TurnedKey
from mailer.audience.turning import everybody
from mailer.audience.words import ConsentMethod, Scope
from mailer.delivery.models import Delivery
from mailer.links import Site
from mailer.privacy import erasure
from tests import world
from tests.audience.steps import PROOF, person
from tests.audience.test_races import at_once

pytestmark = pytest.mark.usefixtures("database")
SECOND_KEY = "2:" + "7c1e90b3d5f2a846" * 4


def test_leaving_signing_up_and_moving_at_once(
    app: Flask,
    session: Session,
    site: Site,
    rosa: Subscriber,
    letters: MailingList,
    now: datetime,
) -> None:
    keys = replace(site.keys, suppression=SECOND_KEY, former=(site.keys.suppression,))
    opt_out, list_id, turns = OptOut(letters.id, rosa.id), letters.id, iter(range(8))
    session.commit()

    def act(own: Session) -> None:
        match next(turns) % 4:
            case 0:
                everybody.portion(own, now, keys, 0)
            case 1:
                method = ConsentMethod.one_click
                subscriptions.unsubscribe(own, now, opt_out, method, PROOF)
            case 2:
                mailing_list = own.get_one(MailingList, list_id)
                who = person("rosa@example.org")
                subscriptions.sign_up(own, now, keys, mailing_list, who, PROOF)
            case _:
                about = staff.target(keys, "example.org")
                refusal = Refusal(Scope.domain, reason=BLOCKED)
                staff.suppress(own, now, keys, about, refusal)

    at_once(app, act)
    (one,) = session.query(Subscriber).all()
    assert one.address_key == tokens.fingerprint(keys, "rosa@example.org")
    held = suppressions.in_force(session, one.address_key)
    assert {(found.scope, found.reason) for found in held} == {
        (Scope.list, "unsubscribed"),
        (Scope.domain, BLOCKED),
    }
    while ledger.seal_waiting(session, ConsentEvent):
        session.commit()
    for model in (ConsentEvent, TurnedKey):
        assert ledger.first_broken(session, model) is None


def test_copies_of_mail_move_too_so_that_an_erasure_finds_them(
    session: Session, site: Site, rosa: Subscriber, letters: MailingList, now: datetime
) -> None:
    keys = replace(site.keys, suppression=SECOND_KEY, former=(site.keys.suppression,))
    draft = world.campaign(letters)
    session.add(draft)
    session.flush()
    session.add(world.delivered(draft, rosa, letters))
    session.commit()
    everybody.turn_all(session, now, keys)
    session.commit()
    erasure.erase(session, rosa, now, "alice", reason="She asked for it")
    session.commit()
    assert [one.email for one in session.query(Delivery)] == [""]
