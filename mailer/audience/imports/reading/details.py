"""What a row holds beside address and name: kept as it is, or refused with the reason."""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import lru_cache

from mailer.audience.imports.models import Outcome
from mailer.compliance import identities
from mailer.compliance.columns import is_birth, plain, sensitive
from mailer.compliance.rules.intake import may_be_under_age

LONGEST_DETAIL = 1000
LONGEST_DETAILS = 10_000
LONGEST_HEADING = 60
UNDER_AGE = "R36: under 13, or too near to it to tell. Nothing of this row was kept."
CONTROLS = dict.fromkeys([*range(32), 127], " ")


class Rejected(Exception):  # noqa: N818 - errors are named for the situation
    """A row that is not taken, and why: without what stood in it."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(outcome, reason)
        self.outcome = outcome
        self.reason = reason


class Details:
    """Reads the details of rows: some columns, each under its heading, and one of JSON objects.

    ``excepted`` names the fields of sensitive data that an owner has allowed.
    """

    def __init__(
        self,
        columns: Sequence[tuple[str, int]],
        objects: int | None,
        today: date,
        excepted: Collection[str],
    ) -> None:
        self.columns = [(heading.strip()[:LONGEST_HEADING], n) for heading, n in columns]
        self.objects = objects
        self.today = today
        self.excepted = excepted

    def __bool__(self) -> bool:
        return bool(self.columns) or self.objects is not None

    def written(self, row: list[str]) -> str:
        """Return the details of a row as JSON; raises Rejected."""
        given = self.given(row)
        for heading, n in self.columns:
            text = row[n].strip().translate(CONTROLS)[:LONGEST_DETAIL]
            if text:
                demand_harmless(text)
                given[heading] = text
        written = json.dumps(given) if given else "{}"
        if len(written) > LONGEST_DETAILS:
            raise Rejected(Outcome.invalid, "The details are longer than 10,000 characters.")
        return written

    def given(self, row: list[str]) -> dict[str, object]:
        text = row[self.objects].strip() if self.objects is not None else ""
        if not text:
            return {}
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Rejected(Outcome.invalid, "The details are no JSON object.")
        for name, value in walked(found):
            if name and self.is_sensitive(name):
                raise Rejected(Outcome.refused, f"A detail seems to hold {named(name)}.")
            if born(name) and may_be_under_age(value, self.today):
                raise Rejected(Outcome.refused, UNDER_AGE)
            demand_harmless(value)
        return found

    def is_sensitive(self, key: str) -> bool:
        return bool(named(key)) and plain(key) not in self.excepted


def demand_harmless(text: str) -> None:
    """Raise Rejected where a value is a number that is not kept."""
    if len(text) >= identities.SHORTEST and (kind := forbidden(text)):
        raise Rejected(Outcome.refused, f"A detail is {kind}.")


def walked(given: object) -> Iterator[tuple[str, str]]:
    """Yield the name and the value, as text, of whatever stands in an object, however deep."""
    waiting: list[tuple[str, object]] = [("", given)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend(("", one) for one in value)
        is_leaf = not isinstance(value, (dict, list))
        yield name, str(value) if is_leaf else ""


# The same few stand in many rows.
forbidden = lru_cache(10_000)(identities.identity)
named = lru_cache(1000)(sensitive)
born = lru_cache(1000)(is_birth)
