"""`mailer check`: the gate for any message from anywhere."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mailer import clock
from mailer.cli import judging, letters, outcome, records
from mailer.cli.judging import Answer, Question, Result
from mailer.cli.letters import Letter
from mailer.compliance.candidate import Kind

REFUSED = 1
UNUSABLE = 2
STOPPED = 130
_PATH = click.Path(path_type=Path, allow_dash=True)


@click.command()
@click.argument("files", type=_PATH, nargs=-1, required=True, metavar="FILE...")
@click.option("--sender", "sender_file", type=_PATH, help="The sender record (JSON).")
@click.option("--facts", "facts_file", type=_PATH, help="What else is known (JSON).")
@click.option("--kind", type=click.Choice([*Kind]), help="Its purpose; commercial if not given.")
@click.option("--adult", is_flag=True, help="The content is sexually oriented.")
@click.option("--unsubscribe-url", help="The reader's own link; else the header's is taken.")
@click.option("--list-id", help="The List-Id that this list has had so far.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Judge as of this day.")
@click.option("--details", is_flag=True, help="Print all findings, for many messages, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.pass_context
def check(ctx: click.Context, /, files: tuple[Path, ...], **options: Any) -> None:  # noqa: ANN401
    """Judge messages by the rules that every campaign must keep.

    FILE is a message (RFC 5322, .eml), an mbox, a maildir, a folder of .eml files, or - for
    standard input. One message is told in full; of many, each has a line, and a summary follows.

    Exit code 0: all are lawful. 1: one is refused. 2: something could not be read, or could not
    be judged in full, because there is no sender record. An old message has an old Date; judge
    it with --today.

    \b
      mailer check letter.eml --sender sender.json
      mailer check outbox/ --sender sender.json --today 2026-11-22
      mailer check archive.mbox --json

    Without --sender, all is judged that needs no sender.

    SENDER.json says who answers for the message. These may be left out: trade_names, person_names,
    ad_labels and domains (lists), reply_to, phone, website.

    \b
    {"legal_name": "Acme Inc", "from_address": "news@acme.example",
     "reply_to": "hello@acme.example",
     "address": {"lines": ["12 Oak Street"], "city": "Springfield",
                 "region": "IL", "postcode": "62701", "country": "US",
                 "kind": "street", "attested_by": "Ana Ruiz",
                 "attested_on": "2026-05-04"}}

    The kind of an address is street, usps_po_box or cmra_pmb.

    FACTS.json may hold what the options hold, and more: the terms of an offer, the dealing with
    the reader that makes a message transactional, other advertisers.

    \b
    {"kind": "commercial", "list_id": "tips.acme.example",
     "offer": {"ends": "2026-12-24T18:00", "percentages": ["20"],
               "terms": "on all spades, while stocks last"},
     "dealing": {"relation": "delivery", "reference": "order 1077"}}

    The relation is transaction, safety, account, employment or delivery.
    """  # noqa: D301  # click keeps the lines of a paragraph that begins with a backspace
    found = list(letters.letters(files))
    try:
        answers = _answers(found, _question(options))
    except KeyboardInterrupt:
        click.echo(f"Stopped: not all of {len(found):,} messages were judged.", err=True)
        ctx.exit(STOPPED)
    for answer in answers:
        if answer.fault:
            click.echo(f"Error: {answer.fault}", err=True)
    if len(answers) == len(files) == 1:
        outcome.tell_one(answers[0], as_json=options["as_json"])
    else:
        outcome.tell_many(answers, as_json=options["as_json"], with_details=options["details"])
    ctx.exit(_exit_code(answers))


def _question(options: dict[str, Any]) -> Question:
    today: date = options["today"].date() if options["today"] else clock.now().date()
    sender = records.sender(options["sender_file"]) if options["sender_file"] else None
    facts = records.facts(options["facts_file"]) if options["facts_file"] else {}
    given = {key: options[key] for key in ("unsubscribe_url", "list_id", "adult") if options[key]}
    if options["kind"]:
        given["kind"] = Kind(options["kind"])
    return Question(sender, today, {**facts, **given})


def _answers(found: Sequence[Letter], question: Question) -> list[Answer]:
    """Judge, with a progress bar on standard error if somebody watches."""
    console = Console(stderr=True)
    columns = (TextColumn("Checking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    is_watched = console.is_terminal and len(found) > 1
    with Progress(*columns, console=console, transient=True, disable=not is_watched) as progress:
        return list(progress.track(judging.answers(found, question), total=len(found)))


def _exit_code(answers: Sequence[Answer]) -> int:
    results = {answer.result for answer in answers}
    if Result.unreadable in results:
        return UNUSABLE
    if Result.refused in results:
        return REFUSED
    return UNUSABLE if Result.incomplete in results else 0
