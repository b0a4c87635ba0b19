"""What a rule can ask about a reader, in the words that the builder shows."""

from dataclasses import dataclass, field
from enum import StrEnum

from mailer.audience.segments.models import FieldKind
from mailer.audience.words import ConsentMethod


class About(StrEnum):
    """What a condition looks at; its ``key`` names which field, list or campaign."""

    attribute = "attribute"
    email = "email"
    domain = "domain"
    name = "name"
    created = "created"
    list = "list"
    consent = "consent"
    campaign = "campaign"
    accepted = "accepted"


class Value(StrEnum):
    """What stands behind an operator."""

    none = "none"
    text = "text"
    number = "number"
    days = "days"
    date = "date"
    perhaps_date = "perhaps-date"
    choice = "choice"
    country = "country"
    method = "method"


@dataclass(frozen=True)
class Operator:
    """One way to compare: its name in the rules, its words in the builder, what it is given."""

    name: str
    words: str
    value: Value = Value.none


@dataclass(frozen=True)
class Offer:
    """One line of the builder's first choice, with the operators that belong to it."""

    about: About
    key: str
    words: str
    operators: tuple[Operator, ...]
    choices: tuple[str, ...] = field(default=())

    def operator(self, name: str) -> Operator | None:
        return next((one for one in self.operators if one.name == name), None)


KNOWN = (Operator("known", "is known"), Operator("unknown", "is not known"))
SAME = (Operator("is", "is", Value.text), Operator("is-not", "is not", Value.text))
WITHIN = Operator("within", "in the last … days", Value.days)
NOT_WITHIN = Operator("not-within", "not in the last … days", Value.days)
DATES = (
    Operator("before", "before", Value.date),
    Operator("on", "on", Value.date),
    Operator("after", "after", Value.date),
)
PARTS = (
    Operator("contains", "contains", Value.text),
    Operator("begins", "begins with", Value.text),
)

OF_KIND: dict[FieldKind, tuple[Operator, ...]] = {
    FieldKind.text: (*SAME, *PARTS, *KNOWN),
    FieldKind.number: (
        Operator("is", "is", Value.number),
        Operator("is-not", "is not", Value.number),
        Operator("above", "is more than", Value.number),
        Operator("below", "is less than", Value.number),
        *KNOWN,
    ),
    FieldKind.date: (*DATES, WITHIN, *KNOWN),
    FieldKind.yes_no: (Operator("yes", "is yes"), Operator("no", "is no"), KNOWN[1]),
    FieldKind.choice: (
        Operator("is", "is", Value.choice),
        Operator("is-not", "is not", Value.choice),
        *KNOWN,
    ),
    FieldKind.country: (
        Operator("is", "is", Value.country),
        Operator("is-not", "is not", Value.country),
        *KNOWN,
    ),
}
OF_LIST = (
    Operator("confirmed", "is confirmed, since", Value.perhaps_date),
    Operator("unconfirmed", "is unconfirmed, since", Value.perhaps_date),
    Operator("unsubscribed", "has unsubscribed, since", Value.perhaps_date),
    Operator("never", "was never on it"),
)
OF_CAMPAIGN = (Operator("got", "was accepted"), Operator("missed", "was not accepted"))
METHODS = tuple(method.value for method in ConsentMethod)
PLAIN = (
    Offer(About.email, "", "Address", PARTS),
    Offer(About.domain, "", "Domain of the address", SAME),
    Offer(About.name, "", "Name", (Operator("is", "is", Value.text), *PARTS, *KNOWN)),
    Offer(About.created, "", "First seen", (*DATES, WITHIN, NOT_WITHIN)),
    Offer(
        About.consent,
        "",
        "Last consent",
        (Operator("method", "came by", Value.method), WITHIN, NOT_WITHIN),
        METHODS,
    ),
    Offer(About.accepted, "", "A mail accepted for the reader", (WITHIN, NOT_WITHIN)),
)
# What picks out people because they have left: such a rule may keep away, never gather (R37).
LEAVERS = frozenset({(About.list, "unsubscribed")})
