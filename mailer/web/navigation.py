"""The menu of the signed-in pages: what this person may see."""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from mailer.accounts import permissions
from mailer.web import access, scoping

ITEMS = (
    ("overview.index", "Overview", "overview", "campaigns:get"),
    ("campaigns.index", "Campaigns", "campaigns", "campaigns:get"),
    ("lists.index", "Lists", "lists", "lists:get"),
    ("subscribers.index", "Readers", "readers", "subscribers:get"),
    ("suppressions.index", "Suppressions", "suppressions", "subscribers:get"),
    ("letters.index", "Letters", "mail", "privacy:dsar"),
    ("desk.index", "Requests", "desk", "privacy:dsar"),
    ("incidents.index", "Incidents", "warning", "privacy:incidents"),
    ("keeping.index", "Retention", "clock", "privacy:retention"),
    ("senders.index", "Senders", "senders", "senders:get"),
    ("relays.index", "Relays", "upload", "senders:get"),
    ("processors.index", "Processors", "link", "senders:get"),
    ("policy.index", "Policy", "law", "senders:get"),
    ("promises.index", "Promises", "check", "audit:get"),
    ("setup.index", "Set-up", "settings", "senders:get"),
    ("users.index", "People", "people", "users:manage"),
    ("audit.index", "Audit", "audit", "audit:get"),
    ("inbox.index", "Inbox", "inbox", "campaigns:get"),
)
# Pages that stand below another menu item than their own name says.
BELOW = {
    "reports": "campaigns",
    "certificates": "campaigns",
    "privacy": "subscribers",
    "segments": "subscribers",
    "fields": "subscribers",
    "imports": "subscribers",
}


@dataclass(frozen=True)
class Item:
    url: str
    label: str
    icon: str
    is_current: bool


def register(app: Flask) -> None:
    app.context_processor(navigation)


def navigation() -> dict[str, object]:
    if not getattr(current_user, "is_authenticated", False) or access.is_held():
        return {"nav": []}
    section = BELOW.get(request.blueprint or "", request.blueprint)
    role, is_narrow = current_user.role, scoping.is_narrowed()
    return {
        "nav": [
            Item(url_for(endpoint), label, icon, section == endpoint.split(".")[0])
            for endpoint, label, icon, permission in ITEMS
            if (not is_narrow or endpoint in scoping.REACHED)
            and endpoint in current_app.view_functions
            and permissions.is_allowed(role, permission)
        ]
    }
