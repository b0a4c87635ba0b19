"""Commands about how fast mail goes: limits set, lifted and listed."""

import click
from flask import Flask

from mailer import clock
from mailer.accounts import audit
from mailer.cli.answers import Unusable
from mailer.cli.relays import relay
from mailer.cli.within import ACTOR, with_app
from mailer.db import db
from mailer.delivery import allowances
from mailer.delivery.allowances import Allowance, BadLimit
from mailer.delivery.pace_models import About


@relay.command("limits")
@with_app
def index(app: Flask) -> None:
    """List what is allowed at each relay."""
    del app
    today = clock.now().date()
    for one in allowances.index(db.session()):
        click.echo(f"{one.host}  {allowances.place(one)}: {allowances.told(one, today)}")


@relay.command("limit")
@click.argument("host")
@click.option("--to", default="", help="Only mail to this domain's readers.")
@click.option("--from", "sender", default="", help="Only mail of this sender domain.")
@click.option("--per-second", type=float, help="Messages a second, of all workers together.")
@click.option("--connections", type=int, help="Connections at a time, of all workers together.")
@click.option("--per-day", type=int, help="Messages a day (UTC).")
@click.option("--warm-up", is_flag=True, help="Begin with 50 a day, and double that daily.")
@click.option("--none", "is_lifted", is_flag=True, help="Lift the limit.")
@with_app
def limit(app: Flask, /, **given: object) -> None:
    """Limit what is handed to the relay at HOST; a second time, change it."""
    del app
    if given["to"] and given["sender"]:
        raise Unusable("Give --to or --from, not both.")
    about = About.recipients if given["to"] else About.sender if given["sender"] else About.relay
    host, domain = str(given["host"]).lower(), str(given["to"] or given["sender"]).lower()
    words = lift(host, about, domain) if given["is_lifted"] else put(host, about, domain, given)
    db.session.commit()
    click.echo(words)


def put(host: str, about: About, domain: str, given: dict[str, object]) -> str:
    now = clock.now()
    numbers = {name: given[name] for name in ("per_second", "connections", "per_day")}
    warm_from = now.date() if given["warm_up"] else None
    try:
        made = allowances.put(
            db.session(),
            Allowance(host, about, domain, warm_from=warm_from, **numbers),  # type: ignore[arg-type]
        )
    except BadLimit as error:
        raise Unusable(str(error)) from error
    told = allowances.told(made, now.date())
    audit.record(db.session(), now, ACTOR, "relays.limit", f"relay {host}", reason=told)
    return f"{host}, {allowances.place(made)}: {told}."


def lift(host: str, about: About, domain: str) -> str:
    session = db.session()
    for one in allowances.index(session, (host,)):
        if (one.about, one.domain) == (about, domain):
            allowances.lift(session, one)
            what = allowances.place(one)
            audit.record(
                session, clock.now(), ACTOR, "relays.unlimit", f"relay {host}", reason=what
            )
            return f"{host}, {what}: no limit."
    raise Unusable("There is no such limit. `mailer relay limits` shows what there is.")
