"""``mailer instance``: whether it may send, and the word that it may."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from mailer import guard
from mailer.cli.main import main
from mailer.delivery.instance import Doubt
from mailer.delivery.instance_models import Instance


@pytest.fixture
def held(session: Session) -> None:
    """An older database than this machine has seen."""
    guard.is_free()
    before = session.get_one(Instance, 1).at - timedelta(hours=1)
    session.execute(sa.update(Instance).values(at=before))
    session.commit()


def run(app: Flask, *words: str, typed: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(main, ["instance", *words], obj=app, input=typed)
    return result.exit_code, result.output


def test_what_is_in_order_is_said_so(app: Flask) -> None:
    assert run(app, "show") == (0, "Nothing is on hold.\n")
    assert run(app, "confirm") == (0, "Nothing is on hold.\n")


@pytest.mark.usefixtures("held")
def test_what_holds_it_is_said_and_goes_away_by_a_persons_word(app: Flask) -> None:
    code, words = run(app, "show")
    assert code == 1
    assert Doubt.older in words
    assert run(app, "confirm", typed="n\n")[0] == 1
    assert run(app, "show")[0] == 1
    assert run(app, "confirm", "--yes")[0] == 0
    assert run(app, "show")[0] == 0
