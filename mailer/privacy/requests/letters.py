"""The mail with the link that proves a mailbox: nothing in it was written by a visitor."""

from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.joining import limits
from mailer.audience.models import Sender, Subscriber
from mailer.delivery.reply_probes import Letter, Outcome
from mailer.links import Site
from mailer.privacy.requests import mails
from mailer.privacy.requests.mails import Draft
from mailer.privacy.requests.models import Challenge

FOLDER = Path(__file__).parents[3] / "templates/email/challenge"
RETRY = timedelta(minutes=1)
MOST_TRIES = 8  # each waits twice as long as the one before: about 4 hours in all
WHAT = "the page with your data"
SERIAL = 2  # tells its Message-ID from that of another mail with the same number


def due(session: Session, site: Site, now: datetime) -> list[int]:
    """Return the letters that may leave now, oldest first, within the hour's budget."""
    most = limits.room(session, now, site.confirmations_per_hour)
    chosen = sa.select(Challenge.id).where(Challenge.due_at <= now).order_by(Challenge.due_at)
    return list(session.scalars(chosen.limit(most)))


def take(session: Session, site: Site, challenge_id: int, now: datetime) -> Letter | None:
    """Take a letter that is owed, or None. It comes due again by itself unless it leaves.

    The caller commits before handing it over.
    """
    owed = session.get(Challenge, challenge_id, with_for_update=True, populate_existing=True)
    if owed is None or owed.due_at is None or owed.due_at > now:
        return None
    reader = session.get(Subscriber, owed.subscriber_id)
    sender = mails.sender_of(session, reader) if reader is not None else None
    if reader is None or sender is None or owed.tries >= MOST_TRIES or now >= owed.expires_at:
        owed.due_at = None
        return None
    if not limits.leaves(session, now, site.confirmations_per_hour):
        return None
    owed.due_at = now + RETRY * 2**owed.tries
    owed.tries += 1
    session.flush()
    return letter(session, site, sender, (owed, reader), now)


def letter(
    session: Session,
    site: Site,
    sender: Sender,
    to: tuple[Challenge, Subscriber],
    now: datetime,
) -> Letter:
    owed, reader = to
    variables: dict[str, object] = {
        "data_url": site.your_data(owed.id, owed.expires_at),
        "expires": f"{owed.expires_at:%d %B %Y, %H:%M} UTC",
    }
    draft = Draft(FOLDER, (owed.id, SERIAL), reader.email, WHAT, variables)
    return mails.letter(session, site, sender, draft, now)


def note(session: Session, letter: Letter, outcome: Outcome) -> None:
    """Keep that a letter has left, or that its mailbox takes none.

    One that the gate has refused comes due again: what it lacks can be mended.
    """
    if outcome.is_sent or (outcome.is_final and letter.approved is not None):
        mine = sa.update(Challenge).where(Challenge.id == letter.probe_id).values(due_at=None)
        session.execute(mine.execution_options(synchronize_session=False))
