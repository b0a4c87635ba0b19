"""The relays that this installation may hand mail to, and which of them carries whose."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from mailer.delivery.smtp.relay import BadRelay, Relay

OWN = ("weight", "senders", "connections")


@dataclass(frozen=True)
class Route:
    """A relay, its part of the work, whose mail it carries and the most lines of all workers.

    ``senders`` are domains; empty means everybody whom no other route names.
    """

    relay: Relay
    weight: float = 1.0
    senders: frozenset[str] = frozenset()
    connections: int | None = None

    @property
    def host(self) -> str:
        return self.relay.host


def read(urls: str, timeout: float) -> tuple[Route, ...]:
    """Read addresses of relays, parted by spaces; raises BadRelay.

    Each may say ``?weight=2`` (its part of the work), ``?senders=a.example,b.example`` (it carries
    their mail, and no other does) and ``?connections=8`` (of all workers together).
    """
    routes = tuple(route(url, timeout) for url in urls.split())
    if not routes:
        raise BadRelay("A relay looks like smtp+starttls://user:password@mail.example.com:587.")
    if len({one.host for one in routes}) < len(routes):
        raise BadRelay("Each relay is named once, by a host of its own.")
    return routes


def route(url: str, timeout: float) -> Route:
    parts = urlsplit(url)
    wishes = dict(parse_qsl(parts.query))
    own = {name: wishes.pop(name) for name in OWN if name in wishes}
    relay = Relay.at(parts._replace(query=urlencode(wishes)).geturl(), timeout)
    senders = own.get("senders", "").lower().split(",") if own.get("senders") else ()
    connections = number("connections", own["connections"]) if "connections" in own else None
    return Route(relay, number("weight", own.get("weight", "1")), frozenset(senders), connections)


def number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise BadRelay(f"?{name}= is a whole number from 1.")
    return int(text)


def of_sender(routes: Sequence[Route], domain: str) -> list[Route]:
    """Return the routes that carry the mail of a sender's domain: those that name it, or the rest.

    Who names domains carries no other mail, so that a sender's good name stays with her relay.
    """
    named = [one for one in routes if domain in one.senders]
    return named or [one for one in routes if not one.senders]


def usual(routes: Sequence[Route]) -> Route:
    """Return the route of those whom no route names."""
    return next((one for one in routes if not one.senders), routes[0])
