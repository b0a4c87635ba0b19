"""A backup from before the suppression key was turned is restored: refusals hold all the same."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from mailer import guard, tokens
from mailer.audience import standing, suppressions
from mailer.audience.models import MailingList, Subscriber, Subscription, Suppression
from mailer.audience.suppressions import BLOCKED, Refusal
from mailer.audience.turning import everybody
from mailer.audience.words import Scope, SubscriptionStatus
from mailer.delivery.instance_models import Instance
from mailer.links import Site
from mailer.tokens import Keys

SECOND_KEY = "2:" + "7c1e90b3d5f2a846" * 4


@pytest.fixture
def config(database: str, config_for: Callable[..., Config]) -> Config:
    return config_for(database)


@pytest.fixture
def new(site: Site) -> Keys:
    return replace(site.keys, suppression=SECOND_KEY, former=(site.keys.suppression,))


def use(app: Flask, keys: Keys) -> None:
    app.extensions["site"] = replace(app.extensions["site"], keys=keys)
    app.extensions.pop(guard.RECALLED, None)


def restore(session: Session, rosa: Subscriber, old: Keys) -> None:
    """Do what a backup does that knows neither the turn nor that she left."""
    session.execute(sa.delete(Suppression))
    session.execute(sa.update(Subscription).values(status=SubscriptionStatus.confirmed))
    rosa.address_key = tokens.fingerprint(old, rosa.email)
    session.execute(sa.update(Instance).values(key_marks=old.marks[0]))
    session.commit()


def refusal(session: Session) -> str:
    asked = sa.select(standing.refusal()).select_from(Subscriber)
    return session.scalars(asked.join(Subscription).join(MailingList)).one()


@pytest.mark.parametrize("is_before", [True, False])
def test_who_left_before_or_after_the_turn_has_left(
    app: Flask,
    session: Session,
    site: Site,
    new: Keys,
    now: datetime,
    rosa: Subscriber,
    is_before: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    guard.is_free()
    if is_before:
        suppressions.suppress(
            session, now, rosa.address_key, Refusal(Scope.everything, reason=BLOCKED)
        )
        session.commit()
    use(app, new)
    everybody.turn_all(session, now, new)
    session.commit()
    if not is_before:
        suppressions.suppress(
            session, now, rosa.address_key, Refusal(Scope.everything, reason=BLOCKED)
        )
        session.commit()
    restore(session, rosa, site.keys)
    assert refusal(session) == ""
    use(app, new)
    assert guard.is_free()
    session.expire_all()
    assert refusal(session) == "suppressed"


def test_with_the_newest_key_alone_nothing_is_recalled_and_nothing_sent(
    app: Flask, session: Session, site: Site, new: Keys, now: datetime, rosa: Subscriber
) -> None:
    guard.is_free()
    use(app, new)
    everybody.turn_all(session, now, new)
    session.commit()
    suppressions.suppress(session, now, rosa.address_key, Refusal(Scope.everything, reason=BLOCKED))
    session.commit()
    restore(session, rosa, site.keys)
    use(app, replace(new, former=()))
    assert not guard.is_free()
    assert session.query(Suppression).count() == 0
    use(app, new)
    guard.confirm("alice")
    assert guard.is_free()
    session.expire_all()
    assert refusal(session) == "suppressed"
