"""Proofs of what is promised about what is kept, for how long, and what readers are told of it."""

from datetime import timedelta

import sqlalchemy as sa

from mailer import ledger
from mailer.audience.models import ConsentEvent, MailingList
from mailer.audience.words import ListStatus, Optin
from mailer.privacy.keeping import periods
from mailer.privacy.keeping.classes import RULES, Class
from mailer.privacy.keeping.models import Run
from mailer.privacy.policy import pages, versions
from mailer.privacy.policy.cookies import COOKIES
from mailer.privacy.policy.models import Page
from mailer.privacy.promises.proof import Ground, Proof, absent, broken, counted, kept

# A run a night; where the clock has stopped, that shows on the second day.
SLACK = timedelta(hours=48)
RUNNING = "See that `mailer run` or a worker runs: it throws away by itself each night."


def asked_for(ground: Ground) -> Proof:
    """Prove that every list takes in only whoever confirmed, and that each yes is on record."""
    loose = sa.select(MailingList.name).where(
        MailingList.status == ListStatus.active, MailingList.optin == Optin.single
    )
    names = ground.session.scalars(loose.order_by(MailingList.name)).all()
    if names:
        told = f"Anybody can enter anybody's address on {', '.join(names)}."
        return broken(told, "Choose double opt-in in the settings of these lists.")
    # Sealed entries are numbered without a gap, and none is ever deleted.
    sealed = ground.session.scalar(sa.select(sa.func.max(ConsentEvent.position))) or 0
    number = sealed + ledger.waiting(ground.session, ConsentEvent).count
    newest = sa.select(ConsentEvent.at).order_by(ConsentEvent.id.desc()).limit(1)
    last = ground.session.scalar(newest)
    told = f"All lists use double opt-in; {counted(number, 'act')} of readers on record."
    return kept(told, last or ground.now)


def network_addresses(ground: Ground) -> Proof:
    return thrown_away(ground, Class.security, Class.proof)


def subscriptions(ground: Ground) -> Proof:
    return thrown_away(ground, Class.subscription)


def letters(ground: Ground) -> Proof:
    return thrown_away(ground, Class.correspondence)


def events(ground: Ground) -> Proof:
    return thrown_away(ground, Class.analytics)


def thrown_away(ground: Ground, *names: Class) -> Proof:
    """Prove that the nightly run has come, and that it keeps to the periods in force."""
    lengths = periods.in_force(ground.session)
    rules = [f"{RULES[one].title}: {RULES[one].spelled(lengths[one])}" for one in names]
    told = ". ".join(rules)
    chosen = sa.select(Run.finished_at, Run.counts).where(
        Run.is_dry.is_(False), Run.finished_at.is_not(None)
    )
    last = ground.session.execute(chosen.order_by(Run.finished_at.desc()).limit(1)).first()
    if last is None or last[0] is None:
        return absent(f"{told}. The first nightly run is yet to come.", RUNNING)
    at, counts = last[0], last[1]
    if at < ground.now - SLACK:
        return broken(f"{told}. The last run was on {at:%Y-%m-%d}.", RUNNING)
    gone = sum(sum(counts.get(one.value, {}).values()) for one in names)
    return kept(f"{told}. The run of {at:%Y-%m-%d} threw away {counted(gone, 'row')}.", at)


def cookies(ground: Ground) -> Proof:
    proof = noted(ground, Page.cookies)
    names = ", ".join(one.name for one in COOKIES)
    return kept(f"The page names {names}. {proof.evidence}", proof.at) if proof.at else proof


def no_tracking(ground: Ground) -> Proof:
    told = "Readers' pages set no cookie, and the program has no means to count opens or clicks."
    return kept(told, ground.now)


def policy(ground: Ground) -> Proof:
    return noted(ground, Page.privacy)


def noted(ground: Ground, page: Page) -> Proof:
    """Prove that a page, as readers see it, is the version that is on record."""
    last = versions.latest(ground.session, page)
    if last is None:
        return absent(
            "The page is shown, but has no version on record yet.",
            "See that `mailer run` or a worker runs: it notes one within ten minutes.",
        )
    if last.digest != pages.document(ground.session, page, ground.settings).digest:
        return broken(
            f"A setting changed since version {last.number}; readers see it, the record does not.",
            "See that `mailer run` or a worker runs: it notes a version within ten minutes.",
        )
    return kept(f"The page is version {last.number}, as the settings are.", last.at)
