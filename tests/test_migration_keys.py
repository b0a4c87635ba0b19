"""The migration to suppression keys with versions: the mark of the key in use goes with it."""

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from mailer import clock, guard
from mailer.db import db
from mailer.delivery.instance import Doubt
from mailer.delivery.instance_models import Instance
from mailer.tokens import fingerprint
from tests.test_migrations import blank

__all__ = ["blank"]


@pytest.mark.parametrize("is_ours", [True, False])
def test_the_key_that_was_in_use_is_still_the_one_that_is_needed(
    blank: Flask,
    is_ours: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    flask_migrate.upgrade(revision="0017")
    whole = fingerprint(blank.extensions["site"].keys, "the suppression key").hex()
    values = {"mark": whole if is_ours else whole[::-1], "at": str(clock.now())}
    db.session.execute(
        sa.text(
            "INSERT INTO instance (id, name, place, at, why, key_mark)"
            " VALUES (1, 'x', '', :at, '', :mark)"
        ),
        values,
    )
    db.session.commit()
    db.session.remove()
    flask_migrate.upgrade()
    guard.is_free()
    why = db.session.scalars(sa.select(Instance.why)).one()
    db.session.remove()
    assert (why == Doubt.key) is not is_ours
