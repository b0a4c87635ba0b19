"""What somebody reaches whose work is narrowed to some lists: these, and nothing of any other.

Everything is decided here, before a view runs. A page that does not stand in REACHED is not there
for her. Whatever an address, a query or a form names (a list, a campaign, a reader, a sender, a
segment and so on, see OBJECTS) must be hers, or is not there either. The few pages that show many
things ask ``seen``, ``readers``, ``segments`` or ``refusals``.
"""

from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa
from flask import abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from mailer.accounts import scopes
from mailer.audience.models import MailingList, Subscriber, Subscription, Suppression
from mailer.audience.segments import catalogue
from mailer.audience.segments.models import Segment
from mailer.audience.words import Scope, SubscriptionStatus
from mailer.campaigns.models import Campaign
from mailer.db import db
from mailer.web import fields
from mailer.web.access import PUBLIC, SIGNED_IN, needed

REACHED = frozenset(
    str.split(
        """
        campaigns.cancel campaigns.check campaigns.duplicate campaigns.edit campaigns.findings
        campaigns.index campaigns.new campaigns.pause campaigns.preview campaigns.resend
        campaigns.resume campaigns.schedule campaigns.settle campaigns.show campaigns.start
        campaigns.test campaigns.unknown campaigns.unschedule
        certificates.download certificates.show
        lists.add_reader lists.archive lists.edit lists.index lists.reopen lists.show
        reports.people reports.progress reports.show
        subscribers.index subscribers.look subscribers.show subscribers.unsubscribe
        """
    )
)
HOME, FIRST = "overview.index", "campaigns.index"

Lists = frozenset[int]


def narrow() -> ResponseReturnValue | None:
    """Turn away whoever is narrowed from all that is not hers; runs before every view."""
    endpoint = request.endpoint
    if endpoint is None or needed(current_app, endpoint) in {None, PUBLIC, SIGNED_IN}:
        return None
    lists = mine()
    if lists is None:
        return None
    if endpoint == HOME:
        return redirect(url_for(FIRST))
    if endpoint not in REACHED or not all(is_hers(lists, *one) for one in named()):
        abort(404)
    return None


def mine() -> Lists | None:
    """Return the lists that the person at hand may work on; None is all of them."""
    if "scope" not in g:
        g.scope = scopes.lists_of(db.session(), current_user)
    found: Lists | None = g.scope
    return found


def named() -> Iterator[tuple[str, object]]:
    """Yield whatever the request names, by its name."""
    yield from (request.view_args or {}).items()
    for given in (request.args, request.form):
        yield from given.items(multi=True)


def is_hers(lists: Lists, name: str, value: object) -> bool:
    """Tell whether a request may name this; what is no number names nothing."""
    try:
        number = fields.number(str(value))
    except ValueError:
        return True
    return not number or name not in OBJECTS or OBJECTS[name](lists, number)


def is_list_of(lists: Lists, number: int) -> bool:
    return number in lists


def is_campaign_of(lists: Lists, number: int) -> bool:
    """Tell whether a campaign goes to these lists and no other."""
    campaign = db.session.get(Campaign, number)
    goes_to = {one.id for one in campaign.lists} if campaign else set()
    return bool(goes_to) and goes_to <= lists


def is_subscription_of(lists: Lists, number: int) -> bool:
    one = db.session.get(Subscription, number)
    return one is not None and one.list_id in lists


def is_reader_of(lists: Lists, number: int) -> bool:
    """Tell whether a reader is or was on one of these lists; her others are not shown."""
    place = sa.select(Subscription.id).where(
        Subscription.subscriber_id == number, Subscription.list_id.in_(lists)
    )
    return db.session.scalar(place.limit(1)) is not None


def is_sender_of(lists: Lists, number: int) -> bool:
    """Tell whether a sender sends to one of these lists."""
    place = sa.select(MailingList.id).where(
        MailingList.sender_id == number, MailingList.id.in_(lists)
    )
    return db.session.scalar(place.limit(1)) is not None


def is_segment_here(lists: Lists, number: int) -> bool:
    """Tell whether the campaign at hand, which is hers, is narrowed by this segment already.

    What a segment asks for may be anything about a reader, other lists too: whom of hers it finds
    would tell her that.
    """
    del lists
    return number in {one.id for one in segments_here()}


def segments_here() -> list[Segment]:
    """Return the segments of the campaign that the address names."""
    campaign = db.session.get(Campaign, (request.view_args or {}).get("campaign_id", 0))
    return [*campaign.segments, *campaign.exclusions] if campaign else []


# What names an object in an address, a query or a form, and whether it is hers.
OBJECTS: dict[str, Callable[[Lists, int], bool]] = {
    "campaign_id": is_campaign_of,
    "exclusion_ids": is_segment_here,
    "list": is_list_of,
    "list_id": is_list_of,
    "list_ids": is_list_of,
    "segment": is_segment_here,
    "segment_ids": is_segment_here,
    "sender_id": is_sender_of,
    "subscriber_id": is_reader_of,
    "subscription_id": is_subscription_of,
}


def segments(session: Session) -> Sequence[Segment]:
    """Return the segments that the person at hand may choose: all, or those already chosen."""
    if mine() is None:
        return catalogue.index(session)
    return sorted({one.id: one for one in segments_here()}.values(), key=lambda one: one.name)


def seen(list_id: int) -> bool:
    """Tell whether a list may be shown to the person at hand."""
    lists = mine()
    return lists is None or list_id in lists


def is_narrowed() -> bool:
    return mine() is not None


def readers(status: str = "") -> sa.ColumnElement[bool] | None:
    """Return the condition over Subscriber for whoever may be shown; None is everybody.

    With the status of a subscription: those who have it on a list that may be shown.
    """
    lists = mine()
    if lists is None:
        return None
    place = sa.select(Subscription.id).where(
        Subscription.subscriber_id == Subscriber.id, Subscription.list_id.in_(lists)
    )
    if status in set(SubscriptionStatus):
        place = place.where(Subscription.status == SubscriptionStatus(status))
    return place.correlate(Subscriber).exists()


def refusals(found: Sequence[Suppression]) -> list[Suppression]:
    """Return those that concern a list that may be shown, or all mail."""
    lists = mine()
    if lists is None:
        return list(found)
    return [one for one in found if concerns(lists, one)]


def concerns(lists: Lists, refusal: Suppression) -> bool:
    if refusal.scope is Scope.list:
        return refusal.scope_id in lists
    return refusal.scope is not Scope.sender or is_sender_of(lists, refusal.scope_id)


def words() -> dict[str, object]:
    """Return what templates may ask."""
    return {"seen": seen, "is_narrowed": is_narrowed}
