"""The versions of a page: each as it stood, since when, and what became different."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mailer.privacy.policy import pages
from mailer.privacy.policy.document import Document
from mailer.privacy.policy.models import Page, PolicyVersion
from mailer.privacy.policy.settings import Settings


@dataclass(frozen=True)
class Change:
    """One line of a comparison; ``kind`` is added, removed or kept."""

    kind: str
    line: str


KINDS = {"+ ": "added", "- ": "removed", "  ": "kept"}


def index(session: Session, page: Page) -> Sequence[PolicyVersion]:
    """Return the versions of a page, the newest first."""
    chosen = sa.select(PolicyVersion).where(PolicyVersion.page == page)
    return session.scalars(chosen.order_by(PolicyVersion.number.desc())).all()


def latest(session: Session, page: Page) -> PolicyVersion | None:
    chosen = sa.select(PolicyVersion).where(PolicyVersion.page == page)
    return session.scalar(chosen.order_by(PolicyVersion.number.desc()).limit(1))


def before(session: Session, version: PolicyVersion) -> PolicyVersion | None:
    return numbered(session, version.page, version.number - 1)


def numbered(session: Session, page: Page, number: int) -> PolicyVersion | None:
    chosen = sa.select(PolicyVersion).where(PolicyVersion.page == page)
    return session.scalar(chosen.where(PolicyVersion.number == number))


def subject(version: PolicyVersion) -> str:
    """Return how the audit log names a version."""
    return f"{version.page} page, version {version.number}"


def note(
    session: Session, page: Page, document: Document, now: datetime, actor: str = ""
) -> PolicyVersion | None:
    """Add a version if the page says something else than the latest one; None if it does not.

    Two processes may see the change at the same moment: the one that is later leaves it so.
    """
    last = latest(session, page)
    if last is not None and last.digest == document.digest:
        return None
    made = PolicyVersion(
        page=page,
        number=last.number + 1 if last else 1,
        at=now,
        actor=actor,
        digest=document.digest,
        content=document.content,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        return None
    return made


def follow(session: Session, settings: Settings, now: datetime) -> list[PolicyVersion]:
    """Note what settings have changed since the last look; return the new versions."""
    found = (note(session, page, pages.document(session, page, settings), now) for page in Page)
    return [version for version in found if version is not None]


def changes(older: PolicyVersion | None, newer: PolicyVersion) -> list[Change]:
    """Return the lines of the newer version, with those that came and went."""
    lines = (older.content if older else "").splitlines(), newer.content.splitlines()
    told = (line for line in difflib.ndiff(*lines) if line[:2] in KINDS)
    return [Change(KINDS[line[:2]], line[2:]) for line in told]
