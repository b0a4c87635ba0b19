"""The settings of one installation: the only reader of the environment.

Development (``MAILER_ENV=development``) invents what it needs and keeps it in the data
directory. Production invents nothing: a missing or weak setting refuses to start.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
WEAK_SECRETS = frozenset({"secret", "changeme", "change-me", "dev", "development", "password"})
SHORTEST_SECRET = 32


class BadConfig(Exception):  # noqa: N818 - errors are named for the situation
    """A setting is missing or cannot be used; the message says which and what to do."""


@dataclass(frozen=True)
class Config:
    """What every part of the program needs to know of where it runs.

    ``secret_keys`` and ``relay_timeout`` (seconds) aside, each field is the lower-case name of
    its ``MAILER_…`` variable. ``secret_keys`` is newest first: the first signs, all verify.
    """

    production: bool
    data_dir: Path
    database_url: str
    public_url: str
    secret_keys: tuple[str, ...] = field(repr=False)
    suppression_key: str = field(repr=False)
    redis_url: str | None = field(default=None, repr=False)
    smtp_url: str = field(default="smtp://127.0.0.1:5025", repr=False)
    host: str = "127.0.0.1"
    port: int = 5000
    proxy_hops: int = 0
    connections: int = 4
    relay_timeout: float = 60.0
    rate_limits: bool = True

    @property
    def is_development(self) -> bool:
        return not self.production

    @property
    def inbox_dir(self) -> Path:
        return self.data_dir / "inbox"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Read ``MAILER_…`` variables; raise BadConfig with the remedy on the first bad one."""
        production = environ.get("MAILER_ENV", "production") != "development"
        data_dir = Path(environ.get("MAILER_DATA_DIR", ROOT / "data")).resolve()
        make_writable(data_dir)
        return cls(
            production=production,
            data_dir=data_dir,
            database_url=database_url(environ, data_dir),
            public_url=public_url(environ, production=production),
            secret_keys=secret_keys(environ, data_dir, production=production),
            suppression_key=suppression_key(environ, data_dir, production=production),
            redis_url=environ.get("MAILER_REDIS_URL") or None,
            smtp_url=environ.get("MAILER_SMTP_URL", "smtp://127.0.0.1:5025"),
            host=environ.get("MAILER_HOST", "127.0.0.1"),
            port=number(environ, "MAILER_PORT", 5000),
            proxy_hops=number(environ, "MAILER_PROXY_HOPS", 0),
            connections=number(environ, "MAILER_CONNECTIONS", 4),
            relay_timeout=float(number(environ, "MAILER_RELAY_TIMEOUT", 60)),
            rate_limits=environ.get("MAILER_RATE_LIMITS", "on") != "off",
        )


def make_writable(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        probe = data_dir / ".writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise BadConfig(
            f"The data directory {data_dir} cannot be written ({error.strerror}). "
            "Give it to this user, or set MAILER_DATA_DIR to one that can be written."
        ) from error


def number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not text.isdecimal():
        raise BadConfig(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    url = environ.get("MAILER_DATABASE_URL") or f"sqlite:///{data_dir / 'mailer.sqlite3'}"
    # Hosting services still hand out the old scheme, which SQLAlchemy no longer takes.
    return "postgresql://" + url.removeprefix("postgres://") if url.startswith("postgres:") else url


def public_url(environ: Mapping[str, str], *, production: bool) -> str:
    port = environ.get("MAILER_PORT", "5000")
    url = environ.get("MAILER_PUBLIC_URL", "" if production else f"http://127.0.0.1:{port}")
    parts = urlsplit(url)
    if not parts.hostname or parts.path.strip("/") or parts.query:
        raise BadConfig(
            "MAILER_PUBLIC_URL must be the address readers reach this server at, "
            "such as https://news.example.com (no path)."
        )
    if production and parts.scheme != "https":
        raise BadConfig("MAILER_PUBLIC_URL must start with https:// (RFC 8058 one-click links).")
    return url.rstrip("/")


def secret_keys(environ: Mapping[str, str], data_dir: Path, *, production: bool) -> tuple[str, ...]:
    named = environ.get("MAILER_SECRET_KEY", "")
    older = tuple(environ.get("MAILER_SECRET_KEY_FALLBACKS", "").split())
    if not named and not production:
        return (kept_secret(data_dir / "secret_key"), *older)
    for key in (named, *older):
        demand_strong("MAILER_SECRET_KEY", key)
    return (named, *older)


def suppression_key(environ: Mapping[str, str], data_dir: Path, *, production: bool) -> str:
    named = environ.get("MAILER_SUPPRESSION_KEY", "")
    if not named and not production:
        return kept_secret(data_dir / "suppression_key")
    demand_strong("MAILER_SUPPRESSION_KEY", named)
    return named


def demand_strong(name: str, key: str) -> None:
    repetitive = len(set(key)) < SHORTEST_SECRET // 4
    if len(key) < SHORTEST_SECRET or repetitive or key.lower() in WEAK_SECRETS:
        raise BadConfig(
            f"{name} is missing or too weak: it must be random and at least {SHORTEST_SECRET} "
            'characters. Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
        )


def kept_secret(path: Path) -> str:
    """Return the secret kept at ``path``, made on first use and readable by its owner alone."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text()
