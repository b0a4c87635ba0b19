"""The sending loop: claim, compose, fence, dot, outcome. Its commits are its guarantee."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.campaigns.templating import BadTemplate
from mailer.delivery import certificates, claims, fence, replies
from mailer.delivery.approval import Approved, Unlawful
from mailer.delivery.claims import Claim
from mailer.delivery.composing import Unsendable
from mailer.delivery.fence import Outcome
from mailer.delivery.inspection import Inspector
from mailer.delivery.models import DeliveryStatus
from mailer.delivery.office import Office
from mailer.delivery.smtp import Connection, Lost, Refused, Relay, Reply
from mailer.delivery.windows import Span, Wait, Window
from mailer.links import Site

BATCH = 100
# A turn ends here even when more is due, so that one campaign never holds a worker for long.
TURN = timedelta(seconds=20)
MOST_LOSSES = 3
CHANGED = (
    "Its words, its facts or its sender are not those that the gate approved. "
    "Look at it, then let it go on: it is judged anew."
)


class Stopped(Exception):  # noqa: N818 - errors are named for the situation
    """The relay cannot be used now; what is waiting rests, or the campaign is paused."""


@dataclass
class Turn:
    """One worker's turn at one campaign, over one connection at a time."""

    session: Session
    office: Office
    inspector: Inspector
    relay: Relay
    clock: Callable[[], datetime]
    window: Window
    connection: Connection | None = None
    unwritten: list[Outcome] = field(default_factory=list)
    noted: set[bytes] = field(default_factory=set)
    losses: int = 0
    rests_until: datetime | None = None

    def send(self, one: Claim) -> None:
        """Bring one copy through the fence to its outcome; raises Lost, Refused."""
        try:
            approved = self.approved(one)
        except (BadTemplate, Unsendable, Unlawful) as error:
            self.note(one, DeliveryStatus.excluded, str(error)[:200])
            return
        if self.connection is None:
            self.connection = Connection(self.relay, self.office.site.host)
        refusal = self.connection.offer(self.office.from_address, one.reader.email, approved)
        if refusal is not None:
            self.unwritten.append(replies.answered(one, refusal, self.clock()))
            self.heed(refusal)
        elif self.is_through_the_fence(one):
            began = self.clock()
            reply = self.connection.release()
            waited = (self.clock() - began).total_seconds()
            self.window.add(Span.reply, waited)
            self.window.wait(Wait.relay, waited)
            self.unwritten.append(replies.answered(one, reply, self.clock()))

    def approved(self, one: Claim) -> Approved:
        office, reader = self.office, one.reader
        url = office.site.unsubscribe(one.list_id, one.subscriber_id, one.delivery_id)
        copy = office.rendered(reader, url)
        raw = office.message(copy, reader.email, url, one.list_public_id, one.subscriber_id)
        return self.inspector.approved(raw, copy, reader, url)

    def heed(self, refusal: Reply) -> None:
        if refusal.code == replies.CLOSING:
            self.drop()
        if replies.is_about_the_sender(refusal):
            raise Refused(refusal)

    def is_through_the_fence(self, one: Claim) -> bool:
        """Write the last outcome and this one's mark in one commit; False drops the message."""
        self.settle(self.unwritten)
        passed = fence.passes(self.session, one, self.clock())
        if not passed:
            self.drop()  # without its dot, what was offered is no message
            self.settle([fence.barred(self.session, one, self.clock())])
        self.session.commit()
        self.unwritten.clear()
        return passed

    def note(self, one: Claim, status: DeliveryStatus, reason: str) -> None:
        self.unwritten.append(Outcome(one, status, self.clock(), reason, burnt=0))

    def lose(self, one: Claim, loss: Lost) -> None:
        """Record a lost connection; raises Stopped when the relay seems to be down."""
        self.drop()
        self.losses += 1
        outcome = replies.unanswered(one, loss, self.clock())
        self.unwritten.append(replace(outcome, relay=self.relay.host))
        if loss.phase in replies.REACHING or self.losses >= MOST_LOSSES:
            self.rests_until = self.clock() + replies.RELAY_REST
            raise Stopped

    def stop(self, refused: Refused) -> None:
        """Pause the campaign when the relay will not take its mail at all; raises Stopped."""
        self.drop()
        if refused.reply.code >= replies.PERMANENT:
            campaign = self.session.get_one(Campaign, self.office.campaign_id)
            # Without the relay's own words: they may quote a reader's address for ever.
            reply = refused.reply
            why = f"The relay refuses this sender: {reply.code} to {reply.phase.upper()}."
            if campaign.status is CampaignStatus.running:
                lifecycle.pause(self.session, campaign, self.clock(), why=why)
        else:
            self.rests_until = self.clock() + replies.RELAY_REST
        raise Stopped

    def drop(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def write(self) -> None:
        new = [digest for digest, _ in self.inspector.kinds if digest not in self.noted]
        certificates.note_kinds(self.session, self.office.campaign_id, new)
        self.noted.update(new)
        self.settle(self.unwritten)
        self.session.commit()
        self.unwritten.clear()

    def settle(self, outcomes: list[Outcome]) -> None:
        fence.settle(self.session, outcomes)
        for outcome in outcomes:
            self.window.count(outcome.status)
        if self.window.is_due(self.clock()):
            self.window.lines(self.connection is not None, 1)
            self.window.write(self.session, self.clock())

    def end(self) -> None:
        if self.rests_until is not None:
            claims.rest(self.session, self.office.campaign_id, self.rests_until)
            self.window.wait(Wait.rest, replies.RELAY_REST.total_seconds())
        self.write()
        self.window.write(self.session, self.clock())
        self.session.commit()
        if self.connection is not None:
            self.connection.quit()


def run(
    session: Session, site: Site, relay: Relay, campaign_id: int, clock: Callable[[], datetime]
) -> bool:
    """Send what is due of one campaign, for at most one TURN; return whether more is waiting.

    Commits as it goes. However the turn ends, each claim has an outcome, was given back, or has
    a lease that the reaper will find.
    """
    campaign = session.get_one(Campaign, campaign_id)
    if campaign.status is not CampaignStatus.running:
        return False
    office = Office.of(session, site, campaign, clock())
    if certificates.approved_source(session, campaign_id) != office.digest:
        lifecycle.pause(session, campaign, clock(), why=CHANGED)
        session.commit()
        return False
    turn = Turn(
        session, office, Inspector(office, clock), relay, clock, Window(campaign_id, clock())
    )
    session.commit()
    until = clock() + TURN
    try:
        for batch in batches(turn, until):
            send_batch(turn, batch, until)
    except Stopped:
        return False
    finally:
        turn.end()
    return clock() >= until


def batches(turn: Turn, until: datetime) -> Iterator[list[Claim]]:
    while turn.clock() < until:
        turn.write()
        batch = claims.claim(turn.session, turn.office.campaign_id, BATCH, turn.clock())
        turn.session.commit()
        if not batch:
            return
        yield batch


def send_batch(turn: Turn, batch: list[Claim], until: datetime) -> None:
    """Send a batch; what is not begun when time is up, or the relay fails, is given back."""
    try:
        for one in batch:
            if turn.clock() >= until:
                return
            try:
                turn.send(one)
            except Lost as loss:
                turn.lose(one, loss)
            except Refused as refused:
                turn.stop(refused)
            else:
                turn.losses = 0
    finally:
        turn.write()
        claims.release(turn.session, batch, turn.clock())
        turn.session.commit()
