"""Which role may do what; the words are the permissions that routes ask for."""

READ = frozenset({"campaigns:get", "lists:get", "subscribers:get", "senders:get"})
MARKET = frozenset(
    {
        "campaigns:manage",
        "campaigns:send",
        "lists:manage",
        "subscribers:manage",
        "subscribers:import",
    }
)
ADMINISTER = frozenset(
    {
        "senders:manage",
        "lists:export",
        "privacy:dsar",
        "privacy:incidents",
        "privacy:retention",
        "suppressions:end",
        "users:manage",
        "audit:get",
    }
)
OWN = frozenset({"owners:manage"})

ROLES: dict[str, frozenset[str]] = {
    "viewer": READ,
    "marketer": READ | MARKET,
    "admin": READ | MARKET | ADMINISTER,
    "owner": READ | MARKET | ADMINISTER | OWN,
}


def is_allowed(role: str, permission: str) -> bool:
    return permission in ROLES.get(role, frozenset())
