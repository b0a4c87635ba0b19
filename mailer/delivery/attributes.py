"""A reader's attribute in the words of each database, whose JSON differs."""

import json

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import JSONB

from mailer.audience.models import Subscriber

Test = ColumnElement[bool]


class Attribute:
    """One attribute, as text, as a number, and as it stands in JSON."""

    def __init__(self, key: str, dialect: str) -> None:
        self.key = key
        self.is_postgresql = dialect == "postgresql"
        self.path = f'$."{key}"'  # keys hold letters, digits and _ alone
        self.text: ColumnElement[str] = Subscriber.attributes[key].as_string()

    @property
    def plain(self) -> ColumnElement[str]:
        """The text in the order of its signs, which is the one that days are written in."""
        return sa.collate(self.text, "C") if self.is_postgresql else self.text

    def equals(self, value: object) -> Test:
        if self.is_postgresql:
            held = sa.cast(json.dumps({self.key: value}), sa.Text)
            return sa.type_coerce(Subscriber.attributes, JSONB).contains(sa.cast(held, JSONB))
        kinds = self.kinds(value)
        given = int(value) if isinstance(value, bool) else value
        return sa.and_(
            self.bare == given, sa.func.json_type(Subscriber.attributes, self.path).in_(kinds)
        )

    @staticmethod
    def kinds(value: object) -> tuple[str, ...]:
        if isinstance(value, bool):
            return ("true",) if value else ("false",)
        return ("text",) if isinstance(value, str) else ("integer", "real")

    @property
    def bare(self) -> ColumnElement[object]:
        return sa.func.json_extract(Subscriber.attributes, self.path, type_=sa.types.NullType())

    def number(self, value: object, *, is_above: bool) -> Test:
        """Compare a number; an attribute that is none, as free JSON may be, is no answer."""
        if self.is_postgresql:
            held = sa.type_coerce(Subscriber.attributes, JSONB)[self.key]
            bound = sa.cast(sa.cast(json.dumps(value), sa.Text), JSONB)
            is_number = sa.func.jsonb_typeof(held) == "number"
            return sa.and_(held > bound if is_above else held < bound, is_number)
        kind = sa.func.json_type(Subscriber.attributes, self.path)
        compared = self.bare > value if is_above else self.bare < value
        return sa.and_(compared, kind.in_(("integer", "real")))
