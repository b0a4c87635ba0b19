"""The command that tries the opt-out of a sender, over the network, as a reader's mail would."""

import click
from flask import Flask

from mailer import clock, tasks
from mailer.audience import senders
from mailer.audience.models import Sender
from mailer.cli import answers
from mailer.cli.answers import Unusable
from mailer.cli.within import with_app
from mailer.compliance import trial_verdict
from mailer.compliance.trial_verdict import Told
from mailer.db import db
from mailer.delivery import opt_out_trials

NO = 1
MARKS = {True: "yes", False: "NO", None: "-"}


@click.command("try-opt-out")
@click.argument("sender_id", type=int, required=False)
@with_app
def try_opt_out(app: Flask, sender_id: int | None) -> None:
    """Try the unsubscribe link of one sender, or of all; exit 1 when one would stop a send.

    A canary takes the way of a reader's mail over the public address; nobody is mailed and no
    reader's row is touched.
    """
    chosen = [sender_id] if sender_id else [one.id for one in senders.index(db.session())]
    outcomes = [tried(app, number) for number in chosen]
    if not all(outcomes):
        raise SystemExit(NO)


def tried(app: Flask, sender_id: int) -> bool:
    """Try one sender's link and print what was found; return whether a send may rest on it."""
    session, site = db.session(), app.extensions["site"]
    if session.get(Sender, sender_id) is None:
        raise Unusable(f"There is no sender {sender_id}.")
    tasks.try_opt_out(sender_id, anew=True)
    sender = db.get_or_404(Sender, sender_id)
    click.echo(f"{sender.legal_name} at {site.public_url}")
    trial = opt_out_trials.known(session, site, sender, clock.now())
    if trial is None:
        click.echo("    This sender has no list yet, so there is no link to try.")
        return True
    told: Told = trial_verdict.told(trial, development=site.development)
    for words, is_kept in told.steps:
        click.echo(f"    {MARKS[is_kept]:<4}{words}")
    for finding in told.findings:
        click.echo("\n" + answers.shown(finding))
    click.echo("" if told.is_lawful else "\nNothing would be sent until this is mended.")
    return told.is_lawful
