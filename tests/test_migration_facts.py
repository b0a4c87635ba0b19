"""The migration that gives campaigns their facts: an old campaign comes through whole."""

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from mailer.db import db
from tests.test_migrations import blank

__all__ = ["blank"]

OLD = (
    "INSERT INTO senders (id, legal_name, from_name, from_address, reply_to, address_lines, city,"
    " region, postcode, country, address_kind, attested_by, ad_label, created_at) VALUES (1, 'Acme',"
    " 'Acme', 'a@acme.example', 'a@acme.example', '1 Street', 'Town', '', '', 'US', 'street', '',"
    " '', '2026-05-04 09:00:00')",
    "INSERT INTO lists (id, public_id, sender_id, name, description, optin, type, status,"
    " created_at) VALUES (1, 'x', 1, 'News', '', 'double', 'public', 'active',"
    " '2026-05-04 09:00:00')",
    "INSERT INTO campaigns (id, sender_id, name, subject, kind, content_type, body, text, status,"
    " hold_reason, revision, created_at, updated_at) VALUES (1, 1, 'May', 'May', 'editorial',"
    " 'markdown', 'Hello', '', 'running', '', 1, '2026-05-04 09:00:00', '2026-05-04 09:00:00')",
    "INSERT INTO campaign_lists (campaign_id, list_id) VALUES (1, 1)",
    "INSERT INTO deliveries (id, campaign_id, subscriber_id, list_id, address_key, email, status,"
    " reason, attempts, next_at, smtp_text) VALUES (1, 1, 1, 1, 'k', 'r@example.org', 'accepted',"
    " '', 0, '2026-05-04 09:00:00', '')",
)
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
        for statement in OLD:
            connection.execute(sa.text(statement))
    before = rows()
    assert all(before)
    flask_migrate.upgrade(revision="0002_campaign_facts")
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
