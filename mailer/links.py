"""The addresses that live in inboxes for years: literals, so that no refactoring moves them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from mailer import tokens
from mailer.tokens import Keys, Purpose

LONGEST_ONE_CLICK = 76  # beyond it the header field would have to be folded


@dataclass(frozen=True)
class Site:
    """Where this installation is reached, the keys that sign its links, and who carries its mail.

    ``public_url`` has no trailing slash. ``development`` allows plain http on loopback.
    ``relay_host`` is the host that mail is handed to, but for the sender domains in ``routed``,
    whose relays are named there. ``confirmations_per_hour`` is how many mails the forms of all
    visitors together may cause. ``letters`` is the mailbox whose mail comes back to this program,
    empty if there is none.
    """

    public_url: str
    keys: Keys
    development: bool = False
    relay_host: str = ""
    routed: Mapping[str, str] = field(default_factory=dict)
    confirmations_per_hour: int = 1000
    letters: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).hostname or "localhost"

    def relay_of(self, address: str) -> str:
        """Return the host that a sender's mail is handed to."""
        return self.routed.get(address.rpartition("@")[2].lower(), self.relay_host)

    def through(self, host: str) -> "Site":
        """Return this installation as it would be if that relay carried all its mail."""
        return replace(self, relay_host=host, routed={})

    def unsubscribe(self, list_id: int, subscriber_id: int, delivery_id: int) -> str:
        """Return the one-click link of one message (RFC 8058); it never expires."""
        numbers = (list_id, subscriber_id, delivery_id)
        return f"{self.public_url}/u/{tokens.signed(self.keys, Purpose.unsubscribe, numbers)}"

    def renewal(self, unsubscribe_url: str) -> str:
        """Return the link that renews consent, of the message with that unsubscribe link."""
        own = tokens.numbers(unsubscribe_url.rpartition("/")[2])
        return f"{self.public_url}/k/{tokens.signed(self.keys, Purpose.renewal, own)}"

    def confirm(self, subscription_id: int, serial: int, expires: datetime) -> str:
        numbers = (subscription_id, serial)
        token = tokens.signed(self.keys, Purpose.confirm, numbers, expires=expires)
        return f"{self.public_url}/c/{token}"

    def preferences(self, subscriber_id: int, address_key: bytes, expires: datetime) -> str:
        """Return the link to a reader's own page; it ends when she corrects her address."""
        numbers = (subscriber_id, tokens.part(address_key))
        token = tokens.signed(self.keys, Purpose.preferences, numbers, expires=expires)
        return f"{self.public_url}/p/{token}"

    def agree(self, letter_id: int, expires: datetime) -> str:
        """Return the link by which a mailbox agrees to a change of address."""
        token = tokens.signed(self.keys, Purpose.address, (letter_id,), expires=expires)
        return f"{self.public_url}/a/{token}"

    def reply_probe(self, probe_id: int, expires: datetime) -> str:
        token = tokens.signed(self.keys, Purpose.reply_probe, (probe_id,), expires=expires)
        return f"{self.public_url}/m/{token}"

    def ask_for_link(self) -> str:
        return f"{self.public_url}/preferences"

    def sign_up(self, public_id: str) -> str:
        return f"{self.public_url}/subscribe/{public_id}"

    def your_data(self, challenge_id: int, expires: datetime) -> str:
        token = tokens.signed(self.keys, Purpose.challenge, (challenge_id,), expires=expires)
        return f"{self.public_url}/d/{token}"

    def archive(self, carried: str) -> str:
        """Return the link to a person's archive; what it carries opens it."""
        return f"{self.public_url}/archive/{carried}"

    def sign_in(self, user_id: int, serial: int, expires: datetime) -> str:
        token = tokens.signed(self.keys, Purpose.sign_in, (user_id, serial), expires=expires)
        return f"{self.public_url}/enter/{token}"
