"""News of copies that left: a link was followed, a relay's log tells, a copy came back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.delivery import message_ids, replies, tallies, unknowns
from mailer.delivery.message_ids import Named
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Resolution
from mailer.tokens import Keys

BOUNCED = "bounced"
LONGEST_TEXT = 200


class Event(StrEnum):
    """What may be told of a copy: it arrived, or it came back after the relay had taken it."""

    delivered = "delivered"
    bounced = "bounced"


@dataclass(frozen=True)
class Told:
    """One piece of news. ``code`` is an SMTP reply's, 0 where none was told; ``at`` its time."""

    message_id: str
    event: Event
    code: int = 0
    text: str = ""
    at: datetime | None = None

    @property
    def is_final(self) -> bool:
        """Whether the copy came back for good (RFC 5321 4.2.1, RFC 3463 section 2)."""
        status = replies.ENHANCED.match(self.text)
        return self.code >= replies.PERMANENT or (status is not None and status[1][0] == "5")


def take(session: Session, keys: Keys, told: Sequence[Told], now: datetime) -> int:
    """Settle copies in doubt, and note who was refused after all; return how many have changed.

    Either event proves that the relay took the copy. One that came back for good counts as
    refused, with its code; nobody is suppressed for it: whoever writes to a log is not the
    reader, and a policy (5.7.x) is about us. News that are told twice, or of no copy, change
    nothing. The caller commits.
    """
    copies = found(session, keys, told)
    changed: set[int] = set()
    for what, event in ((Resolution.webhook, Event.delivered), (Resolution.bounce, Event.bounced)):
        ids = [one for one, news in copies.items() if news.event is event]
        changed |= unknowns.settled(session, ids, what, now)
    came_back = {
        one: news for one, news in copies.items() if news.event is Event.bounced and news.is_final
    }
    return len(changed | refuse(session, came_back, now))


def found(session: Session, keys: Keys, told: Sequence[Told]) -> dict[int, Told]:
    """Return the copies that are told of; the last news of each, but a bounce is not undone."""
    named: dict[Named, Told] = {}
    for news in told:
        for one in message_ids.named(keys, news.message_id):
            before = named.get(one)
            if before is None or before.event is not Event.bounced:
                named[one] = news
    if not named:
        return {}
    place = sa.tuple_(Delivery.campaign_id, Delivery.subscriber_id)
    rows = session.execute(
        sa.select(Delivery.id, Delivery.campaign_id, Delivery.subscriber_id)
        .where(place.in_([tuple(one) for one in named]))
        .order_by(Delivery.id)
    )
    return {number: named[Named(*one)] for number, *one in rows}


def refuse(session: Session, came_back: Mapping[int, Told], now: datetime) -> set[int]:
    """Note that copies which the relay had taken came back for good; return those it is new of."""
    taken = Delivery.status == DeliveryStatus.accepted
    tallies.forget_those_of(session, Delivery.id.in_(came_back) & taken)
    changed: set[int] = set()
    for number, news in came_back.items():
        # The words may quote an address: nothing of them is kept of whoever was erased.
        words = sa.case((Delivery.email == "", ""), else_=news.text[:LONGEST_TEXT])
        statement = (
            sa.update(Delivery)
            .where(Delivery.id == number, taken)
            .values(
                status=DeliveryStatus.refused,
                reason=BOUNCED,
                smtp_code=news.code or None,
                smtp_text=words,
                finished_at=news.at or now,
            )
            .returning(Delivery.id)
            .execution_options(synchronize_session=False)
        )
        changed.update(session.scalars(statement))
    session.expire_all()
    return changed


def follow(session: Session, deliveries: Collection[int], now: datetime) -> bool:
    """Settle copies in doubt whose own links were pressed: she who presses it has the copy.

    False, and nothing is locked, when there is no doubt. The caller commits.
    """
    found = unknowns.in_doubt(session, deliveries)
    return bool(unknowns.settled(session, found, Resolution.click, now))


def of_campaign(session: Session, keys: Keys, campaign_id: int, texts: Iterable[str]) -> list[int]:
    """Return a campaign's copies that carry these Message-IDs, by the deliveries' ids."""
    told = [Told(text, Event.delivered) for text in texts]
    copies = sa.select(Delivery.id).where(
        Delivery.campaign_id == campaign_id, Delivery.id.in_(found(session, keys, told))
    )
    return list(session.scalars(copies.order_by(Delivery.id)))
