"""The menu of the signed-in pages: what this person may see."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from mailer.accounts import permissions
from mailer.web import access, scoping

# By what one comes for; what all come for needs no heading.
GROUPS = {
    "": (
        ("overview.index", "Overview", "overview", "campaigns:get"),
        ("campaigns.index", "Campaigns", "campaigns", "campaigns:get"),
        ("lists.index", "Lists", "lists", "lists:get"),
        ("subscribers.index", "Readers", "readers", "subscribers:get"),
        ("suppressions.index", "Suppressions", "suppressions", "subscribers:get"),
    ),
    "Privacy": (
        ("letters.index", "Letters", "mail", "privacy:dsar"),
        ("desk.index", "Requests", "desk", "privacy:dsar"),
        ("incidents.index", "Incidents", "warning", "privacy:incidents"),
        ("keeping.index", "Retention", "clock", "privacy:retention"),
        ("processors.index", "Processors", "link", "senders:get"),
        ("policy.index", "Policy", "law", "senders:get"),
        ("promises.index", "Promises", "check", "audit:get"),
    ),
    "Installation": (
        ("senders.index", "Senders", "senders", "senders:get"),
        ("relays.index", "Relays", "upload", "senders:get"),
        ("setup.index", "Set-up", "settings", "senders:get"),
        ("users.index", "People", "people", "users:manage"),
        ("audit.index", "Audit", "audit", "audit:get"),
        ("inbox.index", "Inbox", "inbox", "campaigns:get"),
    ),
}
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
        return {"nav": {}}
    groups = {heading: list(items(rows)) for heading, rows in GROUPS.items()}
    return {"nav": {heading: found for heading, found in groups.items() if found}}


def items(rows: Iterable[tuple[str, str, str, str]]) -> Iterator[Item]:
    """Return those of a group that this person may see."""
    section = BELOW.get(request.blueprint or "", request.blueprint)
    role, is_narrow = current_user.role, scoping.is_narrowed()
    for endpoint, label, icon, permission in rows:
        if (
            (not is_narrow or endpoint in scoping.REACHED)
            and endpoint in current_app.view_functions
            and permissions.is_allowed(role, permission)
        ):
            is_current = section == endpoint.split(".")[0]
            yield Item(url_for(endpoint), label, icon, is_current)
