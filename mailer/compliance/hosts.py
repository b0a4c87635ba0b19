"""Host names that readers outside cannot reach, or not for long."""

from ipaddress import ip_address

from mailer.compliance.domains import is_within

# RFC 6761, 6762, 8375, 9476, and what routers and offices call themselves.
_INSIDE = (
    *("localhost", "local", "internal", "invalid", "test", "alt", "onion", "home.arpa", "arpa"),
    *("lan", "home", "corp", "intranet", "private", "localdomain", "domain", "workgroup"),
)
# Tunnels to somebody's desk: gone when the lid is closed.
_TUNNELS = (
    *("ngrok.io", "ngrok.app", "ngrok.dev", "ngrok-free.app", "ngrok-free.dev", "ngrok.pizza"),
    *("trycloudflare.com", "loca.lt", "localtunnel.me", "serveo.net", "serveousercontent.com"),
    *("localhost.run", "lhr.life", "lhr.rocks", "pagekite.me", "bore.pub", "telebit.io"),
    *("devtunnels.ms", "app.github.dev", "githubpreview.dev", "gitpod.io", "tunnelmole.net"),
    *("ts.net", "localto.net", "pinggy.link", "pinggy.io", "expose.dev", "sharedwithexpose.com"),
    *("loophole.site", "zrok.io", "packetriot.net", "webhook.site", "beeceptor.com"),
    *("visualstudio.com", "playit.gg", "inlets.dev", "tunnelto.dev", "lcl.host"),
)
# Names that lead wherever the reader's own machine is.
_LOOPING = ("localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "nip.io", "sslip.io", "xip.io")


def fault(host: str) -> str:
    """Why readers cannot reach this host, or may not for long; empty if nothing is known."""
    name = host.strip("[]").rstrip(".").lower()
    return address_fault(name) if _is_address(name) else _name_fault(name)


def _name_fault(name: str) -> str:
    if is_within(name, _LOOPING):
        return "the name leads to the reader's own machine"
    if "." not in name or is_within(name, _INSIDE):
        return "the name is known inside one network only"
    if name.rpartition(".")[2].isdigit():
        return "that is neither a name nor an address"
    return "that is a tunnel for trying things out" if is_within(name, _TUNNELS) else ""


def address_fault(address: str) -> str:
    """Why an IP address is none of the public network; empty if it is."""
    found = ip_address(address.partition("%")[0])
    if found.is_loopback:
        return "an address of this machine only"
    return "" if found.is_global and not found.is_multicast else "a private or reserved address"


def _is_address(name: str) -> bool:
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
