"""Commands that restrict a reader and lift it again, and the way from an address to its key."""

from collections.abc import Callable

import click
from flask import Flask

from mailer import clock
from mailer.audience import addresses
from mailer.audience.turning import incoming
from mailer.cli.answers import Unusable
from mailer.cli.within import ACTOR, with_app
from mailer.db import db
from mailer.privacy import reasons, restriction


@click.command()
@click.argument("address")
@click.option("--reason", required=True, help="Why; the audit log keeps it. No address.")
@with_app
def restrict(app: Flask, address: str, reason: str) -> None:
    """Keep a reader's data and use it for nothing (Art. 18 GDPR)."""
    number = the_reader(app, address)
    switched(
        lambda: restriction.restrict(db.session(), clock.now(), number, ACTOR, reason=reason),
        "Restricted: in no segment, no send and no export.",
    )


@click.command("lift-restriction")
@click.argument("address")
@click.option("--notice", required=True, help="How and when the person was told. No address.")
@with_app
def lift_restriction(app: Flask, address: str, notice: str) -> None:
    """End a restriction, once the person was told (Art. 18(3) GDPR)."""
    number = the_reader(app, address)
    switched(
        lambda: restriction.lift(db.session(), clock.now(), number, ACTOR, notice=notice),
        "Lifted.",
    )


def the_reader(app: Flask, address: str) -> int:
    _, key = known(app, address)
    number = restriction.of_key(db.session(), key)
    if number is None:
        raise Unusable("No reader has this address.")
    return number


def known(app: Flask, address: str) -> tuple[str, bytes]:
    """Return an address as it was given, and the key under which everything of it stands."""
    site = app.extensions["site"]
    try:
        found = addresses.parsed(address, test_environment=site.development)
    except addresses.BadAddress as error:
        raise Unusable(str(error)) from error
    key = incoming.key(db.session(), clock.now(), site.keys, found.normalised)
    return found.spelled, key


def switched(act: Callable[[], bool], told: str) -> None:
    try:
        is_new = act()
    except reasons.BadReason as error:
        raise Unusable(str(error)) from error
    db.session.commit()
    click.echo(told if is_new else "It was so before.")
