"""The migration that gives campaigns their facts: an old campaign comes through whole."""

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from mailer.db import db
from tests.test_migrations import blank

__all__ = ["blank"]

AT = "2026-05-04 09:00:00"
OLD: dict[str, dict[str, object]] = {
    "senders": {
        "id": 1, "legal_name": "Acme", "from_name": "Acme", "from_address": "a@acme.example",
        "reply_to": "a@acme.example", "address_lines": "1 Street", "city": "Town", "region": "",
        "postcode": "", "country": "US", "address_kind": "street", "attested_by": "",
        "ad_label": "", "created_at": AT,
    },
    "lists": {
        "id": 1, "public_id": "x", "sender_id": 1, "name": "News", "description": "",
        "optin": "double", "type": "public", "status": "active", "created_at": AT,
    },
    "campaigns": {
        "id": 1, "sender_id": 1, "name": "May", "subject": "May", "kind": "editorial",
        "content_type": "markdown", "body": "Hello", "text": "", "status": "running",
        "hold_reason": "", "revision": 1, "created_at": AT, "updated_at": AT,
    },
    "campaign_lists": {"campaign_id": 1, "list_id": 1},
    "deliveries": {
        "id": 1, "campaign_id": 1, "subscriber_id": 1, "list_id": 1, "address_key": b"k",
        "email": "r@example.org", "status": "accepted", "reason": "", "attempts": 0,
        "next_at": AT, "smtp_text": "",
    },
}  # fmt: skip
KEPT = (
    "SELECT kind, body, status FROM campaigns",
    "SELECT campaign_id, list_id FROM campaign_lists",
    "SELECT campaign_id, status FROM deliveries",
    "SELECT legal_name FROM senders",
)


def rows() -> list[list[tuple[object, ...]]]:
    with db.engine.connect() as connection:
        return [[tuple(row) for row in connection.execute(sa.text(query))] for query in KEPT]


@pytest.mark.usefixtures("blank")
def test_an_old_campaign_keeps_its_lists_its_deliveries_and_its_kind(blank: Flask) -> None:
    del blank
    flask_migrate.upgrade(revision="0001")
    with db.engine.begin() as connection:
        for table, row in OLD.items():
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            statement = f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - ours
            connection.execute(sa.text(statement), row)
    before = rows()
    assert all(before)
    flask_migrate.upgrade(revision="0002")
    assert rows() == before
    with db.engine.connect() as connection:
        stated = connection.execute(
            sa.text("SELECT kind_reason, offer_ends_at, is_own_promoted FROM campaigns")
        ).one()
        assert stated[0] == "Chosen before reasons were written down."
        assert (stated[1], bool(stated[2])) == (None, True)
        kept = connection.scalar(sa.text("SELECT packs FROM senders"))
        assert kept == "promises can_spam casl eu bulk"
    flask_migrate.downgrade(revision="0001")
    assert rows() == before
