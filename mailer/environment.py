"""What each variable of the environment may hold: a checked value, or BadConfig with the remedy."""

import os
import re
import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from mailer import tokens
from mailer.tokens import SHORTEST_SECRET, is_strong

# An origin as browsers spell it: a host of A-labels, perhaps a port, and nothing else.
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
ORIGIN = re.compile(
    rf"https?://(?=[^:/]{{1,253}}(?:[:/]|\Z)){LABEL}(?:\.{LABEL})*(?::([0-9]{{1,5}}))?/?"
)
LARGEST_PORT = 65535
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SEED_IN_DEVELOPMENT = "seed@example.com"
SEED_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
SEED_MAILBOX = re.compile(r"maildir:/\S+|imaps://[^\s@/]+:[^\s@/]+@[^\s@/]+(?:/\S*)?")
# Room for the name of a copy behind a plus: a local part has 64 signs at most (RFC 5321).
LETTERS = re.compile(rf"[a-z0-9](?:[a-z0-9._-]{{0,28}}[a-z0-9])?@{LABEL}(?:\.{LABEL})+")
RESOLVER = re.compile(
    r"\[([0-9a-f:]+)\](?::([0-9]{1,5}))?|([0-9.]+)(?::([0-9]{1,5}))?|([0-9a-f:]+)"
)
SPF_TERM = re.compile(r"(?:ip4|ip6|a|include|exists):[a-z0-9._:%{}/-]+")


class BadConfig(Exception):  # noqa: N818 - errors are named for the situation
    """A setting is missing or cannot be used; the message says which and what to do."""


def seed(environ: Mapping[str, str], inbox: Path | None) -> tuple[str, str]:
    """Return the address of seed copies and the mailbox they are read from; both empty if none.

    By default they go to the development inbox, where that is what receives all mail. Never
    quotes the mailbox: it holds a password.
    """
    address = environ.get("MAILER_SEED_ADDRESS", "")
    mailbox = environ.get("MAILER_SEED_MAILBOX", "")
    if not address and not mailbox:
        return (SEED_IN_DEVELOPMENT, f"maildir:{inbox}") if inbox else ("", "")
    if not SEED_MAILBOX.fullmatch(mailbox) or not SEED_ADDRESS.fullmatch(address):
        raise BadConfig(
            "MAILER_SEED_ADDRESS (an address) and MAILER_SEED_MAILBOX (where its mail arrives: "
            "maildir:/path or imaps://user:password@host/folder) belong together."
        )
    return address, mailbox


def letters(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the mailbox that our mail names for letters, and where its mail is fetched from.

    Either may be empty. Never quotes where it is fetched: that holds a password.
    """
    address = environ.get("MAILER_LETTERS_ADDRESS", "").lower()
    mailbox = environ.get("MAILER_LETTERS_MAILBOX", "")
    if address and not LETTERS.fullmatch(address):
        raise BadConfig(
            "MAILER_LETTERS_ADDRESS must be a plain address such as letters@in.example.com: at "
            "most 30 letters, digits, dots, - and _ before the @, and no plus."
        )
    if mailbox and not SEED_MAILBOX.fullmatch(mailbox):
        raise BadConfig(
            "MAILER_LETTERS_MAILBOX must be maildir:/path or imaps://user:password@host/folder."
        )
    return {"letters_address": address, "letters_mailbox": mailbox}


def desk(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return where privacy requests are answered: whose holidays count, and in which zone."""
    zone, country = environ.get("MAILER_DESK_ZONE", "UTC"), environ.get("MAILER_DESK_COUNTRY", "")
    if zone not in available_timezones() or not re.fullmatch("(?:[A-Z]{2})?", country):
        raise BadConfig(
            "MAILER_DESK_ZONE must be a time zone such as Europe/Vienna, and "
            "MAILER_DESK_COUNTRY two capital letters such as AT."
        )
    days = number(environ, "MAILER_ANSWER_DAYS", 45)
    return {"desk_zone": zone, "desk_country": country, "answer_days": days}


def token(environ: Mapping[str, str], name: str) -> str:
    """Return a token that opens a door for programs, empty if it stays shut; raise BadConfig."""
    text = environ.get(name, "")
    if text:
        demand_strong(name, text)
    return text


def dns_resolver(text: str) -> str | None:
    """Return the resolver's address and perhaps port as written; raise BadConfig for a name."""
    if not text:
        return None
    found = RESOLVER.fullmatch(text)
    try:
        parts = [part for part in (found.groups() if found else ()) if part]
        ip_address(parts[0])
        if not all(1 <= int(port) <= LARGEST_PORT for port in parts[1:]):
            raise ValueError  # noqa: TRY301 - the one complaint for all that is wrong
    except (IndexError, ValueError) as error:
        raise BadConfig(
            "MAILER_DNS_RESOLVER must be an address such as 192.0.2.53, 192.0.2.53:5353 or "
            "[2001:db8::53]:53, not a name."
        ) from error
    return text


def spf_term(text: str) -> str | None:
    """Return what the SPF record must hold for the relay to be allowed to send."""
    if text and not SPF_TERM.fullmatch(text):
        raise BadConfig(
            "MAILER_SPF must be one term of an SPF record, as your relay's documentation names "
            "it, such as include:relay.example or ip4:203.0.113.7."
        )
    return text or None


def make_writable(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        probe = data_dir / ".writable"
        probe.write_text("")
        probe.unlink(missing_ok=True)  # another process may try at the same time
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


def public_url(environ: Mapping[str, str], port: int, *, production: bool) -> str:
    default = "" if production else f"http://127.0.0.1:{port}"
    url = environ.get("MAILER_PUBLIC_URL", default).lower()
    found = ORIGIN.fullmatch(url)
    if found is None or not 1 <= int(found[1] or 1) <= LARGEST_PORT:
        raise BadConfig(
            "MAILER_PUBLIC_URL must be the address readers reach this server at, "
            "such as https://news.example.com (no path; a name with other letters than "
            "a to z in its xn-- form)."
        )
    if production and not url.startswith("https:"):
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


def suppression_keys(
    environ: Mapping[str, str], data_dir: Path, others: tuple[str, ...], *, production: bool
) -> tuple[str, ...]:
    """Return the suppression keys, newest first."""
    newest = environ.get("MAILER_SUPPRESSION_KEY", "")
    if not newest and not production:
        newest = kept_secret(data_dir / "suppression_key")
    former = environ.get("MAILER_SUPPRESSION_KEY_FALLBACKS", "").split()
    for key in (newest, *former):
        demand_strong("MAILER_SUPPRESSION_KEY", key)
        if key in others:
            # The one changes when it leaked; the other must stay, or no opt-out is found again.
            raise BadConfig("MAILER_SUPPRESSION_KEY must differ from every MAILER_SECRET_KEY.")
    ring = (newest, *former)
    if any(tokens.version(one) <= tokens.version(older) for one, older in pairwise(ring)):
        raise BadConfig(
            "A suppression key that replaces another begins with a higher version, such as 2:, and "
            "the others stand in MAILER_SUPPRESSION_KEY_FALLBACKS, the newest of them first."
        )
    return ring


def demand_strong(name: str, key: str) -> None:
    if not is_strong(key):
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
    kept = path.read_text(errors="replace").strip()
    if not is_strong(kept):
        raise BadConfig(
            f"{path} is empty or damaged. Put it back from a backup; delete it only together "
            "with the database, for what it has signed and counted is not found by another key."
        )
    return kept
