"""Commands that take in a file of readers: checked first, run, watched, and undone."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
import sqlalchemy as sa
from flask import Flask
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mailer import clock, importing
from mailer.accounts import audit
from mailer.audience.imports import arrivals, batches, rows
from mailer.audience.imports.batches import BadChoice, Choices, Forbidden, WrongState
from mailer.audience.imports.models import AT_WORK, Basis, Fault, Import, State
from mailer.audience.imports.reading.archives import BadFile
from mailer.audience.imports.reading.targets import Target
from mailer.cli.answers import Unusable
from mailer.cli.people import the_list
from mailer.cli.within import ACTOR, with_app
from mailer.compliance.acts import Provenance
from mailer.compliance.finding import Severity
from mailer.db import db

PAUSE = 1.0
WAITING = "Another process works on it, or this installation is on hold (see `mailer setup`)."
# Of a person who gives the words on the command line; others answer by name on the pages.
VERBS = {"pause": batches.pause, "resume": batches.resume, "undo": batches.undo}


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--list", "names", metavar="LIST", multiple=True, required=True)
@click.option("--provenance", type=click.Choice(list(Provenance)), required=True)
@click.option("--basis", type=click.Choice(list(Basis)), required=True)
@click.option("--evidence", required=True, help="What proves it; each consent receipt keeps it.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of the purchase, inquiry or yes where a row names none.",
)
@click.option("--column", "columns", multiple=True, metavar="HEADING=WHAT")
@click.option("--parents-agreed", is_flag=True, help="You vouch for it, on a list for children.")
@click.option("--overwrite", is_flag=True, help="Take names and details from the file.")
@click.option("--reason", default="", help="Why it is right although the check warns.")
@click.option("--dry-run", is_flag=True, help="Only count what would happen.")
@with_app
def import_file(app: Flask, /, file: Path, dry_run: bool, reason: str, **given: object) -> None:  # noqa: FBT001
    """Take the readers in FILE (CSV, or a zip archive of some) in; no option lifts an opt-out.

    Exit codes: 0 done, 1 the law forbids it, 2 the file or a choice cannot be used.
    """
    del app
    session = db.session()
    try:
        with file.open("rb") as content:
            batch = arrivals.create(session, clock.now(), ACTOR, file.name, content)
        choices = chosen(batch, **given)  # type: ignore[arg-type]
        batches.arrange(session, clock.now(), ACTOR, batch, choices)
    except (BadFile, BadChoice) as error:
        raise Unusable(str(error)) from error
    except Forbidden as forbidden:
        for found in forbidden.findings:
            click.echo(f"{found.rule} {found.title}: {found.evidence} ({found.citation})")
        sys.exit(1)
    number = batch.id
    note("check", number)
    work(number)
    batch = session.get_one(Import, number, populate_existing=True)
    tell(batch, batch.forecast, "would be")
    if batch.state is State.failed:
        raise Unusable(batch.problem)
    start(batch, dry_run=dry_run, reason=reason)


def start(batch: Import, *, dry_run: bool, reason: str) -> None:
    """Run what was checked, unless the law forbids it or nobody asked for it."""
    number = batch.id
    if any(found["severity"] == Severity.refuse for found in batch.findings):
        sys.exit(1)
    if dry_run:
        batches.cancel(db.session(), clock.now(), number)
        note("cancel", number)
        return
    try:
        batches.begin(db.session(), clock.now(), batch, reason=reason)
    except BadChoice as error:
        db.session.rollback()
        raise Unusable(f"{error} Give --reason.") from error
    note("begin", number, reason)
    finish(number)


def chosen(  # noqa: PLR0913 - the command's own options
    batch: Import,
    *,
    names: tuple[str, ...],
    provenance: str,
    basis: str,
    evidence: str,
    columns: tuple[str, ...],
    overwrite: bool,
    parents_agreed: bool,
    since: datetime | None,
) -> Choices:
    mapping = {heading: Target(target) for heading, target in batch.mapping}
    for pair in columns:
        heading, _, what = pair.rpartition("=")
        if heading not in mapping or what not in set(Target):
            words = ", ".join(Target)
            raise Unusable(f"--column wants a heading of the file, =, and one of: {words}.")
        mapping[heading] = Target(what)
    numbers = tuple(the_list(db.session(), name).id for name in names)
    return Choices(
        mapping,
        numbers,
        Provenance(provenance),
        Basis(basis),
        evidence,
        overwrite,
        since.date() if since else None,
        ACTOR if parents_agreed else "",
    )


@click.group()
def imports() -> None:
    """Keep the imports."""


@imports.command("list")
@with_app
def index(app: Flask) -> None:
    """Print all imports, the newest first."""
    del app
    for batch in db.session.scalars(sa.select(Import).order_by(Import.id.desc())):
        click.echo(f"{batch.id}  {batch.state}  {batch.position}/{batch.total}  {batch.filename}")


@imports.command("show")
@click.argument("number", type=int)
@click.option("--faults", is_flag=True, help="Each row that was not simply taken.")
@with_app
def show(app: Flask, number: int, faults: bool) -> None:  # noqa: FBT001
    """Print the report of import NUMBER."""
    del app
    batch = the_batch(number)
    tell(batch, batch.counts, "are")
    names = [sheet.name for sheet in rows.sheets(batch)]
    if faults:
        kept = sa.select(Fault).where(Fault.import_id == number).order_by(Fault.id)
        for fault in db.session.scalars(kept):
            click.echo(f"  {names[fault.part]}:{fault.line}  {fault.outcome}  {fault.reason}")


@imports.command("go-on")
@click.argument("number", type=int)
@with_app
def go_on(app: Flask, number: int) -> None:
    """Go on with import NUMBER here, be it paused or left by a process that has ended."""
    del app
    if the_batch(number).state is State.paused:
        steer(number, "resume")
    finish(number)


@imports.command("pause")
@click.argument("number", type=int)
@with_app
def pause(app: Flask, number: int) -> None:
    """Pause import NUMBER; what is done stays."""
    del app
    steer(number, "pause")


@imports.command("undo")
@click.argument("number", type=int)
@with_app
def undo(app: Flask, number: int) -> None:
    """Take out again what import NUMBER has added and nobody has touched; opt-outs stay."""
    del app
    steer(number, "undo")
    work(number)
    done = the_batch(number).undone
    words = ("places", "people", "kept")
    click.echo(", ".join(f"{done.get(word, 0)} {word}" for word in words))


def steer(number: int, verb: str) -> None:
    batch = the_batch(number)
    try:
        VERBS[verb](db.session(), number)
    except WrongState as error:
        raise Unusable(f"Import {number} is {batch.state}: too late for that.") from error
    note(verb, number)


def the_batch(number: int) -> Import:
    batch = db.session.get(Import, number, populate_existing=True)
    if batch is None:
        raise Unusable(f"There is no import {number}.")
    return batch


def finish(number: int) -> None:
    work(number)
    batch = the_batch(number)
    tell(batch, batch.counts, "are")
    if batch.state is not State.finished:
        raise Unusable(f"Import {number} is {batch.state}. {batch.problem}")


def work(number: int) -> None:
    """Work on an import in this process until it rests, or wait for the process that does."""
    is_waiting = False
    with bar(number) as told:
        while the_batch(number).state in AT_WORK:
            db.session.rollback()
            if not importing.take_in(number, told):
                if not is_waiting:
                    click.echo(WAITING, err=True)
                is_waiting = True
                time.sleep(PAUSE)
            told()


@contextmanager
def bar(number: int) -> "Iterator[Told]":
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), disable=not sys.stderr.isatty()) as progress:
        yield Told(progress, number)


class Told:
    """Shows how far an import is; without a terminal it shows nothing."""

    def __init__(self, progress: Progress, number: int) -> None:
        self.progress, self.number = progress, number
        self.task = progress.add_task("", total=None)

    def __call__(self) -> None:
        if self.progress.disable:
            return
        batch = the_batch(self.number)
        self.progress.update(
            self.task,
            description=batch.state.value,
            completed=batch.position,
            total=batch.total or None,
        )
        db.session.rollback()


def tell(batch: Import, counts: dict[str, int], verb: str) -> None:
    """Print how many rows came to what, and what the gate found."""
    click.echo(f"Import {batch.id}, {batch.filename}: {batch.total} rows")
    for outcome, count in counts.items():
        click.echo(f"  {count:>9} {verb} {outcome.replace('_', ' ')}")
    for found in batch.findings:
        click.echo(f"{found['rule']} {found['severity'].upper()}  {found['evidence']}")
        click.echo(f"    {found['fix']} ({found['citation']})")


def note(action: str, number: int, reason: str = "") -> None:
    session, subject = db.session(), f"import {number}"
    audit.record(session, clock.now(), ACTOR, f"imports.{action}", subject, reason=reason)
    session.commit()
