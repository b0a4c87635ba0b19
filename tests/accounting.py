"""The accounts of one campaign: what the database says against what the relay wrote down.

The invariants, each of which must hold whatever was killed:

- I1 the states add up to the audience that was frozen;
- I2 nobody got a message twice, except by "resend";
- I3 nobody got one who had left before its fence;
- I4 who is accepted got one; who got one is accepted or unknown (or, until the campaign is
  finished, on the wire);
- I5 in a finished campaign nothing is open;
- I6 each step of the campaign stands in the sealed record and, with who took it, in the audit log;
  both are whole.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from mailer import ledger
from mailer.accounts.models import AuditEntry
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import attestation, audience
from mailer.delivery.models import Certificate, Delivery, DeliveryStatus, Occasion
from tests.sink import journal
from tests.sink.journal import Taken

OPEN = frozenset({"pending", "claimed", "sending", "deferred"})
OVER = frozenset({CampaignStatus.finished, CampaignStatus.cancelled})
# A fence of many stamps its rows one after the other, behind the moment at which it looked.
FENCE_SLACK = timedelta(milliseconds=50)
FEW = 5
# Whom a segment or an incident leaves out has no row.
NARROWED = audience.NOT_MEANT | {attestation.FEW_NOT_MEANT}
draft, scheduled, running, paused, cancelled, finished = CampaignStatus
# What each entry of the audit log makes of a campaign, by the state that it was in before.
STEPS: dict[str, dict[CampaignStatus, CampaignStatus]] = {
    "campaign.schedule": {draft: scheduled},
    "campaign.unschedule": {scheduled: draft},
    "campaign.start": {draft: running, scheduled: running},
    "campaign.pause": {running: paused},
    "campaign.resume": {paused: running},
    "campaign.resend": {finished: running, running: running, paused: paused},
    "campaign.cancel": {running: cancelled, paused: cancelled},
    "campaign.finish": {running: finished},
}
GOES = (Occasion.start, Occasion.resume)


@dataclass(frozen=True)
class Row:
    """One person's row, as far as the accounts need it."""

    id: int
    email: str
    status: str
    sending_at: datetime | None


@dataclass(frozen=True)
class Allowed:
    """What may have happened, and how much may therefore be unknown or doubled.

    ``left``: when the opt-out of an address had been committed. ``people``: the addresses by
    delivery id, for a campaign during which somebody was erased. ``others``: addresses outside
    the audience that were sent something, such as the seed.
    """

    kills: int = 0
    connections: int = 4
    drops: int = 0
    resent: int = 0
    left: Mapping[str, datetime] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    others: Collection[str] = ()

    @property
    def unknown(self) -> int:
        return self.kills * self.connections + self.drops


@dataclass(frozen=True)
class Books:
    """Both sides of the accounts, read at one time."""

    status: CampaignStatus
    rows: list[Row]
    taken: list[Taken]
    pages: list[tuple[Occasion, dict[str, object]]]
    steps: list[str]
    broken: list[str]

    @classmethod
    def read(
        cls, database_url: str, taken: Path | Iterable[Taken], campaign_id: int, allowed: Allowed
    ) -> "Books":
        engine = sa.create_engine(database_url, poolclass=NullPool)
        reading = engine.execution_options(read_only=True)
        with Session(reading) as session:
            status = session.scalars(
                sa.select(Campaign.status).where(Campaign.id == campaign_id)
            ).one()
            return cls(
                status,
                rows(session, campaign_id, allowed.people),
                [
                    one
                    for one in (journal.read(taken) if isinstance(taken, Path) else taken)
                    if one.recipient not in allowed.others
                ],
                pages(session, campaign_id),
                steps(session, campaign_id),
                [
                    model.__tablename__
                    for model in (Certificate, AuditEntry)
                    if ledger.first_broken(session, model) is not None
                ],
            )

    def states(self) -> Counter[str]:
        return Counter(row.status for row in self.rows)

    def copies(self) -> Counter[str]:
        return Counter(one.recipient for one in self.taken)

    def gap(self, share: float) -> float:
        """Return the seconds from fence to final dot that this share of copies did not exceed."""
        fences = {row.email: row.sending_at for row in self.rows}
        gaps = [one.at - at.timestamp() for one in self.taken if (at := fences.get(one.recipient))]
        return sorted(gaps)[int((len(gaps) - 1) * share)]


def accounts(
    database_url: str,
    taken: Path | Iterable[Taken],
    campaign_id: int,
    allowed: Allowed | None = None,
    *,
    policy: str = "hold",
) -> list[str]:
    """Return what is wrong, in words; nothing when the accounts agree.

    ``taken`` is a sink's journal, or what another relay took. ``policy`` is what a person chose
    for those whose fate is unknown: ``hold``, or ``resend``.
    """
    given = allowed or Allowed()
    books = Books.read(database_url, taken, campaign_id, given)
    return [
        *sums(books),
        *doubles(books, given.resent if policy == "resend" else 0),
        *leavers(books, given),
        *deliveries(books),
        *ends(books),
        *record(books),
        *ignorance(books, given),
    ]


def rows(session: Session, campaign_id: int, people: Mapping[int, str]) -> list[Row]:
    found = session.execute(
        sa.select(Delivery.id, Delivery.email, Delivery.status, Delivery.sending_at)
        .where(Delivery.campaign_id == campaign_id)
        .order_by(Delivery.id)
    )
    return [Row(n, people.get(n, email), status.value, at) for n, email, status, at in found]


def pages(session: Session, campaign_id: int) -> list[tuple[Occasion, dict[str, object]]]:
    found = session.execute(
        sa.select(Certificate.occasion, Certificate.content)
        .where(Certificate.campaign_id == campaign_id)
        .order_by(Certificate.id)
    )
    return [(occasion, json.loads(content)) for occasion, content in found]


def steps(session: Session, campaign_id: int) -> list[str]:
    """Return what the audit log says was done with a campaign, as far as it changed its state."""
    found = sa.select(AuditEntry.action).where(
        AuditEntry.subject == f"campaign {campaign_id}", AuditEntry.action.in_(STEPS)
    )
    return list(session.scalars(found.order_by(AuditEntry.id)))


def sums(books: Books) -> list[str]:
    known = {status.value for status in DeliveryStatus}
    wrong = [f"I1: {state} is no state" for state in books.states() if state not in known]
    for occasion, content in books.pages:
        counted = content.get("audience")
        if occasion is not Occasion.start or not isinstance(counted, dict):
            continue
        frozen = sum(number for why, number in counted.items() if why not in NARROWED)
        if frozen != len(books.rows):
            wrong.append(f"I1: {frozen} were frozen, {len(books.rows)} are there")
    return wrong


def doubles(books: Books, resent: int) -> list[str]:
    names = Counter(one.message_id for one in books.taken)
    twice = [name for name, count in (books.copies() + names).items() if count > 1]
    extra = sum(count - 1 for count in books.copies().values())
    return [f"I2: {extra} copies too many: {some(twice)}"] if extra > resent else []


def leavers(books: Books, allowed: Allowed) -> list[str]:
    got = books.copies()
    late = [
        row.email
        for row in books.rows
        if row.email in got
        and row.email in allowed.left
        and row.sending_at is not None
        and row.sending_at > allowed.left[row.email].astimezone(UTC) + FENCE_SLACK
    ]
    return [f"I3: {len(late)} were mailed after they had left: {some(late)}"] if late else []


def deliveries(books: Books) -> list[str]:
    got, wrong = books.copies(), []
    lost = [row.email for row in books.rows if row.status == "accepted" and row.email not in got]
    if lost:
        wrong.append(f"I4: {len(lost)} are accepted, but the relay has nothing: {some(lost)}")
    # Who was on the wire of a dead process when a person cancelled is settled by the next tick.
    is_done = books.status is CampaignStatus.finished
    honest = {"accepted", "unknown"} | (set() if is_done else {"sending"})
    hidden = [r for r in books.rows if r.email in got and r.status not in honest]
    if hidden:
        kinds = dict(Counter(row.status for row in hidden))
        wrong.append(f"I4: the relay has copies of {kinds}: {some(r.email for r in hidden)}")
    strangers = got.keys() - {row.email for row in books.rows}
    if strangers:
        wrong.append(f"I4: mailed, but not in the audience: {some(strangers)}")
    return wrong


def ends(books: Books) -> list[str]:
    left = {state: count for state, count in books.states().items() if state in OPEN}
    is_wrong = books.status is CampaignStatus.finished and left
    return [f"I5: finished, and yet {left}"] if is_wrong else []


def record(books: Books) -> list[str]:
    wrong = [f"I6: the chain of {name} is broken" for name in books.broken] + told(books)
    occasions = [occasion for occasion, _ in books.pages]
    if not occasions:
        return [*wrong, "I6: no page says that it started"] if books.rows else wrong
    if occasions[0] is not Occasion.start or occasions.count(Occasion.start) > 1:
        wrong.append(f"I6: it did not start once and first: {some(occasions)}")
    if (books.status in OVER) != (occasions[-1] is Occasion.end) or (
        occasions.count(Occasion.end) > 1
    ):
        wrong.append(f"I6: it is {books.status}, and its pages are {some(occasions)}")
    return wrong + final_numbers(books)


def told(books: Books) -> list[str]:
    """Walk the way that the audit log tells: it leads to the campaign's state, step by step."""
    state, goes = draft, 0
    for step in books.steps:
        if state not in STEPS[step]:
            return [f"I6: by the audit log it was {state}, and then {step}: one step is missing"]
        before, state = state, STEPS[step][state]
        goes += state is running and before is not running
    wrong = []
    if state is not books.status:
        wrong.append(f"I6: it is {books.status}, and by its audit log {state}")
    pages = sum(occasion in GOES for occasion, _ in books.pages)
    if goes != pages:
        wrong.append(f"I6: by its audit log it was let go {goes} times, by its pages {pages} times")
    return wrong


def final_numbers(books: Books) -> list[str]:
    """Compare the last page with the rows: in a finished campaign nothing changed since."""
    occasion, content = books.pages[-1]
    if occasion is not Occasion.end or books.status is not CampaignStatus.finished:
        return []
    said = content.get("states")
    found = dict(books.states())
    counted = {k: v for k, v in said.items() if v} if isinstance(said, dict) else {}
    return [] if counted == found else [f"I6: its last page says {counted}, the rows say {found}"]


def ignorance(books: Books, allowed: Allowed) -> list[str]:
    unknown = books.states()["unknown"]
    if unknown <= allowed.unknown:
        return []
    return [f"G2: {unknown} are unknown, where {allowed.unknown} may be"]


def some(names: Iterable[object]) -> str:
    """Return the first few names, for a sentence."""
    found = sorted(map(str, names))
    return ", ".join(found[:FEW]) + (" …" if len(found) > FEW else "")
