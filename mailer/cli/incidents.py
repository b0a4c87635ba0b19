"""Commands about incidents: enter them, see both clocks, and say whom they affected."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask

from mailer import clock, desk
from mailer.audience import senders
from mailer.audience.models import Sender
from mailer.audience.segments.models import Segment
from mailer.cli.answers import Unusable
from mailer.cli.within import ACTOR, with_app
from mailer.db import db
from mailer.privacy import reasons
from mailer.privacy.incidents import affected, notice, register, uploads
from mailer.privacy.incidents.models import Incident

TIMES = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
PROBLEMS = (register.BadTime, register.NotDone, register.Closed, reasons.BadReason)


@click.group()
def incidents() -> None:
    """Breaches of personal data: the register, its clocks, and the people who are told."""


@incidents.command("list")
@with_app
def show_all(app: Flask) -> None:
    """Print each incident with both deadlines. Exit code 1 when one of them was missed."""
    del app
    session, now, is_late = db.session(), clock.now(), False
    found = register.everything(session)
    told_at = register.told(session, found)
    for one in found:
        authority, users = register.deadlines(desk.where(), one)
        told = told_at[one.id]
        settled = one.reported_at is not None or bool(one.unreported)
        late = [
            word
            for word, is_done, deadline in (
                ("AUTHORITY OVERDUE", settled, authority),
                ("USERS OVERDUE", told is not None and told <= now, users),
            )
            if one.closed_at is None and not is_done and now > deadline.at
        ]
        is_late = is_late or bool(late)
        due = f"authority {authority.at:%Y-%m-%d %H:%M}  users {users.at:%Y-%m-%d}"
        state = "closed" if one.closed_at else "open"
        click.echo("  ".join([str(one.id), state, due, one.title, *late]))
    if is_late:
        raise SystemExit(1)


@incidents.command()
@click.argument("title")
@click.option("--noticed", type=click.DateTime(TIMES), required=True, help="In the desk's zone.")
@click.option("--aware", type=click.DateTime(TIMES), required=True, help="In the desk's zone.")
@click.option("--happened", default="", help="What happened.")
@click.option("--data", default="", help="Which data.")
@with_app
def enter(
    app: Flask, title: str, noticed: datetime, aware: datetime, happened: str, data: str
) -> None:
    """Enter an incident; the clocks run from --aware."""
    del app
    zone = desk.where().zone
    first, sure = (one.replace(tzinfo=zone).astimezone(UTC) for one in (noticed, aware))
    facts = register.Facts(title, first, sure, happened, data)
    try:
        made = register.enter(db.session(), clock.now(), ACTOR, facts)
    except PROBLEMS as error:
        raise Unusable(str(error)) from error
    db.session.commit()
    authority, users = register.deadlines(desk.where(), made)
    click.echo(f"Entered as number {made.id}.")
    click.echo(f"Authority by {authority.at:%Y-%m-%d %H:%M %Z} ({authority.citation}).")
    click.echo(f"Users by {users.at:%Y-%m-%d} ({users.citation}).")


@incidents.command()
@click.argument("number", type=int)
@with_app
def form(app: Flask, number: int) -> None:
    """Print the report to the authority (Art. 33(3) GDPR), filled from the register."""
    del app
    names = ", ".join(one.legal_name for one in senders.index(db.session()))
    click.echo(notice.form(db.session(), desk.where(), the_incident(number), names))


@incidents.command()
@click.argument("number", type=int)
@click.option("--everybody", is_flag=True, help="All readers.")
@click.option("--list", "list_id", type=int, help="Who is on a list, or was.")
@click.option("--segment", "segment_id", type=int, help="The readers of a segment, as it is now.")
@click.option("--file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_app
def affects(
    app: Flask,
    number: int,
    everybody: bool,  # noqa: FBT001 - a flag
    list_id: int | None,
    segment_id: int | None,
    file: Path | None,
) -> None:
    """Add to those whom an incident affected; nothing is kept of addresses not known here."""
    session, now, one = db.session(), clock.now(), the_incident(number)
    segment = session.get(Segment, segment_id) if segment_id is not None else None
    new = affected.add_everybody(session, number) if everybody else 0
    new += affected.add_list(session, number, list_id) if list_id is not None else 0
    new += affected.add_segment(session, number, segment, now) if segment is not None else 0
    if file is not None:
        site = app.extensions["site"]
        text = file.read_text("utf-8", "replace")
        rings = uploads.rings(site.keys, text, test_environment=site.development)
        known, unknown = affected.add_addresses(session, number, rings)
        click.echo(f"In the file: {known} readers, {unknown} not known here.")
    register.note(session, now, ACTOR, one, "choose", f"on the command line: {new} by query")
    session.commit()
    click.echo(f"{affected.count(session, number)} people are affected.")
    click.echo(f"{notice.unreached(session, number)} of them no mail may reach.")


@incidents.command()
@click.argument("number", type=int)
@click.option("--sender", type=int, required=True, help="The number of the sender who tells them.")
@with_app
def draft(app: Flask, number: int, sender: int) -> None:
    """Draft the notice to the affected; it is then looked at and started as any campaign."""
    del app
    found = db.session().get(Sender, sender)
    if found is None:
        raise Unusable(f"There is no sender {sender}.")
    try:
        made = notice.draft(db.session(), clock.now(), ACTOR, the_incident(number), found)
    except notice.NobodyAffected as error:
        raise Unusable("None of the affected is on an open list of this sender.") from error
    db.session.commit()
    click.echo(f"Campaign {made.id} is drafted.")


@incidents.command()
@click.argument("number", type=int)
@click.option("--at", type=click.DateTime(TIMES), help="When the authority was told.")
@click.option("--reference", default="", help="The authority's reference.")
@click.option("--why", default="", help="Why late; or, without --at, why it need not be told.")
@with_app
def report(app: Flask, number: int, at: datetime | None, reference: str, why: str) -> None:
    """Note that the authority was told, or why it need not be."""
    del app
    one, now = the_incident(number), clock.now()
    try:
        if at is None:
            register.leave_unreported(db.session(), now, ACTOR, one, why)
        else:
            told = at.replace(tzinfo=desk.where().zone).astimezone(UTC)
            said = register.Report(told, reference, why)
            register.report(db.session(), now, ACTOR, one, said)
    except PROBLEMS as error:
        raise Unusable(str(error)) from error
    db.session.commit()
    click.echo("Noted.")


@incidents.command()
@click.argument("number", type=int)
@with_app
def close(app: Flask, number: int) -> None:
    """Close an incident once all that the law asks for is written down."""
    del app
    try:
        register.close(db.session(), clock.now(), ACTOR, the_incident(number))
    except PROBLEMS as error:
        raise Unusable(str(error)) from error
    db.session.commit()
    click.echo("Closed.")


def the_incident(number: int) -> Incident:
    found = register.locked(db.session(), number)
    if found is None:
        raise Unusable(f"There is no incident {number}.")
    return found
