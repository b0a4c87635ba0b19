"""The made-up data: enough to live the product, lawful where it should be, and sown once."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer import ledger
from mailer.accounts import users
from mailer.audience import standing
from mailer.audience.models import ConsentEvent, MailingList, Sender, Subscriber, Subscription
from mailer.audience.words import Optin
from mailer.campaigns.models import Campaign
from mailer.cli import seed
from mailer.delivery import checks
from mailer.links import Site


def counts(session: Session) -> list[int | None]:
    models = (Sender, MailingList, Subscriber, Campaign, ConsentEvent)
    return [session.scalar(sa.select(sa.func.count(model.id))) for model in models]


def test_it_is_sown_once(session: Session, site: Site, now: datetime) -> None:
    assert seed.sow(session, site, now)
    session.commit()
    assert counts(session) == [1, 1, 5, 2, 5]
    assert not seed.sow(session, site, now)
    assert counts(session) == [1, 1, 5, 2, 5]


def test_a_database_in_use_is_left_alone(session: Session, site: Site, now: datetime) -> None:
    users.add(session, now, "alice@example.com", "", "owner")
    assert not seed.sow(session, site, now)
    assert counts(session) == [0, 0, 0, 0, 0]


def test_every_reader_may_be_mailed_and_has_said_so(
    session: Session, site: Site, now: datetime
) -> None:
    seed.sow(session, site, now)
    standings = session.scalars(
        sa.select(standing.refusal())
        .select_from(Subscriber)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(MailingList, MailingList.id == Subscription.list_id)
    ).all()
    assert standings == [standing.MAILABLE] * 5
    assert ledger.first_broken(session, ConsentEvent) is None
    events = session.scalars(sa.select(ConsentEvent)).all()
    assert {(event.evidence or {})["shown"] for event in events} == {seed.BASIS}
    assert session.scalars(sa.select(MailingList.optin)).all() == [Optin.double]


def test_one_draft_may_be_sent_and_the_other_is_refused(
    session: Session, site: Site, now: datetime
) -> None:
    seed.sow(session, site, now)
    lawful, refused = session.scalars(sa.select(Campaign).order_by(Campaign.id))
    assert checks.examined(session, site, lawful, now).is_lawful
    verdict = checks.examined(session, site, refused, now)
    assert not verdict.is_lawful
    assert {"R06", "R14", "R16"} <= {finding.rule for finding in verdict.findings}
