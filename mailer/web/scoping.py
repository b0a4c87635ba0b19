"""What somebody reaches whose work is narrowed to some lists: these, and nothing of any other.

Everything is decided here, before a view runs. A page that does not stand in REACHED is not there
for her. Whatever an address, a query or a form names (a list, a campaign, a reader, a
subscription) must be hers, or is not there either. The few pages that show many things ask
``seen`` or ``within``.
"""

from collections.abc import Callable, Iterator

import sqlalchemy as sa
from flask import abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from mailer.accounts import scopes
from mailer.audience.models import Subscriber, Subscription
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


def of_list(session: Session, number: int) -> Lists:
    del session
    return frozenset({number})


def of_campaign(session: Session, number: int) -> Lists:
    campaign = session.get(Campaign, number)
    return frozenset(one.id for one in campaign.lists) if campaign else frozenset()


def of_subscription(session: Session, number: int) -> Lists:
    one = session.get(Subscription, number)
    return frozenset({one.list_id}) if one else frozenset()


# What names an object in an address, a query or a form, and on which lists it stands: hers are
# all of them, and at least one.
OBJECTS: dict[str, Callable[[Session, int], Lists]] = {
    "list": of_list,
    "list_id": of_list,
    "list_ids": of_list,
    "campaign_id": of_campaign,
    "subscription_id": of_subscription,
}


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
    if name == "subscriber_id":
        return is_reader_of(lists, number)
    if name not in OBJECTS or not number:
        return True
    stands_on = OBJECTS[name](db.session(), number)
    return bool(stands_on) and stands_on <= lists


def is_reader_of(lists: Lists, number: int) -> bool:
    """Tell whether a reader is or was on one of these lists; her others are not shown."""
    place = sa.select(Subscription.id).where(
        Subscription.subscriber_id == number, Subscription.list_id.in_(lists)
    )
    return db.session.scalar(place.limit(1)) is not None


def seen(list_id: int) -> bool:
    """Tell whether a list may be shown to the person at hand."""
    lists = mine()
    return lists is None or list_id in lists


def is_narrowed() -> bool:
    return mine() is not None


def readers() -> sa.ColumnElement[bool] | None:
    """Return the condition over Subscriber for whoever may be shown; None is everybody."""
    lists = mine()
    if lists is None:
        return None
    place = sa.select(Subscription.id).where(
        Subscription.subscriber_id == Subscriber.id, Subscription.list_id.in_(lists)
    )
    return place.correlate(Subscriber).exists()


def words() -> dict[str, object]:
    """Return what templates may ask."""
    return {"seen": seen, "is_narrowed": is_narrowed}
