"""One row of a file as a person: her address, what she is at the source, and what is kept."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from mailer.audience import domain_keys, networks
from mailer.audience.addresses import BadAddress, BadName
from mailer.audience.imports.models import Outcome, System
from mailer.audience.imports.reading import quick
from mailer.audience.imports.reading.details import UNDER_AGE, Details, Rejected
from mailer.audience.imports.reading.targets import (
    NO,
    OPTED_OUT,
    STANDINGS,
    WEIGHT,
    YES,
    Standing,
    Target,
)
from mailer.audience.imports.reading.texts import Cells, Unreadable
from mailer.compliance.columns import is_birth
from mailer.compliance.duties import is_duty
from mailer.compliance.rules.intake import may_be_under_age
from mailer.tokens import Mac

LONGEST_ID = 64
MOST_DOMAINS = 50_000
US = "%m/%d/%Y"
DUTY = "R38: a mailbox for duties, which no person reads as a subscriber. Taken all the same."
SYSTEMS = {
    Target.listmonk_id: System.listmonk,
    Target.mailtrain_id: System.mailtrain,
    Target.phplist_id: System.phplist,
}
# What flags say: which words make somebody worse than confirmed, and what.
FLAGS = (
    (Target.is_on, NO, YES, Standing.unsubscribed),
    (Target.is_confirmed, NO, YES, Standing.unconfirmed),
    (Target.is_off, YES, NO, Standing.unsubscribed),
    (Target.is_blocked, YES, NO, Standing.blocklisted),
)


class Person(NamedTuple):
    """A row that can be taken. ``attributes`` is JSON text; ``note`` says what was left out.

    ``dealt`` is the day of her last purchase or inquiry as it is written.
    """

    number: int
    part: int
    line: int
    email: str
    key: bytes
    domain_key: bytes
    name: str
    attributes: str
    standing: Standing
    since: datetime | None
    ip: str
    foreign: tuple[System, str] | None
    note: str
    dealt: str = ""


class Reader:
    """Reads the rows of one file. ``columns`` says what each heading is, in their order."""

    def __init__(
        self,
        columns: Sequence[tuple[str, Target]],
        best: Standing,
        mac: Mac,
        *,
        now: datetime,
        test_environment: bool,
        excepted: Collection[str] = (),
    ) -> None:
        self.width = len(columns)
        self.best = best
        self.mac = mac
        self.domain_keys: dict[str, bytes] = {}
        self.now = now
        self.today: date = now.date()
        self.addresses = quick.Reader(test_environment=test_environment)
        self.births = [
            n
            for n, (heading, target) in enumerate(columns)
            if target is Target.birth or is_birth(heading)
        ]
        self.at = {target: n for n, (_, target) in reversed(list(enumerate(columns)))}
        self.email = self.at.get(Target.email, 0)
        kept = [
            (heading, n)
            for n, (heading, target) in enumerate(columns)
            if target is Target.attribute
        ]
        self.details = Details(kept, self.at.get(Target.attributes), self.today, excepted)
        self.has_details = bool(self.details)
        self.names = [self.at[t] for t in (Target.first_name, Target.last_name) if t in self.at]
        if Target.name in self.at:
            self.names = [self.at[Target.name]]
        self.flags = [(self.at[flag[0]], *flag[1:]) for flag in FLAGS if flag[0] in self.at]
        times = (Target.confirmed_at, Target.opted_in_at)
        self.times = [self.at[target] for target in times if target in self.at]
        self.foreign = next(((self.at[t], s) for t, s in SYSTEMS.items() if t in self.at), None)

    def person(self, number: int, part: int, line: int, cells: Cells) -> Person:
        """Return who stands in a row; raises Rejected."""
        row = self.fitted(cells)
        try:
            address = self.addresses.parsed(row[self.email].strip())
        except BadAddress as error:
            raise Rejected(Outcome.invalid, str(error)) from error
        standing = self.standing(row)
        if self.births and standing not in OPTED_OUT:  # of those is kept only that they left
            self.demand_age(row)
        name, note = self.name(row)
        if not note and is_duty(address.normalised.partition("@")[0]):
            note = DUTY
        return Person(
            number,
            part,
            line,
            address.spelled,
            self.mac.digest(address.normalised.encode()),
            self.domain_key(address.normalised.rpartition("@")[2]),
            name,
            self.kept(row, standing) if self.has_details else "{}",
            standing,
            self.since(row),
            self.ip(row),
            self.foreign_id(row),
            note,
            row[self.at[Target.dealt_on]].strip() if Target.dealt_on in self.at else "",
        )

    def domain_key(self, domain: str) -> bytes:
        found = self.domain_keys.get(domain)
        if found is None:
            if len(self.domain_keys) >= MOST_DOMAINS:
                self.domain_keys.clear()
            found = self.mac.digest(domain_keys.named(domain).encode())
            self.domain_keys[domain] = found
        return found

    def fitted(self, cells: Cells) -> list[str]:
        """Return a row with a cell for each column; raises Rejected where some have no heading."""
        if isinstance(cells, Unreadable):
            raise Rejected(Outcome.invalid, cells.reason)
        missing = self.width - len(cells)
        if missing > 0:
            return cells + [""] * missing
        if missing < 0 and any(cell.strip() for cell in cells[self.width :]):
            found = f"The row has {len(cells)} cells, the heading {self.width}."
            raise Rejected(Outcome.invalid, f"{found} A quotation mark may be missing.")
        return cells

    def demand_age(self, row: list[str]) -> None:
        if any(may_be_under_age(row[column], self.today) for column in self.births):
            raise Rejected(Outcome.refused, UNDER_AGE)

    def name(self, row: list[str]) -> tuple[str, str]:
        """Return the name, or why there is none: a name is no reason to leave a reader out."""
        text = " ".join(filter(None, [row[n].strip() for n in self.names])) if self.names else ""
        if not text:
            return "", ""
        try:
            return quick.clean_name(text), ""
        except BadName as error:
            return "", f"Taken without the name. {error}"

    def kept(self, row: list[str], standing: Standing) -> str:
        """Return the details as JSON; raises Rejected, but never for somebody who has left."""
        try:
            return self.details.written(row)
        except Rejected:
            if standing in OPTED_OUT:
                return "{}"
            raise

    def standing(self, row: list[str]) -> Standing:
        """Return the worst of what a row says; raises Rejected for words that are not known."""
        worst = self.best
        column = self.at.get(Target.status)
        if column is not None and (word := row[column].strip().lower()):
            found = STANDINGS.get(word)
            if found is None:
                raise Rejected(Outcome.invalid, "The state is a word that is not known here.")
            worst = max(worst, found, key=WEIGHT.__getitem__)
        for n, bad, good, standing in self.flags:
            word = row[n].strip().lower()
            if word in bad:
                worst = max(worst, standing, key=WEIGHT.__getitem__)
            elif word not in good:
                raise Rejected(Outcome.invalid, "A yes or no is a word that is not known here.")
        return worst

    def since(self, row: list[str]) -> datetime | None:
        """Return when she confirmed, or else asked; nothing that is still to come."""
        for n in self.times:
            at = moment(row[n])
            if at is not None and at <= self.now:
                return at
        return None

    def ip(self, row: list[str]) -> str:
        column = self.at.get(Target.consent_ip)
        return network(row[column].strip()) if column is not None else ""

    def foreign_id(self, row: list[str]) -> tuple[System, str] | None:
        if self.foreign is None:
            return None
        n, system = self.foreign
        text = row[n].strip().lower()
        fits = 0 < len(text) <= LONGEST_ID and text.isascii() and text.isprintable()
        return (system, text) if fits else None


@lru_cache(10_000)
def moment(text: str) -> datetime | None:
    """Return a time as exports write it; without a zone it is taken for UTC."""
    value = text.strip()
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        try:
            found = datetime.strptime(value.split(" ")[0], US)  # noqa: DTZ007 - it gets one below
        except ValueError:
            return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


# The same few stand in many rows.
network = lru_cache(10_000)(networks.network)
