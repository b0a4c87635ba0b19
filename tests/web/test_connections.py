"""However many questions a page asks, it takes one connection of the pool."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from mailer.db import db
from tests.visitors import post
from tests.web.conftest import Write, form_of


@pytest.fixture
def most() -> Callable[[], int]:
    """Return how many connections were taken at once, at most, since the last question."""
    db.session.commit()  # gives back what the fixtures took before anybody counted
    taken, highest = [0], [0]

    @event.listens_for(db.engine, "checkout")
    def out(*_: object) -> None:
        taken[0] += 1
        highest[0] = max(highest[0], taken[0])

    @event.listens_for(db.engine, "checkin")
    def back(*_: object) -> None:
        taken[0] -= 1

    def asked() -> int:
        number, highest[0] = highest[0], 0
        return number

    return asked


@pytest.mark.usefixtures("rosa")
def test_a_page_takes_one_connection(
    visitor: FlaskClient, write: Write, most: Callable[[], int]
) -> None:
    campaign = write()
    here = f"/campaigns/{campaign.id}"
    for page in ("", "/edit"):
        most()
        assert visitor.get(f"{here}{page}").status_code == 200
        assert most() == 1
    for verb in ("findings", "check"):
        most()
        assert post(visitor, f"{here}/{verb}", form_of(campaign)).status_code == 200
        assert most() == 1
