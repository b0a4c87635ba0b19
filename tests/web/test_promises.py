"""The table of promises as admins see it."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mailer import desk
from mailer.accounts.models import User
from mailer.privacy.promises import catalogue
from tests.visitors import sign_in


def test_the_page_shows_each_promise_and_how_it_stands(client: FlaskClient, adam: User) -> None:
    sign_in(client, adam)
    page = client.get("/promises/").text
    for one in catalogue.PROMISES:
        assert f"{one.id}: " in page
    assert "0 broken" in page
    assert "Set up a sender under Senders." in page


@pytest.mark.parametrize(
    ("smtp_url", "in_clear"),
    [
        ("smtp://127.0.0.1:5025", ()),
        ("smtps://a.example smtp+starttls://b.example", ()),
        ("smtps://a.example smtp://b.example?weight=2", ("b.example",)),
    ],
)
def test_a_relay_elsewhere_without_encryption_is_noticed(
    app: Flask, smtp_url: str, in_clear: tuple[str, ...]
) -> None:
    app.extensions["config"] = replace(app.extensions["config"], smtp_url=smtp_url)
    with app.app_context():
        assert desk.ground().in_clear == in_clear
