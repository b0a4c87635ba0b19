"""The schema's migrations. Alembic is large, and only who migrates loads it."""

import flask_migrate
from flask import Flask
from flask_migrate import Migrate

from config import ROOT
from mailer.db import db


def upgrade(app: Flask, revision: str = "head") -> None:
    """Bring the application's database up to a revision."""
    prepare(app)
    with app.app_context():
        flask_migrate.upgrade(revision=revision)


def prepare(app: Flask) -> None:
    """Let Flask-Migrate's own functions work on an application."""
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
