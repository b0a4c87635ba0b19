"""Commands about a sender's domain: look at its DNS now, and say what belongs there."""

import click
from flask import Flask

from mailer import clock, tasks
from mailer.audience.models import Sender
from mailer.cli.answers import Unusable
from mailer.cli.within import ACTOR, with_app
from mailer.db import db
from mailer.delivery import authentication, domain_records, rotation

WRONG = 1


@click.command("check-domain")
@click.argument("sender_id", type=int)
@with_app
def check_domain(app: Flask, sender_id: int) -> None:
    """Look up SPF, DKIM and DMARC of a sender's domain, and print what is missing.

    Keys that DNS shows begin to sign. Exit code 0: all is in order, 1: something is to be mended
    or DNS did not answer, 2: there is no such sender.
    """
    del app
    session = db.session()
    if session.get(Sender, sender_id) is None:
        raise Unusable(f"There is no sender {sender_id}.")
    session.rollback()
    fault = tasks.look_up(sender_id, ACTOR)
    if fault:
        click.echo(fault)
        raise SystemExit(WRONG)
    lines = found(session.get_one(Sender, sender_id))
    for line in lines:
        click.echo(f"{line.what:<6} {line.state:<8} {line.name}: {line.words}")
        if line.state != "pass" and line.value:
            click.echo(f'       put there: {line.name}. {line.kind} "{line.value}"')
    if any(line.state in {"warn", "refuse"} for line in lines):
        raise SystemExit(WRONG)


def found(sender: Sender) -> list[domain_records.Line]:
    """Return every record of a sender, as DNS showed it at the last look."""
    session, now = db.session(), clock.now()
    facts = authentication.facts(session, sender)
    lines = domain_records.wanted(sender, facts, tasks.spf_term())
    return lines + [
        domain_records.key_line(sender, key, facts, now)
        for key in rotation.kept(session, sender)
        if rotation.stage(key, now) is not rotation.Stage.removable
    ]
