"""The compose form as it is read, kept and helped along; nothing here is saved."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload
from werkzeug.datastructures import MultiDict

from mailer.audience.models import MailingList, Sender
from mailer.audience.wishes import topics
from mailer.audience.words import ListStatus
from mailer.campaigns import drafts, facts, rendering, zones
from mailer.campaigns.drafts import Draft
from mailer.campaigns.facts import Facts
from mailer.campaigns.models import Campaign, ContentType
from mailer.campaigns.templating import BadTemplate
from mailer.compliance.candidate import Kind
from mailer.db import db
from mailer.web import scoping

LONGEST_NUMBER = 18
MOST_LISTS = 500
FOOTER = "{{ legal_footer }}"
FACTS = (
    "kind_reason",
    "dealing_relation",
    "dealing_field",
    "advertisers",
    "offer_starts",
    "offer_ends",
    "offer_terms",
    "offer_claims",
    "synonyms",
)
VARIABLES = (
    ('{{ subscriber.first_name | default: "friend" }}', "First name, or a word for who gave none"),
    ("{{ subscriber.name }}", "The whole name; empty for who gave none"),
    ("{{ subscriber.email }}", "The address"),
    ('{{ subscriber.attributes.city | default: "" }}', "Anything kept about the reader"),
    (FOOTER, "Ad label, postal address and unsubscribe link, all in one"),
    ("{{ ad_label }}", "The footer's parts, to be placed one by one: the ad label,"),
    ("{{ postal_address }}", "the postal address,"),
    ("{{ unsubscribe_url }}", "and the reader's own unsubscribe link"),
    ("{{ renewal_url }}", "The link to say yes by, where the message asks for consent again"),
)


def number(text: str) -> int:
    """Return a whole number that a database can hold, or 0."""
    usable = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return int(text) if usable else 0


def typed(form: MultiDict[str, str]) -> Draft:
    kind, content_type = form.get("kind", ""), form.get("content_type", "")
    numbers = {number(text) for text in form.getlist("list_ids")}
    return Draft(
        name=form.get("name", "").strip(),
        subject=form.get("subject", "").strip(),
        sender_id=number(form.get("sender_id", "")),
        list_ids=tuple(sorted(numbers)[:MOST_LISTS]),
        segment_ids=chosen(form, "segment_ids"),
        exclusion_ids=chosen(form, "exclusion_ids"),
        kind=Kind(kind) if kind in list(Kind) else Kind.commercial,
        content_type=ContentType(content_type)
        if content_type in list(ContentType)
        else ContentType.markdown,
        body=lines(form.get("body", "")),
        text=lines(form.get("text", "")),
        topic_id=number(form.get("topic_id", "")),
        facts=stated(form),
    )


def chosen(form: MultiDict[str, str], name: str) -> tuple[int, ...]:
    """Return the numbers that were ticked, each once."""
    return tuple(sorted({number(text) for text in form.getlist(name)} - {0})[:MOST_LISTS])


def stated(form: MultiDict[str, str]) -> Facts:
    """Return what is stated about the message, as typed; a box that is not ticked is not sent."""
    words = {name: lines(form.get(name, "")) for name in FACTS}
    zone = form.get("offer_zone", "")
    return Facts(
        **words,
        offer_zone=zone if zone in zones.names() else "UTC",
        is_asking="is_asking" in form,
        is_adult="is_adult" in form,
        is_own_promoted="is_others_only" not in form,
        are_opt_outs_shared="are_opt_outs_shared" in form,
    )


def lines(text: str) -> str:
    """Return what a browser sends, with the line ends that were typed."""
    return text.replace("\r\n", "\n")


def fresh(session: Session, zone: str) -> Draft:
    """Return an empty draft; where there is but one sender or one list, it is chosen."""
    known = choices(session)
    sender = known[0] if len(known) == 1 else None
    lists = [one.id for one in in_use(sender)] if sender else []
    return Draft(
        name="",
        subject="",
        sender_id=sender.id if sender else 0,
        list_ids=tuple(lists) if len(lists) == 1 else (),
        facts=Facts(offer_zone=zone),
    )


def saved(campaign: Campaign) -> Draft:
    return Draft(
        name=campaign.name,
        subject=campaign.subject,
        sender_id=campaign.sender_id,
        list_ids=tuple(sorted(one.id for one in campaign.lists)),
        segment_ids=tuple(one.id for one in campaign.segments),
        exclusion_ids=tuple(one.id for one in campaign.exclusions),
        kind=campaign.kind,
        content_type=campaign.content_type,
        body=campaign.body,
        text=campaign.text,
        topic_id=campaign.topic_id or 0,
        facts=facts.typed(campaign),
    )


def helped(draft: Draft, wish: str) -> Draft:
    """Do to the words what a button of the composer promises; unknown wishes change nothing."""
    if wish == "footer":
        return replace(draft, body=with_footer(draft.body))
    if wish == "generate":
        campaign = Campaign(**drafts.columns(draft))
        with suppress(BadTemplate):  # the gate beside the text says what is wrong
            return replace(draft, text=rendering.text_of(rendering.document(campaign)))
    return replace(draft, text="") if wish == "forget" else draft


def with_footer(body: str) -> str:
    """Add the legal footer at the bottom, where rule R17 wants it; once is enough."""
    if FOOTER in body:
        return body
    before, end, after = body.rpartition("</body>")
    if not end:
        return f"{body.rstrip()}\n\n{FOOTER}\n"
    return f"{before.rstrip()}\n{FOOTER}\n{end}{after}"


def choices(session: Session) -> Sequence[Sender]:
    """Return the senders by name, with their lists; of whoever is narrowed those of her lists."""
    by_name = sa.select(Sender).order_by(Sender.legal_name, Sender.id)
    found = session.scalars(by_name.options(selectinload(Sender.lists))).all()
    if not scoping.is_narrowed():
        return found
    return [one for one in found if any(scoping.seen(it.id) for it in one.lists)]


def topics_of(senders: Sequence[Sender]) -> list[tuple[int, str]]:
    """Return the topics that a campaign may name, each with its list's name before it."""
    named = {one.id: one.name for sender in senders for one in in_use(sender)}
    found = topics.of_lists(db.session(), named)
    return [(one.id, f"{named[one.list_id]}: {one.name}") for one in found]


def in_use(sender: Sender) -> list[MailingList]:
    """Return the lists that may be chosen: active ones, and of whoever is narrowed her own."""
    active = (one for one in sender.lists if one.status is ListStatus.active)
    return [one for one in active if scoping.seen(one.id)]
