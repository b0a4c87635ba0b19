"""One-time sign-in links: for a first visit, a lost password, and the first start."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.accounts.models import User
from mailer.links import Site
from mailer.tokens import Purpose

LINK_LIFE = timedelta(hours=1)


class LinkOver(Exception):  # noqa: N818 - errors are named for the situation
    """The link is ours, but it was used, replaced by a newer one, or its hour is over."""


def link(session: Session, site: Site, user: User, now: datetime) -> str:
    """Return a new one-time link, valid for LINK_LIFE; it ends every older link of the person."""
    user.link_serial += 1
    session.flush()
    return site.sign_in(user.id, user.link_serial, now + LINK_LIFE)


def invited(session: Session, site: Site, token: str, now: datetime) -> User:
    """Return whom a link lets in, changing nothing; raises BadToken or LinkOver."""
    user_id, serial = numbers(site, token, now)
    user = session.get(User, user_id)
    if user is None or not user.active or user.link_serial != serial:
        raise LinkOver
    return user


def enter(session: Session, site: Site, token: str, now: datetime) -> User:
    """Use a link up and return whom it lets in; raises BadToken or LinkOver.

    One statement asks and counts, so that of two simultaneous uses one wins.
    """
    user_id, serial = numbers(site, token, now)
    used = session.execute(
        sa.update(User)
        .where(User.id == user_id, User.link_serial == serial, User.active)
        .values(link_serial=User.link_serial + 1)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    ).first()
    if used is None:
        raise LinkOver
    return session.get_one(User, user_id, populate_existing=True)


def numbers(site: Site, token: str, now: datetime) -> tuple[int, int]:
    try:
        user_id, serial = tokens.read(site.keys, Purpose.sign_in, token, now=now)
    except tokens.ExpiredToken as error:
        raise LinkOver from error
    return user_id, serial
