"""How much of an IP address is kept: its network."""

from ipaddress import ip_address, ip_network

# Enough to tell one visitor's provider from another's, too little to find her.
KEPT_BITS = {4: 24, 6: 48}


def network(address: str) -> str:
    """Return the network of an IP address, /24 or /48, or nothing where there is none."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    return str(ip_network((found, KEPT_BITS[found.version]), strict=False))
