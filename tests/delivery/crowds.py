"""Many readers at many domains, and turns at a campaign to them as time passes."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mailer.campaigns.models import Campaign
from mailer.delivery import sending
from mailer.delivery.pace_models import About, Limit
from mailer.delivery.routes import Route
from mailer.delivery.sending import Means
from tests.delivery.conftest import Yard

HOST = "127.0.0.1"
Crowd = Callable[[Iterable[str]], None]


def flowing(yard: Yard) -> Callable[[], datetime]:
    """Return a clock that goes on from the yard's with the time that passes."""
    began, start = time.monotonic(), yard.clock()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def turn(yard: Yard, campaign: Campaign, *given: Route, connections: int = 4) -> bool:
    means = Means(given or (Route(yard.relay),), connections, yard.journals, flowing(yard))
    return sending.run(yard.session, yard.site, means, campaign.id)


def people(number: int, domains: int = 1) -> list[str]:
    return [f"reader{n}@domain{n % domains}.example" for n in range(number)]


def limit(session: Session, **values: object) -> None:
    session.add(Limit(host=HOST, **{"about": About.relay, "domain": "", **values}))
    session.commit()
