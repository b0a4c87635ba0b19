"""Composing: what a marketer writes, and what is wrong with it before anything is judged."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Sender
from mailer.audience.wishes import topics
from mailer.audience.words import ListStatus
from mailer.campaigns import facts, narrowing
from mailer.campaigns.facts import Facts
from mailer.campaigns.models import Campaign, CampaignStatus, ContentType
from mailer.compliance.candidate import Kind

LONGEST_BODY = 100_000  # what mail programs show before they clip
HINDERING = ("sender_id", "subject", "body", "text")
NOTICE_STAYS = "A notice of an incident reaches who wants no mail: it stays a service notice."
FRESH_BODY = "\n\n{{ legal_footer }}\n"


class BadDraft(Exception):  # noqa: N818 - errors are named for the situation
    """The draft cannot be kept; ``problems`` maps a field to what is wrong with it."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


class StaleEdit(Exception):  # noqa: N818 - errors are named for the situation
    """Somebody else saved the campaign in the meantime; nothing was overwritten."""


class NotEditable(Exception):  # noqa: N818 - errors are named for the situation
    """What was sent, or is being sent, stays as it is."""


@dataclass(frozen=True)
class Draft:
    """The fields of the compose form, as typed; ``topic_id`` is 0 for a letter to everybody."""

    name: str
    subject: str
    sender_id: int
    list_ids: tuple[int, ...]
    segment_ids: tuple[int, ...] = ()
    exclusion_ids: tuple[int, ...] = ()
    kind: Kind = Kind.commercial
    content_type: ContentType = ContentType.markdown
    body: str = FRESH_BODY
    text: str = ""
    topic_id: int = 0
    facts: Facts = field(default_factory=Facts)


def create(session: Session, draft: Draft, now: datetime) -> Campaign:
    """Add a draft campaign; raises BadDraft."""
    lists = chosen_lists(session, draft)
    campaign = Campaign(
        created_at=now,
        updated_at=now,
        lists=lists,
        segments=narrowing.chosen(session, draft.segment_ids),
        exclusions=narrowing.chosen(session, draft.exclusion_ids),
        **columns(draft),
    )
    session.add(campaign)
    session.flush()
    return campaign


def edit(session: Session, campaign: Campaign, draft: Draft, revision: int, now: datetime) -> None:
    """Overwrite a draft that still stands at ``revision``.

    Raises BadDraft, StaleEdit, or NotEditable when the campaign has left the draft state.
    """
    lists = chosen_lists(session, draft)
    if campaign.incident_id is not None and draft.kind is not Kind.service:
        raise BadDraft({"kind": NOTICE_STAYS})
    changed = session.execute(
        sa.update(Campaign)
        .where(
            Campaign.id == campaign.id,
            Campaign.revision == revision,
            Campaign.status == CampaignStatus.draft,
        )
        .values(revision=revision + 1, updated_at=now, hold_reason="", **columns(draft))
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    session.refresh(campaign)
    if changed is None:
        raise StaleEdit if campaign.status is CampaignStatus.draft else NotEditable
    campaign.lists = lists
    campaign.segments = narrowing.chosen(session, draft.segment_ids)
    campaign.exclusions = narrowing.chosen(session, draft.exclusion_ids)
    session.flush()


def duplicate(session: Session, campaign: Campaign, now: datetime) -> Campaign:
    """Add a fresh draft with the same words, facts, sender and audience.

    The days of the offer are not taken over: an offer that ended is not made again by copying.
    """
    same = replace(facts.typed(campaign), offer_starts="", offer_ends="")
    copy = Campaign(
        name=f"Copy of {campaign.name}"[:200],
        subject=campaign.subject,
        sender_id=campaign.sender_id,
        kind=campaign.kind,
        content_type=campaign.content_type,
        body=campaign.body,
        text=campaign.text,
        topic_id=campaign.topic_id,
        **facts.columns(same),
        created_at=now,
        updated_at=now,
        lists=list(campaign.lists),
        segments=list(campaign.segments),
        exclusions=list(campaign.exclusions),
    )
    session.add(copy)
    session.flush()
    return copy


def columns(draft: Draft) -> dict[str, object]:
    return {
        "name": draft.name.strip(),
        "subject": draft.subject.strip(),
        "sender_id": draft.sender_id,
        "kind": draft.kind,
        "content_type": draft.content_type,
        "body": draft.body,
        "text": draft.text,
        "topic_id": draft.topic_id or None,
        **facts.columns(draft.facts),
    }


def chosen_lists(session: Session, draft: Draft) -> list[MailingList]:
    """Return the draft's lists; raises BadDraft with everything that is wrong."""
    lists = lists_of(session, draft)
    problems = problems_of(draft) | audience_problems(session, draft, lists)
    if problems:
        raise BadDraft(problems)
    return lists


def lists_of(session: Session, draft: Draft) -> list[MailingList]:
    chosen = sa.select(MailingList).where(
        MailingList.id.in_(draft.list_ids), MailingList.status == ListStatus.active
    )
    return list(session.scalars(chosen))


def sketch(session: Session, draft: Draft) -> tuple[Campaign, dict[str, str]]:
    """Return a campaign that is only looked at, never added, and what keeps it from being saved.

    Raises BadDraft only for what the gate cannot do without: a sender, and words that fit.
    """
    lists = lists_of(session, draft)
    problems = problems_of(draft) | audience_problems(session, draft, lists)
    hindering = {name: problems[name] for name in HINDERING if name in problems}
    if hindering:
        raise BadDraft(hindering)
    sender = session.get_one(Sender, draft.sender_id)
    mine = [one for one in lists if one.sender_id == sender.id]
    inside, outside = (
        narrowing.chosen(session, ids) for ids in (draft.segment_ids, draft.exclusion_ids)
    )
    sketched = Campaign(
        sender=sender, lists=mine, segments=inside, exclusions=outside, **columns(draft)
    )
    return sketched, problems


def problems_of(draft: Draft) -> dict[str, str]:
    found = facts.problems(draft.facts)
    if not draft.name.strip():
        found["name"] = "Give the campaign a name; only you and your colleagues see it."
    for name, longest in (("name", 200), ("subject", 255)):
        value = getattr(draft, name)
        if len(value) > longest:
            found[name] = f"This is {len(value)} characters long; {longest} fit."
        elif any(not character.isprintable() for character in value):
            found[name] = "This holds a line break or an invisible character."
    for part in ("body", "text"):
        size = len(getattr(draft, part))
        if size > LONGEST_BODY:
            found[part] = f"This is {size:,} characters long; {LONGEST_BODY:,} fit."
        elif "\0" in getattr(draft, part):
            found[part] = "This holds an invisible character (NUL)."
    return found


def audience_problems(
    session: Session, draft: Draft, lists: Sequence[MailingList]
) -> dict[str, str]:
    found = {}
    if session.get(Sender, draft.sender_id) is None:
        found["sender_id"] = "Choose who sends this."
    if len(lists) != len(set(draft.list_ids)):
        found["list_ids"] = "One of the lists is gone or archived."
    elif any(chosen.sender_id != draft.sender_id for chosen in lists):
        # Consent was given to a sender, not to this installation.
        found["list_ids"] = "Readers gave their consent to another sender than the one chosen."
    offered = {one.id for one in topics.of_lists(session, [chosen.id for chosen in lists])}
    if draft.topic_id and draft.topic_id not in offered:
        found["topic_id"] = "None of the chosen lists has this topic any more."
    return found | narrowing.problems(session, draft.segment_ids, draft.exclusion_ids)
