"""What the policy must know of a process's settings; all else it reads from the database."""

from dataclasses import dataclass

from mailer.privacy.clocks import Desk


@dataclass(frozen=True)
class Settings:
    """The settings in force, as far as readers are told of them.

    ``relays`` are the hosts that mail is handed to, none for the development inbox.
    """

    public_url: str
    relays: tuple[str, ...]
    desk: Desk
