"""What a request proves: who was shown what, where, and from which network the answer came."""

from flask import request

from mailer.audience import networks
from mailer.audience.addresses import has_invisible
from mailer.audience.consent import Evidence

LONGEST = 500
# Each browser claims to be some of those that stand after it here.
FAMILIES = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "Python"),
)


def evidence(shown: str, page: str, *, actor: str = "") -> Evidence:
    """Return the evidence of this request. ``page`` is written without any token.

    The visitor's address is that of the connection, or what a proxy says that is named in the
    configuration; of it and of the browser's claims only as much is kept as a proof needs.
    """
    return Evidence(
        shown=shown,
        page=visible(page),
        ip=networks.network(request.remote_addr or ""),
        user_agent=family(request.user_agent.string),
        actor=actor,
    )


def family(claim: str) -> str:
    """Return which family of browsers a User-Agent claims to be of."""
    if not claim:
        return ""
    return next((name for mark, name in FAMILIES if mark.lower() in claim.lower()), "another")


def visible(text: str) -> str:
    """Return what a browser claims, cut to length and without control characters."""
    cut = text[:LONGEST]
    return cut if cut.isprintable() else "".join(sign for sign in cut if not has_invisible(sign))
