"""Files as other systems write them, known by their headings whatever the language.

Mailchimp (issues 688 and 2363 of listmonk) writes what readers have filled in under headings in
the language of the account; what it adds itself is always in English capitals.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailer.audience.imports.reading.targets import Standing, Target
from mailer.compliance.columns import is_birth, sensitive

EMAIL = re.compile(r"e-?mail|correo|courriel|adresse électronique|sähköposti|почт", re.IGNORECASE)
SIGNS = re.compile(r"[^a-z0-9]+")
# Headings of plain files, in the languages that name them otherwise than in English.
USUAL = {
    Target.name: "name full_name fullname display_name nombre_completo nom_complet",
    Target.first_name: "first_name firstname fname given_name vorname prenom nombre voornaam",
    Target.last_name: "last_name lastname lname surname family_name nachname nom apellido"
    " achternaam",
    Target.attributes: "attributes attribs data metadata",
    Target.status: "status subscription_status subscriber_status",
    Target.opted_in_at: "optin_time opted_in_at subscribed_at signup_date consent_date",
    Target.confirmed_at: "confirm_time confirmed_at",
    Target.consent_ip: "optin_ip confirm_ip ip ip_address consent_ip",
}
PLAIN = {word: target for target, words in USUAL.items() for word in words.split()}


@dataclass(frozen=True)
class Format:
    """One system's file: the headings that give it away, and what they are.

    ``kept`` says whether columns that are not named are kept as details. ``standing`` is what
    everybody in such a file is at best.
    """

    title: str
    marks: frozenset[str]
    columns: dict[str, Target]
    kept: bool = True
    standing: Standing = Standing.confirmed
    left_out: frozenset[str] = field(default=frozenset())


def marks(text: str) -> frozenset[str]:
    return frozenset(text.split())


CHIMP = {
    "optin_time": Target.opted_in_at,
    "optin_ip": Target.nothing,
    "confirm_time": Target.confirmed_at,
    "confirm_ip": Target.consent_ip,
}
CHIMP_OWN = marks(
    "member_rating latitude longitude gmtoff dstoff timezone cc region last_changed leid euid notes"
    " unsub_time unsub_campaign_title unsub_campaign_id unsub_reason unsub_reason_other"
    " clean_time clean_campaign_title clean_campaign_id"
)
FORMATS = (
    Format(
        "Mailchimp, unsubscribed",
        marks("leid euid unsub_time"),
        CHIMP,
        standing=Standing.unsubscribed,
        left_out=CHIMP_OWN,
    ),
    Format(
        "Mailchimp, cleaned",
        marks("leid euid clean_time"),
        CHIMP,
        standing=Standing.bounced,
        left_out=CHIMP_OWN,
    ),
    Format("Mailchimp", marks("leid euid"), CHIMP, left_out=CHIMP_OWN),
    Format(
        "listmonk",
        marks("uuid email attributes status"),
        {"uuid": Target.listmonk_id, "attributes": Target.attributes},
        left_out=marks("id created_at updated_at lists"),
    ),
    Format(
        "Keila",
        marks("email data status external_id"),
        {"data": Target.attributes},
        left_out=marks("external_id"),
    ),
    Format(
        "phpList",
        marks("email confirmed blacklisted uniqid"),
        {
            "confirmed": Target.is_confirmed,
            "blacklisted": Target.is_blocked,
            "uniqid": Target.phplist_id,
            "status": Target.nothing,
        },
        left_out=marks(
            "id uuid optedin bouncecount entered modified htmlemail subscribepage rssfrequency"
            " password passwordchanged disabled extradata foreignkey"
        ),
    ),
    Format(
        "Mailtrain",
        marks("cid email"),
        {"cid": Target.mailtrain_id, "opt_in_ip": Target.consent_ip, "created": Target.opted_in_at},
        left_out=marks("id hash_email source_email is_test tz unsubscribed updated"),
    ),
    Format(
        "Ghost",
        marks("email subscribed_to_emails complimentary_plan"),
        {
            "subscribed_to_emails": Target.is_on,
            "created_at": Target.opted_in_at,
        },
        left_out=marks("id note stripe_customer_id deleted_at complimentary_plan"),
    ),
    Format(
        "Substack",
        marks("email active_subscription email_disabled"),
        {"email_disabled": Target.is_off, "created_at": Target.opted_in_at},
        left_out=marks("active_subscription expiry first_payment"),
    ),
    Format(
        "Buttondown",
        marks("email notes metadata type"),
        {
            "type": Target.status,
            "metadata": Target.attributes,
            "creation_date": Target.opted_in_at,
        },
        left_out=marks("id notes source ip_address"),
    ),
)
ANY = Format("Plain", frozenset(), {})


def word(heading: str) -> str:
    """Return a heading as formats are told apart by: lower case, without blanks and signs."""
    return SIGNS.sub("_", heading.strip("\ufeff ").lower()).strip("_")


def detected(headings: Sequence[str]) -> Format:
    """Return the format that has such headings."""
    found = {word(heading) for heading in headings}
    plain = found | {"email" if "email_address" in found else ""}
    return next((one for one in FORMATS if one.marks <= plain), ANY)


def proposed(headings: Sequence[str], form: Format) -> list[Target]:
    """Return what each column most likely is; people may say otherwise."""
    targets = [proposal(heading, form) for heading in headings]
    for place, target in enumerate(targets):
        is_twin = target in targets[:place] and target is not Target.attribute
        if is_twin and target is not Target.nothing:
            targets[place] = Target.attribute
    if Target.email not in targets:
        likely = [n for n, heading in enumerate(headings) if EMAIL.search(heading)]
        if likely:
            targets[likely[0]] = Target.email
    return targets


def proposal(heading: str, form: Format) -> Target:
    name = word(heading)
    if name in {"email", "email_address", "e_mail"}:
        return Target.email
    if is_birth(heading):
        return Target.birth
    if not name or sensitive(heading) or name in form.left_out:
        return Target.nothing
    return form.columns.get(name) or PLAIN.get(name) or Target.attribute
