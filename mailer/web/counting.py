"""Counts that follow their page: among very many readers nobody waits for a sum to see the rest."""

from flask import request
from sqlalchemy.orm import Session

from mailer.delivery import reach

# A link with this asks for the page and its counts at once: so does the page itself, once shown.
ASKED = {"counted": "yes"}


def is_later(session: Session) -> bool:
    """Tell whether the page is to come first; it then asks for itself with ASKED."""
    return request.args.get("counted") != ASKED["counted"] and reach.is_crowd(session)
