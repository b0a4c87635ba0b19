"""`mailer check`: the gate for any message, from a file."""

import json
from dataclasses import MISSING, fields
from datetime import date
from pathlib import Path
from typing import Any

import click

from mailer import clock
from mailer.cli import answers
from mailer.cli.answers import Unusable
from mailer.compliance import gate
from mailer.compliance.candidate import AddressKind, Candidate, Kind, PostalAddress, SenderRecord
from mailer.compliance.mime.reading import read

REFUSED = 1


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sender", "sender_file", required=True, type=click.Path(path_type=Path))
@click.option("--unsubscribe-url", help="The reader's own link; else the header's is taken.")
@click.option("--kind", type=click.Choice([*Kind]), default=Kind.commercial, show_default=True)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Judge as of this day.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.pass_context
def check(ctx: click.Context, /, file: Path, sender_file: Path, **options: Any) -> None:  # noqa: ANN401
    """Judge the message in FILE (RFC 5322, .eml) by the rules that every campaign must keep.

    Exit code 0: lawful, 1: refused, 2: the input cannot be used. An old message has an old
    Date; judge it with --today.

    SENDER.json holds the sender record (trade_names, ad_labels and reply_to may be left out):

    \b
    {"legal_name": "Acme Inc", "from_address": "news@acme.example",
     "reply_to": "hello@acme.example",
     "address": {"lines": ["12 Oak Street"], "city": "Springfield",
                 "region": "IL", "postcode": "62701", "country": "US",
                 "kind": "street", "attested_by": "Ana Ruiz",
                 "attested_on": "2026-05-04"}}

    The kind of an address is street, usps_po_box or cmra_pmb.
    """  # noqa: D301  # click keeps the lines of a paragraph that begins with a backspace
    candidate = Candidate(
        raw=_message(file),
        sender=_sender(sender_file),
        unsubscribe_url=options["unsubscribe_url"],
        kind=Kind(options["kind"]),
        today=options["today"].date() if options["today"] else clock.now().date(),
    )
    verdict = gate.judge(candidate)
    if options["as_json"]:
        answer = {**verdict.as_dict(), "ruleset": verdict.ruleset}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        answers.show(verdict)
    ctx.exit(0 if verdict.is_lawful else REFUSED)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror}.") from error


def _message(file: Path) -> bytes:
    raw = _bytes(file)
    if not raw.strip():
        raise Unusable(f"{file} is empty.")
    if not any(header.name.lower() in ("from", "subject", "date") for header in read(raw).headers):
        raise Unusable(f"{file} is no email message: it has no From, Subject or Date header.")
    return raw


def _sender(file: Path) -> SenderRecord:
    try:
        record = json.loads(_bytes(file).decode("utf-8-sig"))
    except ValueError as error:
        raise Unusable(f"{file} is no JSON: {error}") from error
    _check_keys(file, "", record, SenderRecord, optional=("reply_to",))
    _check_keys(file, "address.", record["address"], PostalAddress)
    address = _address(file, record.pop("address"))
    texts = {key: _texts(file, key, record.pop(key, [])) for key in ("ad_labels", "trade_names")}
    strings = {key: _string(file, key, value) for key, value in record.items()}
    fields_: dict[str, Any] = {"reply_to": "", **strings, **texts, "address": address}
    return SenderRecord(**fields_)


def _address(file: Path, values: dict[str, Any]) -> PostalAddress:
    lines = _texts(file, "address.lines", values.pop("lines"))
    attested = values.pop("attested_on")
    strings = {key: _string(file, f"address.{key}", value) for key, value in values.items()}
    kind = strings.pop("kind")
    if kind not in [*AddressKind]:
        raise Unusable(f"{file}: address.kind must be one of {', '.join(AddressKind)}.")
    day = None if attested is None else _day(file, attested)
    return PostalAddress(**strings, lines=lines, kind=AddressKind(kind), attested_on=day)


def _check_keys(
    file: Path, prefix: str, values: object, record: type, optional: tuple[str, ...] = ()
) -> None:
    """Refuse unknown and missing keys by name, since a misspelt key would be judged as absent."""
    if not isinstance(values, dict):
        raise Unusable(f"{file}: {prefix.rstrip('.') or 'the record'} must be an object.")
    known = {field.name: field.default is not MISSING for field in fields(record)}
    for key in values:
        if key not in known:
            raise Unusable(f"{file}: unknown key {prefix}{key}.")
    for key, has_default in known.items():
        if key not in values and not has_default and key not in optional:
            raise Unusable(f"{file}: missing key {prefix}{key}.")


def _string(file: Path, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise Unusable(f"{file}: {key} must be a text.")
    return value


def _texts(file: Path, key: str, values: object) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise Unusable(f"{file}: {key} must be a list of texts.")
    return tuple(_string(file, key, value) for value in values)


def _day(file: Path, value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise Unusable(f"{file}: address.attested_on must be a day like 2026-05-04.") from error
