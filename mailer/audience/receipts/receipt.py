"""A receipt: everything on record about one person's consent to one list, as a signed document."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from mailer.audience import former
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription
from mailer.audience.receipts import check, texts
from mailer.tokens import Keys

PURPOSE = "consent-receipt"
# Who of the staff acted is somebody else's data (Art. 15(4) GDPR).
OTHERS = frozenset({"actor"})


@dataclass(frozen=True)
class About:
    """Whose receipt for which list; one ``for_her`` leaves out who of the staff acted."""

    subscriber: Subscriber
    list: MailingList
    for_her: bool = False


def issue(session: Session, keys: Keys, now: datetime, about: About) -> bytes:
    """Return a receipt as JSON (UTF-8, one spelling), signed with the installation's own key.

    docs/consent-receipts.md describes each field; ``check.checked`` reads it again.
    """
    found = events(session, about)
    content: dict[str, object] = {
        "format": check.FORMAT,
        "issued_at": now.isoformat(),
        "address": about.subscriber.email,
        "list": {"id": about.list.public_id, "name": about.list.name},
        "sender": about.list.sender.legal_name,
        "status": status(session, about),
        "events": [written(event, for_her=about.for_her) for event in found],
        "texts": texts.known(session, (event.evidence for event in found)),
    }
    return signed(content, private_key(keys))


def signed(content: dict[str, object], private: Ed25519PrivateKey) -> bytes:
    named_content = content | {"public_key": named(private)}
    signature = base64.b64encode(private.sign(check.stated(named_content))).decode()
    return check.spelled(named_content | {"signature": signature})


def private_key(keys: Keys) -> Ed25519PrivateKey:
    """Return the installation's own key, made of its first secret."""
    return Ed25519PrivateKey.from_private_bytes(keys.derived(PURPOSE)[0])


def public_keys(keys: Keys) -> tuple[str, ...]:
    """Return the public keys (base64) of every secret of the ring, the present one first."""
    return tuple(
        named(Ed25519PrivateKey.from_private_bytes(secret)) for secret in keys.derived(PURPOSE)
    )


def named(private: Ed25519PrivateKey) -> str:
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


def status(session: Session, about: About) -> str:
    found = session.scalar(
        sa.select(Subscription.status).where(
            Subscription.subscriber_id == about.subscriber.id,
            Subscription.list_id == about.list.id,
        )
    )
    return "none" if found is None else found.value


def events(session: Session, about: About) -> Sequence[ConsentEvent]:
    """Return what the person decided about a list, its sender, or all mail; oldest first.

    Also at an address that she has corrected since.
    """
    no_list, no_sender = ConsentEvent.list_id.is_(None), ConsentEvent.sender_id.is_(None)
    reach = sa.or_(
        ConsentEvent.list_id == about.list.id,
        sa.and_(no_list, sa.or_(no_sender, ConsentEvent.sender_id == about.list.sender_id)),
    )
    chosen = sa.select(ConsentEvent).where(former.decisions(session, about.subscriber), reach)
    return session.scalars(chosen.order_by(ConsentEvent.id)).all()


def written(event: ConsentEvent, *, for_her: bool) -> dict[str, object]:
    """Return an entry with all that its seal covers, so that the seal can be reckoned again."""
    evidence, hidden = event.evidence, OTHERS & (event.evidence or {}).keys()
    if for_her and evidence is not None:
        evidence = {name: text for name, text in evidence.items() if name not in hidden}
    return {
        **event.sealed(),
        "at": event.at.isoformat(),
        "address_key": (event.sealed_key or event.address_key).hex(),
        "evidence": evidence,
        "evidence_salt": event.evidence_salt,
        "withheld": sorted(hidden) if for_her else [],
        "position": event.position,
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }
