"""A reader's way onto a list and off it again: sign up, confirm, unsubscribe, undo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import consent, departures, domain_keys, enrolment, suppressions
from mailer.audience.consent import Decision, Evidence
from mailer.audience.enrolment import Person
from mailer.audience.models import MailingList, Subscriber, Subscription, Suppression
from mailer.audience.segments import fields
from mailer.audience.suppressions import UNSUBSCRIBED, Refusal
from mailer.audience.turning import incoming
from mailer.audience.words import (
    ConsentAction,
    ConsentMethod,
    Optin,
    Scope,
    SubscriberStatus,
    SubscriptionStatus,
)
from mailer.tokens import Keys


class OutdatedLink(Exception):  # noqa: N818 - errors are named for the situation
    """The link was ours, but a later mail or a later decision has replaced it."""


class AlreadyConfirmed(Exception):  # noqa: N818 - errors are named for the situation
    """The link was used before, and the reader is on the list."""


@dataclass(frozen=True)
class OptOut:
    """No more mail: from one list, from its whole sender, or from anybody here at all.

    ``delivery_id`` is the message that carried the link, 0 for none.
    """

    list_id: int
    subscriber_id: int
    delivery_id: int = 0
    scope: Scope = Scope.list

    @property
    def place(self) -> departures.Place:
        return self.subscriber_id, self.list_id

    def refusal(self, sender_id: int) -> Refusal:
        """Return the refusal that this is, of a list of this sender."""
        numbers = {Scope.list: self.list_id, Scope.sender: sender_id}
        return Refusal(self.scope, numbers.get(self.scope, 0), delivery_id=self.delivery_id or None)


@dataclass(frozen=True, eq=False)
class Wish:
    """An opt-out, the way by which it came, and what proves it; each is one of its own."""

    opt_out: OptOut
    method: ConsentMethod
    evidence: Evidence

    def decision(self, refusal: Refusal) -> Decision:
        """Return what the consent ledger is told."""
        action = ConsentAction.unsubscribed
        reach = (refusal.scope, refusal.scope_id)
        return consent.of_reach(action, self.method, *reach, refusal.delivery_id)


def sign_up(
    session: Session,
    now: datetime,
    keys: Keys,
    mailing_list: MailingList,
    person: Person,
    evidence: Evidence,
) -> int | None:
    """Take a filled-in form; return the subscription whose confirmation mail is now due.

    None means that no mail is owed: she is on the list already, has had enough such mails, or
    must not be mailed. What the visitor sees must not depend on it.
    """
    key = incoming.key(session, now, keys, person.address.normalised)
    domain = domain_keys.domain_key(keys, person.address.normalised)
    if suppressions.has_foreign(suppressions.reaching(session, key, mailing_list, domain)):
        return None  # and no new row about somebody who must not be mailed
    subscriber = enrolment.enrol(session, now, keys, person)
    subscription = enrolment.place(session, now, subscriber, mailing_list)
    refusals = suppressions.reaching(session, key, mailing_list)
    if is_on(subscription, refusals) or not is_welcome(subscriber, refusals):
        return None
    has_left = bool(refusals) or subscription.status is SubscriptionStatus.unsubscribed
    is_proven = subscription.status is SubscriptionStatus.confirmed  # and has run out
    if mailing_list.optin is Optin.single and not has_left and not is_proven:
        enrolment.confirm_now(now, subscription)
        decision = Decision(ConsentAction.confirmed, ConsentMethod.form, mailing_list.id)
        consent.record(session, now, key, decision, evidence)
    elif enrolment.ask_to_confirm(session, now, keys, subscription, ConsentMethod.form, evidence):
        describe_stranger(session, now, subscriber, person)
        return subscription.id
    return None


def is_on(subscription: Subscription, refusals: Sequence[Suppression]) -> bool:
    """Tell whether a reader is on the list by a word of her own that still holds.

    Consent that is only implied is none: her sign-up is worth asking her to confirm.
    """
    confirmed = subscription.status is SubscriptionStatus.confirmed
    is_hers = subscription.consent_ends_at is None and subscription.consent_expired_at is None
    return confirmed and is_hers and not refusals


def is_welcome(subscriber: Subscriber, refusals: Sequence[Suppression]) -> bool:
    enabled = subscriber.status is SubscriberStatus.enabled
    return enabled and not suppressions.has_foreign(refusals)


def describe_stranger(
    session: Session, now: datetime, subscriber: Subscriber, person: Person
) -> None:
    """Take the name and the fields from the form while nobody has proved to own the address.

    Later no passer-by may rename a reader; before, a prankster's choice must not stick.
    """
    proved = sa.select(Subscription.id).where(
        Subscription.subscriber_id == subscriber.id, Subscription.confirmed_at.is_not(None)
    )
    if not (person.name or person.attributes) or session.scalar(proved.limit(1)) is not None:
        return
    subscriber.name = person.name or subscriber.name
    subscriber.attributes = fields.changed(subscriber.attributes, person.attributes)
    subscriber.updated_at = now


def confirm(
    session: Session, now: datetime, subscription_id: int, serial: int, evidence: Evidence
) -> Subscription:
    """Put a reader on the list by her own click; raises AlreadyConfirmed or OutdatedLink.

    Her own earlier refusals of this list are lifted; unsubscribing makes every older link void.
    """
    subscription = session.get(Subscription, subscription_id)
    if subscription is not None:
        enrolment.locked(session, subscription.subscriber_id)
    subscription = confirmable(session, subscription_id, serial)
    key = subscription.subscriber.address_key
    suppressions.make_way(session, now, key, subscription.list)
    enrolment.confirm_now(now, subscription)
    decision = Decision(ConsentAction.confirmed, ConsentMethod.link, subscription.list_id)
    consent.record(session, now, key, decision, evidence)
    return subscription


def confirmable(session: Session, subscription_id: int, serial: int) -> Subscription:
    """Return what a confirmation link would confirm; raises AlreadyConfirmed or OutdatedLink."""
    subscription = session.get(Subscription, subscription_id, populate_existing=True)
    if subscription is None or subscription.confirmation_serial != serial:
        raise OutdatedLink
    subscriber = subscription.subscriber
    refusals = suppressions.reaching(session, subscriber.address_key, subscription.list)
    if is_on(subscription, refusals):
        raise AlreadyConfirmed
    if not is_welcome(subscriber, refusals):
        raise OutdatedLink
    return subscription


def unsubscribe(
    session: Session, now: datetime, opt_out: OptOut, method: ConsentMethod, evidence: Evidence
) -> int | None:
    """Put a refusal in force and return its id, which ``undo`` takes.

    None means that nothing was left to do: she has left before, or her row is erased (which
    leaves a refusal of its own). Either is a success to whoever asks.
    """
    wish = Wish(opt_out, method, evidence)
    return unsubscribe_all(session, now, [wish])[wish]


def unsubscribe_all(
    session: Session, now: datetime, wishes: Sequence[Wish], *, waits: bool = True
) -> dict[Wish, int | None]:
    """Put the refusals of different readers in force; return for each what ``unsubscribe`` does.

    Unless it ``waits``, whoever is locked by somebody else or gone is passed over, and not in the
    answer: so nobody's leaving hangs on another's.
    """
    found = departures.lock(session, (wish.opt_out.place for wish in wishes), waits=waits)
    known = [wish for wish in wishes if wish.opt_out.place in found]
    keys = {wish: found[wish.opt_out.place][0] for wish in known}
    refusals = {wish: wish.opt_out.refusal(found[wish.opt_out.place][1]) for wish in known}
    new = suppressions.suppress_all(session, now, {keys[one]: refusals[one] for one in known})
    left = leave_each(session, now, refusals)
    decided = [
        (keys[one], one.decision(refusals[one]), one.evidence)
        for one in known
        if keys[one] in new or one.opt_out.subscriber_id in left
    ]
    consent.record_all(session, now, decided)
    answered = wishes if waits else known
    return {one: new.get(keys[one]) if one in keys else None for one in answered}


def leave_each(session: Session, now: datetime, refusals: Mapping[Wish, Refusal]) -> set[int]:
    """Take readers off what their refusals reach; return who was on any of it."""
    reached: dict[tuple[Scope, int], list[int]] = {}
    for wish, refusal in refusals.items():
        reach = (refusal.scope, refusal.scope_id)
        reached.setdefault(reach, []).append(wish.opt_out.subscriber_id)
    return {
        one
        for reach, readers in reached.items()
        for one in departures.leave(session, now, readers, *reach)
    }


def undo(
    session: Session, now: datetime, suppression_id: int, subscriber_id: int, evidence: Evidence
) -> bool:
    """Take back the opt-out that made this refusal; False when it is no longer in force.

    Exactly what that click changed comes back; whoever was not confirmed before is not now.
    """
    subscriber = enrolment.locked(session, subscriber_id)
    suppression = session.get(Suppression, suppression_id, populate_existing=True)
    if subscriber is None or suppression is None or suppression.lifted_at is not None:
        return False
    if suppression.address_key != subscriber.address_key or suppression.reason != UNSUBSCRIBED:
        return False
    suppressions.lift(now, [suppression])
    put_back(session, subscriber, suppression)
    decision = consent.of_reach(
        ConsentAction.returned,
        ConsentMethod.link,
        suppression.scope,
        suppression.scope_id,
        suppression.delivery_id,
    )
    consent.record(session, now, subscriber.address_key, decision, evidence)
    return True


def put_back(session: Session, subscriber: Subscriber, suppression: Suppression) -> None:
    """Restore what left at the very moment at which the refusal came into force."""
    chosen = sa.select(Subscription).where(
        Subscription.subscriber_id == subscriber.id,
        Subscription.status == SubscriptionStatus.unsubscribed,
        Subscription.unsubscribed_at == suppression.created_at,
    )
    for subscription in session.scalars(chosen.execution_options(populate_existing=True)):
        was_confirmed = subscription.confirmed_at is not None
        subscription.status = (
            SubscriptionStatus.confirmed if was_confirmed else SubscriptionStatus.unconfirmed
        )
        subscription.unsubscribed_at = None
