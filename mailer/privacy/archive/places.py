"""Where a person may stand in the database, and where the archive tells of it: nothing is missing.

Each table of the schema stands in exactly one of the three lists below. Of a table that is told,
each column is told, or withheld with the reason. A table or a column that comes later is missed by
the tests until somebody has thought about it.
"""

NUMBER = "a number of ours, which says nothing about her"
KEY = "the keyed fingerprint of an address that is told itself"
SEAL = "what makes a change of the row visible; receipts/ holds it with its seals"
WORK = "how far our program has come with its work on the row"
WORK_HERE = "people who work here; the archive is for readers"
STAFF = "who of the staff acted is somebody else's data (Art. 15(4) GDPR)"

# What the archive tells: by table, each column with where it stands there (``table.column``).
TOLD: dict[str, dict[str, str]] = {
    "subscribers": {
        "email": "profile.email",
        "name": "profile.name",
        "attributes": "profile.attributes",
        "status": "profile.status",
        "language": "profile.language",
        "paused_until": "profile.paused_until",
        "restricted_at": "profile.restricted_at",
        "created_at": "profile.created_at",
        "updated_at": "profile.updated_at",
        "import_id": "imports.file",
    },
    "subscriptions": {
        "list_id": "subscriptions.list",
        "status": "subscriptions.status",
        "created_at": "subscriptions.created_at",
        "confirmed_at": "subscriptions.confirmed_at",
        "unsubscribed_at": "subscriptions.unsubscribed_at",
        "confirmation_asked_at": "subscriptions.confirmation_asked_at",
        "confirmation_sent_at": "subscriptions.confirmation_sent_at",
        "consent_ends_at": "subscriptions.consent_ends_at",
        "consent_expired_at": "subscriptions.consent_expired_at",
        "is_weekly": "subscriptions.at_most_weekly",
        "import_id": "imports.file",
    },
    "subscription_topics": {"topic_id": "subscriptions.topics"},
    "consent_events": {
        "at": "consent.at",
        "action": "consent.action",
        "method": "consent.method",
        "list_id": "consent.list",
        "sender_id": "consent.sender",
        "evidence": "consent.evidence",
    },
    "wishes": {"at": "wishes.at", "list_id": "wishes.list", "words": "wishes.words"},
    "deliveries": {
        "campaign_id": "deliveries.campaign",
        "list_id": "deliveries.list",
        "email": "deliveries.email",
        "status": "deliveries.status",
        "reason": "deliveries.reason",
        "attempts": "deliveries.attempts",
        "sending_at": "deliveries.handed_over_at",
        "finished_at": "deliveries.finished_at",
        "smtp_code": "deliveries.smtp_code",
        "smtp_text": "deliveries.smtp_text",
    },
    "unknowns": {
        "campaign_id": "doubts.campaign",
        "handed_over_at": "doubts.handed_over_at",
        "found_at": "doubts.found_at",
        "cause": "doubts.cause",
        "relay": "doubts.relay",
        "resolved_at": "doubts.ended_at",
        "resolution": "doubts.ended_by",
    },
    "suppressions": {
        "scope": "suppressions.scope",
        "scope_id": "suppressions.of",
        "reason": "suppressions.reason",
        "note": "suppressions.note",
        "created_at": "suppressions.created_at",
        "ends_at": "suppressions.ends_at",
        "lifted_at": "suppressions.lifted_at",
    },
    "audit_entries": {"at": "acts.at", "action": "acts.action"},
    "bulk_members": {"act_id": "acts.action"},
    "foreign_ids": {
        "system": "former_ids.system",
        "foreign_id": "former_ids.id",
        "list_id": "former_ids.list",
    },
    "address_changes": {
        "asked_at": "address_changes.asked_at",
        "email": "address_changes.new_address",
        "done_at": "address_changes.done_at",
    },
    "address_letters": {
        "side": "address_letters.mailbox",
        "message_id": "address_letters.message_id",
        "pressed_at": "address_letters.pressed_at",
        "given": "address_letters.evidence",
    },
    "letters": {
        "received_at": "letters.received_at",
        "mail_from": "letters.from",
        "recipient": "letters.to",
        "raw": "letters.file",
        "kind": "letters.taken_for",
        "acted_at": "letters.acted_at",
        "answered_at": "letters.answered_at",
        "answer": "letters.answer",
    },
    "privacy_requests": {
        "id": "requests.number",
        "kind": "requests.kind",
        "regime": "requests.law",
        "also": "requests.law",
        "channel": "requests.channel",
        "agent": "requests.agent",
        "home": "requests.home",
        "state": "requests.state",
        "email": "requests.email",
        "wish": "requests.wish",
        "received_at": "requests.received_at",
        "confirmed_at": "requests.confirmed_at",
        "due_at": "requests.due_at",
        "citation": "requests.deadline_by",
        "extended_at": "requests.extended_at",
        "paused_at": "requests.paused_at",
        "identified_at": "requests.identified_at",
        "identified_by": "requests.identified_by",
        "outcome": "requests.outcome",
        "answer": "requests.answer",
        "evidence": "requests.evidence",
        "closed_at": "requests.closed_at",
    },
    "privacy_notices": {
        "request_id": "request_mails.request",
        "about": "request_mails.about",
        "way": "request_mails.way",
        "at": "request_mails.asked_at",
        "told_at": "request_mails.told_at",
        "email": "request_mails.address",
        "words": "request_mails.words",
    },
    "privacy_recipients": {
        "request_id": "request_recipients.request",
        "name": "request_recipients.name",
        "told_at": "request_recipients.told_at",
    },
    "affected_people": {"incident_id": "incidents.title"},
    "cases": {"looked_at": "acts.at", "role": "acts.action"},
    "privacy_challenges": {
        "at": "data_links.asked_at",
        "kind": "data_links.for",
        "home": "data_links.home",
        "expires_at": "data_links.expires_at",
        "used_at": "data_links.used_at",
    },
    "archives": {
        "asked_at": "archives.asked_at",
        "made_at": "archives.made_at",
        "mailed_at": "archives.mailed_at",
        "expires_at": "archives.expires_at",
        "downloaded_at": "archives.downloaded_at",
    },
    "legal_holds": {
        "created_at": "holds.since",
        "until": "holds.until",
        "ended_at": "holds.ended_at",
    },
    "sign_ups": {"at": "forms.at", "list_id": "forms.list", "given": "forms.given"},
    "asked_mails": {"at": "mails_asked.at", "list_id": "mails_asked.about"},
}

# Columns of told tables that are not told, and why.
WITHHELD: dict[str, dict[str, str]] = {
    "subscribers": {"id": NUMBER, "address_key": KEY, "domain_key": KEY},
    "subscriptions": {
        "id": NUMBER,
        "subscriber_id": NUMBER,
        "confirmation_due_at": WORK,
        "confirmation_tries": WORK,
        "confirmation_serial": WORK,
    },
    "subscription_topics": {"subscription_id": NUMBER},
    "consent_events": {
        "id": NUMBER,
        "address_key": KEY,
        "sealed_key": SEAL,
        "delivery_id": NUMBER,
        "evidence_salt": SEAL,
        "evidence_hash": SEAL,
        "position": SEAL,
        "previous_hash": SEAL,
        "hash": SEAL,
    },
    "wishes": {"id": NUMBER, "address_key": KEY},
    "deliveries": {
        "id": NUMBER,
        "subscriber_id": NUMBER,
        "address_key": KEY,
        "crashes": WORK,
        "next_at": WORK,
    },
    "unknowns": {"id": NUMBER, "delivery_id": NUMBER, "actor": STAFF},
    "suppressions": {"id": NUMBER, "address_key": KEY, "actor": STAFF, "delivery_id": NUMBER},
    "audit_entries": {
        "id": NUMBER,
        **dict.fromkeys(("actor", "actor_id", "reason"), STAFF),
        "subject": NUMBER,
        **dict.fromkeys(("previous_hash", "hash"), SEAL),
    },
    "bulk_members": {"subscriber_id": NUMBER},
    "foreign_ids": {"subscriber_id": NUMBER},
    "address_changes": {
        **dict.fromkeys(("id", "subscriber_id"), NUMBER),
        **dict.fromkeys(("old_key", "new_key"), KEY),
        **dict.fromkeys(("due_at", "tries"), WORK),
    },
    "address_letters": {"id": NUMBER, "change_id": NUMBER},
    "letters": {
        "id": NUMBER,
        "size": "the length of the file",
        "read_at": WORK,
        "mark": WORK,
        "from_key": KEY,
        "about_key": "whose copy she wrote about may be somebody else",
        "doubt": WORK,
        "answered_by": STAFF,
    },
    "privacy_requests": {
        "address_key": KEY,
        "confirm_by": WORK,
        "paused_for": WORK,
        "assignee": STAFF,
    },
    "privacy_notices": {"id": NUMBER, "due_at": WORK, "tries": WORK, "fault": WORK},
    "privacy_recipients": {"id": NUMBER, "told_by": STAFF},
    "affected_people": {"id": NUMBER, "address_key": KEY},
    "cases": {
        "id": NUMBER,
        "subject": NUMBER,
        **dict.fromkeys(("actor_id", "actor", "reason", "opened_at", "ends_at"), STAFF),
        **dict.fromkeys(("approver", "approved_at"), STAFF),
        "looks": WORK,
    },
    "privacy_challenges": {
        "id": NUMBER,
        "request_id": NUMBER,
        "address_key": KEY,
        "given": "her address, for the seconds until the worker takes the row up",
        "subscriber_id": NUMBER,
        "due_at": WORK,
        "tries": WORK,
    },
    "archives": {
        "id": NUMBER,
        "subscriber_id": NUMBER,
        **dict.fromkeys(("due_at", "tries", "done", "total", "problem"), WORK),
        "token_hash": "it knows the link in her own mail again",
    },
    "legal_holds": {
        "id": NUMBER,
        "held": "she herself: what is held of a list or a campaign is not about her",
        "number": "of a list or a campaign",
        "address_key": KEY,
        "reason": "what the proceedings need her data for is theirs",
        "actor": STAFF,
        "ended_by": STAFF,
    },
    "sign_ups": {"id": NUMBER, "address_key": KEY},
    "asked_mails": {
        "id": NUMBER,
        "mailbox_key": KEY,
        "subscriber_id": NUMBER,
        "due_at": WORK,
        "tries": WORK,
    },
}

# Tables that refer to a person and are not told as such, and why.
NOT_TOLD: dict[str, str] = {
    "archive_pieces": "such an archive itself, sealed: only the link in her mail opens it",
    "leaving_reasons": "told in her own words among the wishes",
    "turned_keys": "which fingerprint became which when the suppression key was turned",
    "import_chunks": "a file that is being imported; what is taken of it is told once it is here",
    **dict.fromkeys(("factor_mails", "list_members", "users", "users_roles"), WORK_HERE),
    "recovery_codes": "what people who work here sign in with; nobody is ever handed that",
}

# Tables in which no reader stands.
IMPERSONAL = frozenset(
    """
    bulk_acts campaign_exclusions campaign_lists campaign_segments campaigns certificates crews
    domain_checks fields import_faults imports incidents instance judged_kinds left_mails limits
    lists opt_out_effects opt_out_trials overrides paces policy_texts policy_versions portions
    processors relays reply_probes retention_periods retention_runs roles seed_results segments
    senders sending_windows shown_texts sign_in_rules signing_keys topics ways_in
    """.split()  # noqa: SIM905 - forty quoted names read worse
)
