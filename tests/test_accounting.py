"""The judge itself: each invariant, broken on purpose, is named."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.delivery import launch, tallies
from mailer.delivery.models import Certificate, Delivery, DeliveryStatus
from mailer.links import Site
from tests import accounting
from tests.accounting import Allowed
from tests.conftest import MakeReader
from tests.delivery.conftest import LAWFUL
from tests.sink.journal import Taken

NAMES = ("ana", "rosa", "zoe")
ROSA = "rosa@example.org"

Accounts = Callable[..., list[str]]


@pytest.fixture
def campaign(
    session: Session, site: Site, letters: MailingList, make_reader: MakeReader, now: datetime
) -> Campaign:
    """A finished campaign of three readers, whose accounts agree."""
    for name in NAMES:
        make_reader(name)
    campaign = Campaign(
        sender_id=letters.sender_id,
        name="Tides",
        subject="Low water",
        body=LAWFUL,
        lists=[letters],
        created_at=now,
        updated_at=now,
    )
    session.add(campaign)
    session.commit()
    launch.start(session, site, campaign, now)
    launch.record(session, campaign, now, "start")
    tallies.forget(session, campaign.id)
    session.execute(sa.update(Delivery).values(status=DeliveryStatus.accepted, sending_at=now))
    launch.finish(session, site, campaign, now)
    session.commit()
    return campaign


@pytest.fixture
def accounts(session: Session, campaign: Campaign) -> Accounts:
    """``accounts(without="ana", twice="rosa")`` judges against what a relay took."""

    def judge(
        *, without: str = "", twice: str = "", also: str = "", allowed: Allowed | None = None
    ) -> list[str]:
        session.commit()
        names = [one for one in (*NAMES, twice, also) if one and one != without]
        taken = [Taken(f"<{name}@x>", "", f"{name}@example.org", 0) for name in names]
        url = session.get_bind().engine.url.render_as_string(hide_password=False)
        return accounting.accounts(url, taken, campaign.id, allowed)

    return judge


def put(session: Session, **values: object) -> None:
    """Change rosa's row behind everybody's back."""
    session.execute(sa.update(Delivery).where(Delivery.email == ROSA).values(**values))


def test_accounts_that_agree_leave_nothing_to_say(accounts: Accounts) -> None:
    assert accounts() == []


def test_a_row_that_is_gone_is_missed(session: Session, accounts: Accounts) -> None:
    session.execute(sa.delete(Delivery).where(Delivery.email == ROSA))
    assert "I1: 3 were frozen, 2 are there" in accounts(without="rosa")


def test_a_second_copy_is_one_too_many(accounts: Accounts) -> None:
    (wrong,) = accounts(twice="rosa")
    assert wrong.startswith("I2: 1 copies too many: <rosa@x>, rosa@example.org")


def test_who_left_before_her_fence_should_have_got_nothing(
    accounts: Accounts, now: datetime
) -> None:
    left = {ROSA: now - timedelta(seconds=1), "ana@example.org": now + timedelta(seconds=1)}
    assert accounts(allowed=Allowed(left=left)) == [
        "I3: 1 were mailed after they had left: rosa@example.org"
    ]


def test_what_the_relay_never_took_was_not_accepted(accounts: Accounts) -> None:
    assert accounts(without="rosa") == [
        "I4: 1 are accepted, but the relay has nothing: rosa@example.org"
    ]


@pytest.mark.parametrize("status", [DeliveryStatus.pending, DeliveryStatus.suppressed])
def test_what_the_relay_took_cannot_be_denied(
    session: Session, accounts: Accounts, status: DeliveryStatus
) -> None:
    put(session, status=status)
    assert f"I4: the relay has copies of {{'{status}': 1}}: rosa@example.org" in accounts()


def test_a_stranger_is_noticed_and_a_seed_is_not(accounts: Accounts) -> None:
    assert accounts(also="sam") == ["I4: mailed, but not in the audience: sam@example.org"]
    assert accounts(also="sam", allowed=Allowed(others=["sam@example.org"])) == []


def test_a_finished_campaign_leaves_nobody_waiting(session: Session, accounts: Accounts) -> None:
    put(session, status=DeliveryStatus.deferred)
    assert "I5: finished, and yet {'deferred': 1}" in accounts(without="rosa")


def test_a_record_that_was_changed_is_broken(session: Session, accounts: Accounts) -> None:
    session.execute(sa.text("DROP TRIGGER certificates_no_update"))
    session.execute(sa.update(Certificate).values(source="another"))
    assert "I6: the chain of certificates is broken" in accounts()


def test_a_campaign_that_is_over_has_a_last_page(campaign: Campaign, accounts: Accounts) -> None:
    campaign.status = CampaignStatus.running
    assert "I6: it is running, and its pages are end, start" in accounts()


@pytest.mark.parametrize(
    ("done", "wrong"),
    [
        (
            "pause",
            "I6: by the audit log it was finished, and then campaign.pause: one step is missing",
        ),
        ("resend", "I6: it is finished, and by its audit log running"),
    ],
)
def test_each_change_of_its_state_has_an_entry(
    session: Session,
    campaign: Campaign,
    accounts: Accounts,
    now: datetime,
    done: str,
    wrong: str,
) -> None:
    launch.record(session, campaign, now, done)
    assert any(one.startswith(wrong) for one in accounts())


def test_a_campaign_is_let_go_as_often_as_the_audit_log_says(
    session: Session, campaign: Campaign, accounts: Accounts, now: datetime
) -> None:
    for done in ("resend", "finish"):
        launch.record(session, campaign, now, done)
    assert accounts() == ["I6: by its audit log it was let go 2 times, by its pages 1 times"]


def test_ignorance_has_its_limits(session: Session, accounts: Accounts) -> None:
    put(session, status=DeliveryStatus.unknown)
    assert "G2: 1 are unknown, where 0 may be" in accounts()
    assert not any("G2" in wrong for wrong in accounts(allowed=Allowed(drops=1)))
    assert not any("G2" in wrong for wrong in accounts(allowed=Allowed(kills=1)))
