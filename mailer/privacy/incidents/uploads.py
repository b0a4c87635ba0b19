"""A file of addresses: who is affected is often told by somebody else's list."""

from mailer import tokens
from mailer.audience import addresses
from mailer.tokens import Keys

SEPARATORS = ",;\t"


def rings(keys: Keys, text: str, *, test_environment: bool) -> list[tuple[bytes, ...]]:
    """Return for each address in a text its fingerprints under all keys, each address once.

    The address is the first cell of a line; what is none is passed over, such as a heading.
    """
    found: dict[tuple[bytes, ...], None] = {}
    for line in text.lstrip("\ufeff").splitlines():
        for mark in SEPARATORS:
            line = line.partition(mark)[0]  # noqa: PLW2901 - the first cell is what is left of it
        try:
            one = addresses.parsed(line.strip().strip('"'), test_environment=test_environment)
        except addresses.BadAddress:
            continue
        found[tokens.fingerprints(keys, one.normalised)] = None
    return list(found)
