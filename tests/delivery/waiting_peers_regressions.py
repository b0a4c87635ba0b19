"""Complaints that the sending loop of today does not answer yet; see test_peers_regressions."""

import pytest

from mailer.audience.models import Subscriber
from mailer.campaigns.models import Campaign
from mailer.delivery import statistics
from mailer.delivery.models import DeliveryStatus
from tests.conftest import MakeReader
from tests.delivery.conftest import Yard
from tests.relays import Sink

pytestmark = pytest.mark.usefixtures("database")
ALL_TRIES = 12


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
