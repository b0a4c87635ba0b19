"""Commands about relays: register who carries the mail, review their terms, see what came back."""

import click
from flask import Flask

from mailer import clock, tasks
from mailer.accounts import audit
from mailer.cli import parties
from mailer.cli.answers import Unusable
from mailer.cli.parties import A_DAY
from mailer.cli.steering import NO, the_campaign
from mailer.cli.within import ACTOR, with_app
from mailer.compliance.readiness import Transfer
from mailer.compliance.rules.origin import REVIEW_DAYS
from mailer.db import db
from mailer.delivery import relays, seeds
from mailer.delivery.relay_models import RegisteredRelay, SeedResult, SeedState

MOST = 20
INTERVAL = click.IntRange(1, REVIEW_DAYS)


@click.group("relay")
def relay() -> None:
    """Keep the register of relays, and look at the seed copies that came back through them."""


@relay.command("list")
@with_app
def index(app: Flask) -> None:
    """List the relays; the one in use is marked with a star."""
    host = app.extensions["site"].relay_host
    for one in relays.index(db.session()):
        mark = "*" if one.host == host else " "
        role = "own server" if one.is_own else "processor"
        reviewed = f"reviewed {one.reviewed_on} by {one.reviewed_by}"
        said = reviewed if one.reviewed_on else "never reviewed"
        click.echo(f"{mark} {one.host}  {one.legal_entity}, {one.country}, {role}; {said}")


@relay.command()
@click.option("--host", help="As in MAILER_SMTP_URL; the one in use if it is left out.")
@click.option("--name", required=True)
@click.option("--legal-entity", required=True)
@click.option("--country", required=True, help="ISO 3166-1 alpha-2.")
@click.option("--own", is_flag=True, help="A server of our own, not a firm that works for us.")
@click.option("--transfer", type=click.Choice([*Transfer]), default=Transfer.none.value)
@click.option("--transfer-checked-on", type=A_DAY)
@click.option("--contract", default="", help="What binds the firm, and where it is kept.")
@click.option("--contract-on", type=A_DAY)
@click.option("--review-days", type=INTERVAL, default=REVIEW_DAYS)
@with_app
def register(app: Flask, /, **given: object) -> None:
    """Register a relay; a second time, change its record."""
    session, now = db.session(), clock.now()
    details = read(app, given)
    row = relays.of_host(session, details.host)
    if row is None:
        row = relays.register(session, now, details)
    else:
        relays.edit(session, row, details)
    audit.record(session, now, ACTOR, "relays.register", f"relay {row.id}")
    session.commit()
    click.echo(f"{row.host} is registered. Now: mailer relay review {row.host} --by EMAIL")


def read(app: Flask, given: dict[str, object]) -> relays.Details:
    if not given["own"] and not given["contract"]:
        raise Unusable("A firm that works for us needs --contract; our own server needs --own.")
    return relays.Details(
        name=str(given["name"]),
        host=str(given["host"] or app.extensions["site"].relay_host).lower(),
        legal_entity=str(given["legal_entity"]),
        country=parties.country(given["country"]),
        is_own=bool(given["own"]),
        transfer=Transfer(str(given["transfer"])),
        transfer_checked_on=parties.day(given["transfer_checked_on"]),
        contract=str(given["contract"]),
        contract_on=parties.day(given["contract_on"]),
        review_days=int(str(given["review_days"])),
    )


@relay.command()
@click.argument("host")
@click.option("--by", required=True, help="The e-mail address of who has read the terms.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_app
def review(app: Flask, host: str, by: str, yes: bool) -> None:  # noqa: FBT001 - a flag
    """Note that somebody who may sign in has read the relay's terms today."""
    del app
    session, now, row = db.session(), clock.now(), the_relay(host)
    person = parties.reader_of_terms(by, row.legal_entity, yes=yes)
    relays.review(row, person.email, now)
    audit.record(session, now, ACTOR, "relays.review", f"relay {row.id}", reason=f"by {by}")
    session.commit()
    click.echo(f"Reviewed on {now:%Y-%m-%d} by {person.email}.")


@relay.command("seeds")
@with_app
def seen(app: Flask) -> None:
    """Show what came back through the relay in use, newest first."""
    for one in seeds.latest(db.session(), app.extensions["site"].relay_host, MOST):
        click.echo(described(one))


@relay.command("seed")
@click.argument("campaign", type=int)
@click.option("--host", help="Through this relay; the one that carries the campaign if left out.")
@with_app
def send(app: Flask, campaign: int, host: str | None) -> None:
    """Send a seed copy of a CAMPAIGN now; the tick looks for it. Exit 1 when it was not taken."""
    session, now = db.session(), clock.now()
    if tasks.seed() is None:
        raise Unusable("Set MAILER_SEED_ADDRESS and MAILER_SEED_MAILBOX first.")
    chosen, site = the_campaign(campaign), app.extensions["site"]
    if host is not None and host not in {one for one, _ in app.extensions["config"].relays}:
        raise Unusable(f"MAILER_SMTP_URL names no relay at {host}.")
    through = host or site.relay_of(chosen.sender.from_address)
    made = seeds.queue(session, through, chosen, now)
    audit.record(session, now, ACTOR, "campaign.seed", f"campaign {campaign}")
    session.commit()
    tasks.follow_seed(made.id)
    session.refresh(made)
    click.echo(described(made))
    if made.state is not SeedState.sent:
        raise SystemExit(NO)


def described(one: SeedResult) -> str:
    at = f"{one.created_at:%Y-%m-%d %H:%M}"
    found = "; ".join(str(finding["evidence"]) for finding in one.findings)
    told = " ".join(filter(None, (found, one.note)))
    return f"{at}  campaign {one.campaign_id:<5}  {one.state:<7}  {told}".rstrip()


def the_relay(host: str) -> RegisteredRelay:
    found = relays.of_host(db.session(), host.lower())
    if found is None:
        raise Unusable(f"{host} is not registered. `mailer relay list` shows what is.")
    return found
