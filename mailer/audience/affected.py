"""Whom an incident affected, by fingerprint: a notice about it goes to them and to nobody else."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mailer.audience.models import Subscriber
from mailer.db import Base, Id, primary_key


class AffectedPerson(Base):
    """One person whom an incident affected; ``incident_id`` is its number in the register."""

    __tablename__ = "affected_people"
    __table_args__ = (
        sa.UniqueConstraint("incident_id", "address_key"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    incident_id: Mapped[int] = mapped_column(Id)
    address_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)


def is_affected(incident_id: int) -> sa.ColumnElement[bool]:
    """Ask, in SQL, whether an incident affected a reader."""
    hers = sa.select(AffectedPerson.id).where(
        AffectedPerson.incident_id == incident_id,
        AffectedPerson.address_key == Subscriber.address_key,
    )
    return hers.correlate(Subscriber).exists()
