"""A letter that asks for no more mail, while a copy to its writer waits to leave."""

import pytest

from mailer.campaigns.models import Campaign
from mailer.delivery import message_ids
from mailer.privacy.letters import post
from tests.conftest import MakeReader
from tests.delivery.conftest import Yard

LETTER = b"From: rosa@example.org\r\nSubject: Re: tides\r\n\r\nPlease unsubscribe me.\r\n"


@pytest.mark.by_hand
@pytest.mark.usefixtures("database")
def test_the_fence_holds_back_the_copy_of_who_wrote_after_it_was_queued(
    yard: Yard, tides: Campaign, make_reader: MakeReader
) -> None:
    rosa = make_reader("rosa")
    make_reader("ines")
    yard.start(tides)
    hold = yard.hold(tides)
    people = yard.people(hold)
    name = message_ids.message_id(yard.site.keys, "x", tides.id, rosa.id).strip("<>")
    to = f"letters+{name.partition('@')[0]}@harbor.example.com"
    kept = post.keep(yard.session, yard.clock(), "rosa@example.org", to, LETTER)
    post.read(yard.session, yard.site, kept, yard.clock())
    yard.session.commit()
    assert len(people) == 2
    assert yard.pass_fence(hold, *people) == 1
    assert yard.statuses(tides) == {"rosa": "suppressed", "ines": "sending"}
