"""Rate limits: per visitor address here; per mail address where consent is asked for."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import request
from flask_limiter import Limiter


def visitor() -> str:
    """Return whom to count: an IPv4 address, or the network an IPv6 visitor has to herself."""
    return network(32)


def visitors_network() -> str:
    """Return the visitor's neighbourhood: what one stranger can cheaply move about in."""
    return network(24)


def network(prefix: int) -> str:
    """Return the visitor's IPv4 network of the given prefix, or her IPv6 /64."""
    named = request.remote_addr or ""
    try:
        address = unmapped(ip_address(named.partition("%")[0]))
    except ValueError:
        return named  # a proxy named the visitor in its own way
    length = prefix if address.version == 4 else 64  # noqa: PLR2004 - a version, not a count
    return str(ip_network(f"{address}/{length}", strict=False))


def unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that a server listening on IPv6 sees as ``::ffff:…``."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


limiter = Limiter(key_func=visitor, headers_enabled=True)
