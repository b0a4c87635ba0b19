"""Consent that runs out: whoever it has run out for gets nothing until she says yes again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience import expiry
from mailer.audience.models import ConsentEvent, MailingList
from mailer.audience.words import Optin
from tests.audience.steps import Reader

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
JUNE_2 = datetime(2026, 6, 2, 15, 30, tzinfo=UTC)


@pytest.fixture
def known(reader: Reader, letters: MailingList, now: datetime) -> Reader:
    """Rosa, who said yes on 2 March, on a list where that lasts three months."""
    letters.consent_months = 3
    reader.signs_up(now, letters)
    reader.confirms(now, letters)
    return reader


def test_consent_runs_out_on_the_same_day_of_the_month(
    session: Session, known: Reader, letters: MailingList
) -> None:
    expiry.expire(session, JUNE_2 - DAY)
    assert known.refusal(letters) == ""
    expiry.expire(session, JUNE_2)
    assert known.refusal(letters) == "consent expired"


@pytest.mark.parametrize("optin", list(Optin))
def test_a_new_sign_up_that_she_confirms_renews_it_with_a_new_entry(
    session: Session, known: Reader, letters: MailingList, optin: Optin
) -> None:
    """Nobody else can renew it by filling in the form, on a single opt-in list either."""
    expiry.expire(session, JUNE_2)
    letters.optin = optin
    session.expire_all()
    assert known.signs_up(JUNE_2, letters) is not None
    assert known.refusal(letters) == "consent expired"
    known.confirms(JUNE_2, letters)
    expiry.expire(session, JUNE_2 + DAY)
    assert known.refusal(letters) == ""
    actions = [one.action.value for one in session.query(ConsentEvent).order_by(ConsentEvent.id)]
    assert actions == ["requested", "confirmed"] * 2


def test_a_longer_time_brings_back_whose_consent_holds_by_it(
    session: Session, known: Reader, letters: MailingList
) -> None:
    expiry.expire(session, JUNE_2)
    for months in (4, None):
        letters.consent_months = months
        expiry.expire(session, JUNE_2)
        assert known.refusal(letters) == ""


def test_implied_consent_ends_on_its_own_day_on_any_list(
    session: Session, known: Reader, letters: MailingList
) -> None:
    letters.consent_months = None
    known.place(letters).consent_ends_at = JUNE_2
    session.flush()
    expiry.expire(session, JUNE_2 - DAY)
    assert known.refusal(letters) == ""
    for _ in range(2):
        expiry.expire(session, JUNE_2)
        assert known.refusal(letters) == "consent expired"


def test_her_own_sign_up_turns_implied_consent_into_her_word(
    session: Session, known: Reader, letters: MailingList, now: datetime
) -> None:
    letters.consent_months = None
    known.place(letters).consent_ends_at = JUNE_2
    session.flush()
    assert known.signs_up(now + DAY, letters) is not None
    assert known.place(letters).consent_ends_at == JUNE_2
    known.confirms(now + DAY, letters)
    expiry.expire(session, JUNE_2)
    assert known.refusal(letters) == ""


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [((2026, 5, 31), 3, (2026, 2, 28)), ((2026, 1, 15), 1, (2025, 12, 15))],
)
def test_months_are_those_of_the_calendar(
    day: tuple[int, int, int], months: int, expected: tuple[int, int, int]
) -> None:
    assert expiry.before(datetime(*day, tzinfo=UTC), months) == datetime(*expected, tzinfo=UTC)
