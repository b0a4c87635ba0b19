"""What a rule is given to judge."""

from enum import StrEnum


class Kind(StrEnum):
    """What a message is for; the kind decides which rules apply."""

    commercial = "commercial"
    editorial = "editorial"
    transactional = "transactional"
