"""Commands about people: who may sign in, who reads, and who wants no more mail."""

import click
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock, tokens
from mailer.accounts import audit, permissions, signing_in, users
from mailer.accounts.factor import enrolment, mails
from mailer.accounts.factor.mails import About
from mailer.accounts.models import User
from mailer.audience import addresses, consent, lists, readers, senders, subscriptions, suppressions
from mailer.audience.consent import Evidence
from mailer.audience.enrolment import Person
from mailer.audience.models import MailingList, Sender, Subscriber
from mailer.audience.subscriptions import OptOut
from mailer.audience.words import ConsentMethod, Scope
from mailer.cli.answers import Unusable
from mailer.cli.within import ACTOR, named_actor, with_app
from mailer.db import db
from mailer.delivery import biography
from mailer.links import Site


@click.command("sign-in-link")
@click.argument("email")
@with_app
def sign_in_link(app: Flask, email: str) -> None:
    """Print a one-time sign-in link, valid for an hour; older links of the person end."""
    person = users.by_email(db.session(), email)
    if person is None or not person.active:
        raise Unusable(f"Nobody who may sign in has the address {email}.")
    click.echo(invite(app, person, "users.link"))


@click.group()
def user() -> None:
    """Keep the people who may sign in."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(list(permissions.ROLES)), required=True)
@click.option("--name", default="")
@with_app
def user_add(app: Flask, email: str, role: str, name: str) -> None:
    """Add a person who may sign in, and print the one-time link to pass on."""
    try:
        person = users.add(db.session(), clock.now(), email, name, role)
    except users.Refused as refusal:
        raise Unusable(str(refusal)) from refusal
    click.echo(invite(app, person, "users.add"))


@user.group("factor")
def user_factor() -> None:
    """Keep their second factors."""


@user_factor.command("remove")
@click.argument("email")
@with_app
def user_factor_remove(app: Flask, email: str) -> None:
    """Remove a person's second factor when phone and recovery codes are lost; she is told."""
    del app
    session, now = db.session(), clock.now()
    person = users.by_email(session, email)
    if person is None or not enrolment.remove(session, person):
        raise Unusable(f"Nobody with the address {email} has a second factor.")
    mails.owe(session, now, person, About.reset)
    audit.record(session, now, named_actor(), "factor.reset", f"user {person.id}")
    session.commit()
    click.echo(f"{person.email} signs in by the password alone, and is signed out everywhere.")


def invite(app: Flask, person: User, action: str) -> str:
    """Return a new link for the person, with the act recorded and committed."""
    session, now = db.session(), clock.now()
    url = signing_in.link(session, app.extensions["site"], person, now)
    audit.record(session, now, ACTOR, action, f"user {person.id}")
    session.commit()
    return url


@click.group()
def reader() -> None:
    """Keep the readers."""


@reader.command("add")
@click.argument("list_name", metavar="LIST")
@click.argument("email")
@click.option("--name", default="")
@click.option("--basis", required=True, help="How she agreed: the consent ledger keeps it.")
@with_app
def reader_add(app: Flask, list_name: str, email: str, name: str, basis: str) -> None:
    """Put a reader on LIST (its number, public id or name); she may be asked to confirm."""
    session, now = db.session(), clock.now()
    mailing_list = the_list(session, list_name)
    try:
        person = Person(
            addresses.parsed(email, test_environment=app.extensions["config"].is_development),
            addresses.clean_name(name),
        )
        keys = app.extensions["site"].keys
        evidence = Evidence(shown=basis, actor=ACTOR)
        subscription, added = readers.add(session, now, keys, mailing_list, person, evidence)
    except (
        addresses.BadAddress,
        addresses.BadName,
        readers.Unwilling,
        readers.AlreadyThere,
    ) as refusal:
        raise Unusable(str(refusal)) from refusal
    subject = biography.subject(subscription.subscriber_id)
    audit.record(session, now, ACTOR, "subscribers.add", subject, reason=f"list {mailing_list.id}")
    session.commit()
    click.echo(f"{person.address.spelled} on {mailing_list.name}: {added}")


@reader.command("show")
@click.argument("email")
@with_app
def reader_show(app: Flask, email: str) -> None:
    """Print what is known of a reader: lists, refusals, and what she decided when."""
    session = db.session()
    found = the_reader(session, app.extensions["site"], email)
    click.echo(f"{found.email}  {found.name}  {found.status}  (number {found.id})")
    for place in found.subscriptions:
        click.echo(f"  list     {place.list.name}: {place.status}")
    for held in suppressions.in_force(session, found.address_key):
        click.echo(f"  refusal  {held.scope} {held.scope_id or ''}: {held.reason}")
    for event in consent.history(session, found.address_key):
        where = f" list {event.list_id}" if event.list_id else ""
        click.echo(f"  consent  {event.at:%Y-%m-%d %H:%M} {event.action} by {event.method}{where}")


@click.command()
@click.argument("email")
@click.option("--list", "list_name", metavar="LIST", help="From one list.")
@click.option("--sender", "sender_name", metavar="SENDER", help="From all mail of a sender.")
@with_app
def unsubscribe(app: Flask, email: str, list_name: str | None, sender_name: str | None) -> None:
    """Take a reader's word that she wants no more mail; at once, and without a question."""
    session, now = db.session(), clock.now()
    if (list_name is None) == (sender_name is None):
        raise Unusable("Give either --list or --sender.")
    found = the_reader(session, app.extensions["site"], email)
    wish = wish_of(session, found, list_name, sender_name)
    subscriptions.unsubscribe(session, now, wish, ConsentMethod.staff, Evidence(actor=ACTOR))
    subject = biography.subject(found.id)
    audit.record(session, now, ACTOR, "subscribers.unsubscribe", subject, reason=str(wish.scope))
    session.commit()
    click.echo(f"{found.email} gets no more mail from {list_name or sender_name}.")


def wish_of(
    session: Session, found: Subscriber, list_name: str | None, sender_name: str | None
) -> OptOut:
    if list_name is not None:
        return OptOut(the_list(session, list_name).id, found.id)
    sender = the_sender(session, sender_name or "")
    if not sender.lists:
        raise Unusable(f"{sender.legal_name} has no list, so there is nothing to leave.")
    return OptOut(sender.lists[0].id, found.id, scope=Scope.sender)


def the_list(session: Session, name: str) -> MailingList:
    """Return the one list of this number, public id or name."""
    found = [one for one in lists.index(session) if name in {str(one.id), one.public_id, one.name}]
    if len(found) != 1:
        raise Unusable(f"{len(found) or 'No'} lists answer to {name!r}. Give a list's number.")
    return found[0]


def the_sender(session: Session, name: str) -> Sender:
    """Return the one sender of this number, legal name or From address."""
    found = [
        one
        for one in senders.index(session)
        if name in {str(one.id), one.legal_name, one.from_address}
    ]
    if len(found) != 1:
        raise Unusable(f"{len(found) or 'No'} senders answer to {name!r}. Give a sender's number.")
    return found[0]


def the_reader(session: Session, site: Site, email: str) -> Subscriber:
    """Return the reader of this address."""
    try:
        address = addresses.parsed(email, test_environment=site.development)
    except addresses.BadAddress as error:
        raise Unusable(str(error)) from error
    prints = tokens.fingerprints(site.keys, address.normalised)
    chosen = sa.select(Subscriber).where(Subscriber.address_key.in_(prints))
    found = session.scalars(chosen.order_by(Subscriber.id.desc())).first()
    if found is None:
        raise Unusable(f"There is no reader with the address {email}.")
    return found
