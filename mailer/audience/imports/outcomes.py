"""What becomes of one row: decided by what the file says and by what is known here, no more."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from mailer.audience.imports.known import Destination, Known, Refused
from mailer.audience.imports.models import Basis, Outcome
from mailer.audience.imports.reading.people import Person
from mailer.audience.imports.reading.targets import OPTED_OUT, Standing
from mailer.audience.imports.terms import Terms
from mailer.audience.suppressions import UNSUBSCRIBED
from mailer.audience.words import Optin, SubscriberStatus, SubscriptionStatus

LEFT = "This reader has unsubscribed here. Nobody else can undo that."
SOURCE_SAYS = "The source says {}: taken as a suppression, so that no mail is sent."


@dataclass(frozen=True)
class Plan:
    """What a batch does with everybody it may take."""

    lists: tuple[Destination, ...]
    basis: Basis
    overwrite: bool
    terms: Terms

    @cached_property
    def welcome(self) -> "Decision":
        """What is decided about everybody of whom nothing is known here."""
        return Decision(Outcome.added, self.lists)

    @cached_property
    def is_dated(self) -> bool:
        """Whether anybody's consent depends on when it began."""
        return self.terms.is_implied or any(one.months is not None for one in self.lists)

    def status(self, person: Person, destination: Destination) -> SubscriptionStatus:
        """Return the state on a list: never above the source's, nor above what is proven."""
        is_proven = self.basis is Basis.double_opt_in or destination.optin is Optin.single
        if is_proven and person.standing is Standing.confirmed:
            return SubscriptionStatus.confirmed
        return SubscriptionStatus.unconfirmed

    def fault(self, person: Person, place: Destination) -> str:
        """Return why her consent cannot be relied upon on a list; empty where it can.

        A yes that she has still to give there lasts from then on.
        """
        is_given = self.status(person, place) is SubscriptionStatus.confirmed
        return self.terms.fault(person, place.months if is_given else None)


@dataclass(frozen=True)
class Decision:
    """What is done: ``places`` to make, and the ``reason`` where not all was done.

    ``longer`` are the places that she has where her implied consent lasts longer from now on.
    """

    outcome: Outcome
    places: tuple[Destination, ...] = ()
    reason: str = ""
    updates: bool = False
    longer: tuple[Destination, ...] = ()


def decided(
    plan: Plan, person: Person, known: Known | None, refusals: Sequence[Refused]
) -> Decision:
    """Decide about a person whom no earlier row of the file names. No option lifts an opt-out."""
    if person.standing in OPTED_OUT:
        return Decision(Outcome.opted_out, reason=SOURCE_SAYS.format(person.standing.value))
    if known is None and not refusals and not plan.is_dated:
        return plan.welcome
    held = {one.id: [refusal for refusal in refusals if refusal.reaches(one)] for one in plan.lists}
    places = known.places if known is not None else {}
    free = tuple(one for one in plan.lists if one.id not in places and not held[one.id])
    if free and not is_blocked(known):
        return added(plan, person, known, free)
    reasons = [refusal.reason for each in held.values() for refusal in each]
    return kept_away(known, reasons) or unchanged(plan, person, known)


def added(
    plan: Plan, person: Person, known: Known | None, free: tuple[Destination, ...]
) -> Decision:
    """Put her on the lists where her consent holds; refuse her where it does on none."""
    faults = {one: plan.fault(person, one) for one in free} if plan.is_dated else {}
    places = tuple(one for one in free if not faults.get(one))
    reason = next(filter(None, faults.values()), "")
    if not places:
        return Decision(Outcome.refused, reason=reason)
    updates = plan.overwrite and known is not None
    return Decision(Outcome.added, places, reason, updates, prolonged(plan, person, known))


def is_blocked(known: Known | None) -> bool:
    return known is not None and known.status is SubscriberStatus.blocklisted


def kept_away(known: Known | None, reasons: Sequence[str]) -> Decision | None:
    """Return the decision about somebody who must not be mailed; None for anybody else."""
    if is_blocked(known):
        return Decision(Outcome.suppressed, reason="This reader is blocklisted here.")
    has_left = known is not None and SubscriptionStatus.unsubscribed in known.places.values()
    if has_left or UNSUBSCRIBED in reasons:
        return Decision(Outcome.kept_unsubscribed, reason=LEFT)
    if reasons:
        return Decision(
            Outcome.suppressed, reason=f"This address is suppressed here ({reasons[0]})."
        )
    return None


def unchanged(plan: Plan, person: Person, known: Known | None) -> Decision:
    updates = plan.overwrite and known is not None and differs(person, known)
    longer = prolonged(plan, person, known)
    outcome = Outcome.updated if updates or longer else Outcome.already_there
    return Decision(outcome, updates=updates, longer=longer)


def prolonged(plan: Plan, person: Person, known: Known | None) -> tuple[Destination, ...]:
    """Return where a later dealing of the same kind makes her implied consent last longer.

    CASL s.10(10) counts from the last one. Her own yes has no such end, and whoever has left any
    of the lists is left as she is.
    """
    until = plan.terms.ends_at(plan.terms.began(person))
    if known is None or until is None or SubscriptionStatus.unsubscribed in known.places.values():
        return ()
    confirmed = SubscriptionStatus.confirmed
    return tuple(
        one
        for one in plan.lists
        if known.places.get(one.id) is confirmed is plan.status(person, one)
        and is_later((plan.basis, until), known.implied.get(one.id))
        and not plan.fault(person, one)
    )


def is_later(given: tuple[Basis, datetime], held: tuple[Basis, datetime] | None) -> bool:
    return held is not None and given[0] is held[0] and given[1] > held[1]


def differs(person: Person, known: Known) -> bool:
    return merged(person, known) != (known.name, known.attributes)


def merged(person: Person, known: Known) -> tuple[str, dict[str, object]]:
    """Return name and details with the file's in place of ours; what it does not name stays."""
    return person.name or known.name, {**known.attributes, **json.loads(person.attributes)}
