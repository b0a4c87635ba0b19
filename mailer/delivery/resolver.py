"""Questions to the DNS: an answer, the answer that there is nothing, or no answer at all."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from dns.rdata import Rdata
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

PORT = 53


class Unanswered(Exception):  # noqa: N818 - errors are named for the situation
    """The DNS could not say; the message names what was asked and what went wrong."""


@dataclass(frozen=True)
class Resolver:
    """Whom to ask: an address and port, or None for the system's own resolvers.

    ``timeout`` bounds one try and ``patience`` all tries of a question, both in seconds.
    """

    address: str | None = None
    port: int = PORT
    timeout: float = 2.0
    patience: float = 6.0

    @classmethod
    def at(cls, where: str | None) -> Self:
        """Read ``ip``, ``ip:port`` or ``[ipv6]:port``; raises ValueError."""
        if not where:
            return cls()
        bare = where.strip("[]")
        if bare.count(":") != 1 and "]:" not in where:
            return cls(str(ip_address(bare)))
        address, _, port = where.rpartition(":")
        return cls(str(ip_address(address.strip("[]"))), int(port))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the TXT records of a name, each joined from its strings (RFC 7208 s3.3)."""
        found = self.asked(name, dns.rdatatype.TXT)
        return tuple(
            b"".join(one.strings).decode("utf-8", "replace")
            for one in found
            if isinstance(one, TXT)
        )

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return the IPv4 and IPv6 addresses of a name."""
        kinds = (dns.rdatatype.A, dns.rdatatype.AAAA)
        return tuple(one.to_text() for kind in kinds for one in self.asked(name, kind))

    def exchangers(self, name: str) -> tuple[str, ...]:
        """Return the hosts that take a domain's mail, the preferred first; "." is none."""
        found = [one for one in self.asked(name, dns.rdatatype.MX) if isinstance(one, MX)]
        ordered = sorted(found, key=lambda one: one.preference)
        return tuple(one.exchange.to_text().rstrip(".") or "." for one in ordered)

    def takes_mail(self, domain: str) -> bool:
        """Tell whether mail for a domain has a host: MX, else its address (RFC 5321, 7505)."""
        exchangers = self.exchangers(domain)
        if not exchangers:
            return bool(self.addresses(domain))
        return any(self.addresses(host) for host in exchangers if host != ".")

    def asked(self, name: str, kind: dns.rdatatype.RdataType) -> list[Rdata]:
        """Return what there is of a kind at a name, aliases followed; raises Unanswered."""
        try:
            answer = self.opened().resolve(name, kind, search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return []
        except (dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel):
            return []
        except dns.exception.DNSException as error:
            raise Unanswered(f"{name} {kind.name}: {reason(error)}") from error
        return list(answer.rrset or ())

    def opened(self) -> dns.resolver.Resolver:
        opened = dns.resolver.Resolver(configure=self.address is None)
        if self.address is not None:
            opened.nameservers = [self.address]
            opened.port = self.port
        opened.timeout, opened.lifetime = self.timeout, self.patience
        return opened


def reason(error: dns.exception.DNSException) -> str:
    if isinstance(error, dns.resolver.LifetimeTimeout):
        return "no answer in time"
    if isinstance(error, dns.resolver.NoNameservers):
        return "the name servers failed"
    return type(error).__name__
