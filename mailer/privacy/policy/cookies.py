"""The cookies that the program can set: one home, read by what sets them and by what tells of them.

Readers get none. Both are for staff who sign in.
"""

from dataclasses import dataclass
from datetime import timedelta

SAME_SITE = "Lax"


@dataclass(frozen=True)
class Cookie:
    """One cookie of this server's own. ``lasts`` is None where it ends with the browser."""

    name: str
    purpose: str
    when: str
    lasts: timedelta | None = None

    @property
    def duration(self) -> str:
        return f"{self.lasts.days} days" if self.lasts else "until the browser is closed"


SESSION = Cookie(
    "session",
    "Keeps staff signed in, and proves that a form was sent from our own page.",
    "When somebody opens the page for signing in, or signs in.",
)
REMEMBER = Cookie(
    "remember_token",
    "Signs staff in again after the browser was closed.",
    "Only if “Keep me signed in” was ticked.",
    timedelta(days=30),
)
COOKIES = (SESSION, REMEMBER)
