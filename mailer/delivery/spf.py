"""SPF (RFC 7208): whether a domain lets the relay send for it.

checkdmarc reads records but does not judge an address, and brings an HTTP client along; pyspf
judges, and was last released in 2020. What is needed of the RFC is short.
"""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from mailer.compliance.readiness import Spf
from mailer.delivery.resolver import Resolver, Unanswered

Address = IPv4Address | IPv6Address
MOST_LOOKUPS = 10  # section 4.6.4
MOST_VOIDS = 2
MOST_EXCHANGERS = 10
RESULTS = {"": "pass", "+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
MODIFIER = re.compile(r"([a-z][\w.-]*)=(.*)", re.IGNORECASE)
MECHANISM = re.compile(
    r"([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?::([^/]+))?((?:/[0-9]{1,3})?(?://[0-9]{1,3})?)",
    re.IGNORECASE,
)
MACRO = re.compile(r"%\{([slodiphcrtv])([0-9]*)(r?)([.+,/_=-]*)\}|%([%_-])", re.IGNORECASE)
INSIDE = (
    *map(ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
    *map(ip_network, ("::1/128", "fc00::/7")),
)
LITERAL = {"%": "%", "_": " ", "-": "%20"}


class Broken(Exception):  # noqa: N818 - errors are named for the situation
    """The record cannot be evaluated (permerror); the message says why."""


@dataclass(frozen=True)
class Judgement:
    """What SPF says, the record as it stands (empty if none), and what is wrong in words."""

    spf: Spf
    record: str = ""
    fault: str = ""


@dataclass
class Evaluation:
    """One evaluation of check_host(); without an ``ip`` it visits every term and matches none."""

    resolver: Resolver
    sender: str
    ip: Address | None
    lookups: int = 0
    voids: int = 0
    seen: set[str] = field(default_factory=set)

    def result(self, domain: str) -> str:
        """Return pass, fail, softfail, neutral or none; raises Broken and Unanswered."""
        found = records(self.resolver, domain)
        if len(found) > 1:
            raise Broken(f"{domain} has {len(found)} SPF records; there may be only one.")
        if not found:
            return "none"
        onward = ""
        for term in found[0].split()[1:]:
            self.seen.add(term.lower().lstrip("+"))
            modifier, mechanism = MODIFIER.fullmatch(term), MECHANISM.fullmatch(term)
            if modifier:
                onward = modifier[2] if modifier[1].lower() == "redirect" else onward
            elif mechanism is None:
                raise Broken(f"“{term}” in the SPF record of {domain} is not known.")
            elif self.is_met(mechanism, domain):
                return RESULTS[mechanism[1]]
        return self.included(self.expanded(onward, domain)) if onward else "neutral"

    def is_met(self, mechanism: re.Match[str], domain: str) -> bool:
        kind, target, size = mechanism[2].lower(), mechanism[3] or "", mechanism[4]
        if kind == "all":
            return self.ip is not None
        if kind in {"ip4", "ip6"}:
            return self.is_within(target, size)
        name = self.expanded(target, domain) if target else domain
        if kind == "include":
            return self.included(name) == "pass"
        self.count()
        return self.ip is not None and any(
            self.is_within(address, sized(address, size)) for address in self.hosts(kind, name)
        )

    def included(self, name: str) -> str:
        self.count()
        result = self.result(name)
        if result == "none":
            raise Broken(f"{name} is included, but has no SPF record.")
        return result

    def hosts(self, kind: str, name: str) -> tuple[str, ...]:
        """Return the addresses that a mechanism names; ``exists`` stands for the sender's own."""
        if kind == "ptr":  # section 5.5: do not use
            return ()
        names = self.resolver.exchangers(name)[:MOST_EXCHANGERS] if kind == "mx" else (name,)
        found = tuple(one for host in names for one in self.resolver.addresses(host))
        if not found:
            self.voids += 1
            if self.voids > MOST_VOIDS:
                raise Broken(f"More than {MOST_VOIDS} names of the SPF record lead nowhere.")
        return (str(self.ip),) if kind == "exists" and found else found

    def is_within(self, address: str, size: str) -> bool:
        try:
            network = ip_network(address + size.replace("//", "/"), strict=False)
        except ValueError as error:
            raise Broken(f"“{address}{size}” in the SPF record is no address.") from error
        return self.ip is not None and self.ip.version == network.version and self.ip in network

    def count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise Broken(f"The SPF record asks for more than {MOST_LOOKUPS} look-ups.")

    def expanded(self, text: str, domain: str) -> str:
        """Fill in macros (section 7)."""
        local, _, own = self.sender.rpartition("@")
        ip = self.ip or IPv4Address(0)
        dotted = str(ip) if ip.version == 4 else ".".join(ip.exploded.replace(":", ""))  # noqa: PLR2004
        values = {"s": self.sender, "l": local, "o": own, "d": domain, "i": dotted, "h": own}
        values |= {"p": "unknown", "v": "in-addr" if ip.version == 4 else "ip6"}  # noqa: PLR2004

        def filled(found: re.Match[str]) -> str:
            if found[5]:
                return LITERAL[found[5]]
            parts = re.split(f"[{re.escape(found[4] or '.')}]", values.get(found[1].lower(), ""))
            ordered = parts[::-1] if found[3] else parts
            return ".".join(ordered[-int(found[2]) :] if found[2] else ordered)

        return MACRO.sub(filled, text)


def sized(address: str, size: str) -> str:
    """Return one address's part of the dual prefix length ``/24//64``, empty for all of it."""
    four, _, six = size.partition("//")
    return (f"/{six}" if six else "") if ":" in address else four


def records(resolver: Resolver, domain: str) -> list[str]:
    return [one for one in resolver.texts(domain) if one.lower().split(" ")[0] == "v=spf1"]


def judged(resolver: Resolver, sender: str, term: str) -> Judgement:
    """Judge by what must hold for the relay: ``ip4:…``, ``ip6:…``, ``a:host``, ``include:…``.

    An empty term means that it is not known from where the relay sends. Raises Unanswered when
    not even the domain's own record can be read.
    """
    domain = sender.rpartition("@")[2]
    found = records(resolver, domain)
    if not found:
        return Judgement(Spf.absent)
    try:
        fault = lack(resolver, sender, term)
        spf = Spf.denied if fault else Spf.allowed
    except Broken as error:
        spf, fault = Spf.broken, str(error)
    except Unanswered as error:
        spf, fault = Spf.unknown, str(error)
    if spf is Spf.allowed and not term:
        spf, fault = Spf.unknown, "It is not known from which address the relay sends."
    return Judgement(spf, found[0], fault)


def term_of(host: str) -> str:
    """Return what an SPF record must hold for a relay of this name; empty if it stays inside."""
    try:
        address = ip_address(host)
    except ValueError:
        return "" if host == "localhost" else f"a:{host}"
    return "" if is_inside(host) else f"ip{address.version}:{host}"


def is_inside(address: str) -> bool:
    """Tell whether an address means nothing outside of a house: loopback and private ranges."""
    return any(ip_address(address) in network for network in INSIDE)


def lack(resolver: Resolver, sender: str, term: str) -> str:
    """Return what the record does not allow, empty if it allows all of the term."""
    domain = sender.rpartition("@")[2]
    kind, _, value = term.partition(":")
    if kind not in {"ip4", "ip6", "a"}:
        whole = Evaluation(resolver, sender, None)
        whole.result(domain)
        return "" if term.lower() in whole.seen or not term else f"It does not hold {term}."
    addresses = resolver.addresses(value) if kind == "a" else (value.partition("/")[0],)
    if not addresses or any(is_inside(address) for address in addresses):
        raise Unanswered(f"It is not known from which address {value} sends to the world.")
    for address in addresses:
        result = Evaluation(resolver, sender, ip_address(address)).result(domain)
        if result != "pass":
            return f"For {address} it says “{result}”."
    return ""
