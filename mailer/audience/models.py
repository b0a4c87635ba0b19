"""The tables of the audience: senders, lists, readers, consent and refusals."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from mailer.audience.folding import domain, folded
from mailer.audience.turned import followed
from mailer.audience.words import (
    ConsentAction,
    ConsentMethod,
    ListStatus,
    ListType,
    Optin,
    Scope,
    SubscriberStatus,
    SubscriptionStatus,
    words,
)
from mailer.compliance.packs import Pack
from mailer.db import Base, Id, primary_key
from mailer.ledger import Waiting, evidence_hash


class Sender(Base):
    """Who mails: the identity, reply mailbox and postal address that the law asks for.

    ``packs`` names the bodies of law that are kept, with spaces between them.
    ``other_names`` may stand in From beside the legal one: people and brands, one in each line.
    """

    __tablename__ = "senders"

    id: Mapped[int] = primary_key()
    legal_name: Mapped[str] = mapped_column(sa.String(200))
    from_name: Mapped[str] = mapped_column(sa.String(100))
    from_address: Mapped[str] = mapped_column(sa.String(254))
    reply_to: Mapped[str] = mapped_column(sa.String(254))
    address_lines: Mapped[str] = mapped_column(sa.String(300))
    city: Mapped[str] = mapped_column(sa.String(100))
    region: Mapped[str] = mapped_column(sa.String(100), default="")
    postcode: Mapped[str] = mapped_column(sa.String(20), default="")
    country: Mapped[str] = mapped_column(sa.String(2))
    address_kind: Mapped[str] = mapped_column(sa.String(20), default="street")
    attested_by: Mapped[str] = mapped_column(sa.String(254), default="")
    attested_on: Mapped[date | None] = mapped_column(sa.Date)
    ad_label: Mapped[str] = mapped_column(sa.String(100), default="")
    packs: Mapped[str] = mapped_column(sa.String(200), default=" ".join(Pack))
    other_names: Mapped[str] = mapped_column(sa.String(500), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    website: Mapped[str] = mapped_column(sa.String(200), default="")
    created_at: Mapped[datetime]

    lists: Mapped[list["MailingList"]] = relationship(back_populates="sender")


class MailingList(Base):
    """What readers join. ``least_age`` is what a form asks visitors to state, 0: nothing.

    ``consent_months`` is how long a reader's yes lasts here, None for ever. ``asked_fields`` holds
    the keys of the fields that its form asks for, with spaces between them. ``countries`` says in
    the same way whom it addresses (ISO 3166-1 alpha-2), empty: nobody has said. ``closed_at``
    is since when it is archived.
    """

    __tablename__ = "lists"

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = mapped_column(sa.String(32), unique=True)
    sender_id: Mapped[int] = mapped_column(sa.ForeignKey("senders.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    description: Mapped[str] = mapped_column(sa.String(1000), default="")
    optin: Mapped[Optin] = mapped_column(words(Optin), default=Optin.double)
    type: Mapped[ListType] = mapped_column(words(ListType), default=ListType.public)
    status: Mapped[ListStatus] = mapped_column(words(ListStatus), default=ListStatus.active)
    least_age: Mapped[int] = mapped_column(default=0)
    consent_months: Mapped[int | None]
    asked_fields: Mapped[str] = mapped_column(sa.String(1000), default="")
    countries: Mapped[str] = mapped_column(sa.String(800), default="", server_default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    sender: Mapped[Sender] = relationship(back_populates="lists")


class Subscriber(Base):
    """A reader. ``address_key`` is the keyed fingerprint of the normalised address.

    ``domain_key`` is that of the organisation's domain; None where nobody has reckoned it yet,
    which is done before any domain is suppressed.
    ``paused_until`` is set while she wants no mail; the clockwork ends the pause. ``language`` is
    a tag of BCP 47, empty while she has chosen none. ``restricted_at`` is since when her data is
    only kept and used for nothing (Art. 18 GDPR).
    The indexes serve searches: by the beginning of an address or a name, whatever its case.
    """

    __tablename__ = "subscribers"

    id: Mapped[int] = primary_key()
    email: Mapped[str] = mapped_column(sa.String(254))
    address_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    domain_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    attributes: Mapped[dict[str, object]] = mapped_column(
        sa.JSON().with_variant(JSONB(), "postgresql"), default=dict
    )
    status: Mapped[SubscriberStatus] = mapped_column(
        words(SubscriberStatus), default=SubscriberStatus.enabled
    )
    language: Mapped[str] = mapped_column(sa.String(35), default="")
    paused_until: Mapped[datetime | None]
    restricted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    # The import that brought her, so that it can be undone.
    import_id: Mapped[int | None] = mapped_column(Id)

    subscriptions: Mapped[list["Subscription"]] = relationship(
        back_populates="subscriber", cascade="all, delete-orphan"
    )


sa.Index(
    "ix_subscribers_paused_until",
    Subscriber.paused_until,
    sqlite_where=Subscriber.paused_until.is_not(None),
    postgresql_where=Subscriber.paused_until.is_not(None),
)
sa.Index("ix_subscribers_status_id", Subscriber.status, Subscriber.id)
sa.Index("ix_subscribers_email_folded", folded(Subscriber.email))
sa.Index("ix_subscribers_name_folded", folded(Subscriber.name))
# SQLite's tables are remade when they change, and would lose an index of this kind unseen.
sa.Index("ix_subscribers_domain", domain(Subscriber.email)).ddl_if("postgresql")


class Subscription(Base):
    """One reader on one list.

    ``confirmation_due_at`` is when a confirmation mail should leave (None: none is owed),
    ``confirmation_asked_at`` when somebody asked for it, ``confirmation_tries`` how often a relay
    would not take the one that is owed; ``confirmation_serial`` makes each mailed link single-use.
    ``is_weekly``: she wants a mail of this list once in seven days at most. ``consent_ends_at`` is
    for consent that is only implied; ``consent_expired_at`` is since when it is known to be over.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        sa.UniqueConstraint("subscriber_id", "list_id"),
        # In the order of readers, so that a page of a list is read from where it begins.
        sa.Index("ix_subscriptions_list_id_status", "list_id", "status", "subscriber_id"),
        sa.Index(
            "ix_subscriptions_consent_ends_at",
            "consent_ends_at",
            sqlite_where=sa.text("consent_ends_at IS NOT NULL"),
            postgresql_where=sa.text("consent_ends_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_subscriptions_consent_expired_at",
            "consent_expired_at",
            sqlite_where=sa.text("consent_expired_at IS NOT NULL"),
            postgresql_where=sa.text("consent_expired_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_subscriptions_confirmation_due_at",
            "confirmation_due_at",
            sqlite_where=sa.text("confirmation_due_at IS NOT NULL"),
            postgresql_where=sa.text("confirmation_due_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    subscriber_id: Mapped[int] = mapped_column(sa.ForeignKey("subscribers.id", ondelete="CASCADE"))
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("lists.id"))
    status: Mapped[SubscriptionStatus] = mapped_column(
        words(SubscriptionStatus), default=SubscriptionStatus.unconfirmed
    )
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]
    confirmation_asked_at: Mapped[datetime | None]
    consent_ends_at: Mapped[datetime | None]
    consent_expired_at: Mapped[datetime | None]
    confirmation_due_at: Mapped[datetime | None]
    confirmation_sent_at: Mapped[datetime | None]
    confirmation_tries: Mapped[int] = mapped_column(default=0)
    confirmation_serial: Mapped[int] = mapped_column(default=0)
    is_weekly: Mapped[bool] = mapped_column(default=False)
    import_id: Mapped[int | None] = mapped_column(Id)

    subscriber: Mapped[Subscriber] = relationship(back_populates="subscriptions")
    list: Mapped[MailingList] = relationship()


class Suppression(Base):
    """A refusal that outlives the person's row. Lifted, never deleted: it is evidence.

    ``address_key`` is a person's, or (``Scope.domain``) that of a domain. ``actor`` is who of the
    staff put it in force, empty where the reader or the program did; only theirs may have an end.
    Two indexes have the key: whoever asks for all of hers, lifted ones too, gets no use of the
    one that is for those in force.
    """

    __tablename__ = "suppressions"
    __table_args__ = (
        sa.Index(
            "uq_suppressions_in_force",
            "address_key",
            "scope",
            "scope_id",
            "reason",
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
        sa.Index(
            "ix_suppressions_ends_at",
            "ends_at",
            sqlite_where=sa.text("ends_at IS NOT NULL AND lifted_at IS NULL"),
            postgresql_where=sa.text("ends_at IS NOT NULL AND lifted_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = primary_key()
    address_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)
    scope: Mapped[Scope] = mapped_column(words(Scope))
    scope_id: Mapped[int] = mapped_column(Id, default=0)
    reason: Mapped[str] = mapped_column(sa.String(100))
    note: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    actor: Mapped[str] = mapped_column(sa.String(254), default="", server_default="")
    delivery_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]


class ConsentEvent(Waiting, Base):
    """One entry of the append-only consent ledger; mailer.ledger chains the entries.

    ``evidence`` holds what was shown, the address of the page, IP, user agent and actor. The
    seal covers only its salted hash, so that erasing a person's evidence leaves the chain whole.
    Where she has moved to another key (``turned``), ``sealed_key`` is the one that was sealed.
    """

    __tablename__ = "consent_events"
    __table_args__ = (
        sa.Index(
            "ix_consent_events_waiting",
            "id",
            sqlite_where=sa.text("position IS NULL"),
            postgresql_where=sa.text("position IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    address_key: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)
    sealed_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))
    list_id: Mapped[int | None] = mapped_column(Id)
    sender_id: Mapped[int | None] = mapped_column(Id)
    action: Mapped[ConsentAction] = mapped_column(words(ConsentAction))
    method: Mapped[ConsentMethod] = mapped_column(words(ConsentMethod))
    delivery_id: Mapped[int | None] = mapped_column(Id)
    evidence: Mapped[dict[str, str] | None] = mapped_column(sa.JSON(none_as_null=True))
    evidence_salt: Mapped[str | None] = mapped_column(sa.String(32))
    evidence_hash: Mapped[str] = mapped_column(sa.String(64))

    def sealed(self) -> dict[str, object]:
        return {
            "at": self.at,
            "address_key": self.sealed_key or self.address_key,
            "list_id": self.list_id,
            "sender_id": self.sender_id,
            "action": self.action,
            "method": self.method,
            "delivery_id": self.delivery_id,
            "evidence_hash": self.evidence_hash,
        }

    def is_whole(self, session: Session) -> bool:
        """Compare the evidence with its hash; only a later erasure excuses that it is blank.

        Where the person has moved to another key, the move must stand in its own ledger.
        """
        if self.sealed_key is not None and not self.has_moved(session, self.sealed_key):
            return False
        if self.evidence is not None and self.evidence_salt is not None:
            return evidence_hash(self.evidence_salt, self.evidence) == self.evidence_hash
        erasure = sa.select(ConsentEvent.id).where(
            ConsentEvent.address_key == self.address_key,
            ConsentEvent.action == ConsentAction.erased,
            ConsentEvent.position > self.position,
        )
        is_blank = self.evidence is None and self.evidence_salt is None
        return is_blank and session.scalar(erasure.limit(1)) is not None

    def has_moved(self, session: Session, former: bytes) -> bool:
        return followed(session, [former])[former] == self.address_key
