"""Reading forms: each field is checked by itself, and whatever was typed is kept."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from mailer.audience import addresses
from mailer.audience.addresses import Address, BadAddress, BadName

Kind = TypeVar("Kind", bound=StrEnum)
LARGEST_ID = 2**63 - 1
LINE_BREAKS = str.maketrans("", "", "\r\n")


def number(text: str) -> int:
    """Return an id that a database can hold; raises ValueError, as ``args.get`` expects."""
    found = int(text)
    if not 0 <= found <= LARGEST_ID:
        raise ValueError(text)
    return found


class Reading:
    """One form being read. ``errors`` names each field that cannot be used, and says why."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form = form
        self.errors: dict[str, str] = {}

    def text(self, name: str, longest: int, *, required: bool = True, lines: bool = False) -> str:
        """Return a field with its ends trimmed; ``lines`` allows line breaks."""
        text = self.form.get(name, "").strip()
        if required and not text:
            self.errors[name] = "This field cannot be empty."
        elif len(text) > longest:
            self.errors[name] = f"At most {longest} characters fit here; these are {len(text)}."
        elif addresses.has_invisible(text.translate(LINE_BREAKS) if lines else text):
            self.errors[name] = "This holds a line break or an invisible character. Type it anew."
        return text

    def choice(self, name: str, kind: type[Kind]) -> Kind:
        """Return one of the words of an enumeration; the first one when it is none of them."""
        words = {member.value: member for member in kind}
        chosen = words.get(self.form.get(name, ""))
        if chosen is None:
            self.errors[name] = "Choose one of these."
        return chosen or next(iter(kind))

    def day(self, name: str) -> date | None:
        """Return a day as browsers send it; None when the field is left empty."""
        text = self.form.get(name, "").strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.errors[name] = "Choose a day, or leave it empty."
            return None

    def address(self, name: str, *, test_environment: bool) -> Address:
        try:
            return addresses.parsed(self.form.get(name, ""), test_environment=test_environment)
        except BadAddress as error:
            self.errors[name] = str(error)
            return Address("", "")

    def person_name(self, name: str) -> str:
        try:
            return addresses.clean_name(self.form.get(name, ""))
        except BadName as error:
            self.errors[name] = str(error)
            return ""
