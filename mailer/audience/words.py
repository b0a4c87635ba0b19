"""The words of the audience: what the columns hold and the pages say."""

from enum import StrEnum

import sqlalchemy as sa


class Optin(StrEnum):
    single = "single"
    double = "double"


class ListType(StrEnum):
    public = "public"
    private = "private"


class ListStatus(StrEnum):
    active = "active"
    archived = "archived"


class SubscriberStatus(StrEnum):
    enabled = "enabled"
    disabled = "disabled"
    blocklisted = "blocklisted"


class SubscriptionStatus(StrEnum):
    unconfirmed = "unconfirmed"
    confirmed = "confirmed"
    unsubscribed = "unsubscribed"


class Scope(StrEnum):
    """How far a suppression reaches; ``scope_id`` is the list, the sender, or 0.

    ``domain`` is everything to every address of one organisation's domain.
    """

    list = "list"
    sender = "sender"
    everything = "everything"
    domain = "domain"


class ConsentAction(StrEnum):
    requested = "requested"
    confirmed = "confirmed"
    unsubscribed = "unsubscribed"
    returned = "returned"
    erased = "erased"


class ConsentMethod(StrEnum):
    """By which way a reader's word reached us."""

    form = "form"
    link = "link"
    one_click = "one-click"
    preferences = "preferences"
    staff = "staff"
    mail = "mail"


def words(kind: type[StrEnum], name: str = "") -> sa.Enum:
    """Return a column type that keeps the words themselves, with a check on them.

    The check is named after the kind, or by ``name`` where a table has two columns of one kind.
    """
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=20,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )
