"""People who may sign in: who they are, what they may do, and that an owner always remains."""

import secrets
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from mailer.accounts import permissions
from mailer.accounts.models import Role, User

OWNER = "owner"
LONGEST_NAME = 100


class Refused(Exception):  # noqa: N818 - errors are named for the situation
    """The accounts' rules do not allow the change; the message says why, in a sentence."""


class BadAddress(Refused):
    """The mail address cannot be one."""


class BadName(Refused):
    """The name holds what cannot be seen or kept."""


class AddressTaken(Refused):
    """Somebody already signs in with this address."""


class OwnersOnly(Refused):
    """Only an owner may do this to an owner, or make one."""


class LastOwner(Refused):
    """Without this person nobody would own the installation."""


def normalised(email: str) -> str:
    """Return the address as accounts keep it; raise BadAddress when it cannot be one."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise BadAddress(f"This is not a mail address: {error}") from error


def clean_name(name: str) -> str:
    """Return the name with single spaces, cut to what is kept; raises BadName."""
    clean = " ".join(name.split())
    if not clean.isprintable():
        raise BadName("The name holds an invisible character. Type it anew.")
    return clean[:LONGEST_NAME]


def everyone(session: Session) -> Sequence[User]:
    return session.scalars(sa.select(User).order_by(User.active.desc(), User.email)).all()


def by_email(session: Session, email: str) -> User | None:
    return session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def owners(session: Session) -> Sequence[User]:
    """Return the owners who can sign in, the first one first."""
    return session.scalars(
        sa.select(User)
        .where(User.active, User.roles.any(Role.name == OWNER))
        .order_by(User.created_at, User.id)
    ).all()


def add(session: Session, now: datetime, email: str, name: str, role: str) -> User:
    """Add a person without a password; a one-time link lets her in.

    Raises BadAddress, BadName, AddressTaken, or Refused when there is no such role.
    """
    address, called = normalised(email), clean_name(name)
    if by_email(session, address) is not None:
        raise AddressTaken(f"Somebody already signs in with {address}.")
    user = User(
        email=address,
        name=called,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        link_serial=0,
        created_at=now,
        roles=[role_named(session, role)],
    )
    session.add(user)
    session.flush()
    return user


def change_role(session: Session, user: User, role: str) -> None:
    """Give the person another role and end her sessions; raises LastOwner."""
    wanted = role_named(session, role)
    if user.role == role:
        return
    if user.role == OWNER:
        demand_another_owner(session, user)
    user.roles = [wanted]
    end_sessions(user)


def deactivate(session: Session, user: User) -> None:
    """Shut the person out at once; raises LastOwner."""
    if user.role == OWNER:
        demand_another_owner(session, user)
    user.active = False
    user.link_serial += 1
    end_sessions(user)


def activate(user: User) -> None:
    user.active = True


def end_sessions(user: User) -> None:
    """Make every cookie that was ever given to this person worthless."""
    user.fs_uniquifier = secrets.token_hex(32)


def is_within_reach(actor_role: str, *roles: str) -> bool:
    """May somebody of this role act on people of those roles? Owners are for owners alone."""
    return OWNER not in roles or permissions.is_allowed(actor_role, "owners:manage")


def demand_reach(actor: User, *roles: str) -> None:
    """Raise OwnersOnly when an owner is concerned and the actor is none."""
    if not is_within_reach(actor.role, *roles):
        raise OwnersOnly("Only an owner can make, change or let in an owner.")


def demand_another_owner(session: Session, user: User) -> None:
    # Two owners who remove each other at the same moment wait for one another here.
    session.execute(sa.select(Role.id).where(Role.name == OWNER).with_for_update())
    if not any(owner.id != user.id for owner in owners(session)):
        raise LastOwner("This is the last owner. Make somebody else an owner first.")


def role_named(session: Session, name: str) -> Role:
    """Return the role, made on first use; raise Refused when the word is none of ours."""
    if name not in permissions.ROLES:
        raise Refused(f"There is no role {name!r}. The roles are: {', '.join(permissions.ROLES)}.")
    role = session.scalar(sa.select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name)
        session.add(role)
        session.flush()
    return role
