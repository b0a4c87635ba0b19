"""Proofs of what is promised to whoever wants no more mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from mailer.audience import senders
from mailer.audience.models import ConsentEvent, Sender, Subscriber, Subscription
from mailer.audience.words import ConsentAction, SubscriptionStatus
from mailer.campaigns.models import Campaign
from mailer.delivery import intake, opt_out_trials, reply_probes
from mailer.delivery.models import Delivery
from mailer.privacy.letters import desk
from mailer.privacy.promises import gated
from mailer.privacy.promises.proof import Ground, Proof, absent, broken, counted, kept

LATELY = timedelta(days=30)
# Two machines' clocks may differ so much.
CLOCKS = timedelta(seconds=1)
# What a campaign has handed over by its end is through long before.
ON_ITS_WAY = timedelta(days=1)


def heeded(ground: Ground) -> Proof:
    """Prove that nobody was mailed after leaving, among those who left within 30 days."""
    since = ground.now - LATELY
    left = Subscription.status == SubscriptionStatus.unsubscribed
    # What was over a day before was sent before she left.
    lately = sa.select(Campaign.id).where(
        sa.func.coalesce(Campaign.finished_at, ground.now) >= since - ON_ITS_WAY
    )
    # By the sum, SQLite does not begin with all copies of these campaigns.
    is_sqlite = ground.session.get_bind().dialect.name == "sqlite"
    number = Delivery.campaign_id + 0 if is_sqlite else Delivery.campaign_id
    hers = sa.and_(
        Delivery.address_key == Subscriber.address_key,  # which has an index, with the campaign
        number.in_(lately),
        Delivery.list_id == Subscription.list_id,
    )
    mailed = (
        sa.select(Delivery.sending_at, Subscription.unsubscribed_at)
        .select_from(Subscription)
        .join(Subscriber)
        .join(Delivery, hers)
        .where(left, Subscription.unsubscribed_at >= since)
        .where(Delivery.sending_at > Subscription.unsubscribed_at)
    )
    pairs = ground.session.execute(mailed)
    late = [sent for sent, at in pairs if sent and at and sent - at > CLOCKS]
    if late:
        told = f"{counted(len(late), 'mail')} went out after the reader had left."
        return broken(told, "Hold all campaigns (Pause), and look into the report of each.")
    chosen = sa.select(sa.func.count(), sa.func.max(ConsentEvent.at)).where(
        ConsentEvent.action == ConsentAction.unsubscribed, ConsentEvent.at >= since
    )
    asked, last = ground.session.execute(chosen).one()
    told = f"{counted(asked, 'opt-out')} in 30 days, each in force as it was taken, none mailed."
    return kept(told, last or ground.now)


def has_way_out(ground: Ground) -> Proof:
    """Prove that the unsubscribe links of all senders were tried and work."""
    found = senders.index(ground.session)
    if not found:
        return absent(*gated.NO_SENDER)
    rules = gated.judged(ground, "R16", "R17", "R40", "R41")
    return rules if rules.remedy or ground.site.development else tried(ground, found, rules)


def tried(ground: Ground, found: Sequence[Sender], rules: Proof) -> Proof:
    tries = [opt_out_trials.known(ground.session, ground.site, one, ground.now) for one in found]
    failed = [trial for trial in tries if trial is not None and not trial.has_passed]
    if failed:
        return broken("The last trial of an unsubscribe link failed.", "Look under Set-up.")
    made = [trial.tried_at for trial in tries if trial is not None]
    if len(made) < len(found):
        return absent("A sender's unsubscribe link was never tried.", "mailer try-opt-out")
    return kept(f"{rules.evidence} Each sender's link was tried.", min(made))


def reads_letters(ground: Ground) -> Proof:
    """Prove that each sender's mailbox is read by the program, or lately was by a person."""
    found = senders.index(ground.session)
    if not found:
        return absent(*gated.NO_SENDER)
    shut = lets_nothing_in(ground)
    return shut if shut is not None else is_read(ground, found)


def lets_nothing_in(ground: Ground) -> Proof | None:
    """Return what is wrong with the ways by which letters come back to us; None if nothing is."""
    letters = intake.known(ground.session, ground.site, ground.now)
    if letters is None or not (letters.is_silent or letters.silent_hours is None):
        return None
    if letters.silent_hours is None:
        told = f"Our mail names {ground.site.letters}, and nothing takes its letters in yet."
        return absent(told, "Run mailer lmtp, or set MAILER_LETTERS_MAILBOX.")
    told = f"Letters have not come in for {letters.silent_hours:.0f} hours."
    return broken(told, "See that mailer lmtp runs, and call mailer letters fetch.")


def is_read(ground: Ground, found: Sequence[Sender]) -> Proof:
    proven = [reply_probes.proven_until(ground.session, one) for one in found]
    for sender, until in zip(found, proven, strict=True):
        if until is None:
            told = f"Nothing shows yet that mail to {reply_probes.mailbox(sender)} is read."
            return absent(told, "Prove the mailbox on the sender's page; let it reach mailer lmtp.")
        if until < ground.now:
            told = f"The proof that mail to {reply_probes.mailbox(sender)} is read is too old."
            return broken(told, "Prove the mailbox anew on the sender's page.")
    doubtful = desk.number_in_doubt(ground.session)
    last = [answered_at(ground, one) for one in found]
    told = f"Each mailbox is read; {counted(doubtful, 'letter')} wait for a person."
    return kept(told, min(filter(None, last)))


def answered_at(ground: Ground, sender: Sender) -> datetime | None:
    probe = reply_probes.answered(ground.session, sender)
    return probe.answered_at if probe else None
