"""What staff write between the facts: Markdown, one text behind each section."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.privacy.policy.models import Page, PolicyText

LONGEST = 20_000


def of(session: Session, page: Page) -> dict[str, str]:
    """Return the texts of a page by the key of the section that each follows."""
    chosen = sa.select(PolicyText.place, PolicyText.body).where(PolicyText.page == page)
    return dict(iter(session.execute(chosen)))


def keep(session: Session, page: Page, written: Mapping[str, str]) -> None:
    """Take over the texts as they were written; an empty one is thrown away."""
    session.execute(sa.delete(PolicyText).where(PolicyText.page == page))
    session.add_all(
        PolicyText(page=page, place=place, body=body) for place, body in written.items() if body
    )
    session.flush()
