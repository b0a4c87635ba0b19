"""Whom a campaign does not reach because she wished it so, and that the sums say why."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import subscriptions
from mailer.audience.consent import Evidence
from mailer.audience.models import MailingList, Subscription
from mailer.audience.subscriptions import OptOut
from mailer.audience.wishes import leaving, pauses, topics
from mailer.audience.wishes.models import LeavingReason, Topic
from mailer.audience.words import ConsentMethod
from mailer.delivery import audience, launch, leavings, wished
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.links import Site
from tests.conftest import MakeReader
from tests.delivery.conftest import MakeCampaign

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


@pytest.fixture
def peas(session: Session, letters: MailingList) -> Topic:
    topics.keep(session, letters.id, ["Beans", "Peas"])
    session.commit()
    return topics.of_lists(session, [letters.id])[1]


def test_a_campaign_about_a_topic_reaches_who_chose_it_or_chose_none(
    session: Session,
    make_reader: MakeReader,
    make_campaign: MakeCampaign,
    peas: Topic,
    now: datetime,
) -> None:
    rosa, ines = make_reader("rosa"), make_reader("ines")
    make_reader("any")
    beans = topics.of_lists(session, [peas.list_id])[0]
    topics.choose(session, now, rosa, {peas.id})
    topics.choose(session, now, ines, {beans.id})
    about = make_campaign(topic_id=peas.id)
    assert audience.arithmetic(session, about, now) == {"": 2, wished.OTHER_TOPICS: 1}
    assert audience.arithmetic(session, make_campaign(), now) == {"": 3}
    topics.keep(session, peas.list_id, ["Peas"])  # nobody can choose beans any more
    assert audience.arithmetic(session, about, now) == {"": 3}


def test_who_wants_one_mail_a_week_gets_one_a_week(
    session: Session,
    site: Site,
    make_reader: MakeReader,
    make_campaign: MakeCampaign,
    letters: MailingList,
    now: datetime,
) -> None:
    make_reader("often")
    pauses.space_out(session, now, make_reader("weekly"), {letters.id})
    first, second = make_campaign(name="First"), make_campaign(name="Second")
    launch.start(session, site, first, now)
    sent = sa.update(Delivery).values(status=DeliveryStatus.accepted, sending_at=now)
    session.execute(sent)
    session.commit()
    week = 7 * DAY
    early = audience.arithmetic(session, second, now + week - timedelta(seconds=1))
    assert early == {"": 1, wished.FEWER: 1}
    assert audience.arithmetic(session, second, now + week) == {"": 2}
    launch.start(session, site, second, now + DAY)
    reasons = {
        one.reason: one.status for one in session.query(Delivery).filter_by(campaign_id=second.id)
    }
    assert reasons == {"": DeliveryStatus.pending, wished.FEWER: DeliveryStatus.excluded}


def test_reasons_for_leaving_are_counted_for_the_campaign_whose_link_was_used(
    session: Session,
    site: Site,
    make_reader: MakeReader,
    make_campaign: MakeCampaign,
    letters: MailingList,
    now: datetime,
) -> None:
    names = ("rosa", "ines", "omar")
    readers = [make_reader(name) for name in names]
    tides = make_campaign()
    launch.start(session, site, tides, now)
    copies = session.query(Delivery).order_by(Delivery.id).all()
    said = (LeavingReason.too_often, LeavingReason.too_often, LeavingReason.other)
    for reader, copy, reason in zip(readers, copies, said, strict=True):
        opt_out = OptOut(letters.id, reader.id, copy.id)
        way = ConsentMethod.link
        number = subscriptions.unsubscribe(session, now, opt_out, way, Evidence())
        assert number is not None
        leaving.say(session, now, number, reason)
    assert leavings.of_campaign(session, tides.id) == {"too often": 2, "other": 1}
    assert leavings.of_campaign(session, tides.id + 1) == {}
    assert session.query(Subscription).filter_by(status="confirmed").count() == 0
