"""One act on many readers: exactly the set that was shown, or nobody at all."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import searches, subscriptions, suppressions
from mailer.audience.bulk_models import BulkAct, BulkMember, Deed
from mailer.audience.consent import Evidence
from mailer.audience.models import Subscriber
from mailer.audience.searches import Search
from mailer.audience.segments import fields
from mailer.audience.subscriptions import OptOut, Wish
from mailer.audience.suppressions import BLOCKED, Refusal
from mailer.audience.words import ConsentMethod, Scope, SubscriberStatus

PORTION = 500


class SetChanged(Exception):  # noqa: N818 - errors are named for the situation
    """The set is no longer the one that was shown; nobody was touched."""

    def __init__(self, then: int, now: int) -> None:
        super().__init__(f"There were {then:,} readers when the page was shown; now it is {now:,}.")


@dataclass(frozen=True)
class Mark:
    """What tells one set of readers from another: how many they are, and two sums over them."""

    people: int
    total: int
    mixed: int

    def __str__(self) -> str:
        return f"{self.people}-{self.total}-{self.mixed}"


@dataclass(frozen=True)
class Order:
    """What is to be done. ``list_id`` is for unsubscribing, ``key`` and ``value`` for a field."""

    deed: Deed
    note: str
    actor: str
    list_id: int = 0
    key: str = ""
    value: Any = None


def mark(session: Session, search: Search) -> Mark:
    """Return the mark of the readers found now."""
    return mark_of(session, sa.select(Subscriber.id.label("id")).where(searches.test(search)))


def mark_of(session: Session, numbers: sa.Select[int]) -> Mark:
    one = numbers.subquery().c.id
    mixed = one * 7919 % 1_000_003
    total, rest = (
        sa.cast(sa.func.coalesce(sa.func.sum(term), 0), sa.BigInteger) for term in (one, mixed)
    )
    return Mark(*session.execute(sa.select(sa.func.count(one), total, rest)).one())


def begin(session: Session, now: datetime, search: Search, shown: str, order: Order) -> BulkAct:
    """Set down whom an act touches; raises SetChanged when ``shown`` is another set's mark."""
    kept = asdict(order)
    details = {name: kept[name] for name in ("list_id", "key", "value") if kept[name]}
    if order.deed is Deed.set_field:
        details["value"] = order.value
    act = BulkAct(
        deed=order.deed, details=details, note=order.note, actor=order.actor, created_at=now
    )
    session.add(act)
    session.flush()
    found = sa.select(sa.literal(act.id), Subscriber.id).where(searches.test(search))
    session.execute(sa.insert(BulkMember).from_select(["act_id", "subscriber_id"], found))
    members = sa.select(BulkMember.subscriber_id.label("id")).where(BulkMember.act_id == act.id)
    held = mark_of(session, members)
    if str(held) != shown:
        then = shown.partition("-")[0]
        raise SetChanged(int(then) if then.isdecimal() else 0, held.people)
    act.people = held.people
    if not held.people:
        act.finished_at = now
    session.flush()
    return act


def portion(session: Session, now: datetime, act_id: int) -> bool:
    """Go through the next PORTION of an act's people; the caller commits. False at its end."""
    act = session.get(BulkAct, act_id, with_for_update=True, populate_existing=True)
    if act is None or act.finished_at is not None:
        return False
    ids = session.scalars(
        sa.select(BulkMember.subscriber_id)
        .where(BulkMember.act_id == act_id, BulkMember.subscriber_id > act.last_id)
        .order_by(BulkMember.subscriber_id)
        .limit(PORTION)
    ).all()
    if ids:
        act.changed += DOINGS[act.deed](session, now, act, ids)
        act.done += len(ids)
        act.last_id = ids[-1]
    if len(ids) < PORTION:
        act.finished_at = now
    session.flush()
    return act.finished_at is None


def due(session: Session) -> Sequence[int]:
    """Return the acts that are not through."""
    return session.scalars(
        sa.select(BulkAct.id).where(BulkAct.finished_at.is_(None)).order_by(BulkAct.id)
    ).all()


def unsubscribe(session: Session, now: datetime, act: BulkAct, ids: Sequence[int]) -> int:
    """Take each off the list, with her own entry in the consent ledger."""
    proof = Evidence(shown=act.note, actor=act.actor)
    list_id = int(act.details["list_id"])
    wishes = [
        Wish(OptOut(list_id, one), ConsentMethod.staff, proof)
        for one in on_list(session, list_id, ids)
    ]
    done = subscriptions.unsubscribe_all(session, now, wishes)
    return sum(one is not None for one in done.values())


def on_list(session: Session, list_id: int, ids: Sequence[int]) -> Sequence[int]:
    """Return those who ever stood on a list: nobody else can be taken off it."""
    search = Search(list_id=list_id)
    chosen = sa.select(Subscriber.id).where(Subscriber.id.in_(ids), searches.test(search))
    return session.scalars(chosen.order_by(Subscriber.id)).all()


def suppress(session: Session, now: datetime, act: BulkAct, ids: Sequence[int]) -> int:
    """Block all mail to each address; an admin may end it, one address at a time."""
    keys = sa.select(Subscriber.address_key).where(Subscriber.id.in_(ids)).order_by(Subscriber.id)
    keys = keys.with_for_update()  # or she may move to another key at this moment
    refusal = Refusal(Scope.everything, reason=BLOCKED, note=act.note, actor=act.actor)
    return len(
        suppressions.suppress_all(session, now, dict.fromkeys(session.scalars(keys), refusal))
    )


def disable(session: Session, now: datetime, act: BulkAct, ids: Sequence[int]) -> int:
    del act
    return switched(session, now, ids, SubscriberStatus.enabled, SubscriberStatus.disabled)


def enable(session: Session, now: datetime, act: BulkAct, ids: Sequence[int]) -> int:
    """Enable whom staff had disabled; refusals stay, and so does the blocklist."""
    del act
    return switched(session, now, ids, SubscriberStatus.disabled, SubscriberStatus.enabled)


def switched(
    session: Session,
    now: datetime,
    ids: Sequence[int],
    before: SubscriberStatus,
    after: SubscriberStatus,
) -> int:
    statement = sa.update(Subscriber).where(Subscriber.id.in_(ids), Subscriber.status == before)
    return counted(session, statement.values(status=after, updated_at=now))


def set_field(session: Session, now: datetime, act: BulkAct, ids: Sequence[int]) -> int:
    """Write one field of each, or take it out."""
    wanted = {str(act.details["key"]): act.details["value"]}
    chosen = sa.select(Subscriber).where(Subscriber.id.in_(ids)).order_by(Subscriber.id)
    changed = 0
    for reader in session.scalars(
        chosen.with_for_update().execution_options(populate_existing=True)
    ):
        attributes = fields.changed(reader.attributes, wanted)
        if attributes != reader.attributes:
            reader.attributes, reader.updated_at = attributes, now
            changed += 1
    session.flush()
    return changed


def counted(session: Session, statement: sa.Update) -> int:
    options = {"synchronize_session": False}
    result = session.execute(statement.execution_options(**options))
    session.expire_all()
    return int(result.rowcount)  # type: ignore[attr-defined]


DOINGS: dict[Deed, Callable[[Session, datetime, BulkAct, Sequence[int]], int]] = {
    Deed.unsubscribe: unsubscribe,
    Deed.suppress: suppress,
    Deed.disable: disable,
    Deed.enable: enable,
    Deed.set_field: set_field,
}


def forget_alone(session: Session, subscriber_id: int) -> None:
    """Blank what acts on her alone say of a person who is being erased: the note, and any value."""
    hers = sa.select(BulkMember.act_id).where(BulkMember.subscriber_id == subscriber_id)
    chosen = sa.select(BulkAct).where(BulkAct.id.in_(hers), BulkAct.people == 1)
    for act in session.scalars(chosen):
        act.note = ""
        act.details = {**act.details, "value": ""} if "value" in act.details else act.details
