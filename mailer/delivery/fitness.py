"""Which of several relays may carry a campaign: each is in order by itself, or carries nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign
from mailer.compliance import gate
from mailer.delivery import checklist, routes, seeds
from mailer.delivery.lands import Lands
from mailer.delivery.routes import Route
from mailer.links import Site

OF_RELAYS = tuple(rule for rule in gate.RULES if rule.id == "R05")
NONE_FIT = "No relay in MAILER_SMTP_URL carries this sender's mail. Name one for it."


def fit(
    session: Session,
    site: Site,
    campaign: Campaign,
    given: Sequence[Route],
    now: datetime,
    lands: Lands,
) -> list[Route]:
    """Return the routes that may carry a campaign now, the one that it was approved for first.

    With that one the gate judged the campaign when it was let go. Any other is judged by the rule
    about relays as if it carried all mail; and where the approved relay adds a signature that the
    headers need, it must as well.
    """
    sender = campaign.sender
    own = site.relay_of(sender.from_address)
    named = routes.of_sender(given, sender.from_address.rpartition("@")[2].lower())
    if len(named) == 1:
        return named
    countries = lands.of(session, campaign, now)
    is_signed = seeds.relay_signs(session, own, sender)

    def is_fit(route: Route) -> bool:
        if route.host == own:
            return True
        if is_signed and not seeds.relay_signs(session, route.host, sender):
            return False
        letter = checklist.specimen(session, site.through(route.host), sender, now)
        judged = replace(letter, audience_countries=countries)
        return not gate.judge(judged, OF_RELAYS).refusals

    return sorted(filter(is_fit, named), key=lambda route: route.host != own)
