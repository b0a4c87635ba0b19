"""A person's archive behind the link in her mail, and the published schema of its data."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mailer import clock
from mailer.db import db
from mailer.privacy.archive import schema
from mailer.privacy.handover import orders
from mailer.privacy.handover.orders import DeadLink
from mailer.web.access import PUBLIC, access
from mailer.web.joining import per_visitor
from mailer.web.public import bp
from mailer.web.reader_pages import shown


@bp.route("/archive/<carried>", methods=["GET", "POST"])
@per_visitor
@access(PUBLIC)
def fetch_archive(carried: str) -> ResponseReturnValue:
    """Say what the link is for; only the press fetches, for scanners open every link in a mail."""
    session, now = db.session(), clock.now()
    try:
        found, secret = orders.usable(session, carried, now)
    except DeadLink:
        return shown("public/fetch_archive.html", None, expires=None), 410
    if request.method != "POST":
        return shown("public/fetch_archive.html", None, expires=found.expires_at)
    number, (count, length) = found.id, orders.size(session, found.id)
    orders.log(session, now, found, "opened")
    session.commit()
    response = Response(handed_out(db.engine, number, secret, count), mimetype="application/zip")
    response.headers["Content-Disposition"] = "attachment; filename=your-data.zip"
    response.content_length = length
    return response


def handed_out(engine: sa.Engine, number: int, secret: bytes, count: int) -> Iterator[bytes]:
    """Yield the archive; once its last piece was taken, the link is dead.

    Whoever breaks off before may press again.
    """
    with Session(engine.execution_options(read_only=True, postgresql_readonly=True)) as reading:
        yield from orders.pieces(reading, number, secret, count)
    with Session(engine) as writing:
        orders.finish(writing, number, clock.now())
        writing.commit()


@bp.get("/schemas/person-2.json")
@access(PUBLIC)
def person_schema() -> ResponseReturnValue:
    """Answer with the schema of data.json; it says nothing about anybody."""
    return Response(schema.text(), mimetype="application/schema+json")
