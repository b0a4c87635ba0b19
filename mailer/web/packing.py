"""The bodies of law that a sender keeps, as the sender's form shows and sends them."""

from flask import request

from mailer.audience import senders
from mailer.audience.models import Sender
from mailer.compliance.packs import EVERY_PACK, PROMISED, TITLES, Pack

MEANINGS = {
    Pack.promises: "What our privacy policy promises every reader: honest subjects, a label on "
    "advertising, a postal address and a way out that works. Always kept.",
    Pack.can_spam: "Advertisers who share a mail, sexually oriented mail, telephones.",
    Pack.casl: "How the sender is reached otherwise than by post, and consent that runs out.",
    Pack.eu: "Proof of consent, and nobody counted by person without having agreed.",
    Pack.bulk: "One-press unsubscribing, signatures, and few complaints: else large mailbox "
    "providers turn the mail away.",
}

Row = tuple[str, str, str, bool]


def rows(sender: Sender | None) -> list[Row]:
    """Return each pack with its title, what it is, and whether it is kept: as typed, else saved."""
    kept = senders.packs(sender) if sender else EVERY_PACK
    if "packs" in request.form:
        kept = typed()
    return [(pack.value, TITLES[pack], MEANINGS[pack], pack in kept) for pack in Pack]


def typed() -> frozenset[Pack]:
    sent = request.form.getlist("packs")
    return PROMISED.union(pack for pack in Pack if pack.value in sent)


def keep(sender: Sender) -> str:
    """Keep what the form says, if it says anything; return a change in words, else nothing."""
    if "packs" not in request.form or not senders.keep(sender, typed()):
        return ""
    return f"keeps {', '.join(pack.value for pack in Pack if pack in typed())}"
