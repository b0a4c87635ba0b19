"""Doors for programs: a token of the settings, shown as RFC 6750 says; without one, no door."""

import hmac

from flask import Response, abort, make_response, request

SCHEME = "Bearer "


def turned_away(token: str, realm: str) -> Response | None:
    """Return the answer to whoever does not show the token; None when it is shown.

    Where no token is set there is no such page.
    """
    if not token:
        abort(404)
    if is_shown(token):
        return None
    response = make_response("A bearer token is needed.\n", 401)
    response.mimetype = "text/plain"
    response.headers["WWW-Authenticate"] = f'Bearer realm="{realm}"'
    return response


def is_shown(token: str) -> bool:
    given = request.headers.get("Authorization", "")
    return given.startswith(SCHEME) and hmac.compare_digest(
        given.removeprefix(SCHEME).encode(), token.encode()
    )
