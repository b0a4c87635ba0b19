"""Which blueprints there are, and which of their posts need no form token."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect


def register(app: Flask, csrf: CSRFProtect, *, development: bool) -> None:
    """Add every blueprint.

    Exempt from the form token are only the readers' routes: they carry their own signed token,
    know no session, and RFC 8058 demands that they work without cookies.
    """
    del app, csrf, development
