"""Segments narrow a campaign's lists: who is left gets it, and who does not is counted by why."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import suppressions
from mailer.audience.models import MailingList, Subscription
from mailer.audience.segments import catalogue, rules
from mailer.audience.segments.models import Segment
from mailer.audience.words import Scope, SubscriptionStatus
from mailer.campaigns import drafts, narrowing
from mailer.campaigns.drafts import BadDraft, Draft
from mailer.campaigns.models import Campaign
from mailer.delivery import audience, segmenting
from mailer.delivery.models import Delivery
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")


def segment(session: Session, now: datetime, name: str, about: str, op: str, **rest: object) -> int:
    rule = {"about": about, "key": "", "op": op, "value": "", **rest}
    tree = rules.parsed({"mode": "all", "rules": [rule]}, segmenting.offers(session))
    return catalogue.create(session, now, name, tree)


def campaign(
    session: Session,
    letters: MailingList,
    now: datetime,
    inside: tuple[int, ...] = (),
    outside: tuple[int, ...] = (),
) -> Campaign:
    draft = Draft("May", "May", letters.sender_id, (letters.id,), inside, outside)
    made = drafts.create(session, draft, now)
    session.commit()
    return made


def mailed(session: Session, chosen: Campaign) -> dict[str, str]:
    rows = session.query(Delivery).filter_by(campaign_id=chosen.id)
    return {row.email.partition("@")[0]: row.reason for row in rows}


def test_the_arithmetic_before_sending_is_what_freezing_does(
    session: Session, letters: MailingList, make_reader: MakeReader, now: datetime
) -> None:
    for name in ("rosa", "ruth", "rex", "una"):
        make_reader(name)
    make_reader("rita", SubscriptionStatus.unsubscribed)
    r = segment(session, now, "R", "email", "begins", value="r")
    rex = segment(session, now, "Rex", "name", "is", value="rex")
    chosen = campaign(session, letters, now, (r,), (rex,))
    told = audience.arithmetic(session, chosen, now)
    assert told == {"": 2, "unsubscribed": 1, audience.OUTSIDE: 1, audience.LEFT_OUT: 1}
    assert audience.freeze(session, chosen, now) == 3
    assert mailed(session, chosen) == {"rosa": "", "ruth": "", "rita": "unsubscribed"}


def test_several_segments_are_joined_and_any_exclusion_holds(
    session: Session, letters: MailingList, make_reader: MakeReader, now: datetime
) -> None:
    for name in ("ada", "bea", "cleo", "dora"):
        make_reader(name)
    a, b, c = (segment(session, now, one, "email", "begins", value=one) for one in "abc")
    audience.freeze(session, both := campaign(session, letters, now, (a, b)), now)
    assert set(mailed(session, both)) == {"ada", "bea"}
    audience.freeze(session, without := campaign(session, letters, now, (), (a, c)), now)
    assert set(mailed(session, without)) == {"bea", "dora"}


def test_a_segment_reaches_nobody_who_is_not_on_the_lists(
    session: Session, letters: MailingList, make_reader: MakeReader, now: datetime
) -> None:
    make_reader("rosa")
    stranger = make_reader("una")
    session.execute(sa.delete(Subscription).where(Subscription.subscriber_id == stranger.id))
    everybody = segment(session, now, "All", "domain", "is", value="example.org")
    chosen = campaign(session, letters, now, (everybody,))
    audience.freeze(session, chosen, now)
    assert set(mailed(session, chosen)) == {"rosa"}


def test_no_segment_mails_objectors(
    session: Session, letters: MailingList, make_reader: MakeReader, now: datetime
) -> None:
    """R37: who has left is not written to for having left, whatever the campaign is for."""
    make_reader("rita", SubscriptionStatus.unsubscribed)
    left = segment(session, now, "Left", "list", "unsubscribed", key=str(letters.id))
    with pytest.raises(BadDraft, match="R37"):
        campaign(session, letters, now, (left,))
    assert audience.arithmetic(session, campaign(session, letters, now, (), (left,)), now) == {
        audience.LEFT_OUT: 1
    }


def test_a_segment_in_use_cannot_be_turned_upon_objectors(
    session: Session, letters: MailingList, now: datetime
) -> None:
    harmless = segment(session, now, "All", "domain", "is", value="example.org")
    campaign(session, letters, now, (harmless,))
    rule = {"about": "list", "key": str(letters.id), "op": "unsubscribed", "value": ""}
    tree = rules.parsed({"mode": "any", "rules": [rule]}, segmenting.offers(session))
    with pytest.raises(narrowing.InUse, match="May"):
        narrowing.demand_usable(session, harmless, tree)


def test_an_audience_of_which_hardly_anybody_may_be_mailed_says_so_before(
    session: Session, letters: MailingList, make_reader: MakeReader, now: datetime
) -> None:
    """Plunk #337, listmonk #1789: 5,040 in the audience, 5 mailable, and nobody was told."""
    for number in range(40):
        reader = make_reader(f"off{number}", SubscriptionStatus.unconfirmed)
        if number < 10:
            refusal = suppressions.Refusal(Scope.sender, letters.sender_id)
            suppressions.suppress(session, now, reader.address_key, refusal)
    make_reader("rosa")
    told = audience.arithmetic(session, campaign(session, letters, now), now)
    assert told == {"": 1, "suppressed": 10, "unconfirmed": 30}


def test_a_segment_that_is_gone_or_changed_is_seen(
    session: Session, letters: MailingList, now: datetime
) -> None:
    with pytest.raises(BadDraft, match="gone"):
        campaign(session, letters, now, (99,))
    number = segment(session, now, "All", "domain", "is", value="example.org")
    with pytest.raises(catalogue.NameTaken):
        segment(session, now, "All", "domain", "is", value="example.com")
    row = session.get_one(Segment, number)
    other = segment(session, now, "B", "domain", "is", value="example.com")
    tree, twin = rules.kept(row.rules), session.get_one(Segment, other)
    with pytest.raises(catalogue.NameTaken):
        catalogue.edit(session, now, twin, "All", tree)
