"""Commands of the privacy desk: list what people ask, enter it, and answer it."""

from collections.abc import Callable
from datetime import datetime, time

import click
from flask import Flask

from mailer import clock, desk, tokens
from mailer.audience import addresses
from mailer.audience.consent import Evidence
from mailer.audience.words import ConsentMethod
from mailer.cli import data
from mailer.cli.answers import Unusable
from mailer.cli.within import ACTOR, with_app
from mailer.db import db
from mailer.privacy import reasons, restriction, self_service
from mailer.privacy.clocks import Regime
from mailer.privacy.requests import register, steps
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.register import Asked, Filter
from mailer.privacy.requests.steps import Ending, WrongState
from mailer.privacy.requests.words import AT_ONCE, Channel, Kind, Outcome, State

CHANNELS = [one.value for one in Channel if one is not Channel.page]


@click.group()
def privacy() -> None:
    """Answer what people ask about their data."""


privacy.add_command(data.export_person)


@privacy.group("requests")
def requests() -> None:
    """Keep the register of requests, by their numbers."""


@requests.command("list")
@click.option("--kind", type=click.Choice([one.value for one in Kind]))
@click.option("--state", type=click.Choice([one.value for one in State]))
@with_app
def show_all(app: Flask, kind: str | None, state: str | None) -> None:
    """Print number, due day, kind, state and law; those due first in front. Names nobody.

    Without --state only what is open. Exit code 1 when an answer is overdue.
    """
    del app
    session, now, after, zone = db.session(), clock.now(), 0, desk.where().zone
    chosen = Kind(kind) if kind else None, State(state) if state else None
    while found := register.page(session, Filter(*chosen, after=after)):
        for one in found:
            due = f"{one.due_at.astimezone(zone):%Y-%m-%d}"
            late = "  OVERDUE" if one.is_overdue(now) else ""
            click.echo(f"{one.id}  {due}  {one.kind}  {one.state}  {one.regime}{late}")
        after += len(found)
    if register.overdue(session, now):
        raise SystemExit(1)


@requests.command()
@click.argument("address")
@click.option("--kind", type=click.Choice([one.value for one in Kind]), required=True)
@click.option("--regime", type=click.Choice([one.value for one in Regime]), required=True)
@click.option("--channel", type=click.Choice(CHANNELS), required=True)
@click.option(
    "--received", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day it came."
)
@with_app
def enter(
    app: Flask, address: str, kind: str, regime: str, channel: str, received: datetime
) -> None:
    """Enter a request; an objection, a withdrawal and an opt-out hold at once."""
    site, now, where = app.extensions["site"], clock.now(), desk.where()
    try:
        found = addresses.parsed(address, test_environment=site.development)
    except addresses.BadAddress as error:
        raise Unusable(str(error)) from error
    key = tokens.fingerprint(site.keys, found.normalised)
    at = datetime.combine(received, time.min, where.zone)
    asked = Asked(Kind(kind), Regime(regime), Channel(channel), at, key, found.spelled)
    try:
        made = register.receive(db.session(), now, where, asked, ACTOR)
    except register.FromTheFuture as error:
        raise Unusable("That day has not come yet.") from error
    if asked.kind in AT_ONCE:
        ground = self_service.Ground(db.session(), now, where)
        proof = Evidence(shown=f"{kind}, request {made.id}: {channel}", actor=ACTOR)
        self_service.stop_mail(ground, key, ConsentMethod.staff, proof)
    db.session.commit()
    click.echo(f"Entered as number {made.id}, due {due_day(made)} ({made.citation}).")


@requests.command()
@click.argument("number", type=int)
@click.option("--proof", required=True, help="How the person was identified, in a word or two.")
@with_app
def identify(app: Flask, number: int, proof: str) -> None:
    """Note that the request is the person's own."""
    del app
    taken(number, lambda one: steps.identify(db.session(), clock.now(), one, ACTOR, proof))


@requests.command()
@click.argument("number", type=int)
@with_app
def confirm(app: Flask, number: int) -> None:
    """Note that the person was told that the request arrived."""
    del app
    taken(number, lambda one: steps.confirm(db.session(), clock.now(), one, ACTOR))


@requests.command()
@click.argument("number", type=int)
@click.option("--why", required=True, help="What the person must tell first. No address.")
@with_app
def pause(app: Flask, number: int, why: str) -> None:
    """Stop the clock; only inside the first term."""
    del app
    where = desk.where()
    taken(number, lambda one: steps.pause(db.session(), clock.now(), where, one, ACTOR, why))


@requests.command()
@click.argument("number", type=int)
@with_app
def resume(app: Flask, number: int) -> None:
    """Let the clock go on."""
    del app
    where = desk.where()
    taken(number, lambda one: steps.resume(db.session(), clock.now(), where, one, ACTOR))


@requests.command()
@click.argument("number", type=int)
@click.option("--why", required=True, help="What the person was told. No address.")
@with_app
def extend(app: Flask, number: int, why: str) -> None:
    """Take the second term that the law gives; only inside the first."""
    del app
    where = desk.where()
    taken(number, lambda one: steps.extend(db.session(), clock.now(), where, one, ACTOR, why))


@requests.command()
@click.argument("number", type=int)
@click.option("--outcome", type=click.Choice([one.value for one in Outcome]), required=True)
@click.option("--answer", required=True, help="What the person was told. No address.")
@click.option("--evidence", default="", help="Where the proof lies.")
@with_app
def close(app: Flask, number: int, outcome: str, answer: str, evidence: str) -> None:
    """Close a request with its answer."""
    del app
    ending = Ending(Outcome(outcome), answer, evidence)
    taken(number, lambda one: steps.close(db.session(), clock.now(), one, ACTOR, ending))


def taken(number: int, step: Callable[[Request], None]) -> None:
    """Take one step and commit; raises Unusable where it is not possible."""
    one = steps.locked(db.session(), number)
    if one is None:
        raise Unusable(f"There is no request {number}.")
    try:
        step(one)
    except (WrongState, reasons.BadReason) as error:
        raise Unusable(str(error)) from error
    db.session.commit()
    click.echo(f"Request {number}: {one.state}, due {due_day(one)}.")


def due_day(one: Request) -> str:
    return f"{one.due_at.astimezone(desk.where().zone):%Y-%m-%d}"


@privacy.command()
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


@privacy.command("lift-restriction")
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
    site = app.extensions["site"]
    try:
        found = addresses.parsed(address, test_environment=site.development)
    except addresses.BadAddress as error:
        raise Unusable(str(error)) from error
    key = tokens.fingerprint(site.keys, found.normalised)
    number = restriction.of_key(db.session(), key)
    if number is None:
        raise Unusable("No reader has this address.")
    return number


def switched(act: Callable[[], bool], told: str) -> None:
    try:
        is_new = act()
    except reasons.BadReason as error:
        raise Unusable(str(error)) from error
    db.session.commit()
    click.echo(told if is_new else "It was so before.")
