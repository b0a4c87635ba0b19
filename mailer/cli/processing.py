"""Commands about processors: who gets readers' data, on what terms, and who read them."""

import click
from flask import Flask

from mailer import clock, desk
from mailer.accounts import audit
from mailer.cli import parties
from mailer.cli.answers import Unusable
from mailer.cli.parties import A_DAY
from mailer.cli.within import ACTOR, with_app
from mailer.compliance.readiness import Transfer
from mailer.compliance.rules.origin import REVIEW_DAYS
from mailer.db import db
from mailer.delivery.processors import register
from mailer.delivery.processors.models import Role, Service

INTERVAL = click.IntRange(1, register.LONGEST_REVIEW)


@click.group()
def processors() -> None:
    """Keep the register of everybody whom readers' data is handed to."""


@processors.command("list")
@with_app
def index(app: Flask) -> None:
    """Print each party in force, relays first. Exit code 1 when a review is missing or overdue."""
    del app
    today = clock.now().date()
    found = register.entries(db.session(), desk.settings().relays)
    for one in found:
        reviewed = f"reviewed {one.reviewed_on}, next by {one.due_on}"
        said = reviewed if one.reviewed_on else "never reviewed"
        late = "  OVERDUE" if one.is_overdue(today) else ""
        who = f"{one.legal_entity}, {one.country}" if one.legal_entity else "not registered"
        click.echo(f"{one.name}  {who}, {one.role}: {one.services}; {one.transfer}; {said}{late}")
    if any(one.is_overdue(today) for one in found):
        raise SystemExit(1)


@processors.command()
@click.argument("name")
@click.option("--role", type=click.Choice([*Role]), default=Role.processor.value)
@click.option("--services", required=True, help="What it does; readers see this in the policy.")
@click.option("--legal-entity", required=True)
@click.option("--country", required=True, help="ISO 3166-1 alpha-2.")
@click.option("--transfer", type=click.Choice([*Transfer]), default=Transfer.none.value)
@click.option("--transfer-checked-on", type=A_DAY)
@click.option("--contract", default="", help="What binds it, and where that is kept.")
@click.option("--contract-on", type=A_DAY)
@click.option("--review-days", type=INTERVAL, default=REVIEW_DAYS)
@with_app
def enter(app: Flask, /, **given: object) -> None:
    """Register a service by its NAME; a second time, change its record."""
    del app
    session, now, details = db.session(), clock.now(), read(given)
    row = register.named(session, details.name)
    if row is None:
        row = register.enter(session, now, details)
    else:
        register.edit(session, row, details)
    noted(row, "processors.enter")
    click.echo(f"{row.name} is registered. Now: mailer privacy processors review {row.name!r}")


def read(given: dict[str, object]) -> register.Details:
    role = Role(str(given["role"]))
    if not given["contract"] and role is not Role.controller:
        raise Unusable("Who works for us or with us needs --contract.")
    return register.Details(
        name=str(given["name"]),
        services=str(given["services"]),
        legal_entity=str(given["legal_entity"]),
        contract=str(given["contract"]),
        contract_on=parties.day(given["contract_on"]),
        transfer_checked_on=parties.day(given["transfer_checked_on"]),
        role=role,
        country=parties.country(given["country"]),
        transfer=Transfer(str(given["transfer"])),
        review_days=int(str(given["review_days"])),
    )


@processors.command()
@click.argument("name")
@click.option("--by", required=True, help="The e-mail address of who has read the terms.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_app
def review(app: Flask, name: str, by: str, yes: bool) -> None:  # noqa: FBT001 - a flag
    """Note that somebody who may sign in has read the terms of a service today."""
    del app
    now, row = clock.now(), the_service(name)
    person = parties.reader_of_terms(by, row.legal_entity, yes=yes)
    register.review(row, person.email, now)
    noted(row, "processors.review", f"by {by}")
    click.echo(f"Reviewed on {now:%Y-%m-%d} by {person.email}.")


@processors.command()
@click.argument("name")
@with_app
def end(app: Flask, name: str) -> None:
    """Note that nothing is handed to a service any more."""
    del app
    row = the_service(name)
    register.end(row, clock.now())
    noted(row, "processors.end")
    click.echo(f"Nothing is handed to {row.name} any more.")


def noted(row: Service, action: str, reason: str = "") -> None:
    session = db.session()
    audit.record(session, clock.now(), ACTOR, action, f"processor {row.id}", reason=reason)
    session.commit()


def the_service(name: str) -> Service:
    found = register.named(db.session(), name)
    if found is None:
        raise Unusable(f"{name} is not registered. `mailer privacy processors list` shows who is.")
    return found
