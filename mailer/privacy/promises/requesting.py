"""Proofs of what is promised to whoever asks about her data: nothing is late, nothing lost."""

from collections.abc import Callable

import sqlalchemy as sa

from mailer.privacy.promises.proof import Ground, Proof, broken, counted, kept
from mailer.privacy.requests.models import Request
from mailer.privacy.requests.words import Channel, Kind, State

RUNNING = (State.received, State.identified)


def answered(*kinds: Kind) -> Callable[[Ground], Proof]:
    """Return the proof that no request of these kinds is late."""
    return lambda ground: in_time(ground, kinds)


def in_time(ground: Ground, kinds: tuple[Kind, ...]) -> Proof:
    asked = sa.and_(Request.kind.in_(kinds), Request.channel != Channel.own)
    late = sa.select(Request.id).where(
        asked, Request.state.in_(RUNNING), Request.due_at < ground.now
    )
    numbers = ground.session.scalars(late.order_by(Request.id)).all()
    if numbers:
        told = ", ".join(str(one) for one in numbers[:5])
        return broken(
            f"{counted(len(numbers), 'request')} should have been answered: number {told}.",
            "Answer them under Requests.",
        )
    found = [one for kind, one in ground.requests.items() if kind in kinds]
    number = sum(one.number for one in found)
    last = max(filter(None, (one.last for one in found)), default=None)
    told = f"{counted(number, 'request')} in the register, none late; it is open at /your-data."
    return kept(told, last or ground.now)


def portable(ground: Ground) -> Proof:
    proof = in_time(ground, (Kind.portability,))
    if proof.remedy:
        return proof
    told = f"The archive holds JSON under a published schema, and CSV. {proof.evidence}"
    return kept(told, proof.at)
