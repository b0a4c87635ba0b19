"""A list as a table to take elsewhere, without those who asked to be left alone."""

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import standing
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription
from mailer.audience.words import ConsentAction
from mailer.compliance import gate
from mailer.compliance.acts import Leaver, Purpose, Release
from mailer.privacy import tables

COLUMNS = (
    "uuid",
    "email",
    "name",
    "attributes",
    "status",
    "created_at",
    "updated_at",
    "subscription_status",
    "subscribed_at",
    "confirmed_at",
    "consent_at",
    "consent_action",
    "consent_method",
    "consent_page",
)
BATCH = 500
# An opted-out address must not be passed on (15 U.S.C. 7704(a)(4)(A)(iv)), and a disabled
# person's data must not be used (Art. 18 GDPR).
EXPORTED = (standing.MAILABLE, "unconfirmed", "paused")

Person = tuple[Subscriber, Subscription, str]


class NotReleased(Exception):  # noqa: N818 - errors are named for the situation
    """The gate holds back an address that the query had let through (R32)."""


@dataclass(frozen=True)
class Tally:
    """How many people of a list are in its export, and how many are left out of it."""

    exported: int
    left_out: int

    def note(self) -> str:
        return f"{self.exported} exported; {self.left_out} left out: unsubscribed or not to be used"


def tally(session: Session, mailing_list: MailingList) -> Tally:
    """Count who would be exported, and who would not."""
    is_exported = standing.refusal().in_(EXPORTED)
    exported = sa.func.coalesce(sa.func.sum(sa.case((is_exported, 1), else_=0)), 0)
    found, everyone = session.execute(people(mailing_list, exported, sa.func.count())).one()
    return Tally(exported=int(found), left_out=int(everyone) - int(found))


def write(
    session: Session, mailing_list: MailingList, file: IO[str], *, raw: bool = False
) -> Tally:
    """Write the list's CSV into ``file`` and return how many it holds and leaves out.

    One line for each person who may be mailed or has not confirmed yet, in the order in which
    they came. ``raw`` leaves cells that begin like a formula as they are.
    """
    counted = tally(session, mailing_list)
    tables.write(file, COLUMNS, lines(session, mailing_list), raw=raw)
    return counted


def people(mailing_list: MailingList, *columns: Any) -> sa.Select[Any]:  # noqa: ANN401
    """Return the chosen columns over everyone who ever was on the list."""
    chosen: sa.Select[Any] = sa.select(*columns)
    return (
        chosen.select_from(Subscriber)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, MailingList.id == Subscription.list_id)
        .where(Subscription.list_id == mailing_list.id)
    )


def lines(session: Session, mailing_list: MailingList) -> Iterator[tables.Row]:
    """Yield the export's rows, read in batches so that a long list fits into memory."""
    after = 0
    while batch := next_people(session, mailing_list, after):
        demand_releasable(batch)
        proofs = consents(session, mailing_list, [person.address_key for person, *_ in batch])
        for person, place, _ in batch:
            yield line(person, place, proofs.get(person.address_key))
        after = batch[-1][0].id


def next_people(session: Session, mailing_list: MailingList, after: int) -> list[Person]:
    found = session.execute(
        people(mailing_list, Subscriber, Subscription, standing.refusal())
        .where(Subscriber.id > after, standing.refusal().in_(EXPORTED))
        .order_by(Subscriber.id)
        .limit(BATCH)
    )
    return [(person, place, reason) for person, place, reason in found]


def demand_releasable(batch: Sequence[Person]) -> None:
    """Ask the gate about each address before it leaves; raises NotReleased."""
    leavers = tuple(
        Leaver(person.email, is_opted_out=reason in standing.SUPPRESSED)
        for person, _, reason in batch
    )
    release = Release(Purpose.own_use, "our own records", False, "", leavers)  # noqa: FBT003
    refusals = gate.judge_release(release).refusals
    if refusals:
        raise NotReleased("; ".join(finding.title for finding in refusals))


def consents(
    session: Session, mailing_list: MailingList, keys: Sequence[bytes]
) -> dict[bytes, ConsentEvent]:
    """Return each person's last consent to the list, by her address key."""
    found = session.scalars(
        sa.select(ConsentEvent)
        .where(
            ConsentEvent.address_key.in_(keys),
            ConsentEvent.list_id == mailing_list.id,
            ConsentEvent.action != ConsentAction.unsubscribed,
        )
        .order_by(ConsentEvent.id)
    )
    return {event.address_key: event for event in found}


def line(person: Subscriber, place: Subscription, proof: ConsentEvent | None) -> tables.Row:
    return (
        pseudonym(person),
        person.email,
        person.name,
        json.dumps(person.attributes, ensure_ascii=False),
        person.status,
        person.created_at,
        person.updated_at,
        place.status,
        place.created_at,
        place.confirmed_at,
        proof.at if proof else None,
        proof.action if proof else None,
        proof.method if proof else None,
        (proof.evidence or {}).get("page", "") if proof else None,
    )


def pseudonym(person: Any) -> uuid.UUID:  # noqa: ANN401 - whatever has an address key
    """Return a number that stays the same in every export and tells nobody the address."""
    return uuid.uuid5(uuid.NAMESPACE_OID, person.address_key.hex())
