"""The exact texts that people were shown, each kept once, by its hash."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from mailer.audience import rows
from mailer.db import Base

SHOWN = "shown_sha256"


class ShownText(Base):
    """A text of ours; ``digest`` is the SHA-256 (hex) of its UTF-8. Nothing in it is a person's."""

    __tablename__ = "shown_texts"
    __table_args__ = ()

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
    first_shown_at: Mapped[datetime]


def keep(session: Session, now: datetime, shown: Iterable[str]) -> dict[str, str]:
    """Keep those of these texts that are new; return the digest of each."""
    digests = {text: hashlib.sha256(text.encode()).hexdigest() for text in sorted(set(shown))}
    values = [
        {"digest": digest, "text": text, "first_shown_at": now} for text, digest in digests.items()
    ]
    if values:
        rows.insert_all(session, ShownText, values, skips=True)
    return digests


def known(session: Session, found: Iterable[Mapping[str, str] | None]) -> dict[str, str]:
    """Return the texts, by digest, that pieces of evidence name."""
    digests = {evidence[SHOWN] for evidence in found if evidence and SHOWN in evidence}
    chosen = sa.select(ShownText.digest, ShownText.text).where(ShownText.digest.in_(digests))
    return {digest: text for digest, text in session.execute(chosen)}  # noqa: C416 - rows


def spelled_out(evidence: Mapping[str, str] | None, texts: Mapping[str, str]) -> dict[str, str]:
    """Return evidence with the text itself in place of its digest."""
    told = dict(evidence or {})
    digest = told.pop(SHOWN, None)
    return told if digest is None else {"shown": texts.get(digest, ""), **told}
