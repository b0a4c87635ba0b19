"""Letters for the tables of cases: one lawful message, and ways to change it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from mailer.compliance.candidate import AddressKind, Candidate, PostalAddress, SenderRecord
from mailer.compliance.inputs import Dealing, Relation
from mailer.compliance.readiness import (
    Authentication,
    Fetched,
    OptOutTrial,
    Posted,
    PublishedKey,
    Readiness,
    Relay,
    Replies,
    ReplyMailbox,
    Spf,
    Transfer,
)

TODAY = date(2026, 11, 22)
URL = "https://news.acme.example/u/k7Qw2ZpX"
ADDRESS = PostalAddress(
    lines=("12 Oak Street",),
    city="Springfield",
    region="IL",
    postcode="62701",
    country="US",
    kind=AddressKind.street,
    attested_by="alice",
    attested_on=date(2026, 5, 4),
)
PAID = Dealing(Relation.delivery, "subscription 77")
SENDER = SenderRecord("Acme Inc", "news@acme.example", "hello@acme.example", ADDRESS)

LABEL = "Advertisement from Acme Inc"
PLACE = "Acme Inc, 12 Oak Street, Springfield, IL 62701"
LINK = f'<a href="{URL}">Unsubscribe</a>'
INSIDE = f"{LABEL}<br>{PLACE}<br>{LINK}"
FOOTER = f"<p>{INSIDE}</p>"
ASK = "Questions? hello@acme.example"
BODY = f"<h1>Three garden tips</h1><p>Water in the morning, mulch, and be patient.</p><p>{ASK}</p>"
TEXT = (
    f"Three garden tips\n\nWater in the morning.\n\n{ASK}\n\n{LABEL}\n{PLACE}\nUnsubscribe: {URL}\n"
)
SIGNED = (
    "v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.example; s=s1; h=from:from:to:subject:date:"
    "message-id:mime-version:list-id:list-unsubscribe:list-unsubscribe-post; bh=YWJj; b=ZGVm"
)
HEADERS = {
    "DKIM-Signature": SIGNED,
    "From": '"Ana Ruiz, Acme" <news@acme.example>',
    "To": "<rosa@reader.example>",
    "Subject": "Three garden tips",
    "Date": "Sun, 22 Nov 2026 10:00:00 +0000",
    "Message-ID": "<a1b2@acme.example>",
    "List-Id": "Acme tips <tips.acme.example>",
    "List-Unsubscribe": f"<{URL}>, <mailto:unsub+k7Qw2ZpX@acme.example>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "MIME-Version": "1.0",
}


def head(changes: dict[str, str | None] | None = None, extra: str = "") -> bytes:
    """The header lines, some replaced (or left out, for None), some added raw."""
    fields = {**HEADERS, **(changes or {})}
    lines = [f"{name}: {value}\r\n" for name, value in fields.items() if value is not None]
    return ("".join(lines) + extra).encode("utf-8", "surrogateescape")


def mime(html: str | None, text: str | None) -> bytes:
    """A multipart/alternative body with its content type header."""
    parts = [("plain", text), ("html", html)]
    body = "".join(
        f"--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{content}\r\n"
        for kind, content in parts
        if content is not None
    )
    return f"Content-Type: multipart/alternative; boundary=b\r\n\r\n{body}--b--\r\n".encode()


def letter(
    html: str | None = BODY + FOOTER,
    text: str | None = TEXT,
    headers: dict[str, str | None] | None = None,
    extra: str = "",
) -> bytes:
    return head(headers, extra) + mime(html, text)


KEYS = (
    PublishedKey("s1", "rsa", 2048, matches=True),
    PublishedKey("e1", "ed25519", 256, matches=True),
)
AUTHENTICATION = Authentication(
    "acme.example", datetime(2026, 11, 21, 12, tzinfo=UTC), KEYS, Spf.allowed, "none"
)
ANSWERED = date(2026, 11, 1)
REPLIES = Replies(
    (
        ReplyMailbox("news@acme.example", accepts_mail=True, answered_on=ANSWERED),
        ReplyMailbox("hello@acme.example", accepts_mail=True, answered_on=ANSWERED),
    )
)
RELAY = Relay(
    name="Postbote",
    legal_entity="Postbote GmbH",
    country="DE",
    is_own=False,
    transfer=Transfer.domestic,
    transfer_checked_on=date(2026, 10, 1),
    reviewed_on=date(2026, 10, 1),
    seed_passed_on=TODAY,
)
# The opt-out on trial: a page, and what each POST was answered with.
CANARY_URL = "https://news.acme.example/u/canary"
PAGE = """<!doctype html><html lang="en"><head><title>Unsubscribe</title></head><body>
<h1>Unsubscribe?</h1><form method="post" action="/u/canary">
<input type="hidden" name="from" value="page"><fieldset><legend>What do you no longer want?</legend>
<input type="radio" id="a" name="scope" value="list" checked required>
<label for="a">Only “Acme tips”</label>
<input type="radio" id="b" name="scope" value="sender" required>
<label for="b">All mail from Acme Inc</label></fieldset>
<button type="submit">Unsubscribe</button></form></body></html>"""
ANSWER = "<h1>You are unsubscribed</h1><p>No more mail comes to you from Acme Inc.</p>"
KEPT_PRIVATE = (("cache-control", "no-store"), ("referrer-policy", "no-referrer"))
SHOWN = Fetched(CANARY_URL, 200, KEPT_PRIVATE, PAGE)
CLICKED = Fetched(CANARY_URL, 200, KEPT_PRIVATE, "You have been unsubscribed.")
PRESSED = Posted("page", Fetched(CANARY_URL, 200, KEPT_PRIVATE, ANSWER), 2, "All mail")
TRIAL = OptOutTrial(
    url=CANARY_URL,
    public_url="https://news.acme.example",
    tried_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    page=SHOWN,
    posts=(Posted("urlencoded", CLICKED, 1), Posted("multipart", CLICKED, 1), PRESSED),
    again=SHOWN,
    was_harmless=True,
    certificate_from=date(2026, 11, 1),
    certificate_until=date(2027, 1, 30),
    peer="93.184.216.34",
    sender_lists=2,
)

READY = Readiness(authentication=AUTHENTICATION, replies=REPLIES, relay=RELAY, trial=TRIAL)
LAWFUL = Candidate(
    raw=letter(),
    sender=SENDER,
    unsubscribe_url=URL,
    today=TODAY,
    readiness=READY,
)


def with_html(html: str, styles: str = "") -> Candidate:
    return replace(LAWFUL, raw=letter(f"<style>{styles}</style>{html}" if styles else html))


def with_text(text: str) -> Candidate:
    return replace(LAWFUL, raw=letter(text=text))


def with_headers(headers: dict[str, str | None], extra: str = "") -> Candidate:
    return replace(LAWFUL, raw=letter(headers=headers, extra=extra))
