"""The periods in force: the one home of how long anything is kept."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.privacy.keeping.classes import RULES, Class
from mailer.privacy.keeping.models import Period


class BadPeriod(Exception):  # noqa: N818 - errors are named for the situation
    """The law wants a longer or a shorter period; the message says who."""


def in_force(session: Session) -> dict[Class, int]:
    """Return the period of each class, in the unit of its rule."""
    usual = {name: rule.usual.length for name, rule in RULES.items()}
    return usual | {one.name: one.length for one in session.scalars(sa.select(Period))}


def spelled(session: Session, name: Class) -> str:
    """Return the period of a class in words, such as ``12 months``."""
    return RULES[name].spelled(in_force(session)[name])


def change(session: Session, now: datetime, actor: User | str, name: Class, length: int) -> bool:
    """Set a period, in the unit of its rule; False when it was so before. The caller commits.

    Raises BadPeriod when it is beyond the bounds of its rule.
    """
    rule, before = RULES[name], in_force(session)[name]
    for bound, is_beyond, word in (
        (rule.least, length < rule.least.length, "least"),
        (rule.most, length > rule.most.length, "most"),
    ):
        if is_beyond:
            raise BadPeriod(f"At {word} {rule.spelled(bound.length)}: {bound.citation}.")
    if length == before:
        return False
    session.merge(Period(name=name, length=length))
    what = f"{rule.spelled(before)} before, {rule.spelled(length)} now"
    audit.record(session, now, actor, "retention.set", f"retention {name}", reason=what)
    session.flush()
    return True
