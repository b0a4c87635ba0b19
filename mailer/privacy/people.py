"""Readers as a table to take elsewhere: all, a segment, a search or a list, in little memory.

Who may be mailed by no list leaves no address: her row stands under a keyed pseudonym, with her
status on each list and why she is not mailed, so that the sums are right and an opted-out address
is not handed on (15 U.S.C. 7704(a)(4)(A)(iv)). The file of one list has no such rows, and tells of
no other list.
"""

import csv
import io
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import searches, standing
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription, Suppression
from mailer.audience.searches import Search
from mailer.audience.words import ConsentAction, Scope, SubscriberStatus
from mailer.compliance import gate
from mailer.compliance.acts import Leaver, Purpose, Release
from mailer.privacy import tables

COLUMNS = (
    *("uuid", "email", "name", "attributes", "status", "created_at", "updated_at"),
    *("lists", "consent_at", "consent_action", "consent_method", "consent_page", "suppressed"),
)
BATCH = 2000
# An opted-out address must not be passed on (15 U.S.C. 7704(a)(4)(A)(iv)), and a disabled
# person's data must not be used (Art. 18 GDPR).
EXPORTED = (standing.MAILABLE, "unconfirmed", "paused")
ENCODER = json.JSONEncoder(ensure_ascii=False)
PERSON = (
    Subscriber.id,
    Subscriber.address_key,
    Subscriber.email,
    Subscriber.name,
    Subscriber.attributes,
    Subscriber.status,
    Subscriber.restricted_at,
    Subscriber.created_at,
    Subscriber.updated_at,
)


class NotReleased(Exception):  # noqa: N818 - errors are named for the situation
    """The gate holds back an address that the query had let through (R32)."""


@dataclass(frozen=True)
class Tally:
    """How many people of a list are in its file, and how many are left out of it."""

    exported: int
    left_out: int

    def note(self) -> str:
        return f"{self.exported} exported; {self.left_out} left out: unsubscribed or not to be used"


@dataclass
class Standing:
    """Where a reader stands: her status on each list, and the refusal that each has for her."""

    lists: dict[str, str] = field(default_factory=dict)
    refusals: set[str] = field(default_factory=set)

    @property
    def has_opted_out(self) -> bool:
        """Tell whether every list that knows her must leave her alone, by her own word."""
        return bool(self.refusals) and self.refusals.issubset(standing.SUPPRESSED)

    def hindrance(self, person: Any, everywhere: str) -> str:  # noqa: ANN401 - a row of PERSON
        """Return why her address may not leave, empty when it may."""
        if person.status is not SubscriberStatus.enabled:
            return str(person.status.value)
        if person.restricted_at is not None:
            return standing.RESTRICTED
        if not self.refusals:
            return everywhere
        return "" if self.refusals.intersection(EXPORTED) else min(self.refusals)


def tally(session: Session, list_id: int) -> Tally:
    """Count whom the file of a list holds, and who else ever was on it."""
    is_exported = sa.case((standing.refusal().in_(EXPORTED), 1), else_=0)
    counted = placed(sa.func.coalesce(sa.func.sum(is_exported), 0), sa.func.count())
    found, everyone = session.execute(counted.where(Subscription.list_id == list_id)).one()
    return Tally(exported=int(found), left_out=int(everyone) - int(found))


def placed(*columns: Any) -> sa.Select[Any]:  # noqa: ANN401 - columns of any kind
    """Return the columns over readers, their places and the lists of these."""
    chosen: sa.Select[Any] = sa.select(*columns)
    return (
        chosen.select_from(Subscriber)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, MailingList.id == Subscription.list_id)
    )


def of_list(session: Session, list_id: int, *, raw: bool = False) -> Iterator[bytes]:
    """Yield the CSV of those on a list who may be mailed there or have not confirmed yet.

    It has the columns of ``written``, and raises as that does.
    """
    return written(session, Search(list_id=list_id), raw=raw, alone=list_id)


def written(
    session: Session, search: Search, *, raw: bool = False, alone: int | None = None
) -> Iterator[bytes]:
    """Yield the CSV of the readers found, BATCH of them at a time, in the order they came.

    Raises NotReleased when the gate holds an address back (R32). ``raw`` leaves cells that begin
    like a formula as they are. ``alone`` is the only list that is told of: who has no address to
    give because of it has no row.
    """
    file = io.StringIO(newline="")
    tables.write(file, COLUMNS, (), raw=raw)
    after = 0
    told = sa.true() if alone is None else MailingList.id == alone
    names = dict(iter(session.execute(sa.select(MailingList.id, MailingList.name).where(told))))
    while batch := next_people(session, search, after):
        found = lines(session, batch, names, raw=raw)
        csv.writer(file).writerows(line for line in found if alone is None or not line[-1])
        yield drained(file)
        after = batch[-1].id
    yield drained(file)


def drained(file: io.StringIO) -> bytes:
    text = file.getvalue()
    file.seek(0)
    file.truncate()
    return text.encode()


def next_people(session: Session, search: Search, after: int) -> Sequence[Any]:
    found = sa.select(*PERSON).where(Subscriber.id > after, searches.test(search))
    return session.execute(found.order_by(Subscriber.id).limit(BATCH)).all()


def lines(
    session: Session, batch: Sequence[Any], names: Mapping[int, str], *, raw: bool
) -> Iterator[tuple[str, ...]]:
    """Yield the rows of some readers, after the gate has seen which addresses leave."""
    run = Subscriber.id.between(batch[0].id, batch[-1].id)
    found = standings(session, run, names)
    refused, proofs = refused_everything(session, run), consents(session, run, names)
    judged = []
    for person in batch:
        one = found.get(person.id) or Standing()
        judged.append((person, one, one.hindrance(person, refused.get(person.address_key, ""))))
    demand_releasable((person, one) for person, one, hindrance in judged if not hindrance)
    guard = str if raw else tables.guarded
    for person, one, hindrance in judged:
        own = ("", "", "") if hindrance else own_cells(person)
        page, *proof = consent_cells(proofs.get(person.address_key), hindrance)
        yield (
            str(pseudonym(person)),
            *map(guard, own),
            person.status.value,
            person.created_at.isoformat(),
            person.updated_at.isoformat(),
            guard(lists_cell(tuple(one.lists.items()))),
            *proof,
            guard(page),
            hindrance,
        )


def demand_releasable(leaving: Iterable[tuple[Any, Standing]]) -> None:
    """Ask the gate about each address before it leaves; raises NotReleased."""
    leavers = tuple(Leaver(person.email, one.has_opted_out) for person, one in leaving)
    release = Release(Purpose.own_use, "our own records", False, "", leavers)  # noqa: FBT003
    refusals = gate.judge_release(release).refusals
    if refusals:
        raise NotReleased("; ".join(finding.title for finding in refusals))


def standings(
    session: Session, run: searches.Test, names: Mapping[int, str]
) -> dict[int, Standing]:
    """Return where each reader of a run stands on the lists that have a name, by her number."""
    place = (Subscription.subscriber_id, Subscription.list_id)
    chosen = placed(*place, Subscription.status, standing.refusal())
    found = session.execute(chosen.where(run).order_by(*place))
    stands: dict[int, Standing] = {}
    for subscriber_id, list_id, status, refusal in found:
        if list_id in names:  # asked here: SQLite would begin with the lists, and read them whole
            one = stands.setdefault(subscriber_id, Standing())
            one.lists[names[list_id]] = status.value
            one.refusals.add(refusal)
    return stands


def refused_everything(session: Session, run: searches.Test) -> dict[bytes, str]:
    """Return who is on no list but refuses all mail: the list's own question never reaches her."""
    found = (
        sa.select(Suppression.address_key)
        .join(Subscriber, Subscriber.address_key == Suppression.address_key)
        .where(run, Suppression.lifted_at.is_(None), Suppression.scope == Scope.everything)
    )
    return dict.fromkeys(session.scalars(found), "suppressed")


def consents(session: Session, run: searches.Test, lists: Iterable[int]) -> dict[bytes, Any]:
    """Return each person's last consent, to whichever of the lists, or to all of a sender's."""
    columns = (
        ConsentEvent.address_key,
        ConsentEvent.at,
        ConsentEvent.action,
        ConsentEvent.method,
        ConsentEvent.evidence,
    )
    agreed = (ConsentAction.requested, ConsentAction.confirmed, ConsentAction.returned)
    about = sa.or_(ConsentEvent.list_id.in_(list(lists)), ConsentEvent.list_id.is_(None))
    found = (
        sa.select(*columns)
        .join(Subscriber, Subscriber.address_key == ConsentEvent.address_key)
        .where(run, about, ConsentEvent.action.in_(agreed))
    )
    return {row.address_key: row for row in session.execute(found.order_by(ConsentEvent.id))}


def pseudonym(person: Any) -> uuid.UUID:  # noqa: ANN401 - whatever has an address key
    """Return a number that stays the same in every export and tells nobody the address."""
    return uuid.uuid5(uuid.NAMESPACE_OID, person.address_key.hex())


def own_cells(person: Any) -> tuple[str, str, str]:  # noqa: ANN401 - a row of PERSON
    return person.email, person.name, ENCODER.encode(person.attributes)


@lru_cache(1000)
def lists_cell(lists: tuple[tuple[str, str], ...]) -> str:
    return ENCODER.encode(dict(lists))


def consent_cells(proof: Any, hindrance: str) -> tuple[str, ...]:  # noqa: ANN401 - a row of consents
    """Return the page on which a reader agreed last, and when, how and by which way."""
    if proof is None:
        return ("", "", "", "")
    page = "" if hindrance else str((proof.evidence or {}).get("page", ""))
    return page, proof.at.isoformat(), proof.action.value, proof.method.value
