"""Readers as a table to take elsewhere: all of them, a segment or a search, read as a stream."""

COLUMNS = (
    *("uuid", "email", "name", "attributes", "status", "created_at", "updated_at"),
    *("lists", "consent_at", "consent_action", "consent_method", "consent_page", "suppressed"),
)
BATCH = 1000
