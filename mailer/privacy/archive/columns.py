"""The tables of an archive and their columns, in order; the published schema says what each is."""

SCHEMA = "mailer/person/2"

COLUMNS = {
    "profile": (
        *("email", "name", "attributes", "status", "language", "paused_until"),
        *("restricted_at", "created_at", "updated_at"),
    ),
    "subscriptions": (
        *("list", "sender", "status", "created_at", "confirmation_asked_at"),
        *("confirmation_sent_at", "confirmed_at", "unsubscribed_at"),
        *("consent_ends_at", "consent_expired_at", "at_most_weekly", "topics"),
    ),
    "consent": ("at", "action", "method", "list", "sender", "evidence"),
    "wishes": ("at", "list", "words"),
    "deliveries": (
        *("campaign", "subject", "sender", "list", "email", "status", "reason", "attempts"),
        *("handed_over_at", "finished_at", "smtp_code", "smtp_text", "message"),
    ),
    "doubts": ("campaign", "handed_over_at", "found_at", "cause", "relay", "ended_at", "ended_by"),
    "suppressions": ("scope", "of", "reason", "note", "created_at", "ends_at", "lifted_at"),
    "acts": ("at", "action"),
    "former_ids": ("system", "id", "list"),
    "address_changes": ("asked_at", "new_address", "done_at"),
    "address_letters": ("asked_at", "mailbox", "message_id", "pressed_at", "evidence"),
    "letters": (
        *("received_at", "from", "to", "taken_for", "acted_at", "answered_at", "answer", "file"),
    ),
    "incidents": ("noticed_at", "title", "data"),
    "requests": (
        *("number", "kind", "law", "channel", "agent", "home", "received_at", "confirmed_at"),
        *("identified_at", "identified_by", "due_at", "deadline_by", "extended_at", "paused_at"),
        *("state", "outcome", "closed_at", "email", "wish", "answer", "evidence"),
    ),
    "request_mails": ("request", "about", "way", "asked_at", "told_at", "address", "words"),
    "request_recipients": ("request", "name", "told_at"),
    "data_links": ("asked_at", "for", "home", "expires_at", "used_at"),
    "archives": ("asked_at", "made_at", "mailed_at", "expires_at", "downloaded_at"),
    "holds": ("since", "until", "ended_at"),
    "forms": ("at", "list", "given"),
    "mails_asked": ("at", "about"),
    "imports": ("at", "file", "basis", "provenance", "evidence", "consent_since"),
}
