"""Packs: the bodies of law that a sender keeps, and the promises that bind every sender."""

from enum import StrEnum


class Pack(StrEnum):
    """A body of law or of mailbox providers' terms that can be switched for each sender."""

    promises = "promises"
    can_spam = "can_spam"
    casl = "casl"
    eu = "eu"
    bulk = "bulk"


# What our own privacy policy promises binds every sender and cannot be switched off.
PROMISED = frozenset({Pack.promises})
EVERY_PACK = frozenset(Pack)
TITLES = {
    Pack.promises: "Our own promises",
    Pack.can_spam: "United States: CAN-SPAM",
    Pack.casl: "Canada: CASL",
    Pack.eu: "European Union and United Kingdom: GDPR and ePrivacy",
    Pack.bulk: "Gmail, Yahoo and Microsoft: bulk senders",
}
