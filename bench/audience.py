"""A lawful campaign of 20 KB a copy, and as many confirmed readers as a bench asks for."""

import json
from collections.abc import Iterator
from datetime import datetime

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import lists, senders
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import ContentType
from mailer.cli import seed
from mailer.links import Site

DOMAINS = 50
NAMES = ("Ada", "Björn", "Chiara", "Dmitri", "Esra", "Fatou", "Grace", "Henk", "Ines", "Jun")
PARAGRAPHS = 49  # so that a copy on the wire has about 20 KB
STORY = (
    '<p style="color: #223322; margin: 0 0 16px">Sow in rows a hand apart, water in the evening, '
    "and wait for the second leaf. What stands too close is moved in its fourth week, with as "
    "much of its earth as a spoon takes. Sweet peas dislike it, so theirs are the deep pots. The "
    "tomatoes come in before the first cold night, and the basil long before them.</p>\n"
)
OWN_PAGE = "https://juniperlane.example.com/of/{{ subscriber.attributes.page | default: 'all' }}"
HTML = (
    "<html><body><h1>What to sow in spring</h1>\n"
    "<p>Dear {{ subscriber.first_name | default: 'gardener' }},</p>\n"
    f"{STORY * PARAGRAPHS}"
    f'<p><a href="{OWN_PAGE}">Your own page of the seed catalogue</a></p>\n'
    "{{ legal_footer }}</body></html>"
)
TEXT = (
    "Dear {{ subscriber.first_name | default: 'gardener' }},\n\n"
    "sow in rows a hand apart, water in the evening, and wait for the second leaf.\n\n"
    f"Your own page of the seed catalogue: {OWN_PAGE}\n\n"
    "{{ legal_footer }}\n"
)
PEOPLE = (
    "COPY subscribers (email, address_key, name, attributes, status, created_at, updated_at) "
    "FROM STDIN"
)
PLACES = """
    INSERT INTO subscriptions
        (subscriber_id, list_id, status, created_at, confirmed_at, confirmation_tries,
        confirmation_serial)
    SELECT id, %(list)s, 'confirmed', created_at, created_at, 0, 0 FROM subscribers
"""


def draft(session: Session, now: datetime) -> int:
    """Add a sender, her list and a draft to it; return the campaign's number."""
    sender = senders.create(session, now, seed.SENDER)
    senders.attest(sender, seed.OWNER, now)
    chosen = lists.create(session, now, sender.id, seed.LIST)
    words = Draft(
        name="Spring sowing",
        subject="What to sow in spring",
        sender_id=sender.id,
        list_ids=(chosen.id,),
        content_type=ContentType.html,
        body=HTML,
        text=TEXT,
    )
    return drafts.create(session, words, now).id


def crowd(session: Session, site: Site, count: int, now: datetime) -> None:
    """Put confirmed readers on the first list, as fast as PostgreSQL takes them; commits."""
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the bench has no other database
    with driver.cursor() as cursor:
        with cursor.copy(PEOPLE) as copy:
            for row in readers(site, count, now):
                copy.write_row(row)
        cursor.execute(PLACES, {"list": session.scalar(sa.text("SELECT id FROM lists"))})
    session.commit()


def readers(site: Site, count: int, now: datetime) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        email = f"reader{number}@mail{number % DOMAINS}.example.org"
        page = f"{number:x}?from={number * 7919}"
        key = tokens.fingerprint(site.keys, email)
        name = f"{NAMES[number % len(NAMES)]} {number % 997}son"
        yield email, key, name, json.dumps({"page": page}), "enabled", now, now
