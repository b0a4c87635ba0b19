"""The application as a whole: whom it answers to, and what it tells the log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer.app import create_app
from mailer.audience.models import Subscriber
from mailer.web.access import PUBLIC, access
from tests.conftest import ConfigFor

LEFT = "/u/1-1-1-a-secret-token"


@contextmanager
def production(config_for: ConfigFor, **changes: object) -> Iterator[Flask]:
    app = create_app(
        config_for(
            "sqlite://", production=True, public_url="https://news.example.com:8443", **changes
        )
    )
    yield app
    app.extensions["broker"].close()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "sub.localhost", "["])
def test_a_request_under_another_name_is_refused(client: FlaskClient, host: str) -> None:
    for path in ("/sign-in", "/nowhere"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert host not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost:41234", "localhost"])
def test_development_answers_on_loopback(client: FlaskClient, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


def test_production_answers_to_its_public_name_alone(config_for: ConfigFor) -> None:
    with production(config_for, proxy_hops=1) as app:
        statuses = {
            name: app.test_client().get("/sign-in", headers=headers).status_code
            for name, headers in {
                "own": {"Host": "news.example.com"},
                "loopback": {"Host": "127.0.0.1"},
                "forwarded": {"Host": "127.0.0.1", "X-Forwarded-Host": "news.example.com"},
            }.items()
        }
    assert statuses == {"own": 200, "loopback": 400, "forwarded": 400}


def test_browsers_are_told_to_stay_on_https_in_production_only(
    config_for: ConfigFor, client: FlaskClient
) -> None:
    with production(config_for) as app:
        answer = app.test_client().get("/sign-in", headers={"Host": "news.example.com"})
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers


def test_a_failed_page_is_logged_without_its_path(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    app.testing = False
    app.view_functions["public.unsubscribe"] = access(PUBLIC)(fail)
    with caplog.at_level(logging.ERROR):
        assert client.get(LEFT).status_code == 500
    assert "Exception in public.unsubscribe [GET]" in caplog.text
    assert "a-secret-token" not in caplog.text


def fail(token: str) -> str:
    raise RuntimeError(len(token))


def test_a_failed_statement_is_told_without_what_it_was_given(
    session: Session, rosa: Subscriber
) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError) as failure:
        session.execute(sa.text("INSERT INTO nothing VALUES (:email)"), {"email": rosa.email})
    session.rollback()
    assert "rosa" not in str(failure.value)
