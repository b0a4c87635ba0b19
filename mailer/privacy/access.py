"""One person's data as an archive to hand to her (Art. 15 and 20 GDPR)."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber
from mailer.audience.receipts import receipt
from mailer.delivery.processors import register
from mailer.links import Site
from mailer.privacy import explanation, record, tables
from mailer.privacy.archive import messages, schema
from mailer.privacy.archive.columns import COLUMNS, SCHEMA
from mailer.privacy.policy import periods
from mailer.tokens import Keys

MANIFEST = "manifest.sha256"


def archive(
    session: Session,
    site: Site,
    subscriber: Subscriber,
    now: datetime,
    relays: tuple[str, ...] = (),
    tell: Callable[[int], None] = lambda _: None,
) -> bytes:
    """Return a zip with all that is kept about a person, and nothing about anybody else.

    README.html says in plain words what it is, why it is kept and what she may ask for;
    data.json holds everything under the schema id SCHEMA, which schema.json describes;
    the CSV files hold the same as tables, safe to open; messages/ what was mailed to her, rendered
    again; letters/ what she wrote; receipts/ the signed proof of her consent to each list;
    manifest.sha256 the SHA-256 of each other file, in the form that ``sha256sum -c`` reads.
    ``relays`` are the hosts of the relays in use: recipients are named. ``tell`` hears how many
    messages are rendered.
    """
    found = record.gathered(session, site.keys, subscriber)
    mails: dict[str, bytes] = {}
    for name, raw in messages.again(session, site, subscriber, now):
        mails[name] = raw
        tell(len(mails))
    for one in found.tables["deliveries"]:
        one["message"] = one["message"] if one["message"] in mails else ""
    files = {
        "README.html": explanation.page(
            found, now, register.entries(session, relays), periods.in_force(session)
        ).encode(),
        "data.json": data(found, now),
        "schema.json": schema.text(),
        **{f"{name}.csv": table(name, rows) for name, rows in found.tables.items()},
        **mails,
        **found.files,
        **receipts(session, site.keys, subscriber, now),
    }
    files[MANIFEST] = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()
    ).encode()
    return packed(files, now)


def receipts(
    session: Session, keys: Keys, subscriber: Subscriber, now: datetime
) -> dict[str, bytes]:
    abouts = [receipt.About(subscriber, one.list, for_her=True) for one in subscriber.subscriptions]
    return {
        f"receipts/{about.list.public_id}.json": receipt.issue(session, keys, now, about)
        for about in abouts
    }


def data(found: record.Record, now: datetime) -> bytes:
    content = {"schema": SCHEMA, "made_at": now, **found.tables}
    return json.dumps(content, indent=2, ensure_ascii=False, default=tables.spelled).encode()


def table(name: str, rows: record.Table) -> bytes:
    return tables.written(COLUMNS[name], ([flat(value) for value in row.values()] for row in rows))


def flat(value: object) -> object:
    """Return a value that fits into one cell; what has parts becomes JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def packed(files: dict[str, bytes], now: datetime) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive_file:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=now.timetuple()[:6])
            archive_file.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
