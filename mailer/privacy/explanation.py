"""The words that go with a person's data: what is kept, why, who gets it, and her rights."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from mailer.audience.models import Sender
from mailer.delivery.processors.register import Entry
from mailer.privacy.policy.periods import Period
from mailer.privacy.policy.privacy_page import recipient
from mailer.privacy.record import Record

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Your data</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root{{color-scheme:light dark}}body{{font:1rem/1.6 sans-serif;max-width:42rem;
margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}}h2{{margin-top:2rem}}</style></head><body>
<main><h1>Your data</h1>
<p>This is a copy of everything our newsletter system kept about {address} on {day}.</p>
{sections}
</main></body></html>
"""

WHAT = (
    ("profile", "your address, your name if you gave one, and further details about you"),
    ("subscriptions", "the lists you were on, and since when"),
    ("consent", "when and how you subscribed, confirmed or left, with what was shown to you"),
    ("wishes", "what you chose on your own page: topics, fewer mails, a pause, your reasons"),
    ("deliveries", "each mailing meant for you, and what became of it"),
    ("doubts", "mailings of which nobody could say whether they had arrived, and what ended that"),
    ("suppressions", "your refusals: what you must not be sent"),
    ("acts", "what our staff did to your record, such as making this copy"),
    ("former_ids", "how the system that mailed you before us named you in its links"),
    ("address_changes", "when you asked us to write to another address, and since when we do"),
    ("address_letters", "the letters by which both mailboxes agreed to that"),
    ("letters", "the letters that you wrote to us by mail, and what we took them for"),
    ("incidents", "incidents that affected your data: when they were noticed, and which data"),
    ("requests", "what you asked about your data, and what we answered"),
    ("request_mails", "how you were told what became of them"),
    ("request_recipients", "whom we told of what you asked for"),
    ("data_links", "the links to the page with your data that were made for you"),
    ("archives", "when copies such as this one were made and fetched"),
    ("holds", "since when your data is kept for legal claims, if it is"),
    ("forms", "what you have sent by a form a moment ago"),
    ("mails_asked", "which mails somebody asked us to send to your mailbox in the last week"),
    ("imports", "the files that brought you here, if you did not sign up here yourself"),
)
FURTHER = (
    "<b>data.json</b>: the same, for programs, as <b>schema.json</b> describes it",
    (
        "<b>messages/</b>: what was mailed to you. We keep no copies: each message is made again, "
        "from the words of that day and from what we know of you today"
    ),
    "<b>letters/</b>: what you wrote to us by mail, byte for byte",
    "<b>receipts/</b>: a signed proof of what you agreed to, for each list",
    "<b>manifest.sha256</b>: the fingerprint of each file, to see that none was changed",
    "Left out is what others did: who of our staff, and any other reader",
)
WHY = (
    "To send you the newsletters you asked for, by your consent (Art. 6(1)(a) GDPR).",
    "To be able to show that you gave it (Art. 6(1)(c), 7(1) GDPR).",
    "To keep to your refusals (Art. 6(1)(c) and (f) GDPR).",
)
FINGERPRINT = (
    "Whoever has our secret key and tries your address finds that fingerprint again, so it still "
    "counts as personal data; it is used to keep our mail away."
)
RIGHTS = (
    "have wrong data corrected, and missing data completed;",
    "have your data erased, or its use restricted;",
    "object to its use, and take back your consent: the link at the end of each mail is enough;",
    "take your data elsewhere: data.json and the CSV files are made for that;",
    "complain to a data protection authority, in the country where you live or work.",
)


def page(found: Record, now: datetime, parties: Sequence[Entry], periods: Sequence[Period]) -> str:
    """Return the page as HTML; all that comes from the data is escaped.

    ``parties`` are those to whom data is handed, ``periods`` for how long what is kept: the same
    as the privacy policy tells.
    """
    kept = [escape(f"{one.what}: {one.how_long}.") for one in periods]
    files = [f"<b>{name}.csv</b> ({len(found.tables[name])}): {words}" for name, words in WHAT]
    parts = (
        ("Who answers for it", [escape(named(sender)) for sender in found.senders]),
        ("What is in here", [*files, *FURTHER]),
        ("What it is used for", WHY),
        ("Where it comes from", origins(found)),
        ("Who else receives it", recipients(parties)),
        ("How long it is kept", [*kept, FINGERPRINT]),
        ("Decisions by machine, profiles", ("There are none.",)),
        ("You may", RIGHTS),
    )
    return PAGE.format(
        address=escape(str(found.tables["profile"][0]["email"])),
        day=f"{now.day} {now:%B %Y, %H:%M} UTC",
        sections="\n".join(section(title, lines) for title, lines in parts if lines),
    )


def section(title: str, lines: tuple[str, ...] | list[str]) -> str:
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f"<h2>{title}</h2><ul>{items}</ul>"


def origins(found: Record) -> list[str]:
    files = "From a file that somebody else gave us: imports.csv names it, and what it rests on."
    return [
        "From you, in the ways that consent.csv names.",
        *([files] if found.tables["imports"] else []),
    ]


def recipients(parties: Sequence[Entry]) -> list[str]:
    return [*map(party, parties), "Your own mail provider, which receives it for you."]


def party(one: Entry) -> str:
    who, services, country, decides, basis = recipient(one)
    place = ", ".join(filter(None, (who, country)))
    return escape(f"{place}: {services}, {decides}; basis of the transfer: {basis}.")


def named(sender: Sender) -> str:
    lines = (sender.legal_name, *sender.address_lines.splitlines(), sender.city, sender.region)
    place = ", ".join(line for line in (*lines, sender.postcode, sender.country) if line)
    return f"{place}. Write to {sender.reply_to}."
