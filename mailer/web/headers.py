"""The security headers of every answer."""

from flask import Response, current_app

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# A mail shown to staff: its own styles and pictures, and nothing that runs or leaves.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'self'; form-action 'none'; base-uri 'none'; sandbox"
)


ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
IN_PRODUCTION = ALWAYS | {"Strict-Transport-Security": "max-age=31536000"}


def protect(response: Response) -> Response:
    headers = response.headers
    is_production = current_app.extensions["config"].production
    for name, value in (IN_PRODUCTION if is_production else ALWAYS).items():
        if name not in headers:
            headers.add(name, value)
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
        headers.add("Vary", "Cookie")
    return response
