"""What Prometheus may read: every figure computed from SQL, none of them about a person."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import effects
from mailer.audience.joining import limits
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import progress, tallies, windows
from mailer.delivery.histograms import BOUNDS
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.report_models import Cause, SendingWindow, Unknown
from mailer.delivery.windows import NUMBERS, Figures

# Campaigns that were over before this are no longer told of one by one.
RECENT = timedelta(hours=1)
LIVE = (CampaignStatus.running, CampaignStatus.paused)

Labels = Mapping[str, object]
Sample = tuple[str, Labels, float]


def exposition(session: Session, now: datetime, budget: int) -> str:
    """Return all figures in Prometheus' text format, version 0.0.4.

    ``budget`` is how many mails the sign-up forms may cause in an hour.
    """
    families = (
        *of_all(session, now),
        *of_opt_outs(session),
        *of_sign_ups(session, now, budget),
        *of_campaigns(session, now),
    )
    return "".join(f"{line}\n" for family in families for line in family)


def of_all(session: Session, now: datetime) -> Iterator[list[str]]:
    by_status = counted(session, Campaign.status)
    campaigns = [("", {"status": one}, by_status.get(one, 0)) for one in CampaignStatus]
    yield family("mailer_campaigns", "gauge", "Campaigns by status.", campaigns)
    by_cause = counted(session, Unknown.cause)
    causes = [("", {"cause": one}, by_cause.get(one, 0)) for one in Cause]
    yield family("mailer_unknown_total", "counter", "Copies that fell into doubt.", causes)
    in_doubt = sa.select(sa.func.count()).select_from(Unknown)
    number = session.scalar(in_doubt.where(Unknown.resolved_at.is_(None))) or 0
    yield family("mailer_unknown", "gauge", "Copies in doubt now.", [("", {}, number)])
    queue = progress.queue(session, now)
    yield family(
        "mailer_queue_age_seconds",
        "gauge",
        "How long the copy that waits longest has been due.",
        [("", {}, queue.age.total_seconds())],
    )
    leases: list[Sample] = [("", {}, queue.leases)]
    yield family("mailer_leases", "gauge", "Leases of senders that are at work.", leases)


def of_opt_outs(session: Session) -> Iterator[list[str]]:
    """Tell how soon opt-outs held, by the way that they came."""
    about = "Seconds from the receipt of an opt-out until it was written down."
    samples = [sample for one in effects.known(session) for sample in of_channel(one)]
    yield family("mailer_opt_out_seconds", "histogram", about, samples)


def of_channel(one: effects.Figures) -> Iterator[Sample]:
    labels: Labels = {"channel": one.channel}
    for bucket, bound in enumerate((*map(str, effects.BOUNDS), "+Inf")):
        yield "_bucket", {**labels, "le": bound}, one.within(bucket)
    yield "_sum", labels, round(one.seconds, 3)
    yield "_count", labels, one.number


def of_sign_ups(session: Session, now: datetime, budget: int) -> Iterator[list[str]]:
    asked: list[Sample] = [("", {}, limits.asked_lately(session, now, budget))]
    about = "Mails asked for by forms within the hour, counted up to the budget."
    yield family("mailer_sign_ups_asked", "gauge", about, asked)
    room: list[Sample] = [("", {}, limits.room(session, now, budget))]
    yield family("mailer_sign_ups_room", "gauge", "Such mails that may leave now.", room)
    strained: list[Sample] = [("", {}, int(limits.is_strained(session, now, budget)))]
    yield family("mailer_sign_ups_alarm", "gauge", "1 while forms ask for a proof.", strained)


def of_campaigns(session: Session, now: datetime) -> Iterator[list[str]]:
    over = Campaign.finished_at > now - RECENT
    chosen = sa.select(Campaign.id).where(Campaign.status.in_(LIVE) | over).order_by(Campaign.id)
    numbers = list(session.scalars(chosen))
    states = [
        ("", {"campaign": number, "state": status}, counts.states[status])
        for number in numbers
        for counts in (tallies.of_campaign(session, number),)
        for status in DeliveryStatus
    ]
    yield family("mailer_deliveries", "gauge", "People of an audience by state.", states)
    figures = {number: kept(session, number) for number in numbers}
    yield family(
        "mailer_copies_total",
        "counter",
        "Copies by what became of them at hand-over.",
        [
            ("", {"campaign": number, "outcome": name}, one.numbers[name])
            for number, one in figures.items()
            for name in NUMBERS[:-2]
        ],
    )
    yield family(
        "mailer_connection_wait_seconds_total",
        "counter",
        "Seconds that connections stood still, by what they waited for.",
        [
            ("", {"campaign": number, "reason": why}, round(seconds, 3))
            for number, one in figures.items()
            for why, seconds in sorted(one.reasons.items())
        ],
    )
    yield family(
        "mailer_sending_seconds",
        "histogram",
        "Seconds that a copy took for each stretch of its way.",
        [sample for number, one in figures.items() for sample in histograms(number, one)],
    )


def counted(
    session: Session, column: sa.ColumnElement[str] | sa.SQLColumnExpression[str]
) -> dict[str, int]:
    return dict(iter(session.execute(sa.select(column, sa.func.count()).group_by(column))))


def kept(session: Session, campaign_id: int) -> Figures:
    chosen = sa.select(SendingWindow).where(SendingWindow.campaign_id == campaign_id)
    return windows.together(session.scalars(chosen))


def histograms(campaign_id: int, figures: Figures) -> Iterator[Sample]:
    for span, one in figures.spans.items():
        labels: Labels = {"campaign": campaign_id, "span": span}
        below = 0
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), one.counts, strict=True):
            below += number
            yield "_bucket", {**labels, "le": bound}, below
        yield "_sum", labels, round(one.total, 6)
        yield "_count", labels, below


def family(name: str, kind: str, about: str, samples: Iterable[Sample]) -> list[str]:
    """Return the lines of one metric; every label is a word or a number of ours."""
    lines = [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]
    for suffix, labels, value in samples:
        spelled = ",".join(f'{label}="{text}"' for label, text in labels.items())
        lines.append(
            f"{name}{suffix}{{{spelled}}} {value}" if spelled else f"{name}{suffix} {value}"
        )
    return lines
