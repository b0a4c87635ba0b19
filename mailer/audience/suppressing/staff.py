"""Refusals that staff put in force or end: what a person told them, and what they decided."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import addresses, consent, departures, domain_keys, enrolment, suppressions
from mailer.audience.consent import Evidence
from mailer.audience.models import Subscriber, Suppression
from mailer.audience.suppressions import OBJECTED, OURS, Refusal
from mailer.audience.turning import moving
from mailer.audience.words import ConsentAction, ConsentMethod, Scope
from mailer.tokens import Keys

REASONS = (OBJECTED, *sorted(OURS))


class NotOurs(Exception):  # noqa: N818 - errors are named for the situation
    """The refusal is not one that staff may end; the message says who alone can."""


class BadOrder(ValueError):  # noqa: N818 - errors are named for the situation
    """What is to be suppressed makes no sense; the message says why."""


@dataclass(frozen=True)
class Target:
    """Whom a refusal is about: an address (or a domain), and its domain, by fingerprint.

    Each under every key of the ring, the newest first.
    """

    keys: tuple[bytes, ...]
    domains: tuple[bytes, ...]
    is_domain: bool

    @property
    def key(self) -> bytes:
        return self.keys[0]


def target(keys: Keys, text: str, *, test_environment: bool = False) -> Target:
    """Read an address, or a domain if there is no @ before it; raises BadAddress."""
    local, _, domain = text.strip().rpartition("@")
    is_domain = not local
    asked = f"somebody@{domain}" if is_domain else text
    found = addresses.parsed(asked, test_environment=test_environment).normalised
    whole = domain_keys.domain_keys(keys, found)
    return Target(whole if is_domain else tokens.fingerprints(keys, found), whole, is_domain)


def suppress(
    session: Session, now: datetime, keys: Keys, about: Target, refusal: Refusal
) -> int | None:
    """Put a refusal in force for whoever is, or will be, behind an address or in a domain.

    Returns its id; None when one of this reach and reason is in force already. ``objected`` is the
    person's own word, told to a colleague: it takes her off the lists and stands in the consent
    ledger. Raises BadOrder where reach, reason and end do not go together.
    """
    demand_sense(about, refusal, now)
    move_here(session, now, about)
    if about.is_domain:
        domain_keys.reckon_missing(session, keys)
    if refusal.reason != OBJECTED:
        return suppressions.suppress(session, now, about.key, refusal)
    chosen = sa.select(Subscriber.id).where(Subscriber.address_key == about.key)
    known = session.scalar(chosen)
    subscriber = enrolment.locked(session, known) if known is not None else None
    found = suppressions.suppress(session, now, about.key, refusal)
    has_left = subscriber and departures.leave(
        session, now, [subscriber.id], refusal.scope, refusal.scope_id
    )
    if found is not None or has_left:
        said = Evidence(shown=refusal.note, actor=refusal.actor)
        action, method = ConsentAction.unsubscribed, ConsentMethod.staff
        decision = consent.of_reach(action, method, refusal.scope, refusal.scope_id)
        consent.record(session, now, about.key, decision, said)
    return found


def move_here(session: Session, now: datetime, about: Target) -> None:
    """Move what stands under former keys to the newest, under which the refusal will be."""
    for former in about.keys[1:]:
        if about.is_domain:
            moving.turn_domains(session, now, {former: about.key}, whole=True)
        else:
            moving.turn(session, now, {former: about.key})


def demand_sense(about: Target, refusal: Refusal, now: datetime) -> None:
    if refusal.reason not in REASONS:
        raise BadOrder("Choose one of the reasons.")
    if about.is_domain and (refusal.scope is not Scope.domain or refusal.reason == OBJECTED):
        raise BadOrder("A whole domain is blocked from all mail; nobody can object for a domain.")
    if not about.is_domain and refusal.scope is Scope.domain:
        raise BadOrder("Give the domain without anything before it.")
    if refusal.ends_at is not None and refusal.reason not in OURS:
        raise BadOrder("A person's own objection has no end. Only she can take it back.")
    if refusal.ends_at is not None and refusal.ends_at <= now:
        raise BadOrder("The end must lie ahead.")


def end(session: Session, now: datetime, suppression_id: int) -> Suppression | None:
    """Lift a refusal that was our own decision; None when it is not in force any more.

    Raises NotOurs for a person's own word, and for complaints and what other parties reported.
    """
    held = session.get(Suppression, suppression_id, with_for_update=True, populate_existing=True)
    if held is None or held.lifted_at is not None:
        return None
    if held.reason not in OURS:
        raise NotOurs(
            "This is her own word. Only she takes it back, by a sign-up that she confirms."
            if suppressions.is_her_own(held)
            else "This was reported by others, and stays."
        )
    suppressions.lift(now, [held])
    return held
