"""The fields that are kept about readers, and their values: typed, checked, and shown."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import addresses, rows
from mailer.audience.models import MailingList
from mailer.audience.segments import rules
from mailer.audience.segments.models import Field, FieldKind
from mailer.audience.segments.vocabulary import OF_KIND, About, Offer, Operator, Value
from mailer.compliance import columns, identities

# What a field may hold in the attributes; None is nothing.
Kept = str | int | float | bool | None

KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")
MOST = 100
LONGEST_TEXT = 500
YES_NO = {"yes": True, "no": False}
SHOWN = {True: "yes", False: "no"}


class BadField(ValueError):  # noqa: N818 - errors are named for the situation
    """The field cannot be made; ``where`` names what is wrong with it."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(why)
        self.where = where


class BadValue(ValueError):  # noqa: N818 - errors are named for the situation
    """A value does not fit its field; the message tells the person why."""


@dataclass(frozen=True)
class Details:
    """A new field. ``exception`` is an owner's reason to keep what looks sensitive."""

    key: str
    label: str
    kind: FieldKind
    choices: tuple[str, ...] = ()
    is_hers: bool = False
    exception: str = ""


def index(session: Session) -> Sequence[Field]:
    """Return all fields in the order of their labels."""
    return session.scalars(sa.select(Field).order_by(Field.label, Field.id)).all()


def hers(session: Session) -> list[Field]:
    """Return the fields that readers may see and change themselves."""
    return [one for one in index(session) if one.is_hers]


def excepted(session: Session) -> frozenset[str]:
    """Return the keys and labels, in plain words, under which sensitive data may be kept."""
    allowed = [one for one in index(session) if one.exception]
    return frozenset(columns.plain(name) for one in allowed for name in (one.key, one.label))


def asked(session: Session, lists: Iterable[MailingList]) -> list[Field]:
    """Return the fields that the forms of these lists ask for: only such as are hers."""
    keys = {key for one in lists for key in one.asked_fields.split()}
    return [one for one in hers(session) if one.key in keys] if keys else []


def create(session: Session, now: datetime, details: Details) -> int:
    """Add a field and return its id; raises BadField."""
    if not KEY.fullmatch(details.key):
        raise BadField("key", "A key has small letters, digits and _, and begins with a letter.")
    demand_harmless(details)
    if details.kind is FieldKind.choice and not details.choices:
        raise BadField("choices", "Give at least one choice, each on a line of its own.")
    if (session.scalar(sa.select(sa.func.count(Field.id))) or 0) >= MOST:
        raise BadField("key", f"There are {MOST} fields already, which is as many as fit.")
    added = rows.insert_missing(
        session,
        Field,
        key=details.key,
        label=details.label,
        kind=details.kind,
        choices="\n".join(details.choices),
        is_hers=details.is_hers,
        exception=details.exception if any(kinds(details)) else "",
        created_at=now,
    )
    if added is None:
        raise BadField("key", "There is a field of this key already.")
    return added


def kinds(details: Details) -> list[str]:
    """Return which sensitive data key and label look like."""
    return list(filter(None, map(columns.sensitive, (details.key, details.label))))


def demand_harmless(details: Details) -> None:
    """Raise BadField for sensitive data that nobody may keep, or that no owner has allowed."""
    for kind in kinds(details):
        is_allowable = columns.is_allowable(kind)
        if not (details.exception and is_allowable):
            way = " Only an owner can allow it, with a reason." if is_allowable else ""
            told = f"This looks like {kind}, which is not kept about readers.{way}"
            raise BadField("label", told)


def typed(field: Field, text: str) -> Kept:
    """Return what is typed as the attributes keep it, None for nothing; raises BadValue."""
    text = text.strip()
    if not text:
        return None
    if len(text) > LONGEST_TEXT or addresses.has_invisible(text):
        raise BadValue(f"At most {LONGEST_TEXT} visible characters fit here.")
    if number := identities.identity(text):
        raise BadValue(f"This looks like {number}. We keep none.")
    if field.kind is FieldKind.yes_no:
        if text not in YES_NO:
            raise BadValue("Say yes or no.")
        return YES_NO[text]
    if field.kind is FieldKind.text:
        return text
    try:
        return rules.checked(text, HOLDING[field.kind], offer(field))
    except ValueError as error:
        raise BadValue(str(error)) from error


HOLDING = {
    FieldKind.number: Operator("is", "is", Value.number),
    FieldKind.date: Operator("on", "on", Value.date),
    FieldKind.choice: Operator("is", "is", Value.choice),
    FieldKind.country: Operator("is", "is", Value.country),
}


def shown(value: object) -> str:
    """Return a value as a form shows it."""
    if value is None:
        return ""
    return SHOWN[value] if isinstance(value, bool) else str(value)


def offer(field: Field) -> Offer:
    """Return what the builder offers about a field."""
    return Offer(About.attribute, field.key, field.label, OF_KIND[field.kind], tuple(field.offered))


def changed(known: Mapping[str, object], wanted: Mapping[str, Kept]) -> dict[str, object]:
    """Return the attributes with the wanted values; None takes a field out."""
    merged = {**known, **wanted}
    return {key: value for key, value in merged.items() if value is not None or key not in wanted}
