"""Commands about consent receipts: write one, and check one from anywhere."""

from pathlib import Path

import click
from flask import Flask

from mailer import clock
from mailer.accounts import audit
from mailer.audience.receipts import check
from mailer.audience.receipts import receipt as receipts
from mailer.cli.answers import Unusable
from mailer.cli.data import fresh
from mailer.cli.people import the_list, the_reader
from mailer.cli.within import named_actor, with_app
from mailer.db import db
from mailer.delivery import biography


@click.group()
def receipt() -> None:
    """Prove what a reader agreed to, or check such a proof."""


@receipt.command()
@click.argument("email")
@click.argument("list_name", metavar="LIST")
@click.argument("file", type=click.Path(path_type=Path))
@with_app
def export(app: Flask, email: str, list_name: str, file: Path) -> None:
    """Write a reader's consent to LIST to FILE, as signed JSON.

    docs/consent-receipts.md says what stands in it. The audit log notes that it was made.
    """
    session, now, site = db.session(), clock.now(), app.extensions["site"]
    about = receipts.About(the_reader(session, site, email), the_list(session, list_name))
    with fresh(file) as out:
        out.write(receipts.issue(session, site.keys, now, about))
        subject = biography.subject(about.subscriber.id)
        note = f"list {about.list.id}"
        audit.record(session, now, named_actor(), "consent.receipt", subject, reason=note)
        session.commit()
    click.echo(f"Wrote {file}. Whoever checks it should know this installation's public key:")
    click.echo(receipts.public_keys(site.keys)[0])


@receipt.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", default="", help="The public key that must have signed it.")
def verify(file: Path, key: str) -> None:
    """Check FILE: needs neither database nor network. Exit 1 when a single byte was changed."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror}.") from error
    try:
        content = check.checked(data)
    except check.BadReceipt as error:
        click.echo(f"{file}: broken. {error}", err=True)
        raise SystemExit(1) from error
    if key not in ("", content["public_key"]):
        click.echo(f"{file}: signed by another key, {content['public_key']}", err=True)
        raise SystemExit(1)
    click.echo(f"{file}: intact, {content['address']}, signed by {content['public_key']}")
    for line in check.summary(content):
        click.echo(f"  {line}")
