"""Commands about suppressions: put one in force, and exchange many with whoever mails for us."""

from datetime import UTC, datetime, time
from pathlib import Path

import click
from flask import Flask
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts import audit
from mailer.audience import addresses
from mailer.audience.suppressing import exchange, staff
from mailer.audience.suppressions import IMPORTED, Refusal
from mailer.audience.words import Scope
from mailer.cli.answers import Unusable
from mailer.cli.data import fresh
from mailer.cli.people import the_sender
from mailer.cli.rekeying import rekey
from mailer.cli.within import ACTOR, named_actor, with_app
from mailer.db import db
from mailer.delivery import relays
from mailer.delivery.relay_models import RegisteredRelay

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
HELD = "Readers who are suppressed, but have no record here, cannot be hashed with another key."


@click.command()
@click.argument("target", metavar="ADDRESS|DOMAIN")
@click.option("--reason", type=click.Choice(staff.REASONS), required=True)
@click.option("--note", default="", help="How and when it became known.")
@click.option("--sender", "sender_name", metavar="SENDER", help="All mail of one sender only.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day (UTC).")
@with_app
def suppress(
    app: Flask,
    target: str,
    reason: str,
    note: str,
    sender_name: str | None,
    until: datetime | None,
) -> None:
    """Keep all mail from an address, or from every address of a domain.

    ``objected`` is the person's own word, which only she takes back; ``blocked`` and ``invalid``
    are ours, and may have an end. For one list alone use `mailer unsubscribe`.
    """
    session, now, site = db.session(), clock.now(), app.extensions["site"]
    ends = until and datetime.combine(until.date(), time.max, tzinfo=UTC)
    try:
        about = staff.target(site.keys, target, test_environment=site.development)
        scope, of = reach(session, sender_name, is_domain=about.is_domain)
        refusal = Refusal(scope, of, reason, note=note, actor=ACTOR, ends_at=ends)
        made = staff.suppress(session, now, site.keys, about, refusal)
    except (addresses.BadAddress, staff.BadOrder) as error:
        raise Unusable(str(error)) from error
    if made is not None:
        audit.record(session, now, ACTOR, "suppressions.add", f"suppression {made}", reason=reason)
    session.commit()
    click.echo(f"Suppressed as number {made}." if made else "It was suppressed before.")


def reach(session: Session, sender_name: str | None, *, is_domain: bool) -> tuple[Scope, int]:
    if sender_name is not None:
        return Scope.sender, the_sender(session, sender_name).id
    return Scope.domain if is_domain else Scope.everything, 0


@click.group("suppressions")
def suppressed() -> None:
    """Keep those who must get no mail, and tell those who mail for us."""


@suppressed.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why; the audit log keeps it.")
@with_app
def end(app: Flask, number: int, reason: str) -> None:
    """End one that was our own decision; a person's own word only she takes back."""
    del app
    session, now = db.session(), clock.now()
    try:
        ended = staff.end(session, now, number)
    except staff.NotOurs as error:
        raise Unusable(str(error)) from error
    if ended is None:
        raise Unusable(f"No suppression {number} is in force.")
    audit.record(session, now, ACTOR, "suppressions.end", f"suppression {number}", reason=reason)
    session.commit()
    click.echo("Ended. Whatever else stands against the address goes on.")


@suppressed.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--processor", required=True, metavar="HOST", help="Its host in the relay register.")
@click.option("--sender", "sender_name", required=True, help="Whose mail it sends for us.")
@click.option("--key-file", type=FILE, required=True, help="The key agreed upon with it.")
@click.option("--purpose", type=click.Choice(["compliance"]), required=True)
@with_app
def hand_out(
    app: Flask, file: Path, processor: str, sender_name: str, key_file: Path, purpose: str
) -> None:
    """Write to FILE, hashed, whom a registered processor must not mail.

    That is the one purpose for which opt-outs may be passed on (15 U.S.C. 7704(a)(4)(A)(iv)).
    Each line is HMAC-SHA-256 of the lower-case address under the agreed key.
    """
    del app
    session, now = db.session(), clock.now()
    whom, sender = the_processor(session, processor), the_sender(session, sender_name)
    key = agreed(key_file)
    with fresh(file) as out:
        lines = list(exchange.hand_out(session, key, sender.id))
        out.write("".join(f"{line}\n" for line in lines).encode())
        note = f"{purpose}: {len(lines) - 1} hashes, sender {sender.id}"
        audit.record(
            session, now, named_actor(), "suppressions.export", f"relay {whom.id}", reason=note
        )
        session.commit()
    click.echo(f"Wrote {file}: {len(lines) - 1} hashes for {whom.legal_entity}. {HELD}")


@suppressed.command("import")
@click.argument("file", type=FILE)
@click.option("--key-file", type=FILE, help="FILE holds hashes made with this agreed key.")
@click.option("--note", default="", help="Where the file comes from.")
@with_app
def take_in(app: Flask, file: Path, key_file: Path | None, note: str) -> None:
    """Suppress all in FILE: addresses as CSV, or hashes made with an agreed key.

    They count as these people's own word, given elsewhere: only they take it back. Of hashes,
    those count that fit a reader who has a record here.
    """
    session, now, site = db.session(), clock.now(), app.extensions["site"]
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        try:
            if key_file is not None:
                listed = exchange.matched(session, agreed(key_file), text)
            else:
                listed = exchange.read(text, test_environment=site.development)
        except exchange.BadFile as error:
            raise Unusable(str(error)) from error
    refusal = Refusal(Scope.everything, reason=IMPORTED, note=note, actor=ACTOR)
    new = exchange.take_in(session, now, site.keys, listed.found, refusal)
    about = f"{new} new of {len(listed.found)}"
    audit.record(session, now, ACTOR, "suppressions.upload", "suppressions", reason=about)
    session.commit()
    click.echo(f"{new} newly suppressed, {len(listed.found) - new} were before.")
    if listed.unusable:
        lines = ", ".join(map(str, listed.unusable[:20]))
        click.echo(f"{len(listed.unusable)} lines hold no address, such as: {lines}.", err=True)


suppressed.add_command(rekey)


def agreed(file: Path) -> bytes:
    try:
        return exchange.agreed_key(file.read_text())
    except exchange.BadFile as error:
        raise Unusable(str(error)) from error


def the_processor(session: Session, host: str) -> RegisteredRelay:
    found = relays.of_host(session, host)
    if found is None:
        raise Unusable(f"{host} is not in the register of relays, so nothing is handed to it.")
    return found
