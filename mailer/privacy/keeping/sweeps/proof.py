"""Proof of consent whose time is over: blanked as an erasure does, so that every seal holds."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from mailer.audience import consent
from mailer.audience.address_models import AddressChange
from mailer.audience.consent import Decision, Evidence
from mailer.audience.models import ConsentEvent, Subscriber
from mailer.audience.words import ConsentAction, ConsentMethod
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.classes import Class
from mailer.privacy.keeping.models import Held
from mailer.privacy.keeping.sweeps.sweep import Ground, Step, Sweep

PORTION = 5000  # entries that are looked at
ACTOR = "retention"
IS_WORD = ConsentEvent.action != ConsentAction.erased


def is_over(ground: Ground) -> sa.ColumnElement[bool]:
    """Ask, in SQL, whether an entry proves nothing that could still be asked for.

    Nobody has the address, now or before a change of hers, and her last word is old.
    """
    later, beside = aliased(ConsentEvent), aliased(ConsentEvent)
    key = ConsentEvent.address_key
    lasting = [
        sa.select(Subscriber.id).where(Subscriber.address_key == key),
        sa.select(AddressChange.id).where(AddressChange.old_key == key),
        sa.select(later.id).where(
            later.address_key == key,
            later.action != ConsentAction.erased,
            later.at >= ground.edge,
        ),
    ]
    if holds.is_any(ground.session, ground.now):
        held = sa.not_(holds.none_on(Held.list, beside.list_id, ground.now))
        lasting.append(sa.select(beside.id).where(beside.address_key == key, held))
    return sa.and_(
        IS_WORD,
        ConsentEvent.at < ground.edge,
        ConsentEvent.evidence.is_not(None),
        holds.none_on_key(key, ground.now),
        *(sa.not_(one.correlate(ConsentEvent).exists()) for one in lasting),
    )


def counted(ground: Ground) -> dict[str, int]:
    number = sa.select(sa.func.count()).select_from(ConsentEvent).where(is_over(ground))
    return {"consent_events": ground.session.scalar(number) or 0}


def portion(ground: Ground, after: int) -> Step:
    """Look at the next PORTION entries; blank whose are over, and say so in the ledger itself.

    An entry ``erased`` under the same key is what excuses the blank when the chain is verified.
    """
    session = ground.session
    some = sa.select(ConsentEvent.id, ConsentEvent.at).where(ConsentEvent.id > after)
    some_rows = some.order_by(ConsentEvent.id).limit(PORTION).subquery()
    found = sa.select(sa.func.max(some_rows.c.id), sa.func.min(some_rows.c.at))
    last, oldest = session.execute(found).one()
    if last is None or oldest >= ground.edge:  # whatever follows was written later
        return Step({}, None)
    these = sa.and_(ConsentEvent.id > after, ConsentEvent.id <= last)
    keys = session.scalars(
        sa.select(ConsentEvent.address_key).distinct().where(these, is_over(ground))
    )
    people = sorted(keys)
    number = blank(ground, people) if people else 0
    return Step({"consent_events": number} if number else {}, last)


def blank(ground: Ground, keys: list[bytes]) -> int:
    mine = sa.and_(ConsentEvent.address_key.in_(keys), IS_WORD, ConsentEvent.evidence.is_not(None))
    blanked: Any = ground.session.execute(
        sa.update(ConsentEvent).where(mine).values(evidence=None, evidence_salt=None),
        execution_options={"synchronize_session": False},
    )
    decision = Decision(ConsentAction.erased, ConsentMethod.staff)
    said = [(key, decision, Evidence(actor=ACTOR)) for key in keys]
    consent.record_all(ground.session, ground.now, said)
    ground.session.expire_all()
    return int(blanked.rowcount)


SWEEPS = (Sweep(Class.proof, counted, portion),)
