"""What a request proves: who was shown what, where, and from which machine the answer came."""

from flask import request

from mailer.audience.addresses import has_invisible
from mailer.audience.consent import Evidence

LONGEST = 500


def evidence(shown: str, page: str, *, actor: str = "") -> Evidence:
    """Return the evidence of this request. ``page`` is written without any token."""
    return Evidence(
        shown=shown,
        page=visible(page),
        ip=request.remote_addr or "",
        user_agent=visible(request.user_agent.string),
        actor=actor,
    )


def visible(text: str) -> str:
    """Return what a browser claims, cut to length and without control characters."""
    return "".join(sign for sign in text[:LONGEST] if not has_invisible(sign))
