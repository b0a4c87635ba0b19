"""`mailer verify`: the ledgers of this installation, or certificates from anywhere."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from mailer import clock, ledger
from mailer.cli.answers import Unusable
from mailer.cli.within import application
from mailer.db import db
from mailer.delivery import certificates
from mailer.delivery.chains import CHAINS


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[CERTIFICATE]...")
@click.option("--key", default="", help="The public key that must have signed every page.")
@click.pass_context
def verify(ctx: click.Context, files: tuple[Path, ...], key: str) -> None:
    """Check CERTIFICATE files, or walk this installation's ledgers when none is named.

    Exit 1 when anything was changed or removed behind our back. A file needs no database and no
    network. Of a ledger, each line ends with the count and the last seal. Keep them elsewhere:
    entries cut off at the end leave a shorter chain that holds, and only an older note of its
    length shows it.

    Readers' decisions wait some seconds for their seal; what waits now is sealed first. If it has
    waited for minutes, no process has kept the time, and that is exit 1 as well.
    """
    held = [check(file, key) for file in files] if files else walk(ctx)
    if not all(held):
        raise SystemExit(1)


def check(file: Path, key: str) -> bool:
    """Print whether one certificate holds; raises Unusable when it cannot be read."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror}.") from error
    try:
        pages = certificates.checked(data)
    except certificates.BadCertificate as error:
        click.echo(f"{file}: broken. {error}", err=True)
        return False
    signed_by = {page["public_key"] for page in pages}
    if key and signed_by != {key}:
        click.echo(f"{file}: signed by another key: {', '.join(sorted(signed_by))}", err=True)
        return False
    click.echo(
        f"{file}: intact, campaign {pages[0]['campaign']}, pages: "
        f"{', '.join(page['occasion'] for page in pages)}, signed by {', '.join(signed_by)}"
    )
    return True


def walk(ctx: click.Context) -> list[bool]:
    """Print whether each ledger holds."""
    with application(ctx).app_context():
        session, held = db.session(), []
        for title, model in CHAINS:
            name = title.lower()
            if issubclass(model, ledger.Waiting):
                held.append(is_sealed(session, name, model))
            count, seal = ledger.head(session, model)
            entry = ledger.first_broken(session, model)
            held.append(entry is None)
            click.echo(
                f"{name}: intact, {count} entries, the last sealed {seal}"
                if entry is None
                else f"{name}: broken at entry {entry}",
                err=entry is not None,
            )
        return held


def is_sealed(session: Session, name: str, model: type[ledger.Waiting]) -> bool:
    """Seal what waits; print and return False when it should not have waited for so long."""
    queue = ledger.waiting(session, model)
    while ledger.seal_waiting(session, model):
        session.commit()
    if not queue.is_stuck(clock.now()):
        return True
    since = f"{queue.since:%Y-%m-%d %H:%M}"
    click.echo(
        f"{name}: {queue.count} entries have waited for their seal since {since} UTC. They are "
        "sealed now. Keep `mailer run` or a worker running.",
        err=True,
    )
    return False
