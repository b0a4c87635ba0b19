"""The command line, called in this process and on the test's own application."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask import Flask, has_app_context

from mailer.cli.main import main
from mailer.db import db

Mailer = Callable[..., Result]


@pytest.fixture
def mailer(app: Flask) -> Mailer:
    """``mailer("export", "rosa@example.org", …)`` calls a command as the shell would."""

    def call(*words: str, typed: str | None = None) -> Result:
        if has_app_context():
            db.session.commit()  # what the test wrote becomes visible, and its lock is given back
        return CliRunner().invoke(main, list(words), input=typed, obj=app, prog_name="mailer")

    return call
