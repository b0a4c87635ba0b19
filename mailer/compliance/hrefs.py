"""Where links lead, and where their words say that they lead."""

import re
from urllib.parse import unquote, urljoin, urlsplit

from mailer.compliance.domains import is_aligned
from mailer.compliance.links import host_of
from mailer.compliance.mailboxes import canonical
from mailer.compliance.words import plain

# What browsers drop from an address before they read it.
_DROPPED = re.compile("[\\x00-\\x20\\x7f\u00a0\u200b-\u200f\u2060\ufeff]+")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,30}):", re.IGNORECASE)
_WEB = re.compile(r"(https?):[/\\]*", re.IGNORECASE)
_ACTIVE = frozenset(
    {"javascript", "vbscript", "livescript", "mocha", "data", "file", "blob", "jar"}
)
_HOST = r"(?:[^\W_](?:[\w-]{0,62})\.){1,8}(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,24})"
_SAID = re.compile(rf"(?<![\w@.-])(?:https?:/{{1,3}} ?|www\.)({_HOST})", re.IGNORECASE)
_BARE = re.compile(rf"({_HOST})(?::\d{{1,5}})?(/\S*)?")
_MAILBOX = re.compile(rf"[^\s@<>()]{{1,64}}@({_HOST})")
# Endings that are as often those of a file or a name as of a host.
_AMBIGUOUS = frozenset(
    ("md", "py", "rs", "sh", "pl", "cc", "zip", "mov", "ps", "js", "so", "app", "net", "ai", "io")
)
_AROUND = re.compile(r"^[^\w]+|[^\w/]+$")
_LONGEST = 2000
_LEAST_TOKEN = 8


def address(href: str, origin: str = "") -> str:
    """Give an address as a browser reads it: no blanks, slashes set right, relative ones joined."""
    bare = _DROPPED.sub("", href[:_LONGEST]).replace("\\", "/")
    if bare.startswith("//"):
        bare = f"https:{bare}"
    bare = _WEB.sub(lambda match: f"{match.group(1).lower()}://", bare, count=1)
    try:
        return urljoin(origin, bare) if origin and not _SCHEME.match(bare) else bare
    except ValueError:
        return bare


def active_scheme(href: str) -> str | None:
    """Give the scheme of an address that runs or unfolds something instead of leading anywhere."""
    match = _SCHEME.match(_DROPPED.sub("", href[:_LONGEST]))
    scheme = match.group(1).lower() if match else ""
    return scheme if scheme in _ACTIVE else None


def is_picture_data(href: str) -> bool:
    """Whether a data: address holds a picture that cannot act."""
    bare = _DROPPED.sub("", href[:_LONGEST]).lower()
    return bare.startswith("data:image/") and not bare.startswith("data:image/svg")


def has_user(href: str) -> bool:
    """Whether an address carries a user name, which looks like its host: https://us@them.example."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return True
    return parts.scheme in ("http", "https") and "@" in parts.netloc


def said_host(text: str) -> tuple[str, bool] | None:
    """Give the host that the words of a link name, and whether they do so beyond doubt.

    "https://acme.example" anywhere names it; "acme.example" does if nothing else is said.
    """
    words = plain(text[:_LONGEST])
    if "." not in words:
        return None
    found = _SAID.search(words)
    if found:
        return found.group(1), True
    bare = _BARE.fullmatch(_AROUND.sub("", words))
    if bare is None:
        return None
    ending = bare.group(1).rpartition(".")[2]
    is_sure = text.strip()[:1].islower() and (ending not in _AMBIGUOUS or bool(bare.group(2)))
    return bare.group(1), is_sure


def said_mailbox(text: str) -> str | None:
    """Give the domain of the mail address that is all that a link says."""
    found = _MAILBOX.fullmatch(plain(text[:_LONGEST]).strip(" .,;:()<>"))
    return found.group(1) if found else None


def readable(host: str) -> str:
    """Give a host in the letters that a browser shows: "xn--mnchen-3ya.example" is München's."""
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def is_same_place(host: str, other: str) -> bool:
    """Whether two hosts are of one domain, in whatever alphabet they are spelt."""
    return canonical(host) == canonical(other) or is_aligned(host, other)


def holds(href: str, url: str) -> bool:
    """Whether an address carries another one inside, plain or encoded, on another host."""
    return bool(url) and _mentions(href, url) and host_of(address(href)) != host_of(url)


def _mentions(href: str, url: str) -> bool:
    bare = url.partition("://")[2].lower()
    token = bare.rstrip("/").rpartition("/")[2]
    inside = href[: _LONGEST * 2].lower()
    for _ in range(3):
        if bare in inside or (len(token) >= _LEAST_TOKEN and token in inside):
            return True
        inside = unquote(inside)
    return False
