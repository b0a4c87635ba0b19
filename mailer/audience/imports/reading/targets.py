"""What a column of a file can be here, and what the words in it mean."""

from enum import StrEnum


class Target(StrEnum):
    """What a column is. Several columns may be attributes; of the others the first one counts."""

    email = "email"
    name = "name"
    first_name = "first_name"
    last_name = "last_name"
    attribute = "attribute"
    attributes = "attributes"
    status = "status"
    is_on = "is_on"
    is_confirmed = "is_confirmed"
    is_off = "is_off"
    is_blocked = "is_blocked"
    opted_in_at = "opted_in_at"
    confirmed_at = "confirmed_at"
    consent_ip = "consent_ip"
    dealt_on = "dealt_on"
    birth = "birth"
    listmonk_id = "listmonk_id"
    mailtrain_id = "mailtrain_id"
    phplist_id = "phplist_id"
    nothing = "nothing"


LABELS = {
    Target.email: "Email address",
    Target.name: "Name",
    Target.first_name: "First name",
    Target.last_name: "Last name",
    Target.attribute: "A detail to keep, under this heading",
    Target.attributes: "Details to keep, as one JSON object",
    Target.status: "State, in words",
    Target.is_on: "Gets mail: yes or no",
    Target.is_confirmed: "Has confirmed: yes or no",
    Target.is_off: "Has unsubscribed: yes or no",
    Target.is_blocked: "Is blocked: yes or no",
    Target.opted_in_at: "When this person asked for mail",
    Target.confirmed_at: "When this person confirmed",
    Target.consent_ip: "From which IP address",
    Target.dealt_on: "Day of the last purchase or inquiry, such as 2026-03-31",
    Target.birth: "Age or birth date (only to leave out children, never kept)",
    Target.listmonk_id: "Id in the links of listmonk",
    Target.mailtrain_id: "Id in the links of Mailtrain",
    Target.phplist_id: "Id in the links of phpList",
    Target.nothing: "Leave out",
}


class Standing(StrEnum):
    """What a person is at the source, from the best to the worst; nothing here is better."""

    confirmed = "confirmed"
    unconfirmed = "unconfirmed"
    disabled = "disabled"
    unsubscribed = "unsubscribed"
    bounced = "bounced"
    complained = "complained"
    blocklisted = "blocklisted"


WEIGHT = {standing: place for place, standing in enumerate(Standing)}
# These people want no mail, or must not get any, and become suppressions.
OPTED_OUT = frozenset(
    {Standing.unsubscribed, Standing.bounced, Standing.complained, Standing.blocklisted}
)
WORDS = {
    Standing.confirmed: "confirmed subscribed active enabled 1 regular premium gifted trialed free",
    Standing.unconfirmed: "unconfirmed pending unactivated invited 0",
    Standing.disabled: "disabled inactive paused archived",
    Standing.unsubscribed: "unsubscribed removed churned optedout opted-out unsub 2",
    Standing.bounced: "bounced cleaned unreachable undeliverable hard_bounce soft_bounce 3",
    Standing.complained: "complained spam complaint spammy abuse 4",
    Standing.blocklisted: "blocklisted blacklisted blocked suppressed banned",
}
STANDINGS = {word: standing for standing, words in WORDS.items() for word in words.split()}
YES = frozenset(["1", "true", "yes", "y", "t", "ja", "oui", "si", "sí", "on", "x"])
NO = frozenset(["", "0", "false", "no", "n", "f", "nein", "non", "off"])
