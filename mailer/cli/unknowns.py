"""Commands about copies in doubt: list them, send them again, or say that they arrived."""

from datetime import datetime

import click
from flask import Flask
from sqlalchemy.orm import Session

from mailer import tasks
from mailer.campaigns.models import Campaign
from mailer.cli.campaigns import ACCEPT
from mailer.cli.steering import acceptance, ring, steer, the_campaign
from mailer.cli.within import ACTOR, with_app
from mailer.db import db
from mailer.delivery import news, resending, unknowns


@click.group()
def unknown() -> None:
    """Decide about copies that were handed over without an answer, by the campaign's number."""


@unknown.command("list")
@click.argument("campaign", type=int)
@with_app
def show(app: Flask, campaign: int) -> None:
    """Print the copies in doubt: address, cause, when they were handed over, and the relay."""
    del app
    one, session, page = the_campaign(campaign), db.session(), 1
    while found := unknowns.page(session, one.id, page):
        for doubt, copy in found:
            at = f"{doubt.handed_over_at:%Y-%m-%d %H:%M:%S}" if doubt.handed_over_at else "-"
            click.echo(f"{copy.email or 'erased'}  {doubt.cause}  {at}  {doubt.relay or '-'}")
        page += 1


@unknown.command()
@click.argument("campaign", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@ACCEPT
@with_app
def resend(app: Flask, campaign: int, yes: bool, accept: tuple[str, ...]) -> None:  # noqa: FBT001 - a flag
    """Send the copies in doubt once more; a finished campaign passes the gate again."""
    one, site, said = the_campaign(campaign), app.extensions["site"], acceptance(accept)
    total = demand_some(one)
    if not yes:
        db.session.rollback()  # while a person thinks, nobody waits for the database
        click.confirm(f"Whoever got the first gets a second copy: {total:,}. Go on?", abort=True)
    tasks.try_opt_out(the_campaign(campaign).sender_id)

    def again(session: Session, it: Campaign, now: datetime) -> None:
        resending.resend(session, site, it, now, said)

    steer(campaign, "campaign.resend", again)
    ring(app, campaign)
    click.echo(f"Sent again: {total:,}.")


@unknown.command()
@click.argument("campaign", type=int)
@click.option(
    "--message-id",
    "message_ids",
    multiple=True,
    help="Only the copy with this Message-ID, as your relay's log tells it; may be repeated.",
)
@with_app
def settle(app: Flask, campaign: int, message_ids: tuple[str, ...]) -> None:
    """Take your word that the copies in doubt arrived; nothing is sent."""
    keys, settled = app.extensions["site"].keys, []
    demand_some(the_campaign(campaign))

    def arrived(session: Session, it: Campaign, now: datetime) -> None:
        only = news.of_campaign(session, keys, it.id, message_ids) if message_ids else None
        settled.append(unknowns.settle(session, it, now, ACTOR, only))

    steer(campaign, "campaign.settle", arrived)
    click.echo(f"Taken to have arrived: {sum(settled):,}.")


def demand_some(campaign: Campaign) -> int:
    """Return how many copies are in doubt; end with a plain word when none is."""
    total = unknowns.number(db.session(), campaign.id)
    if not total:
        click.echo("Nothing is in doubt.")
        raise SystemExit(0)
    return total
