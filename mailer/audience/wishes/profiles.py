"""What a reader corrects about herself: her name, her fields, and the language that she reads."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from mailer.audience.models import Subscriber
from mailer.audience.segments import fields
from mailer.audience.wishes import wishes

# Tags of BCP 47, with the names that their readers know them by.
LANGUAGES = {
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "sv": "Svenska",
}


def correct(
    session: Session, now: datetime, subscriber: Subscriber, name: str | None, language: str | None
) -> bool:
    """Keep a name and a language, None for what stays; return whether that is a change.

    The wish does not hold the old name nor the new one: she may want the old one forgotten.
    """
    said = []
    if name is not None and name != subscriber.name:
        subscriber.name = name
        said.append("Corrected her name")
    if language is not None and language != subscriber.language:
        subscriber.language = language
        said.append(f"Language: {LANGUAGES.get(language, 'none chosen')}")
    for words in said:
        subscriber.updated_at = now
        wishes.record(session, now, subscriber.address_key, words, None)
    return bool(said)


def fill_in(
    session: Session, now: datetime, subscriber: Subscriber, values: Mapping[str, fields.Kept]
) -> bool:
    """Keep what a reader says of herself, None for nothing; return whether that is a change.

    Fields that are not hers to change are passed over. The wish names the fields, not the values.
    """
    known, labels = subscriber.attributes, {one.key: one.label for one in fields.hers(session)}
    fresh = {
        key: value for key, value in values.items() if key in labels and known.get(key) != value
    }
    if not fresh:
        return False
    subscriber.attributes, subscriber.updated_at = fields.changed(known, fresh), now
    said = ", ".join(labels[key] for key in fresh)
    wishes.record(session, now, subscriber.address_key, f"Corrected: {said}", None)
    return True
