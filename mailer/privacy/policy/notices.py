"""Telling readers of a new version: a service notice as a draft, for a person to read and send."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList
from mailer.audience.words import ListStatus
from mailer.campaigns import drafts
from mailer.campaigns.drafts import Draft
from mailer.campaigns.facts import Facts
from mailer.campaigns.models import Campaign
from mailer.compliance.candidate import Kind
from mailer.privacy.policy import pages, versions
from mailer.privacy.policy.models import PolicyVersion

WHY = Facts(
    kind_reason="It tells readers of a change in the terms of the service that they use, and "
    "advertises nothing (16 CFR 316.3; 15 U.S.C. 7702(17)(A)(iii))."
)
MOST_LINES = 20
LONGEST_LINE = 200
# What Markdown and Liquid would take for theirs is only a word here.
PLAIN = str.maketrans(dict.fromkeys("{}<>*_`[]#|\\", " "))


def draft(
    session: Session, public_url: str, version: PolicyVersion, now: datetime
) -> list[Campaign]:
    """Add a draft that tells of a version, for each sender who has lists in use; return them.

    It advertises nothing (16 CFR 316.3(c)), so whoever keeps the service hears of it.
    """
    chosen = sa.select(MailingList.sender_id, MailingList.id).where(
        MailingList.status == ListStatus.active
    )
    places: dict[int, list[int]] = {}
    for sender_id, list_id in session.execute(chosen.order_by(MailingList.id)):
        places.setdefault(sender_id, []).append(list_id)
    body = "\n".join(lines(session, public_url, version))
    title = pages.TITLES[version.page]
    return [
        drafts.create(
            session,
            Draft(
                name=f"{title}, version {version.number}",
                subject=f"What changed: {title}",
                sender_id=sender_id,
                list_ids=tuple(list_ids),
                kind=Kind.service,
                body=body,
                facts=WHY,
            ),
            now,
        )
        for sender_id, list_ids in places.items()
    ]


def lines(session: Session, public_url: str, version: PolicyVersion) -> Iterator[str]:
    found = versions.changes(versions.before(session, version), version)
    added = [plain(one.line) for one in found if one.kind == "added" and one.line]
    yield f"The page “{pages.TITLES[version.page]}” of this newsletter has changed. New on it:\n"
    yield from (f"- {line}" for line in added[:MOST_LINES])
    yield f"\nThe whole page: <{public_url}/{version.page.value}>"
    yield drafts.FRESH_BODY


def plain(line: str) -> str:
    text = " ".join(line.lstrip("-> ").translate(PLAIN).split())
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 1]}…"
