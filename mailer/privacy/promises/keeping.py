"""Proofs of what is promised about what is kept, for how long, and what readers are told of it."""

from datetime import timedelta

import sqlalchemy as sa

from mailer.audience.models import ConsentEvent, MailingList
from mailer.audience.words import ListStatus, Optin
from mailer.privacy.letters import post
from mailer.privacy.letters.models import Letter
from mailer.privacy.policy import pages, versions
from mailer.privacy.policy.cookies import COOKIES
from mailer.privacy.policy.models import Page
from mailer.privacy.promises.proof import Ground, Proof, absent, broken, counted, kept

# The clock tidies every ten minutes; a letter that is gone within the hour is gone in time.
SLACK = timedelta(hours=1)
NO_PURGE = "No run throws this away by itself yet; erasing a person does."
BY_HAND = "Erase whoever asks under Readers; purging by class comes with the retention run."


def asked_for(ground: Ground) -> Proof:
    """Prove that every list takes in only whoever confirmed, and that each yes is on record."""
    loose = sa.select(MailingList.name).where(
        MailingList.status == ListStatus.active, MailingList.optin == Optin.single
    )
    names = ground.session.scalars(loose.order_by(MailingList.name)).all()
    if names:
        told = f"Anybody can enter anybody's address on {', '.join(names)}."
        return broken(told, "Choose double opt-in in the settings of these lists.")
    chosen = sa.select(sa.func.count(), sa.func.max(ConsentEvent.at))
    number, last = ground.session.execute(chosen).one()
    told = f"All lists use double opt-in; {counted(number, 'act')} of readers on record."
    return kept(told, last or ground.now)


def network_addresses(ground: Ground) -> Proof:
    del ground
    return absent(f"Network addresses stand beside each yes as evidence. {NO_PURGE}", BY_HAND)


def subscriptions(ground: Ground) -> Proof:
    del ground
    return absent(f"What is kept of who unsubscribed stays. {NO_PURGE}", BY_HAND)


def letters(ground: Ground) -> Proof:
    """Prove that no letter is older than it may be."""
    chosen = sa.select(sa.func.count(), sa.func.min(Letter.received_at)).where(
        Letter.read_at.is_not(None)
    )
    number, oldest = ground.session.execute(chosen).one()
    if oldest is not None and ground.now - oldest > post.KEPT_FOR + SLACK:
        told = f"A letter of {oldest:%Y-%m-%d} is older than {post.KEPT_FOR.days} days."
        return broken(told, "See that `mailer run` or a worker runs: it tidies by itself.")
    told = f"{counted(number, 'letter')}, none older than {post.KEPT_FOR.days} days."
    return kept(told, ground.now)


def events(ground: Ground) -> Proof:
    del ground
    told = f"Opens and clicks are never counted. What became of each copy stays. {NO_PURGE}"
    return absent(told, BY_HAND)


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
