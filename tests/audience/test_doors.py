"""Every door by which somebody could get mail, and each kind of refusal that shuts it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import preferences, readers, subscriptions, suppressions
from mailer.audience.domain_keys import domain_key
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.standing import MAILABLE
from mailer.audience.subscriptions import OutdatedLink
from mailer.audience.suppressing import exchange, staff
from mailer.audience.suppressions import BLOCKED, IMPORTED, OBJECTED, Refusal
from mailer.audience.words import Scope
from mailer.campaigns.models import Campaign
from mailer.delivery import audience, fence
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.links import Site
from tests.audience.steps import PROOF, Reader, person

pytestmark = pytest.mark.usefixtures("database")
SCOPES = [Scope.list, Scope.sender, Scope.everything, Scope.domain]


@pytest.fixture
def shut(
    session: Session, site: Site, letters: MailingList, now: datetime
) -> Callable[[Scope], None]:
    """Put a refusal of ours in force for rosa@example.org, by her address or her domain."""

    def put(scope: Scope) -> None:
        text = "example.org" if scope is Scope.domain else "rosa@example.org"
        of = {Scope.list: letters.id, Scope.sender: letters.sender_id}.get(scope, 0)
        about = staff.target(site.keys, text)
        refusal = Refusal(scope, of, BLOCKED, actor="alice")
        assert staff.suppress(session, now, site.keys, about, refusal)

    return put


@pytest.mark.parametrize("scope", SCOPES)
def test_the_form_makes_no_mail_and_no_row(
    session: Session,
    reader: Reader,
    letters: MailingList,
    now: datetime,
    shut: Callable[[Scope], None],
    scope: Scope,
) -> None:
    shut(scope)
    assert reader.signs_up(now, letters) is None
    assert session.query(Subscriber).count() == 0


@pytest.mark.parametrize("scope", SCOPES)
def test_a_confirmation_link_that_was_mailed_before_is_void(
    reader: Reader,
    letters: MailingList,
    now: datetime,
    shut: Callable[[Scope], None],
    scope: Scope,
) -> None:
    reader.signs_up(now, letters)
    shut(scope)
    with pytest.raises(OutdatedLink):
        reader.confirms(now, letters)


def test_a_link_that_was_mailed_before_a_file_of_refusals_is_void(
    session: Session, site: Site, reader: Reader, letters: MailingList, now: datetime
) -> None:
    """What she said elsewhere is hers to take back, but by a link that she asks for afterwards."""
    number = reader.signs_up(now, letters)
    assert number is not None
    mailed = reader.place(letters).confirmation_serial
    then, later = now + timedelta(hours=1), now + timedelta(days=1)
    refusal = Refusal(Scope.everything, reason=IMPORTED)
    assert exchange.take_in(session, then, site.keys, ["rosa@example.org"], refusal) == 1
    with pytest.raises(OutdatedLink):
        subscriptions.confirm(session, then, number, mailed, PROOF)
    reader.signs_up(later, letters)
    reader.confirms(later, letters)
    assert reader.refusal(letters) == MAILABLE


@pytest.mark.parametrize("scope", SCOPES)
def test_staff_and_programs_cannot_add_her(
    session: Session,
    site: Site,
    letters: MailingList,
    now: datetime,
    shut: Callable[[Scope], None],
    scope: Scope,
) -> None:
    shut(scope)
    with pytest.raises(readers.Unwilling):
        readers.add(session, now, site.keys, letters, person("rosa@example.org"), PROOF)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_box_on_her_own_page_does_not_open_what_we_have_shut(
    session: Session,
    rosa: Subscriber,
    letters: MailingList,
    now: datetime,
    shut: Callable[[Scope], None],
    scope: Scope,
) -> None:
    shut(scope)
    preferences.change(session, now, rosa.id, set(), PROOF)
    changes = preferences.change(session, now, rosa.id, {letters.id}, PROOF)
    assert changes.barred == (letters.name,)


@pytest.mark.parametrize("scope", SCOPES)
def test_neither_a_new_audience_nor_the_fence_lets_her_through(
    session: Session,
    rosa: Subscriber,
    letters: MailingList,
    now: datetime,
    shut: Callable[[Scope], None],
    scope: Scope,
) -> None:
    campaign = Campaign(
        sender_id=letters.sender_id,
        name="May",
        subject="May",
        body="Hello",
        lists=[letters],
        created_at=now,
        updated_at=now,
    )
    session.add(campaign)
    session.flush()
    audience.freeze(session, campaign, now)
    shut(scope)
    assert audience.arithmetic(session, campaign, now) == {"suppressed": 1}
    may = sa.select(Delivery.id).where(fence.may_be_mailed())
    assert session.scalars(may).all() == []
    (waiting,) = session.scalars(sa.select(Delivery.id).where(Delivery.email == rosa.email)).all()
    (outcome,) = fence.judged(session, [waiting])
    assert (outcome.status, outcome.reason) == (DeliveryStatus.suppressed, "suppressed")


def test_who_came_before_domains_were_reckoned_is_reached_too(
    session: Session, site: Site, rosa: Subscriber, shut: Callable[[Scope], None]
) -> None:
    assert rosa.domain_key is None
    shut(Scope.domain)
    session.expire_all()
    assert rosa.domain_key == domain_key(site.keys, "mail.example.org")


def test_her_objection_outlives_the_end_of_our_block_and_the_other_way_round(
    session: Session, site: Site, reader: Reader, letters: MailingList, now: datetime
) -> None:
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    about = staff.target(site.keys, reader.address)
    ours, hers = (
        staff.suppress(
            session, now, site.keys, about, Refusal(Scope.everything, 0, reason, actor="alice")
        )
        for reason in (BLOCKED, OBJECTED)
    )
    assert ours
    assert hers
    assert staff.end(session, now, ours) is not None
    assert reader.refusal(letters) == "unsubscribed"
    assert [one.id for one in suppressions.in_force(session, about.key)] == [hers]
    assert reader.signs_up(now.replace(year=2027), letters) is not None
    reader.confirms(now, letters)
    assert reader.refusal(letters) == ""


def test_deleted_and_added_anew_she_is_still_suppressed(
    session: Session, site: Site, letters: MailingList, now: datetime
) -> None:
    """phpList rest-api #122: deleting a person and importing her again lifted her opt-out."""
    about = staff.target(site.keys, "rosa@example.org")
    objected = Refusal(Scope.everything, 0, OBJECTED, actor="alice")
    staff.suppress(session, now, site.keys, about, objected)
    for _ in range(2):
        with pytest.raises(readers.Unwilling):
            readers.add(session, now, site.keys, letters, person("ROSA@example.org"), PROOF)
        session.execute(sa.delete(Subscription))
        session.execute(sa.delete(Subscriber))
    who = person("rosa@example.org")
    assert subscriptions.sign_up(session, now, site.keys, letters, who, PROOF) is not None
