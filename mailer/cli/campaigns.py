"""Commands about campaigns: list, check, test, schedule, send, pause, resume, cancel, report."""

from dataclasses import replace
from datetime import UTC, datetime

import click
from flask import Flask

from mailer import clock, clockwork, tasks
from mailer.accounts import audit
from mailer.audience import addresses, standing
from mailer.campaigns import catalogue, lifecycle
from mailer.campaigns.models import CampaignStatus
from mailer.campaigns.rendering import Reader
from mailer.campaigns.templating import BadTemplate
from mailer.cli import answers
from mailer.cli.answers import Unusable
from mailer.cli.steering import NO, acceptance, answer_no, refuse, ring, steer, the_campaign
from mailer.cli.within import ACTOR, with_app
from mailer.db import db
from mailer.delivery import audience, checks, launch, statistics, trials
from mailer.delivery.approval import Unlawful
from mailer.delivery.composing import Unsendable

TEST_PATIENCE = 15.0  # seconds; a person waits for the answer
ACCEPT = click.option(
    "--accept",
    multiple=True,
    metavar="RULE=REASON",
    help='Accept a warning, for a reason that is kept: R08="Free for all, without terms."',
)


@click.command("campaigns")
@click.option("--status", type=click.Choice([*CampaignStatus]), help="Only those in this state.")
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@with_app
def campaigns(app: Flask, status: str | None, page: int) -> None:
    """List the campaigns, the latest first, 25 to a page."""
    del app
    chosen = CampaignStatus(status) if status else None
    for one in catalogue.page(db.session(), chosen, page):
        click.echo(f"{one.id:>6}  {one.status:<9}  {one.name}")


@click.command()
@with_app
def tick(app: Flask) -> None:
    """Look once at what is due: start what is scheduled, free what is stuck, wake the senders.

    It seals what readers have decided, and reads the letters that came in, too.
    """
    clockwork.read_letters(app)
    clockwork.tick(app)
    clockwork.seal(app)
    click.echo("Done.")


@click.group()
def campaign() -> None:
    """Steer one campaign by its number; `mailer campaigns` lists them."""


@campaign.command()
@click.argument("number", type=int)
@with_app
def check(app: Flask, number: int) -> None:
    """Ask the gate; exit 1 when it refuses. Nothing is sent or changed."""
    session, now = db.session(), clock.now()
    verdict = checks.examined(session, app.extensions["site"], the_campaign(number), now)
    answers.show(verdict)
    if not verdict.is_lawful:
        raise SystemExit(NO)


@campaign.command()
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@ACCEPT
@with_app
def send(app: Flask, number: int, yes: bool, accept: tuple[str, ...]) -> None:  # noqa: FBT001 - a flag
    """Send now, through the gate; exit 1 when it is refused or nobody would be mailed."""
    one, site, said = the_campaign(number), app.extensions["site"], acceptance(accept)
    if not yes:
        counted = audience.arithmetic(db.session(), one, clock.now())
        people = counted.get(standing.MAILABLE, 0)
        deed = "asks for the consent of" if one.is_asking else "mails"
        question = f"This {deed} {people:,} readers of “{one.name}” now. Go on?"
        db.session.rollback()  # while a person thinks, nobody waits for the database
        click.confirm(question, abort=True)
    tasks.try_opt_out(the_campaign(number).sender_id)
    steer(
        number,
        "campaign.start",
        lambda session, it, now: launch.start(session, site, it, now, said),
    )
    ring(app, number)
    everybody = statistics.report(db.session(), the_campaign(number)).audience
    click.echo(f"On its way: an audience of {everybody:,}.")


@campaign.command()
@click.argument("number", type=int)
@click.option("--at", required=True, help="ISO 8601 with an offset: 2026-05-04T09:30+02:00.")
@ACCEPT
@with_app
def schedule(app: Flask, number: int, at: str, accept: tuple[str, ...]) -> None:
    """Send at a time that is ahead, through the gate now and once more then."""
    moment, site, said = aware(at), app.extensions["site"], acceptance(accept)
    tasks.try_opt_out(the_campaign(number).sender_id)
    steer(
        number,
        "campaign.schedule",
        lambda session, one, now: launch.schedule(session, site, one, moment, now, said),
    )
    click.echo(f"Scheduled for {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")


@campaign.command()
@click.argument("number", type=int)
@with_app
def unschedule(app: Flask, number: int) -> None:
    """Make a scheduled campaign a draft again."""
    del app
    steer(number, "campaign.unschedule", lifecycle.unschedule)
    click.echo("It is a draft again.")


@campaign.command()
@click.argument("number", type=int)
@with_app
def pause(app: Flask, number: int) -> None:
    """Stop for now; what is on the wire already still arrives."""
    del app
    steer(number, "campaign.pause", lifecycle.pause)
    click.echo("Paused.")


@campaign.command()
@click.argument("number", type=int)
@ACCEPT
@with_app
def resume(app: Flask, number: int, accept: tuple[str, ...]) -> None:
    """Go on with a paused campaign, through the gate."""
    site, said = app.extensions["site"], acceptance(accept)
    tasks.try_opt_out(the_campaign(number).sender_id)
    steer(
        number,
        "campaign.resume",
        lambda session, it, now: launch.resume(session, site, it, now, said),
    )
    ring(app, number)
    click.echo("It goes on.")


@campaign.command()
@click.argument("number", type=int)
@with_app
def cancel(app: Flask, number: int) -> None:
    """Stop for good; whoever was not mailed yet will not be."""
    site = app.extensions["site"]
    steer(number, "campaign.cancel", lambda *given: launch.cancel(given[0], site, *given[1:]))
    click.echo("Cancelled.")


@campaign.command()
@click.argument("number", type=int)
@click.argument("address")
@with_app
def test(app: Flask, number: int, address: str) -> None:
    """Send one test copy to ADDRESS, through the gate; exit 1 unless the relay takes it."""
    session, site = db.session(), app.extensions["site"]
    relay = replace(tasks.relay(), timeout=TEST_PATIENCE)
    try:
        spelled = addresses.parsed(address, test_environment=site.development).spelled
        reader, one = Reader(spelled), the_campaign(number)
        tasks.try_opt_out(one.sender_id)
        reply = trials.send(session, site, relay, one, reader, clock.now())
    except checks.Refused as refusal:
        refuse(refusal)
    except addresses.BadAddress as error:
        raise Unusable(str(error)) from error
    except (
        Unlawful,
        trials.OptedOut,
        trials.NotOneOfUs,
        trials.Undelivered,
        BadTemplate,
        Unsendable,
    ) as error:
        answer_no(str(error))
    if not reply.is_positive:
        answer_no(f"The relay refused it: {reply.code} {reply.text}")
    audit.record(session, clock.now(), ACTOR, "campaign.test", f"campaign {number}")
    session.commit()
    click.echo(f"The relay took it: {reply.code} {reply.text}")


@campaign.command()
@click.argument("number", type=int)
@with_app
def report(app: Flask, number: int) -> None:
    """Print the readers by state, which add up to the audience, and by reason."""
    del app
    one = the_campaign(number)
    found = statistics.report(db.session(), one)
    click.echo(f"{one.name} ({one.status})")
    for status, count in found.states.items():
        click.echo(f"  {status:<12} {count:>9,}")
    click.echo(f"  {'audience':<12} {found.audience:>9,}")
    for reason, count in found.reasons.items():
        click.echo(f"    {count:>9,}  {reason}")


def aware(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unusable("--at must be like 2026-05-04T09:30+02:00.") from error
    if moment.tzinfo is None:
        raise Unusable("--at needs an offset, such as +02:00, or Z for UTC.")
    return moment
