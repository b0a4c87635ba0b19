"""Commands about the policy: what it says now, its versions, and telling readers of a new one."""

import sys
from collections.abc import Iterator

import click
from flask import Flask

from mailer import clock, desk
from mailer.accounts import audit
from mailer.cli.answers import Unusable
from mailer.cli.within import ACTOR, with_app
from mailer.db import db
from mailer.privacy.policy import notices, pages, texts, versions
from mailer.privacy.policy.models import Page, PolicyVersion

PAGES = click.Choice([page.value for page in Page])
SIGNS = {"added": "+", "removed": "-", "kept": " "}
NOT_NOTED = 1


@click.group()
def policy() -> None:
    """Read the pages /privacy and /cookies, write between their facts, and keep their versions."""


@policy.command("list")
@with_app
def index(app: Flask) -> None:
    """Print the versions of both pages, the newest first.

    Exit code 1 while a page says what is no version yet: the clock notes it within ten minutes.
    """
    del app
    session, settings, is_noted = db.session(), desk.settings(), True
    for page in Page:
        found = versions.index(session, page)
        for one in found:
            click.echo(f"{page} {one.number}  {one.at:%Y-%m-%d %H:%M}  {one.actor or 'a setting'}")
        if not found or found[0].digest != pages.document(session, page, settings).digest:
            is_noted = False
            click.echo(f"{page}  now: no version yet")
    if not is_noted:
        sys.exit(NOT_NOTED)


@policy.command()
@click.argument("page", type=PAGES)
@click.argument("number", type=int, required=False)
@with_app
def show(app: Flask, page: str, number: int | None) -> None:
    """Print a PAGE as it is now, or its version NUMBER as it stood."""
    del app
    if number is None:
        click.echo(pages.document(db.session(), Page(page), desk.settings()).content)
    else:
        click.echo(the_version(page, number).content)


@policy.command()
@click.argument("page", type=PAGES)
@click.argument("older", type=int)
@click.argument("newer", type=int)
@click.option("--all", "is_whole", is_flag=True, help="Also the lines that stayed.")
@with_app
def diff(app: Flask, page: str, older: int, newer: int, is_whole: bool) -> None:  # noqa: FBT001 - a flag
    """Print what came (+) and what went (-) from version OLDER to version NEWER of a PAGE."""
    del app
    for one in versions.changes(the_version(page, older), the_version(page, newer)):
        if is_whole or one.kind != "kept":
            click.echo(f"{SIGNS[one.kind]} {one.line}")


@policy.command()
@click.argument("page", type=PAGES)
@click.argument("section")
@click.argument("text", type=click.File(encoding="utf-8"))
@with_app
def write(app: Flask, page: str, section: str, text: Iterator[str]) -> None:
    """Put the TEXT of a file (Markdown; - reads standard input) behind a SECTION of a PAGE.

    An empty one takes away what stood there. Facts can neither be changed nor removed.
    """
    del app
    session, which, body = db.session(), Page(page), "".join(text).strip()
    known = [one.key for one in pages.document(session, which, desk.settings()).sections]
    if section not in known:
        raise Unusable(f"The sections are: {', '.join(known)}.")
    if len(body) > texts.LONGEST:
        raise Unusable(f"At most {texts.LONGEST} characters.")
    texts.keep(session, which, {**texts.of(session, which), section: body})
    note(which, "policy.edit")


@policy.command()
@click.argument("page", type=PAGES)
@with_app
def publish(app: Flask, page: str) -> None:
    """Note what a PAGE says now as a version, without waiting for the clock."""
    del app
    note(Page(page), "policy.publish")


@policy.command()
@click.argument("page", type=PAGES)
@click.argument("number", type=int)
@with_app
def notify(app: Flask, page: str, number: int) -> None:
    """Draft a service notice about version NUMBER; a person reads it, and sends it or not."""
    session, version = db.session(), the_version(page, number)
    made = notices.draft(session, app.extensions["site"].public_url, version, clock.now())
    if not made:
        raise Unusable("No list is in use, so there is nobody to tell.")
    audit.record(session, clock.now(), ACTOR, "policy.notify", versions.subject(version))
    session.commit()
    for campaign in made:
        click.echo(f"Campaign {campaign.id} is a draft: {campaign.name}.")


def note(page: Page, action: str) -> None:
    """Make a version of what a page says, if that is new, and commit."""
    session, now = db.session(), clock.now()
    document = pages.document(session, page, desk.settings())
    version = versions.note(session, page, document, now, ACTOR)
    if version is None:
        click.echo("Nothing changed.")
        return
    audit.record(session, now, ACTOR, action, versions.subject(version))
    session.commit()
    click.echo(f"Version {version.number} is what readers see now.")


def the_version(page: str, number: int) -> PolicyVersion:
    found = versions.numbered(db.session(), Page(page), number)
    if found is None:
        raise Unusable(f"The {page} page has no version {number}. `mailer policy list` shows all.")
    return found
