"""Commands about the installation itself: whether it may send, and a person's word that it may."""

import click
from flask import Flask

from mailer import guard
from mailer.cli.steering import NO
from mailer.cli.within import ACTOR, with_app


@click.group()
def instance() -> None:
    """Say which installation goes on after a backup was restored or a machine was copied."""


@instance.command("show")
@with_app
def show(app: Flask) -> None:
    """Look whether this installation may send; exit 1 while sending is on hold."""
    del app
    if not guard.is_free():
        mark = guard.held()
        click.echo(f"Sending is on hold. {mark.why if mark else ''}".strip())
        raise SystemExit(NO)
    click.echo("Nothing is on hold.")


@instance.command("confirm")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_app
def confirm(app: Flask, yes: bool) -> None:  # noqa: FBT001 - a flag
    """Let sending go on here; campaigns that were paused are resumed one by one."""
    del app
    if guard.is_free():
        click.echo("Nothing is on hold.")
        return
    if not yes:
        question = "Is this the one installation that goes on, and is the original switched off?"
        click.confirm(question, abort=True)
    guard.confirm(ACTOR)
    click.echo("This installation sends again. Resume its campaigns one by one.")
