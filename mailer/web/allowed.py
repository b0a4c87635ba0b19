"""What templates may offer: ``may("lists:manage")`` asks for the signed-in person's role."""

from flask import Blueprint
from flask_login import current_user

from mailer.accounts import permissions


def register(bp: Blueprint) -> None:
    """Give the templates of a blueprint the question ``may``."""
    bp.context_processor(words)


def words() -> dict[str, object]:
    return {"may": may}


def may(permission: str) -> bool:
    return permissions.is_allowed(current_user.role, permission)
