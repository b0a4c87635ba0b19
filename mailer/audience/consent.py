"""The consent ledger: what a reader decided, when, by which way, and what she was shown."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.audience import rows
from mailer.audience.models import ConsentEvent, MailingList
from mailer.audience.receipts import texts
from mailer.audience.words import ConsentAction, ConsentMethod, Scope

LANGUAGE = "en"  # of what readers agree to: see ``wording``


@dataclass(frozen=True)
class Evidence:
    """What proves a decision; ``actor`` is staff who acted for her.

    ``shown`` is the exact text, in ``language``; from staff it is their note about her. ``page``
    never holds a token: the ledger outlives the links. ``source`` is where it came from where the
    method does not say it (``embed``, ``api``, ``import``), ``form`` the list's public id or what
    else tells forms apart, ``message_id`` the confirmation mail whose link was pressed. ``ip`` is
    a network, ``user_agent`` a family of browsers. ``before`` is the fingerprint (hex) of the
    address that she had before she corrected it.
    """

    shown: str = ""
    page: str = ""
    ip: str = ""
    user_agent: str = ""
    actor: str = ""
    source: str = ""
    form: str = ""
    language: str = ""
    message_id: str = ""
    before: str = ""


@dataclass(frozen=True)
class Decision:
    """What was decided: about one list, or (``sender_id``) about all mail of one sender.

    ``delivery_id`` names the message whose link was used, as plain provenance.
    """

    action: ConsentAction
    method: ConsentMethod
    list_id: int | None = None
    sender_id: int | None = None
    delivery_id: int | None = None


Decided = tuple[bytes, Decision, Evidence]


def of_reach(
    action: ConsentAction,
    method: ConsentMethod,
    scope: Scope,
    scope_id: int,
    delivery_id: int | None = None,
) -> Decision:
    """Return the decision about whatever a refusal of this reach is about."""
    return Decision(
        action,
        method,
        list_id=scope_id if scope is Scope.list else None,
        sender_id=scope_id if scope is Scope.sender else None,
        delivery_id=delivery_id,
    )


def record(
    session: Session, now: datetime, key: bytes, decision: Decision, evidence: Evidence
) -> None:
    """Add one decision of the person behind an address key; the clockwork seals it.

    Thousands leave at once after a large campaign, and none of them waits for another's commit.
    """
    record_all(session, now, [(key, decision, evidence)])


def record_all(session: Session, now: datetime, decided: Sequence[Decided]) -> None:
    """Add one decision of each of some people, in this order."""
    digests = texts.keep(session, now, filter(None, (ours(*one[1:]) for one in decided)))
    if decided:
        entries = [entry(now, one, digests) for one in decided]
        rows.insert_all(session, ConsentEvent, entries)


def ours(decision: Decision, evidence: Evidence) -> str:
    """Return the text of ours that was shown, which is kept once.

    A colleague's note is about one person, and goes with her.
    """
    return "" if decision.method is ConsentMethod.staff else evidence.shown


def entry(now: datetime, decided: Decided, digests: Mapping[str, str]) -> dict[str, object]:
    """Return a row of the ledger."""
    key, decision, evidence = decided
    kept = {name: value for name, value in vars(evidence).items() if value}
    if shown := ours(decision, evidence):
        del kept["shown"]
        kept[texts.SHOWN] = digests[shown]
    salt = secrets.token_hex(16)
    return {
        "at": now,
        "address_key": key,
        "evidence": kept,
        "evidence_salt": salt,
        "evidence_hash": ledger.evidence_hash(salt, kept),
        **vars(decision),
    }


def history(session: Session, key: bytes) -> Sequence[ConsentEvent]:
    """Return all decisions of one person, oldest first."""
    chosen = sa.select(ConsentEvent).where(ConsentEvent.address_key == key)
    return session.scalars(chosen.order_by(ConsentEvent.id)).all()


def wording(mailing_list: MailingList) -> str:
    """Return the sentence that a reader agrees to: on our form, and in the form to embed."""
    return (
        f"Yes, send me “{mailing_list.name}” by email from {mailing_list.sender.legal_name}. "
        "Every mail has a link to unsubscribe, and one click is enough."
    )
