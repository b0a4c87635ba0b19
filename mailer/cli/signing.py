"""Commands about signing keys: DKIM pairs for a sender, and what to put into DNS for them."""

import click
import sqlalchemy as sa
from flask import Flask

from mailer import clock
from mailer.accounts import audit
from mailer.audience.models import Sender
from mailer.cli.answers import Unusable
from mailer.cli.within import ACTOR, with_app
from mailer.db import db
from mailer.delivery import rotation, signing
from mailer.delivery.models import SigningKey
from mailer.delivery.rotation import Stage

ALGORITHMS = (signing.RSA, signing.ED25519)


@click.group("signing-key")
def signing_key() -> None:
    """Keep the keys that sign a sender's mail (DKIM, RFC 6376)."""


@signing_key.command("add")
@click.argument("sender_id", type=int)
@click.argument("selector")
@click.option("--algorithm", type=click.Choice(ALGORITHMS), default=signing.RSA, show_default=True)
@with_app
def add(app: Flask, sender_id: int, selector: str, algorithm: str) -> None:
    """Make a key pair for a sender, under a new SELECTOR, and print its DNS record.

    It signs, in place of the older ones of its kind, once DNS shows it: `mailer check-domain`
    looks at once. In development it signs from the start.
    """
    session, now = db.session(), clock.now()
    sender = session.get(Sender, sender_id)
    if sender is None:
        raise Unusable(f"There is no sender {sender_id}.")
    if not (selector.isascii() and selector.isalnum()):
        raise Unusable("A selector is made of letters and digits, such as march2026.")
    taken = SigningKey.sender_id == sender_id, SigningKey.selector == selector
    if session.scalar(sa.select(SigningKey.id).where(*taken)) is not None:
        raise Unusable(f"The sender has a key with the selector {selector} already.")
    site = app.extensions["site"]
    key = signing.made(site.keys, sender, algorithm, selector, now)
    session.add(key)
    session.flush()
    if site.development:
        rotation.switch(session, sender, {selector}, now)
    audit.record(session, now, ACTOR, "signing-key.add", f"sender {sender_id}", reason=selector)
    session.commit()
    click.echo(described(sender, key))


@signing_key.command("list")
@click.argument("sender_id", type=int)
@with_app
def index(app: Flask, sender_id: int) -> None:
    """Print the DNS records of a sender's keys that sign, or wait for DNS."""
    del app
    sender = db.session.get(Sender, sender_id)
    if sender is None:
        raise Unusable(f"There is no sender {sender_id}.")
    now = clock.now()
    for key in reversed(rotation.kept(db.session(), sender)):
        if rotation.stage(key, now) in {Stage.signing, Stage.waiting}:
            click.echo(described(sender, key))


@signing_key.command("retire")
@click.argument("sender_id", type=int)
@click.argument("selector")
@with_app
def retire(app: Flask, sender_id: int, selector: str) -> None:
    """Sign no more with a key. Leave its DNS record for another 60 days, for the mail it signed."""
    del app
    session, now = db.session(), clock.now()
    key = session.scalar(
        sa.select(SigningKey).where(
            SigningKey.sender_id == sender_id,
            SigningKey.selector == selector,
            SigningKey.retired_at.is_(None),
        )
    )
    if key is None:
        raise Unusable(f"The sender has no key in force with the selector {selector}.")
    key.retired_at = now
    audit.record(session, now, ACTOR, "signing-key.retire", f"sender {sender_id}", reason=selector)
    session.commit()
    click.echo(f"{selector} signs no more.")


def described(sender: Sender, key: SigningKey) -> str:
    domain = sender.from_address.rpartition("@")[2]
    return f'{signing.name(key, domain)}. TXT "{signing.record(key)}"'
