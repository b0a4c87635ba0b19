"""Command ``mailer setup``: what a lawful send needs here, and how far each thing is."""

import click
from flask import Flask

from mailer import clock
from mailer.audience import senders
from mailer.audience.models import Sender
from mailer.cli.steering import NO
from mailer.cli.within import with_app
from mailer.db import db
from mailer.delivery import checklist
from mailer.delivery.checklist import Checklist, Item, State

WORDS = {
    State.done: "done",
    State.remark: "done, with a remark",
    State.broken: "REFUSES NOW",
    State.unjudged: "not judged here",
}


@click.command("setup")
@click.option("--sender", type=int, help="The number of a sender; all of them if it is left out.")
@with_app
def setup(app: Flask, sender: int | None) -> None:
    """Show what a lawful campaign needs and how far it is; exit 1 when something refuses now."""
    session, site, now = db.session(), app.extensions["site"], clock.now()
    everybody = [one for one in senders.index(session) if sender in (None, one.id)]
    chosen: list[Sender | None] = [*everybody] or [None]
    is_broken = False
    for one in chosen:
        found = checklist.checklist(session, site, one, now)
        click.echo(f"{one.legal_name if one else 'No sender yet'}: {summary(found)}")
        for item in found.items:
            click.echo("\n".join(lines(item, found)))
        is_broken = is_broken or found.is_broken
    if is_broken:
        raise SystemExit(NO)


def summary(found: Checklist) -> str:
    return f"{found.done} of {len(found.judged)} done"


def lines(item: Item, found: Checklist) -> list[str]:
    word = WORDS.get(item.state, f"refuses from {found.grace_until}")
    head = f"  {item.need.title}: {word}"
    if item.state in (State.done, State.unjudged):
        return [head]
    told = [f"      Found: {finding.evidence}" for finding in item.findings]
    fixes = dict.fromkeys(f"      Mend:  {finding.fix}" for finding in item.findings)
    return [head, *told, *fixes]
