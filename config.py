"""The settings of one installation: the only reader of the environment.

Development (``MAILER_ENV=development``) invents what it needs and keeps it in the data
directory. Production invents nothing: a missing or weak setting refuses to start.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from mailer.environment import (
    LOOPBACK,
    database_url,
    desk,
    dns_resolver,
    letters,
    make_writable,
    number,
    public_url,
    secret_keys,
    seed,
    spf_term,
    suppression_keys,
    token,
)

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Config:
    """What every part of the program needs to know of where it runs.

    ``secret_keys`` and ``relay_timeout`` (seconds) aside, each field is the lower-case name of
    its ``MAILER_…`` variable. ``secret_keys`` is newest first: the first signs, all verify.
    """

    production: bool
    data_dir: Path
    database_url: str = field(repr=False)
    public_url: str
    secret_keys: tuple[str, ...] = field(repr=False)
    suppression_key: str = field(repr=False)
    suppression_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    redis_url: str | None = field(default=None, repr=False)
    smtp_url: str = field(default="smtp://127.0.0.1:5025", repr=False)
    host: str = "127.0.0.1"
    port: int = 5000
    proxy_hops: int = 0
    connections: int = 4
    relay_timeout: float = 60.0
    seed_address: str = ""
    seed_mailbox: str = field(default="", repr=False)
    dns_resolver: str | None = None
    spf: str | None = None
    rate_limits: bool = True
    confirmations_per_hour: int = 1000
    desk_zone: str = "UTC"
    desk_country: str = ""
    answer_days: int = 45
    metrics_token: str = field(default="", repr=False)
    hook_token: str = field(default="", repr=False)
    lmtp: str = "127.0.0.1:8024"
    letters_address: str = ""
    letters_mailbox: str = field(default="", repr=False)

    @property
    def is_development(self) -> bool:
        return not self.production

    @property
    def journals(self) -> Path:
        """Where sending processes keep their crash journals: on a disk of this machine."""
        return self.data_dir / "journals"

    @property
    def inbox_dir(self) -> Path:
        return self.data_dir / "inbox"

    @property
    def relay_host(self) -> str:
        """The host that mail is handed to; the only part of its URL that may be shown.

        Of several relays it is the first that carries everybody's mail.
        """
        hosts = [host for host, senders in self.relays if not senders]
        return (hosts or [host for host, _ in self.relays] or [""])[0]

    @property
    def relays(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """The hosts in MAILER_SMTP_URL, each with the sender domains that it is named for."""
        parts = [urlsplit(url) for url in self.smtp_url.split()]
        return tuple((part.hostname or "", senders_of(part.query)) for part in parts)

    @property
    def routed(self) -> dict[str, str]:
        """The sender domains that have a relay of their own: the first one that names them."""
        pairs = [(domain, host) for host, senders in self.relays for domain in senders]
        return dict(reversed(pairs))

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Read ``MAILER_…`` variables; raise BadConfig with the remedy on the first bad one."""
        production = environ.get("MAILER_ENV", "production") != "development"
        data_dir = Path(environ.get("MAILER_DATA_DIR", ROOT / "data")).resolve()
        make_writable(data_dir)
        port = number(environ, "MAILER_PORT", 5000)
        keys = secret_keys(environ, data_dir, production=production)
        newest, *former = suppression_keys(environ, data_dir, keys, production=production)
        smtp_url = environ.get("MAILER_SMTP_URL", "smtp://127.0.0.1:5025")
        has_inbox = not production and urlsplit(smtp_url.partition(" ")[0]).hostname in LOOPBACK
        seed_address, seed_mailbox = seed(environ, data_dir / "inbox" if has_inbox else None)
        return cls(
            production=production,
            data_dir=data_dir,
            database_url=database_url(environ, data_dir),
            public_url=public_url(environ, port, production=production),
            secret_keys=keys,
            suppression_key=newest,
            suppression_key_fallbacks=tuple(former),
            redis_url=environ.get("MAILER_REDIS_URL") or None,
            smtp_url=smtp_url,
            host=environ.get("MAILER_HOST", "127.0.0.1"),
            port=port,
            proxy_hops=number(environ, "MAILER_PROXY_HOPS", 0),
            connections=number(environ, "MAILER_CONNECTIONS", 4),
            relay_timeout=float(number(environ, "MAILER_RELAY_TIMEOUT", 60)),
            dns_resolver=dns_resolver(environ.get("MAILER_DNS_RESOLVER", "")),
            spf=spf_term(environ.get("MAILER_SPF", "").strip().lower()),
            rate_limits=environ.get("MAILER_RATE_LIMITS", "on") != "off",
            confirmations_per_hour=number(environ, "MAILER_CONFIRMATIONS_PER_HOUR", 1000),
            **desk(environ),
            seed_address=seed_address,
            seed_mailbox=seed_mailbox,
            metrics_token=token(environ, "MAILER_METRICS_TOKEN"),
            hook_token=token(environ, "MAILER_HOOK_TOKEN"),
            lmtp=environ.get("MAILER_LMTP", "127.0.0.1:8024"),
            **letters(environ),
        )


def senders_of(query: str) -> frozenset[str]:
    """Return the domains that a relay's address names after ``?senders=``."""
    named = dict(parse_qsl(query)).get("senders", "")
    return frozenset(filter(None, named.lower().split(",")))
