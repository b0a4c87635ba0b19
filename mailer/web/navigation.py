"""The menu of the signed-in pages: what this person may see."""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from mailer.accounts import permissions

ITEMS = (
    ("overview.index", "Overview", "home", "campaigns:get"),
    ("campaigns.index", "Campaigns", "mail", "campaigns:get"),
    ("lists.index", "Lists", "list", "lists:get"),
    ("subscribers.index", "Readers", "people", "subscribers:get"),
    ("senders.index", "Senders", "building", "senders:get"),
    ("users.index", "People", "key", "users:manage"),
    ("audit.index", "Audit", "shield", "audit:get"),
    ("inbox.index", "Inbox", "inbox", "campaigns:get"),
)


@dataclass(frozen=True)
class Item:
    url: str
    label: str
    icon: str
    is_current: bool


def register(app: Flask) -> None:
    app.context_processor(navigation)


def navigation() -> dict[str, object]:
    if not getattr(current_user, "is_authenticated", False):
        return {"nav": []}
    blueprint = request.blueprint
    role = current_user.role
    return {
        "nav": [
            Item(url_for(endpoint), label, icon, blueprint == endpoint.split(".")[0])
            for endpoint, label, icon, permission in ITEMS
            if endpoint in current_app.view_functions and permissions.is_allowed(role, permission)
        ]
    }
