"""What readers and senders of other newsletter managers reported: it must not happen here.

One test for each complaint about sending that no other test answers already. Their neighbours:
killed processes, overlapping workers, lost brokers and databases, full disks, deployments and
readers who leave meanwhile are in tests/faults; a stale schedule (listmonk #1801) and a reader on
two lists in test_launch; the list headers (Keila 0.30.0), a relay that is away (listmonk #1762)
and stuck claims (listmonk #1433, Postal #645) in test_sending.
"""

import pytest
import sqlalchemy as sa

from mailer.audience.models import MailingList, Sender, Subscriber, Subscription
from mailer.audience.words import SubscriberStatus, SubscriptionStatus
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import statistics
from mailer.delivery.models import DeliveryStatus
from tests.conftest import MakeReader
from tests.delivery.conftest import MakeCampaign, Yard
from tests.relays import Sink
from tests.test_tasks import crowd

pytestmark = pytest.mark.usefixtures("database")
MANY = 130  # more than a worker takes at a time
ALL_TRIES = 12


def test_a_whole_batch_of_people_who_left_does_not_end_the_campaign(
    yard: Yard, make_reader: MakeReader, tides: Campaign, smtp_sink: Sink
) -> None:
    """Listmonk #1931: a batch in which nobody could be mailed was taken for the end."""
    crowd(yard.session, yard.site, tides.lists[0], MANY)
    gone = sa.update(Subscriber).values(status=SubscriberStatus.blocklisted)
    gone = gone.where(Subscriber.email.startswith("reader"))
    for name in ("xenia", "yara", "zoe"):
        make_reader(name)
    yard.start(tides)
    yard.session.execute(gone)
    yard.session.commit()
    while yard.run(tides):
        pass
    mailed = [mail.rcpt_to[0] for mail in smtp_sink.caught]
    assert sorted(mailed) == ["xenia@example.org", "yara@example.org", "zoe@example.org"]
    assert statistics.report(yard.session, tides).states[DeliveryStatus.suppressed] == MANY


def test_one_final_refusal_neither_loops_nor_stops_the_rest(
    yard: Yard, make_reader: MakeReader, tides: Campaign, smtp_sink: Sink
) -> None:
    """Mautic #7226: one 554 sent the whole batch again, endlessly."""
    for name in ("ana", "rosa", "zoe"):
        make_reader(name)
    smtp_sink.answer("RCPT", "554 5.7.1 Rejected", to="rosa@example.org")
    yard.start(tides)
    for _ in range(3):
        yard.run(tides)
        yard.clock.wait(days=1)
    assert yard.statuses(tides) == {"ana": "accepted", "rosa": "refused", "zoe": "accepted"}
    assert [mail.rcpt_to[0] for mail in smtp_sink.caught] == [
        "ana@example.org",
        "zoe@example.org",
    ]
    assert tides.status is CampaignStatus.running


def test_people_who_came_in_the_same_instant_are_all_mailed(
    yard: Yard, tides: Campaign, smtp_sink: Sink
) -> None:
    """Notifuse 19.4 and 19.5, listmonk #2860, #3022: equal times were skipped, then "finished"."""
    crowd(yard.session, yard.site, tides.lists[0], MANY)
    moments = sa.select(sa.func.count(Subscriber.created_at.distinct()))
    assert yard.session.scalar(moments) == 1
    yard.start(tides)
    while yard.run(tides):
        pass
    mailed = {mail.rcpt_to[0] for mail in smtp_sink.caught}
    assert mailed == {f"reader{number}@example.org" for number in range(MANY)}


def test_who_is_on_five_lists_gets_one_copy(
    yard: Yard,
    rosa: Subscriber,
    sender: Sender,
    make_campaign: MakeCampaign,
    letters: MailingList,
    smtp_sink: Sink,
) -> None:
    """Ghost #12259: a missing DISTINCT mailed people once for each of their labels."""
    more = [
        MailingList(
            public_id=f"more{number}", name="More", sender_id=sender.id, created_at=yard.clock()
        )
        for number in range(4)
    ]
    yard.session.add_all(more)
    yard.session.flush()
    rosa.subscriptions += [
        Subscription(list_id=one.id, status=SubscriptionStatus.confirmed, created_at=yard.clock())
        for one in more
    ]
    campaign = make_campaign(list_ids=(letters.id, *(one.id for one in more)))
    yard.start(campaign)
    yard.run(campaign)
    assert [mail.rcpt_to for mail in smtp_sink.caught] == [("rosa@example.org",)]


def test_a_passing_refusal_is_tried_again_ever_more_rarely_and_then_no_more(
    yard: Yard, rosa: Subscriber, tides: Campaign, smtp_sink: Sink
) -> None:
    """Listmonk #1802, #2273, #2616, #3042: 450 and 454 were final, or retried without end."""
    smtp_sink.answer("RCPT", "450 4.7.1 Greylisted")
    yard.start(tides)
    waits = []
    for _ in range(ALL_TRIES):
        yard.run(tides)
        (row,) = yard.deliveries(tides)
        if row.status is not DeliveryStatus.deferred:
            break
        assert not statistics.is_done(yard.session, tides)
        waits.append((row.next_at - yard.clock()).total_seconds())
        yard.clock.time = row.next_at
    assert waits == sorted(waits)
    assert waits[0] <= 2 * 60 <= waits[-1]
    assert row.status in {DeliveryStatus.refused, DeliveryStatus.expired}, row.reason
    assert statistics.is_done(yard.session, tides)
    assert (rosa.email, smtp_sink.caught) == ("rosa@example.org", [])


@pytest.mark.parametrize("address", ["jörg@example.org", "joe\r\nbcc@example.org", "no-at"])
def test_one_bad_address_in_the_database_stops_nobody_else(
    yard: Yard,
    make_reader: MakeReader,
    tides: Campaign,
    smtp_sink: Sink,
    address: str,
) -> None:
    """Mailmerge #143, CPython #122476: one address that could not be written ended the run."""
    for name in ("ana", "bad", "zoe"):
        make_reader(name)
    yard.start(tides)
    yard.deliveries(tides)[1].email = address
    yard.session.commit()
    yard.run(tides)
    rows = yard.deliveries(tides)
    assert [rows[0].status.value, rows[2].status.value] == ["accepted", "accepted"]
    assert rows[1].status in {DeliveryStatus.excluded, DeliveryStatus.refused}
    assert rows[1].reason
    assert len(smtp_sink.caught) == 2
