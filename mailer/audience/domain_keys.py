"""Keyed fingerprints of domains, by which a refusal reaches every address of an organisation."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience.models import Subscriber
from mailer.compliance.domains import organisational
from mailer.tokens import Keys

PORTION = 5000


def domain_key(keys: Keys, address: str) -> bytes:
    """Return the 32-byte fingerprint of the domain behind the last @, or of a bare domain.

    It is that of the registered domain: mail.acme.example and acme.example are one. No address
    begins with an @, so it is never that of an address.
    """
    return tokens.fingerprint(keys, named(address.rpartition("@")[2]))


def domain_keys(keys: Keys, address: str) -> tuple[bytes, ...]:
    """Return the fingerprint of the domain under each key of the ring, the newest first."""
    return tokens.fingerprints(keys, named(address.rpartition("@")[2]))


def named(domain: str) -> str:
    """Return what a domain's fingerprint is taken of."""
    return "@" + organisational(domain)


def reckon_missing(session: Session, keys: Keys) -> None:
    """Give every reader the key of her domain who has none yet: a refusal is about to need it."""
    missing = sa.select(Subscriber.id, Subscriber.email).where(Subscriber.domain_key.is_(None))
    while found := session.execute(missing.limit(PORTION)).all():
        reckoned = [{"id": one, "domain_key": domain_key(keys, email)} for one, email in found]
        session.execute(sa.update(Subscriber), reckoned)
