"""Domains: whose they are, and which belong together."""

from collections.abc import Iterable

from mailer.compliance.mailboxes import canonical

# Second labels under a country's ending that anybody may register below.
_SHARED = frozenset(
    str.split(
        """
        ac co com edu firma gen go gob gov govt gouv gr gv ind info ltd me mil muni ne net nhs
        nom or org plc sch web asso id k12 biz art eco adv blog in-addr tm
        """
    )
)
_COUNTRY_LETTERS = 2


def organisational(domain: str) -> str:
    """Give the domain that was registered: "mail.acme.co.uk" is of "acme.co.uk".

    Without the Public Suffix List or DNS (RFC 9989 walks the tree): good for the common endings,
    and too strict rather than too lax for the others, since two labels are never taken for one.
    """
    labels = canonical(domain).split(".")
    is_deep = len(labels[-1]) == _COUNTRY_LETTERS and labels[-2:-1] and labels[-2] in _SHARED
    return ".".join(labels[-3:] if is_deep else labels[-2:])


def is_aligned(one: str, other: str) -> bool:
    """Tell whether two domains are of one organisation (relaxed alignment, RFC 9989)."""
    return bool(one.strip(". ")) and organisational(one) == organisational(other)


def is_within(domain: str, roots: Iterable[str]) -> bool:
    """Whether a domain is one of these or lies below one of them."""
    name = canonical(domain)
    return any(name == root or name.endswith(f".{root}") for root in map(canonical, roots) if root)
