"""Mailing lists: made, changed, closed and counted."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from mailer.audience.models import MailingList, Sender, Subscription
from mailer.audience.words import ListStatus, ListType, Optin, SubscriptionStatus
from mailer.compliance.rules.intake import LEAST_AGE


class NameTaken(Exception):  # noqa: N818 - errors are named for the situation
    """The sender has another list of this name, which readers could not tell apart."""


@dataclass(frozen=True)
class Details:
    """What staff decide about a list. Its sender never changes: opt-outs are bound to it."""

    name: str
    description: str = ""
    optin: Optin = Optin.double
    type: ListType = ListType.public
    least_age: int = 0
    consent_months: int | None = None
    asked_fields: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


def create(session: Session, now: datetime, sender_id: int, details: Details) -> MailingList:
    """Add a list with a public id of 128 random bits; raises NameTaken."""
    demand_free(session, sender_id, details.name)
    made = MailingList(
        public_id=secrets.token_hex(16),
        sender_id=sender_id,
        name=details.name,
        description=details.description,
        optin=details.optin,
        type=details.type,
        least_age=details.least_age,
        status=ListStatus.active,
        consent_months=details.consent_months,
        asked_fields=" ".join(details.asked_fields),
        countries=" ".join(details.countries),
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def edit(session: Session, mailing_list: MailingList, details: Details) -> None:
    """Change a list; raises NameTaken."""
    demand_free(session, mailing_list.sender_id, details.name, mailing_list.id)
    mailing_list.name = details.name
    mailing_list.description = details.description
    mailing_list.optin = details.optin
    mailing_list.type = details.type
    mailing_list.least_age = details.least_age
    mailing_list.consent_months = details.consent_months
    mailing_list.asked_fields = " ".join(details.asked_fields)
    mailing_list.countries = " ".join(details.countries)


def demand_free(session: Session, sender_id: int, name: str, own_id: int = 0) -> None:
    # The lock makes a second click wait for the first one's list, and then find it.
    session.execute(sa.select(Sender.id).where(Sender.id == sender_id).with_for_update())
    twin = sa.select(MailingList.id).where(
        MailingList.sender_id == sender_id, MailingList.name == name, MailingList.id != own_id
    )
    if session.scalar(twin.limit(1)) is not None:
        raise NameTaken("This sender has a list of that name already.")


def set_status(mailing_list: MailingList, status: ListStatus, now: datetime) -> bool:
    """Archive a list or open it again; False when nothing changed. Opt-outs work either way.

    From the day that it is archived its readers are not kept for its sake.
    """
    if mailing_list.status is status:
        return False
    mailing_list.status = status
    mailing_list.closed_at = now if status is ListStatus.archived else None
    return True


def open_to_all(session: Session, public_id: str) -> MailingList | None:
    """Return the list behind a sign-up form, unless it is private or archived."""
    return session.scalar(open_one(), {"public_id": public_id})


@cache
def open_one() -> sa.Select[MailingList]:
    chosen = sa.select(MailingList).where(
        MailingList.public_id == sa.bindparam("public_id"),
        MailingList.type == ListType.public,
        MailingList.status == ListStatus.active,
    )
    return chosen.options(joinedload(MailingList.sender))


def all_open(session: Session) -> Sequence[MailingList]:
    """Return the lists that anybody may join, by name."""
    chosen = sa.select(MailingList).where(
        MailingList.type == ListType.public, MailingList.status == ListStatus.active
    )
    order = chosen.order_by(MailingList.name, MailingList.id)
    return session.scalars(order.options(joinedload(MailingList.sender))).all()


def let_children_in(session: Session, which: Collection[int]) -> bool:
    """Tell whether one of these lists is meant for people under 13: it asks for a lower age."""
    young = sa.select(MailingList.id).where(MailingList.id.in_(which), is_for_children())
    return session.scalar(young.limit(1)) is not None


def is_for_children() -> sa.ColumnElement[bool]:
    """Ask, in SQL, for lists that let people under 13 in (16 CFR 312)."""
    return sa.and_(MailingList.least_age > 0, MailingList.least_age < LEAST_AGE)


def age_statement(mailing_list: MailingList) -> str:
    """Return the sentence that visitors must tick, empty if the list does not ask (R36)."""
    age = mailing_list.least_age
    return f"I am at least {age} years old." if age else ""


def index(session: Session) -> Sequence[MailingList]:
    """Return all lists by name, those in use first."""
    order = (MailingList.status != ListStatus.active, MailingList.name, MailingList.id)
    return session.scalars(
        sa.select(MailingList).order_by(*order).options(joinedload(MailingList.sender))
    ).all()


def counts(session: Session, list_id: int | None = None) -> dict[int, dict[str, int]]:
    """Return for each list how many subscriptions are in each status, zeros included."""
    grouped = sa.select(Subscription.list_id, Subscription.status, sa.func.count())
    if list_id is not None:
        grouped = grouped.where(Subscription.list_id == list_id)
    found: dict[int, dict[str, int]] = {}
    by_status = grouped.group_by(Subscription.list_id, Subscription.status)
    for one, status, number in session.execute(by_status):
        found.setdefault(one, no_one())[status.value] = number
    return found


def no_one() -> dict[str, int]:
    return {status.value: 0 for status in SubscriptionStatus}
