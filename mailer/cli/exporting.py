"""The command that writes readers to a file: all, those of a list, or those of a segment."""

from pathlib import Path

import click
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts import audit
from mailer.audience.searches import Search
from mailer.audience.segments import catalogue
from mailer.cli.answers import Unusable
from mailer.cli.data import fresh
from mailer.cli.people import the_list
from mailer.cli.within import named_actor, with_app
from mailer.db import db
from mailer.delivery import segmenting
from mailer.privacy import people, reasons


@click.command("export-readers")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", required=True, help="Who gets it and why; the audit log keeps it.")
@click.option("--list", "list_name", metavar="LIST", help="Only who ever was on a list.")
@click.option("--segment", "segment_name", metavar="SEGMENT", help="Only a segment, by its name.")
@click.option("--raw", is_flag=True, help="Leave cells that begin like a formula as they are.")
@with_app
def export_readers(
    app: Flask,
    file: Path,
    reason: str,
    list_name: str | None,
    segment_name: str | None,
    raw: bool,  # noqa: FBT001 - a flag
) -> None:
    """Write readers to FILE as CSV; who opted out has a row without her address."""
    del app
    session = db.session()
    try:
        why = reasons.reason(reason)
    except reasons.BadReason as error:
        raise Unusable(str(error)) from error
    search = searched(session, list_name, segment_name)
    subject = ", ".join(filter(None, (list_name, segment_name))) or "all readers"
    with fresh(file) as out:
        size = sum(out.write(part) for part in people.written(session, search, raw=raw))
        audit.record(
            session, clock.now(), named_actor(), "privacy.export_readers", subject[:100], reason=why
        )
        session.commit()
    click.echo(f"Wrote {file}: {size:,} bytes. Only you can read it.")


def searched(session: Session, list_name: str | None, segment_name: str | None) -> Search:
    list_id = the_list(session, list_name).id if list_name else None
    if segment_name is None:
        return Search(list_id=list_id)
    found = [one for one in catalogue.index(session) if segment_name in {str(one.id), one.name}]
    if len(found) != 1:
        raise Unusable(f"{len(found) or 'No'} segments answer to {segment_name!r}.")
    return Search(list_id=list_id, also=segmenting.within(session, found[0], clock.now()))
