"""Where mail is handed over: a relay's address, its manners, and our patience with it."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
MOST_MESSAGES = 100


class BadRelay(Exception):  # noqa: N818 - errors are named for the situation
    """The relay's address cannot be read; the message says how one looks."""


@dataclass(frozen=True)
class Times:
    """How long we wait in each phase, in seconds by the wall clock (RFC 5321 section 4.5.3.2).

    The dot has the longest: who hangs up while the relay still works makes it deliver twice
    (RFC 1047). ``idle`` is how long a line without work stays open.
    """

    reach: float = 60
    command: float = 300
    data: float = 120
    body: float = 180
    dot: float = 600
    quit: float = 5
    transaction: float = 900
    idle: float = 15

    @classmethod
    def within(cls, timeout: float) -> Self:
        """Bound what comes before a message by ``timeout`` seconds a phase."""
        one = cls()
        return replace(
            one,
            reach=min(one.reach, timeout),
            command=min(one.command, timeout),
            data=min(one.data, timeout),
        )

    @classmethod
    def brief(cls, timeout: float) -> Self:
        """Bound the message and its dot too: for a letter whose sender is waiting."""
        one = cls.within(timeout)
        return replace(one, body=timeout, dot=timeout, quit=min(one.quit, timeout))

    @cached_property
    def tick(self) -> float:
        """How often a line looks at the clock, so that no phase lasts much longer than it may."""
        limits: list[float] = [getattr(self, name) for name in self.__dataclass_fields__]
        return min(1.0, min(limits) / 4)


@dataclass(frozen=True)
class Relay:
    """Where mail is handed over, how much at a time, and how we sign in.

    ``timeout`` in seconds bounds each phase before a message; ``messages`` is how many one
    connection carries. ``token`` gives an OAuth access token whenever one is needed, and may block.
    """

    host: str
    port: int
    scheme: str
    username: str
    password: str = field(repr=False)
    timeout: float
    times: Times
    messages: int = MOST_MESSAGES
    is_verified: bool = True
    token: Callable[[], str] | None = field(default=None, repr=False)

    @classmethod
    def at(cls, url: str, timeout: float, times: Times | None = None) -> Self:
        """Read ``smtp://``, ``smtp+starttls://`` or ``smtps://``; raises BadRelay.

        ``?messages=50`` sets how many messages one connection carries. ``?verify=no`` takes any
        certificate, on the loopback only.
        """
        parts, port = split(url)
        if parts.username and parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
            raise BadRelay("A password needs smtp+starttls:// or smtps://, or it crosses in clear.")
        wishes = dict(parse_qsl(parts.query, keep_blank_values=True))
        return cls(
            host=parts.hostname or "",
            port=port or SCHEMES[parts.scheme],
            scheme=parts.scheme,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            timeout=timeout,
            times=times or Times.within(timeout),
            messages=messages_wanted(wishes.pop("messages", str(MOST_MESSAGES))),
            is_verified=is_verifying(wishes, parts.hostname),
        )

    @property
    def is_private(self) -> bool:
        """Whether passwords reach it unseen: encrypted, or without leaving this machine."""
        return self.scheme != "smtp" or self.host in LOOPBACK

    @cached_property
    def context(self) -> ssl.SSLContext:
        """How its certificate is judged: by this machine's authorities, and by name."""
        made = ssl.create_default_context()
        if not self.is_verified:
            made.check_hostname = False
            made.verify_mode = ssl.CERT_NONE
        return made


def split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadRelay(f"The relay's address cannot be read: {error}.") from error
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise BadRelay("A relay looks like smtp+starttls://user:password@mail.example.com:587.")
    return parts, port


def messages_wanted(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise BadRelay("How many messages a connection carries is a number from 1: ?messages=100.")
    return int(text)


def is_verifying(wishes: dict[str, str], host: str | None) -> bool:
    verify = wishes.pop("verify", "yes")
    if wishes or verify not in {"yes", "no"}:
        raise BadRelay("After the relay's address only ?messages=100 and ?verify=no can stand.")
    if verify == "no" and host not in LOOPBACK:
        raise BadRelay("?verify=no is for the loopback: elsewhere certificates are verified.")
    return verify == "yes"
