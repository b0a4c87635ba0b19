"""Refusals that a restored database has forgotten: in force again, from this machine's record."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.audience import departures, suppressions
from mailer.audience.models import MailingList, Sender, Subscriber, Suppression
from mailer.audience.refusal_journal import Refused
from mailer.audience.suppressions import Refusal
from mailer.audience.turned import followed
from mailer.audience.turning import everybody
from mailer.audience.words import Scope
from mailer.privacy import erasure
from mailer.tokens import Keys

ACTOR = "guard"
PORTION = 500
AGAIN = "erased before the backup was restored"


def recall(session: Session, keys: Keys, blocks: Iterable[Sequence[Refused]], now: datetime) -> int:
    """Put in force what the database does not know, and return how many refusals that were.

    ``blocks`` come latest first. A backup knows all up to its own moment and nothing after it, so
    the first block that is known whole is the last one to look at. Who was erased is erased again.
    Where a backup is older than the turn of a suppression key, the turn is made again first: the
    refusals may stand under either key. Lifts nothing; the caller commits.
    """
    forgotten: list[Refused] = []
    for block in blocks:
        unknown = strange(session, as_they_are_now(session, block))
        if block and not unknown:
            break
        forgotten += unknown
    if forgotten and keys.former:
        everybody.turn_all(session, now, keys)
        some = (forgotten[at : at + PORTION] for at in range(0, len(forgotten), PORTION))
        moved = (strange(session, as_they_are_now(session, block)) for block in some)
        forgotten = [one for block in moved for one in block]
    for one in sorted(forgotten):
        put_back(session, one, now)
    if forgotten:
        reason = f"refusals that the database had forgotten: {len(forgotten)}"
        audit.record(session, now, ACTOR, "instance.recall", "installation", reason=reason)
    return len(forgotten)


def as_they_are_now(session: Session, block: Sequence[Refused]) -> list[Refused]:
    """Return refusals under the keys to which those whom they are about have moved."""
    keys = followed(session, {one.address_key for one in block})
    return [one._replace(address_key=keys[one.address_key]) for one in block]


def strange(session: Session, block: Sequence[Refused]) -> list[Refused]:
    """Return those of which the database has heard nothing, though it knows what they refuse."""
    known: defaultdict[tuple[bytes, Scope, int, str], list[Suppression]] = defaultdict(list)
    keys = {one.address_key for one in block}
    for held in session.scalars(sa.select(Suppression).where(Suppression.address_key.in_(keys))):
        known[held.address_key, held.scope, held.scope_id, held.reason].append(held)
    since = beginnings(session)
    return [
        one
        for one in block
        if one.at >= since.get((one.scope, one.scope_id), datetime.max.replace(tzinfo=UTC))
        and not any(
            reaches(held, one.at)
            for held in known[one.address_key, one.scope, one.scope_id, one.reason]
        )
    ]


def beginnings(session: Session) -> dict[tuple[Scope, int], datetime]:
    """Return since when each thing that can be refused is there.

    A list that was made after the backup is gone, and its number may be another's by now.
    """
    always = datetime.min.replace(tzinfo=UTC)
    found = {(Scope.everything, 0): always, (Scope.domain, 0): always}
    for scope, model in ((Scope.list, MailingList), (Scope.sender, Sender)):
        for number, at in session.execute(sa.select(model.id, model.created_at)):
            found[scope, number] = at
    return found


def reaches(held: Suppression, at: datetime) -> bool:
    """Tell whether a refusal in the database held at that moment, or came later."""
    return held.lifted_at is None or max(held.created_at, held.lifted_at) >= at


def put_back(session: Session, one: Refused, now: datetime) -> None:
    chosen = sa.select(Subscriber).where(Subscriber.address_key == one.address_key)
    subscriber = session.scalars(chosen.with_for_update()).one_or_none()
    if subscriber is not None and one.reason == suppressions.ERASED:
        erasure.erase_again(session, subscriber, now, ACTOR, reason=AGAIN)
        return
    refusal = Refusal(one.scope, one.scope_id, one.reason)
    suppressions.suppress(session, one.at, one.address_key, refusal)
    if subscriber is not None and one.reason not in suppressions.OURS:
        departures.leave(session, one.at, [subscriber.id], one.scope, one.scope_id)
