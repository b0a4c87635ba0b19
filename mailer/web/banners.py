"""The banners of incidents that stand on every page, readers' and staff's alike."""

import time

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from mailer import clock
from mailer.db import db
from mailer.privacy.incidents import register as incidents

BANNERS, KEPT_FOR = "banners", 2.0  # s; so old they may be


def register(app: Flask) -> None:
    app.context_processor(banners)


def banners() -> dict[str, object]:
    """Return the texts; the database is asked for them every KEPT_FOR, not by each page."""
    until, texts = current_app.extensions.get(BANNERS, (0.0, []))
    if time.monotonic() >= until:
        try:
            texts = incidents.banners(db.session(), clock.now())
        except SQLAlchemyError:  # the page that says so is to be shown nevertheless
            texts = []
        current_app.extensions[BANNERS] = (time.monotonic() + KEPT_FOR, texts)
    return {"banners": texts}
