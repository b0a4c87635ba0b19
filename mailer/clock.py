"""The time of day, read here and only by entry points: everything below takes ``now``."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the one place
