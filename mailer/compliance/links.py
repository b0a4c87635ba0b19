"""Web addresses, compared and taken apart as far as the rules need it."""

from urllib.parse import urlsplit

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def host_of(url: str) -> str:
    """Give the host of a web address in lower case, or an empty string."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    return host.lower() in _LOOPBACK


def differences(one: str, other: str) -> str:
    """In which respect two addresses that are not equal differ, in a few words."""
    if host_of(one) != host_of(other):
        return "another host"
    is_same_place = one.rstrip("/").split("?")[0] == other.rstrip("/").split("?")[0]
    return "another query or ending" if is_same_place else "another path"
