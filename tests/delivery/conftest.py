"""What the delivery tests share: a lawful campaign, a crowd, and a clock of their own."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience.models import MailingList, Sender, Subscriber, Subscription
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns import drafts, lifecycle
from mailer.campaigns.drafts import Draft
from mailer.campaigns.models import Campaign
from mailer.compliance.readiness import OptOutTrial
from mailer.delivery import (
    claims,
    fence,
    launch,
    message_ids,
    opt_out_trials,
    sending,
    unknowns,
)
from mailer.delivery.claims import Claim, Hold
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.report_models import Cause
from mailer.delivery.routes import Route
from mailer.delivery.sending import Means
from mailer.delivery.smtp.relay import Relay
from mailer.links import Site
from tests import accounting
from tests.accounting import Allowed
from tests.conftest import MakeReader
from tests.names import Zone, running_zone
from tests.relays import Sink
from tests.sink.journal import Taken

LAWFUL = (
    "Dear {{ subscriber.first_name | default: 'reader' }},\n\nlow water is at nine on Sunday. "
    "The ferry leaves an hour earlier than usual.\n\n{{ legal_footer }}\n"
)

SEED = "seed@elsewhere.example"

MakeCampaign = Callable[..., Campaign]


@pytest.fixture
def make_campaign(
    session: Session, sender: Sender, letters: MailingList, now: datetime
) -> MakeCampaign:
    """``make_campaign(body=…)`` adds a draft to ``letters``, lawful unless told otherwise."""

    def make(**changes: object) -> Campaign:
        given = {
            "name": "Tides",
            "subject": "Low water on Sunday",
            "sender_id": sender.id,
            "list_ids": (letters.id,),
            "body": LAWFUL,
            **changes,
        }
        campaign = drafts.create(session, Draft(**given), now)  # type: ignore[arg-type]
        session.commit()
        return campaign

    return make


@pytest.fixture
def tides(make_campaign: MakeCampaign) -> Campaign:
    """A lawful draft."""
    return make_campaign()


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    time: datetime

    def __call__(self) -> datetime:
        return self.time

    def wait(self, **span: float) -> None:
        self.time += timedelta(**span)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def relay(smtp_sink: Sink) -> Relay:
    """The way to the sink."""
    return Relay.at(smtp_sink.url, 5)


@dataclass
class Yard:
    """Where campaigns are sent from: the database, the links, the way to the sink, the clock."""

    session: Session
    site: Site
    relay: Relay
    clock: Clock
    journals: Path
    connections: int = 1
    turn: float = sending.TURN

    def start(self, campaign: Campaign) -> None:
        self.steer(campaign, "start")

    def steer(self, campaign: Campaign, act: str) -> None:
        """Start, pause, resume or cancel a campaign, and write it down as an entry point does."""
        given = self.session, self.site, campaign, self.clock()
        if act == "pause":
            lifecycle.pause(self.session, campaign, self.clock())
        else:
            {"start": launch.start, "resume": launch.resume, "cancel": launch.cancel}[act](*given)
        launch.record(self.session, campaign, self.clock(), act)
        self.session.commit()

    def run(self, campaign: Campaign, relay: Relay | None = None) -> bool:
        routes = (Route(relay or self.relay),)
        means = Means(routes, self.connections, self.journals, self.clock, turn=self.turn)
        return sending.run(self.session, self.site, means, campaign.id)

    def hold(self, campaign: Campaign, lease: str = "ours") -> Hold:
        """Take the campaign's next portion."""
        taken = claims.claim(self.session, campaign.id, lease, self.clock())
        self.session.commit()
        assert taken is not None
        return taken

    def people(self, hold: Hold) -> list[Claim]:
        public_ids = dict(iter(self.session.execute(sa.select(MailingList.id, MailingList.name))))
        return claims.people(self.session, hold, public_ids, self.clock())

    def pass_fence(self, hold: Hold, *some: Claim) -> int:
        """Ask the fence for these people; return how many passed."""
        ids = [one.delivery_id for one in some]
        through = fence.passed(self.session, hold, ids, self.clock())
        self.session.commit()
        return len(through)

    def deliveries(self, campaign: Campaign) -> list[Delivery]:
        self.session.expire_all()
        mine = sa.select(Delivery).where(Delivery.campaign_id == campaign.id)
        return list(self.session.scalars(mine.order_by(Delivery.id)))

    def statuses(self, campaign: Campaign) -> dict[str, str]:
        """Return what became of each address's copy, by the part before the @."""
        return {one.email.partition("@")[0]: one.status.value for one in self.deliveries(campaign)}


@pytest.fixture
def yard(session: Session, site: Site, relay: Relay, clock: Clock, tmp_path: Path) -> Yard:
    return Yard(session, site, relay, clock, tmp_path / "journals")


def tried(session: Session, site: Site, sender: Sender, now: datetime) -> OptOutTrial:
    """Try a sender's opt-out, and return what is known of it afterwards."""
    session.commit()
    for _ in opt_out_trials.attempt(session, site, sender.id, now):
        session.commit()
    trial = opt_out_trials.known(session, site, sender, now)
    session.commit()
    assert trial is not None
    return trial


@pytest.fixture
def doubtful(yard: Yard, tides: Campaign, make_reader: MakeReader) -> Campaign:
    """A finished campaign: rosa's copy is in doubt, ines has hers."""
    for name in ("rosa", "ines"):
        make_reader(name)
    yard.start(tides)
    hers, other = yard.deliveries(tides)
    hers.status, hers.reason = DeliveryStatus.unknown, "no answer after the final dot"
    hers.sending_at = hers.finished_at = yard.clock()
    other.status, other.finished_at = DeliveryStatus.accepted, yard.clock()
    yard.session.flush()
    unknowns.note(yard.session, [hers.id], Cause.close, yard.clock(), "relay.example")
    launch.finish(yard.session, yard.site, tides, yard.clock())
    yard.session.commit()
    return tides


def message_id(yard: Yard, campaign: Campaign, place: int = 0) -> str:
    one = yard.deliveries(campaign)[place]
    return message_ids.message_id(
        yard.site.keys, "harbor.example.com", campaign.id, one.subscriber_id
    )


@pytest.fixture
def crowd(yard: Yard, letters: MailingList) -> Callable[[Iterable[str]], None]:
    """``crowd(addresses)`` adds confirmed readers."""

    def add(addresses: Iterable[str]) -> None:
        now = yard.clock()
        for email in addresses:
            key = tokens.fingerprint(yard.site.keys, email)
            reader = Subscriber(
                email=email, address_key=key, name="", created_at=now, updated_at=now
            )
            confirmed = SubscriptionStatus.confirmed
            reader.subscriptions = [
                Subscription(list_id=letters.id, status=confirmed, created_at=now, confirmed_at=now)
            ]
            yard.session.add(reader)
        yard.session.commit()

    return add


@pytest.fixture
def zone() -> Iterator[Zone]:
    """A DNS server of the test's own; ``zone.text("_dmarc.acme.example", "v=DMARC1; p=none")``."""
    with running_zone() as zone:
        yield zone


@pytest.fixture(autouse=True)
def accounts_agree(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check the accounts of the campaign that a test has sent to relays of its own.

    A test marked ``by_hand`` has written rows that no relay knows of.
    """
    wanted = {"yard", "smtp_sink", "rude_relay"} & set(request.fixturenames)
    parts = {name: request.getfixturevalue(name) for name in sorted(wanted)}
    yield
    messages = [mail.content for mail in parts["smtp_sink"].caught] if "smtp_sink" in parts else []
    messages += parts["rude_relay"].messages if "rude_relay" in parts else []
    if "yard" not in parts or not messages or request.node.get_closest_marker("by_hand"):
        return
    session: Session = parts["yard"].session
    session.rollback()
    campaigns = session.scalars(sa.select(Delivery.campaign_id).distinct()).all()
    url = session.get_bind().engine.url.render_as_string(hide_password=False)
    session.rollback()
    if len(campaigns) == 1:
        taken = map(noted, messages)
        assert accounting.accounts(url, taken, campaigns[0], Allowed(drops=1, others=[SEED])) == []


def noted(raw: bytes) -> Taken:
    head = message_from_bytes(raw, policy=policy.default)
    return Taken(str(head["Message-ID"]), "", str(head["To"]), 0)
