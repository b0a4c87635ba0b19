"""Commands about how long data is kept: periods, runs, and what is on hold."""

from collections.abc import Callable
from datetime import UTC, datetime, time

import click
from flask import Flask

from mailer import clock, desk, tokens
from mailer.audience import addresses
from mailer.cli.answers import Unusable
from mailer.cli.within import ACTOR, with_app
from mailer.db import clock_of, db
from mailer.privacy import erasure, reasons
from mailer.privacy.keeping import holds as holding
from mailer.privacy.keeping import periods, runs
from mailer.privacy.keeping.classes import RULES, Class
from mailer.privacy.keeping.models import Counts, Held, Run


@click.group()
def retention() -> None:
    """How long each class of data is kept, and the run that throws away the rest."""


@retention.command()
@with_app
def show(app: Flask) -> None:
    """Print each class, its period, from when that counts, its bounds and who says so."""
    del app
    for name, length in periods.in_force(db.session()).items():
        rule = RULES[name]
        click.echo(f"{name}: {rule.spelled(length)} from {rule.since}")
        for word, bound in (("usual", rule.usual), ("least", rule.least), ("most", rule.most)):
            click.echo(f"  {word} {bound.length}: {bound.citation}")


@retention.command("set")
@click.argument("name", type=click.Choice([one.value for one in Class]))
@click.argument("length", type=int)
@with_app
def change(app: Flask, name: str, length: int) -> None:
    """Keep a class for LENGTH days or months; `show` says which. The audit log keeps the change."""
    del app
    try:
        is_new = periods.change(db.session(), clock.now(), ACTOR, Class(name), length)
    except periods.BadPeriod as error:
        raise Unusable(str(error)) from error
    db.session.commit()
    words = RULES[Class(name)].spelled(length)
    click.echo(f"{name}: {words} now." if is_new else f"{name}: it was {words} before.")


@retention.command()
@click.option("--dry-run", is_flag=True, help="Only count.")
@with_app
def run(app: Flask, dry_run: bool) -> None:  # noqa: FBT001 - a flag
    """Throw away what has been kept for long enough, or say what that would be.

    One that was interrupted is gone on with; the clock does the same every night.
    """
    del app
    session, zone = db.session(), desk.where().zone
    now = clock_of(session, clock.now())
    if dry_run:
        one = runs.rehearse(session, now(), zone, ACTOR)
        session.commit()
        told(one.counts, "would go")
        return
    begun = runs.begin(session, now(), zone, ACTOR)
    number = begun or runs.under_way(session)
    session.commit()
    if number is None:
        raise Unusable("Another process has just finished a run.")
    work(number, now)
    erasure.sweep(session)
    told(session.get_one(Run, number).counts, "gone")


def work(number: int, now: Callable[[], datetime]) -> None:
    """Go on with a run to its end, and show how far it is."""
    session = db.session()
    one = session.get_one(Run, number)
    session.commit()
    with click.progressbar(length=one.expected, label="Throwing away") as bar:
        while runs.go_on(session, now(), number):
            bar.update(max(0, min(one.done, bar.length or 0) - bar.pos))
            session.commit()
        session.commit()


def told(counts: Counts, word: str) -> None:
    for name, tables in counts.items():
        for table, number in tables.items():
            click.echo(f"{name}  {table}: {number:,} {word}")
    if not runs.total(counts):
        click.echo("Nothing has been kept for too long.")


@click.group()
def holds() -> None:
    """Hold what a dispute needs: nothing of it is thrown away."""


@holds.command("list")
@with_app
def list_holds(app: Flask) -> None:
    """Print number, what is held, since when, until when and why. Names nobody."""
    del app
    for one in holding.everything(db.session()):
        what = one.held if one.number is None else f"{one.held} {one.number}"
        end = one.ended_at or one.until
        until = f"until {end:%Y-%m-%d}" if end else "until it is ended"
        state = "ended" if one.ended_at else "holds"
        click.echo(f"{one.id}  {state}  {what}  {one.created_at:%Y-%m-%d} {until}  {one.reason}")


@holds.command("place")
@click.argument("held", type=click.Choice([one.value for one in Held]))
@click.argument("which")
@click.option("--reason", required=True, help="Why; the audit log keeps it. No address.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The first day without the hold.")
@with_app
def place(app: Flask, held: str, which: str, reason: str, until: datetime | None) -> None:
    """Hold a person (WHICH is her address), or a list or campaign (its number)."""
    site, zone = app.extensions["site"], desk.where().zone
    end = datetime.combine(until, time.min, zone).astimezone(UTC) if until else None
    key, number = None, None
    if Held(held) is Held.person:
        try:
            found = addresses.parsed(which, test_environment=site.development)
        except addresses.BadAddress as error:
            raise Unusable(str(error)) from error
        key = tokens.fingerprint(site.keys, found.normalised)
    elif which.isdecimal():
        number = int(which)
    try:
        wanted = holding.Wanted(Held(held), reason, key, number, end)
        made = holding.place(db.session(), clock.now(), ACTOR, wanted)
    except (holding.BadHold, reasons.BadReason) as error:
        raise Unusable(str(error)) from error
    db.session.commit()
    click.echo(f"On hold, as number {made.id}.")


@holds.command("end")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why; the audit log keeps it. No address.")
@with_app
def end(app: Flask, number: int, reason: str) -> None:
    """End a hold: the next run throws away what has been kept for long enough."""
    del app
    try:
        is_ended = holding.end(db.session(), clock.now(), ACTOR, number, reason=reason)
    except reasons.BadReason as error:
        raise Unusable(str(error)) from error
    db.session.commit()
    click.echo("Ended." if is_ended else "There is no such hold in force.")
