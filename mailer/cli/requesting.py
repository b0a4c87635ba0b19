"""Commands of the privacy desk: list what people ask, enter it, and answer it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import datetime, time

import click
from flask import Flask

from mailer import clock, desk
from mailer.audience.consent import Evidence
from mailer.audience.words import ConsentMethod
from mailer.cli import data, restricting
from mailer.cli.answers import Unusable
from mailer.cli.incidents import incidents
from mailer.cli.keeping import holds, retention
from mailer.cli.processing import processors
from mailer.cli.within import ACTOR, with_app
from mailer.db import db
from mailer.privacy import homes, objection, reasons, restriction, self_service
from mailer.privacy.clocks import Regime
from mailer.privacy.requests import answering, figures, notices, recipients, register, steps
from mailer.privacy.requests.answering import Act
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.register import LONGEST_AGENT, Asked, Filter
from mailer.privacy.requests.steps import Ending, WrongState
from mailer.privacy.requests.words import NO_MAIL, TO_STAFF, Channel, Kind, Outcome, State, Way

SHOWN = ("number", "due", "kind", "state", "law")
WAYS = [one.value for one in Way if one is not Way.page]
OUTCOMES = [one.value for one in Outcome if one is not Outcome.moot]
CHANNELS = [one.value for one in TO_STAFF]


told = click.option(
    "--told", "way", type=click.Choice(WAYS), default="mail", help="By which way she is told."
)


@click.group()
def privacy() -> None:
    """Answer what people ask about their data, keep it for its time, and handle incidents."""


privacy.add_command(retention)
privacy.add_command(holds)
privacy.add_command(incidents)


privacy.add_command(restricting.restrict)
privacy.add_command(restricting.lift_restriction)
privacy.add_command(processors)


privacy.add_command(data.export_person)


@privacy.group("requests")
def requests() -> None:
    """Keep the register of requests, by their numbers."""


@requests.command("list")
@click.option("--kind", type=click.Choice([one.value for one in Kind]))
@click.option("--state", type=click.Choice([one.value for one in State]))
@click.option("--untold", is_flag=True, help="Only those of which others must still hear.")
@click.option("--json", "as_json", is_flag=True, help="The figures of the desk and the requests.")
@with_app
def show_all(app: Flask, /, as_json: bool, untold: bool, **words: str | None) -> None:  # noqa: FBT001
    """Print number, due day, kind, state and law; those due first in front. Names nobody.

    Without --state and --untold only what is open. Exit code 1 when an answer or the
    confirmation of a receipt is overdue.
    """
    del app
    session, now = db.session(), clock.now()
    kind, state = words["kind"], words["state"]
    chosen = Filter(Kind(kind) if kind else None, State(state) if state else None, is_untold=untold)
    counted, rows = figures.counted(session, now), [row(one, now) for one in every(chosen)]
    if as_json:
        click.echo(json.dumps({"figures": asdict(counted), "requests": rows}, indent=2))
    else:
        for one in rows:
            late = "  OVERDUE" if one["is_overdue"] else ""
            click.echo("  ".join(str(one[name]) for name in SHOWN) + late)
    if counted.overdue or counted.unconfirmed:
        raise SystemExit(1)


def every(wanted: Filter) -> Iterator[Request]:
    after = 0
    while found := register.page(db.session(), replace(wanted, after=after)):
        yield from found
        after += len(found)


def row(one: Request, now: datetime) -> dict[str, object]:
    return {
        "number": one.id,
        "due": due_day(one),
        "kind": one.kind.value,
        "state": one.state.value,
        "law": " and ".join(one.laws),
        "is_overdue": one.is_overdue(now),
    }


@requests.command()
@click.argument("address")
@click.option("--kind", type=click.Choice([one.value for one in Kind]), required=True)
@click.option("--regime", type=click.Choice([one.value for one in Regime]), required=True)
@click.option("--channel", type=click.Choice(CHANNELS), required=True)
@click.option(
    "--received", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day it came."
)
@click.option("--agent", default="", help="Who asks in the person's name, if somebody does.")
@with_app
def enter(app: Flask, /, address: str, received: datetime, agent: str, **words: str) -> None:
    """Enter a request; an objection, a withdrawal and an opt-out hold at once.

    Whatever law is named, that of the country of the sender that she knows binds as well.
    """
    session, now, where = db.session(), clock.now(), desk.where()
    spelled, key = restricting.known(app, address)
    there = self_service.established(session, restriction.reader_of(session, key))
    regime, also = homes.bound(Regime(words["regime"]), there)
    asked = Asked(
        Kind(words["kind"]),
        regime,
        Channel(words["channel"]),
        datetime.combine(received, time.min, where.zone),
        key,
        spelled,
        agent=agent[:LONGEST_AGENT],
        also=also,
    )
    try:
        made = register.receive(session, now, where, asked, ACTOR)
    except register.FromTheFuture as error:
        raise Unusable("That day has not come yet.") from error
    if asked.kind in NO_MAIL:
        proof = Evidence(shown=f"{made.kind}, request {made.id}: {made.channel}", actor=ACTOR)
        objection.stop_mail(session, now, key, ConsentMethod.staff, proof)
    session.commit()
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
@told
@with_app
def confirm(app: Flask, number: int, way: str) -> None:
    """Tell the person that the request arrived."""
    taken(number, lambda one: answering.confirm(act(app, way), one))


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
@click.option("--why", required=True, help="What the person is told. No address.")
@told
@with_app
def extend(app: Flask, number: int, why: str, way: str) -> None:
    """Take the second term that the law gives; only inside the first."""
    taken(number, lambda one: answering.extend(act(app, way), one, why))


@requests.command()
@click.argument("number", type=int)
@click.option("--outcome", type=click.Choice(OUTCOMES), required=True)
@click.option("--answer", required=True, help="What the person is told. No address.")
@click.option("--evidence", default="", help="Where the proof lies.")
@told
@with_app
def close(app: Flask, number: int, outcome: str, answer: str, evidence: str, way: str) -> None:
    """Close a request with its answer."""
    ending = Ending(Outcome(outcome), answer, evidence)
    taken(number, lambda one: answering.close(act(app, way), one, ending))


@requests.command()
@click.argument("number", type=int)
@with_app
def show(app: Flask, number: int) -> None:
    """Print what was told to the person, and who else must know, with their numbers."""
    del app
    one = db.session.get(Request, number)
    if one is None:
        raise Unusable(f"There is no request {number}.")
    click.echo(f"{one.kind}, {one.state}, {' and '.join(one.laws)}, due {due_day(one)}")
    for each in notices.of(db.session(), one):
        state = "NOT TOLD" if each.is_stuck else "told" if each.told_at else "on its way"
        click.echo(f"{each.id}  {each.about} by {each.way}: {state}")
    for other in recipients.of(db.session(), one):
        state = "told" if other.told_at else "NOT TOLD"
        click.echo(f"{other.id}  {other.name}: {state}")


@requests.command()
@click.argument("number", type=int)
@with_app
def prove(app: Flask, number: int) -> None:
    """Send the link that proves the request to be the person's own to her mailbox."""
    del app
    taken(number, lambda one: answering.prove(db.session(), clock.now(), one, ACTOR))


@requests.command("told")
@click.argument("number", type=int)
@click.argument("notice", type=int)
@click.option("--by", "way", type=click.Choice(["post", "phone"]), required=True)
@with_app
def note_told(app: Flask, number: int, notice: int, way: str) -> None:
    """Note that she was told what the mail NOTICE could not tell her."""
    taken(number, lambda one: answering.settle(act(app, way), one, notice))


@requests.command("pass-on")
@click.argument("number", type=int)
@click.argument("recipient", type=int)
@with_app
def pass_on(app: Flask, number: int, recipient: int) -> None:
    """Note that RECIPIENT was told what was done about the data (Art. 19 GDPR)."""
    del app
    taken(number, lambda one: recipients.tick(db.session(), clock.now(), one, recipient, ACTOR))


def act(app: Flask, way: str) -> Act:
    site = app.extensions["site"]
    return Act(db.session(), clock.now(), site, desk.where(), ACTOR, Way(way))


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
