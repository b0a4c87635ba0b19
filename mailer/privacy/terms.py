"""By when a request must be answered when several laws bind it: the earliest term of all holds."""

from collections.abc import Sequence
from datetime import datetime

from mailer.privacy import clocks
from mailer.privacy.clocks import Deadline, Desk, Regime

Laws = Sequence[Regime]


def due(desk: Desk, laws: Laws, received: datetime) -> Deadline:
    """Return the earliest of what the laws and the policy give for an answer."""
    return earliest(each(desk, laws, received))


def extended(desk: Desk, laws: Laws, received: datetime) -> Deadline:
    """Return by when an extended request must be answered; raises NotExtendable."""
    return earliest(each_extended(desk, laws, received))


def each(desk: Desk, laws: Laws, received: datetime) -> dict[Regime, Deadline]:
    """Return by when each law, and our own word, wants an answer."""
    return {law: clocks.answer(desk, law, received) for law in (*laws, Regime.policy)}


def each_extended(desk: Desk, laws: Laws, received: datetime) -> dict[Regime, Deadline]:
    """Return by when each law wants an answer that takes longer; raises NotExtendable."""
    return {law: clocks.extended(desk, law, received) for law in laws}


def each_of_sale(desk: Desk, laws: Laws, received: datetime) -> dict[Regime, Deadline]:
    """Return by when a wish that nothing be sold must be met; California has its own term."""
    found = each(desk, laws, received)
    if Regime.ccpa in laws:
        found[Regime.ccpa] = clocks.opt_out_of_sale(desk, received)
    return found


def first(desk: Desk, laws: Laws, received: datetime) -> Deadline:
    """Return the end of the first legal term, in which the clock may be stopped or moved."""
    return earliest({law: clocks.answer(desk, law, received) for law in laws})


def confirmation(
    desk: Desk, laws: Laws, received: datetime, *, is_complaint: bool = False
) -> Deadline | None:
    """Return by when receipt must be confirmed, or None where no law asks for that."""
    asked = (clocks.confirmation(desk, law, received, is_complaint=is_complaint) for law in laws)
    return min((one for one in asked if one), key=lambda one: one.at, default=None)


def may_pause(laws: Laws) -> bool:
    """Tell whether doubt about who asks stops the clock: only where every law lets it."""
    return all(clocks.may_pause(law) for law in laws)


def earliest(deadlines: dict[Regime, Deadline]) -> Deadline:
    """Return the deadline that comes first; a law's goes before our own word of the same day."""
    return min(deadlines.values(), key=lambda one: one.at)
