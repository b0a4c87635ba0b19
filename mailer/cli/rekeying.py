"""The command that moves what is kept about readers to the newest suppression key."""

import sys

import click
from flask import Flask
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from sqlalchemy.orm import Session

from mailer import clock, guard
from mailer.accounts import audit
from mailer.audience.turning import everybody
from mailer.audience.turning.everybody import Need
from mailer.cli.answers import Unusable
from mailer.cli.within import ACTOR, with_app
from mailer.db import db
from mailer.delivery import instance
from mailer.tokens import Keys

FALLBACKS = "MAILER_SUPPRESSION_KEY_FALLBACKS"


@click.command()
@with_app
def rekey(app: Flask) -> None:
    """Move every reader to the newest suppression key, and say which former ones are needed.

    It may be interrupted and called again, while mail is being sent. Whose address is not known
    here stays under the key that it is kept with, and is found by it: that key must be kept.
    """
    session, keys = db.session(), app.extensions["site"].keys
    if not keys.former:
        raise Unusable(
            f"There is one suppression key alone; the former one belongs in {FALLBACKS}."
        )
    demand_keys(session, keys)
    moved = turn(session, keys)
    needs = everybody.needs(session, keys)
    note = f"{moved} readers to version {everybody.newest(keys)}"
    audit.record(session, clock.now(), ACTOR, "suppressions.rekey", "suppressions", reason=note)
    session.commit()
    click.echo(f"{moved:,} readers moved to key {everybody.newest(keys)} ({keys.marks[0]}).")
    for need in needs:
        conclude(session, need)


def demand_keys(session: Session, keys: Keys) -> None:
    """Remember that the newest key is needed from now on; raises Unusable where one is missing."""
    guard.is_free()
    mark = instance.known(session)
    if mark is None or instance.lacks_key(mark, keys.marks):
        raise Unusable(instance.Doubt.key.value)
    instance.need_keys(mark, keys.marks)
    session.commit()


def turn(session: Session, keys: Keys) -> int:
    """Turn all, each portion with a commit, and return how many were behind."""
    behind, last = everybody.behind(session, keys), 0
    session.rollback()
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=behind)
        while found := everybody.portion(session, clock.now(), keys, last):
            session.commit()
            last = found.last
            bar.advance(task, found.readers)
    session.commit()
    return behind - everybody.behind(session, keys)


def conclude(session: Session, need: Need) -> None:
    """Say whether a former key is needed; one that is not may be missing from now on."""
    name = f"key {need.version} ({need.mark})"
    if need.readers:
        click.echo(
            f"{need.readers:,} readers still stand under {name}, because their address is not the "
            "one that it was made of, or stands here twice. Keep that key.",
            err=True,
        )
    elif need.refusals:
        click.echo(f"{need.refusals:,} opt-outs still need {name}: keep it in {FALLBACKS}.")
    else:
        mark = instance.known(session)
        if mark is not None:
            instance.let_go_of_key(mark, need.mark)
            session.commit()
        click.echo(f"Nothing needs {name} any more: take it out of {FALLBACKS}.")
