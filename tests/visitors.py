"""The test client: a browser without a screen that keeps its own transactions apart."""

import secrets
import time
from contextvars import Context
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from flask_login.utils import _create_identifier
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from mailer.accounts.models import User
from mailer.db import db

TOKEN_FIELD = "csrf_token"


class Visitor(FlaskClient):
    """A client whose requests see what the test wrote, and share nothing else with it.

    Before each request the test's own session is committed: its rows become visible, its write
    lock on SQLite is given back, and afterwards it reads what the request has changed. Each
    request runs in an empty context, as on a real server, so that it gets its own ``g`` and its
    own session although the test stands inside an application context.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # noqa: ANN401 - Werkzeug's own
        if has_app_context():
            db.session.commit()
        kwargs.setdefault("buffered", True)  # read and close what is streamed, inside its context
        response: TestResponse = Context().run(super().open, *args, **kwargs)
        return response


def sign_in(client: FlaskClient, user: User) -> None:
    """Give the client the session that a sign-in by password leaves, just now."""
    with client.application.test_request_context():
        identifier = _create_identifier()
    with client.session_transaction() as session:
        session["_user_id"] = user.get_id()
        session["_id"] = identifier
        session["_fresh"] = True
        session["fs_paa"] = time.time()


def sign_out(client: FlaskClient) -> None:
    """Forget every cookie."""
    with client.session_transaction() as session:
        session.clear()


def form_token(client: FlaskClient) -> str:
    """Return a token that the forms of this client's session carry."""
    with client.session_transaction() as session:
        secret = session.setdefault(TOKEN_FIELD, secrets.token_hex(20))
    signer = URLSafeTimedSerializer(str(client.application.secret_key), salt="wtf-csrf-token")
    return str(signer.dumps(secret))


def post(
    client: FlaskClient,
    url: str,
    data: dict[str, Any] | None = None,
    **kwargs: Any,  # noqa: ANN401 - handed on to Werkzeug
) -> TestResponse:
    """Send a form as a page of ours would: with its token."""
    return client.post(url, data={TOKEN_FIELD: form_token(client), **(data or {})}, **kwargs)


def look_at(client: FlaskClient, subscriber_id: int) -> str:
    """Say why, as whoever opens a reader's page is asked to; return the page."""
    why = {"ground": "problem", "reason": "She asked by phone"}
    answer = post(client, f"/subscribers/{subscriber_id}/look", why, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text
