"""One reader's story for staff: her decisions and refusals, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import former
from mailer.audience.models import ConsentEvent, MailingList, Sender, Subscriber, Suppression
from mailer.audience.receipts import texts
from mailer.audience.wishes import wishes
from mailer.audience.wishes.models import Wish
from mailer.audience.words import ConsentAction, Scope

TONES = {
    ConsentAction.requested: "neutral",
    ConsentAction.confirmed: "good",
    ConsentAction.returned: "good",
    ConsentAction.unsubscribed: "warn",
    ConsentAction.erased: "warn",
}
DEEDS = {
    ConsentAction.requested: "Asked to join",
    ConsentAction.confirmed: "Confirmed",
    ConsentAction.returned: "Came back to",
    ConsentAction.unsubscribed: "Unsubscribed from",
    ConsentAction.erased: "Erased",
}
# What the same words of the ledger mean when she corrected her address.
MOVED = {
    ConsentAction.unsubscribed: "Left her former address with",
    ConsentAction.confirmed: "Corrected her address for",
}
LABELS = {
    "source": "through",
    "actor": "through",
    "form": "form",
    "page": "at",
    "ip": "from",
    "user_agent": "with",
    "message_id": "answering",
    "language": "in",
    "shown": "shown:",
}


@dataclass(frozen=True)
class Moment:
    """One entry as the page shows it."""

    at: datetime
    what: str
    detail: str
    tone: str


def timeline(session: Session, subscriber: Subscriber) -> list[Moment]:
    """Return everything that her consent and her refusals have gone through, newest first."""
    names = Names(session)
    own = sa.select(ConsentEvent).where(former.decisions(session, subscriber))
    events = session.scalars(own.order_by(ConsentEvent.id)).all()
    both = (subscriber.address_key, subscriber.domain_key)
    chosen = sa.select(Suppression).where(Suppression.address_key.in_(both))
    shown = texts.known(session, (event.evidence for event in events))
    moments = [decided(event, names, texts.spelled_out(event.evidence, shown)) for event in events]
    moments += [wished(one, names) for one in wishes.history(session, subscriber.address_key)]
    for suppression in session.scalars(chosen.order_by(Suppression.id)):
        moments.extend(refused(suppression, names))
    # Sorting is stable: what happened in one instant keeps its order, then all is turned around.
    moments.sort(key=lambda moment: moment.at)
    return moments[::-1]


class Names:
    """The names of all lists and senders, by their ids."""

    def __init__(self, session: Session) -> None:
        lists = session.execute(sa.select(MailingList.id, MailingList.name))
        senders = session.execute(sa.select(Sender.id, Sender.legal_name))
        self.lists: dict[int, str] = {row.id: row.name for row in lists}
        self.senders: dict[int, str] = {row.id: row.legal_name for row in senders}

    def reach(self, list_id: int | None, sender_id: int | None) -> str:
        if list_id is not None:
            return f"“{self.lists.get(list_id, 'a list that is gone')}”"
        if sender_id is not None:
            return f"all mail from {self.senders.get(sender_id, 'a sender that is gone')}"
        return "all mail"


def decided(event: ConsentEvent, names: Names, evidence: dict[str, str]) -> Moment:
    parts = [f"by {event.method}"]
    if event.delivery_id:
        parts.append(f"from delivery {event.delivery_id}")
    parts += [f"{label} {evidence[name]}" for name, label in LABELS.items() if name in evidence]
    deeds = MOVED if evidence.get("source") == former.CORRECTED else DEEDS
    return Moment(
        at=event.at,
        what=f"{deeds[event.action]} {names.reach(event.list_id, event.sender_id)}",
        detail=", ".join(parts),
        tone=TONES[event.action],
    )


def wished(wish: Wish, names: Names) -> Moment:
    about = f" for {names.reach(wish.list_id, None)}" if wish.list_id else ""
    return Moment(wish.at, f"{wish.words}{about}", "by her own choice", "neutral")


def refused(suppression: Suppression, names: Names) -> Iterator[Moment]:
    is_list = suppression.scope is Scope.list
    is_sender = suppression.scope is Scope.sender
    reach = names.reach(
        suppression.scope_id if is_list else None, suppression.scope_id if is_sender else None
    )
    if suppression.scope is Scope.domain:
        reach = "all mail to her domain"
    parts = [suppression.reason, suppression.note]
    if suppression.actor:
        parts.append(f"by {suppression.actor}")
    if suppression.ends_at is not None:
        parts.append(f"until {suppression.ends_at:%d %B %Y}")
    why = ", ".join(filter(None, parts))
    yield Moment(suppression.created_at, f"Suppressed for {reach}", why, "warn")
    if suppression.lifted_at is not None:
        lifted = f"Suppression lifted for {reach}"
        yield Moment(suppression.lifted_at, lifted, suppression.reason, "neutral")
