"""What a trial of the opt-out found, as the database keeps it: JSON, and without the token."""

from dataclasses import asdict
from datetime import date
from typing import Any

from mailer.compliance.readiness import Fetched, OptOutTrial, Posted

# In what is kept, this stands where the token stood.
INSTEAD_OF_TOKEN = "canary"  # noqa: S105 - a word, no secret
OWN_COLUMNS = ("url", "public_url", "tried_at", "is_recent")


def written(trial: OptOutTrial) -> dict[str, Any]:
    """Return the facts that have no column of their own."""
    token = trial.url.rpartition("/")[2]
    facts = {name: one for name, one in asdict(trial).items() if name not in OWN_COLUMNS}
    hidden: dict[str, Any] = swapped(facts, token)
    return hidden


def swapped(value: Any, token: str) -> Any:  # noqa: ANN401 - as JSON's own
    if isinstance(value, dict):
        return {key: swapped(one, token) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [swapped(one, token) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.replace(token, INSTEAD_OF_TOKEN) if isinstance(value, str) else value


def read(facts: dict[str, Any], **columns: Any) -> OptOutTrial:  # noqa: ANN401 - of many types
    """Return what ``written`` was given, but for the token; ``columns`` are the own ones."""
    found = dict(facts)
    for name in ("certificate_from", "certificate_until"):
        found[name] = found[name] and date.fromisoformat(found[name])
    for name in ("page", "again"):
        found[name] = found[name] and answer(found[name])
    found["posts"] = tuple(
        Posted(**{**one, "answer": answer(one["answer"])}) for one in found["posts"]
    )
    return OptOutTrial(**columns, **found)


def answer(facts: dict[str, Any]) -> Fetched:
    return Fetched(**{**facts, "headers": tuple(map(tuple, facts["headers"]))})
