"""What the commands about relays and about other processors have in common."""

from datetime import date

import click

from mailer.accounts import users
from mailer.accounts.models import User
from mailer.cli.answers import Unusable
from mailer.db import db

A_DAY = click.DateTime(["%Y-%m-%d"])


def day(given: object) -> date | None:
    return given.date() if hasattr(given, "date") else None


def country(given: object) -> str:
    """Return a country as ISO 3166-1 alpha-2 writes it; raises Unusable."""
    code = str(given).upper()
    if not (len(code) == 2 and code.isascii() and code.isalpha()):  # noqa: PLR2004 - alpha-2
        raise Unusable("A country is two letters, such as DE.")
    return code


def reader_of_terms(by: str, entity: str, *, yes: bool) -> User:
    """Return who has read the terms of a legal entity, asked for her word; raises Unusable."""
    session = db.session()
    person = users.by_email(session, by)
    if person is None:
        raise Unusable(f"Nobody signs in as {by}.")
    if not yes:
        session.rollback()  # while a person thinks, nobody waits for the database
        question = f"{by} has read the terms of {entity} and checked this record?"
        click.confirm(question, abort=True)
    return person
