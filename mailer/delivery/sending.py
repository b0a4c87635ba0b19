"""Sending what is due of one campaign: one process's turn, from its claims to its last word."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Event

from sqlalchemy.orm import Session

from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import certificates, fitness, launch, portions
from mailer.delivery.clerk import Clerk
from mailer.delivery.inspection import Inspector
from mailer.delivery.lands import Lands
from mailer.delivery.lanes import Rests
from mailer.delivery.office import Office
from mailer.delivery.outbox import Outbox
from mailer.delivery.press import Press
from mailer.delivery.routes import Route
from mailer.delivery.smtp import own_loop
from mailer.delivery.turn import Terms, Turn
from mailer.delivery.windows import Window
from mailer.links import Site

# A turn ends here (s) even when more is due, so that one campaign never holds a worker for long.
TURN = 30.0
CHANGED = (
    "Its words, its facts or its sender are not those that the gate approved. "
    "Look at it, then let it go on: it is judged anew."
)


@dataclass(frozen=True)
class Means:
    """What this process sends with; ``stopping`` is set when it is asked to end.

    ``rests`` and ``lands`` outlive a turn: a slow domain does not get a line anew with each, nor is
    an audience gone through. A ``turn`` lasts at most so long (s), and then others are served.
    """

    routes: Sequence[Route]
    connections: int
    journals: Path
    clock: Callable[[], datetime]
    stopping: Event = field(default_factory=Event)
    rests: Rests = field(default_factory=Rests)
    lands: Lands = field(default_factory=Lands)
    turn: float = TURN


def run(session: Session, site: Site, means: Means, campaign_id: int) -> bool:
    """Send what is due of one campaign, for at most one turn; return whether more is waiting.

    Commits as it goes. However the turn ends, each copy has an outcome, waits again, or has a
    journal and a lease that tell of it.
    """
    campaign = session.get_one(Campaign, campaign_id)
    if campaign.status is not CampaignStatus.running:
        return False
    office = Office.of(session, site, campaign, means.clock())
    let_go = certificates.last_start(session, campaign_id)
    if let_go is None or let_go.source != office.digest:
        launch.hold(session, campaign, means.clock(), CHANGED)
        session.commit()
        return False
    routes = fitness.fit(session, site, campaign, means.routes, means.clock(), means.lands)
    if not routes:
        launch.hold(session, campaign, means.clock(), fitness.NONE_FIT)
        session.commit()
        return False
    clerk = Clerk(
        session=session,
        campaign_id=campaign_id,
        lease=secrets.token_hex(16),
        public_ids={chosen.id: chosen.public_id for chosen in campaign.lists},
        journals=means.journals,
        clock=means.clock,
    )
    press = Press(office, Inspector(office, means.clock, let_go_at=let_go.at))
    session.commit()
    outbox = own_loop.run(turned(clerk, press, replace(means, routes=routes)))
    if outbox.hindrance:
        with suppress(lifecycle.WrongState):  # another turn or a person has stopped it before
            launch.hold(session, campaign, means.clock(), outbox.hindrance)
    elif outbox.rest:
        portions.rest(session, campaign_id, means.clock() + outbox.rest)
    session.commit()
    return not outbox.rest and bool(portions.due(session, means.clock()))


async def turned(clerk: Clerk, press: Press, means: Means) -> Outbox:
    """Do the turn and return its outbox, emptied."""
    office = press.office
    window = Window(office.campaign_id, means.clock())
    outbox = Outbox(press, office.from_address, window, means.clock)
    outbox.lanes.rests = means.rests
    terms = Terms(means.routes, office.site.host, means.connections, means.turn, means.stopping)
    await Turn(clerk, outbox, terms).run()
    clerk.note(digest for digest, _ in press.inspector.kinds)
    return outbox
