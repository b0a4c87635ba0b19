"""Consent that ends: an import counts it from a day that somebody names, and guesses none."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import expiry, lists, suppressions
from mailer.audience.imports import terms
from mailer.audience.imports.batches import BadChoice
from mailer.audience.imports.models import Basis, Fault, Import, Outcome
from mailer.audience.imports.reading.targets import Target
from mailer.audience.lists import Details
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription, Suppression
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Optin, Scope, SubscriptionStatus
from mailer.compliance import inputs, lapse
from tests.audience.imports.conftest import NOW, Arrange, TakeIn, Upload

pytestmark = pytest.mark.usefixtures("database")
COLUMNS = {"email": Target.email, "bought": Target.dealt_on}
PEOPLE = b"email\nrosa@example.org\n"


@pytest.fixture
def single(letters: MailingList) -> MailingList:
    letters.optin = Optin.single
    return letters


def reasons(session: Session, batch: Import) -> list[tuple[int, str, str]]:
    chosen = sa.select(Fault).where(Fault.import_id == batch.id).order_by(Fault.id)
    return [(one.line, one.outcome, one.reason) for one in session.scalars(chosen)]


def ends(session: Session) -> dict[str, tuple[datetime | None, datetime | None]]:
    found = session.execute(
        sa.select(Subscriber.email, Subscription.confirmed_at, Subscription.consent_ends_at).join(
            Subscription
        )
    )
    return {email: (since, until) for email, since, until in found}


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


@pytest.mark.usefixtures("single")
@pytest.mark.parametrize(
    ("basis", "until"), [(Basis.customer, at(2027, 11, 30)), (Basis.inquiry, at(2026, 5, 30))]
)
def test_implied_consent_ends_by_the_day_that_a_column_names(
    session: Session, take_in: TakeIn, basis: Basis, until: datetime
) -> None:
    batch = take_in(b"email,bought\nrosa@example.org,2025-11-30\n", basis=basis, mapping=COLUMNS)
    assert batch.counts == {Outcome.added: 1}
    assert ends(session) == {"rosa@example.org": (at(2025, 11, 30), until)}
    event = session.scalars(sa.select(ConsentEvent)).one()
    assert event.evidence is not None
    assert event.evidence["original"] == "2025-11-30T00:00:00+00:00"
    expiry.expire(session, until)
    assert session.scalars(sa.select(Subscription.consent_expired_at)).one() == until


@pytest.mark.usefixtures("single")
def test_a_later_inquiry_prolongs_consent_that_an_inquiry_implied(
    session: Session, take_in: TakeIn
) -> None:
    first, later = (at(2025, 11, 30), at(2026, 5, 30)), (at(2026, 1, 15), at(2026, 7, 15))
    bought(take_in, "2025-11-30", Basis.inquiry)
    session.execute(sa.update(Subscription).values(consent_expired_at=NOW))
    for day, basis, outcome, held in (
        ("2026-01-15", Basis.customer, Outcome.already_there, first),  # of another kind
        ("2026-01-15", Basis.inquiry, Outcome.updated, later),
        ("2025-12-24", Basis.inquiry, Outcome.already_there, later),
        ("2026-03-09", Basis.inquiry, Outcome.already_there, later),  # still to come
    ):
        assert bought(take_in, day, basis).counts == {outcome: 1}
        assert ends(session) == {"rosa@example.org": held}
    assert session.scalars(sa.select(Subscription.consent_expired_at)).one() is None
    receipts = session.scalars(sa.select(ConsentEvent).order_by(ConsentEvent.id)).all()
    days = [(one.evidence or {}).get("original", "")[:10] for one in receipts]
    assert days == ["2025-11-30", "2026-01-15"]


@pytest.mark.usefixtures("single")
@pytest.mark.parametrize("change", ["left", "suppressed", "agreed"])
def test_a_later_purchase_undoes_no_word_of_hers(
    session: Session, take_in: TakeIn, change: str
) -> None:
    bought(take_in, "2025-11-30")
    place = session.scalars(sa.select(Subscription)).one()
    if change == "left":
        place.status = SubscriptionStatus.unsubscribed
    elif change == "suppressed":
        refusal = Refusal(Scope.everything, reason="complaint")
        suppressions.suppress(session, NOW, place.subscriber.address_key, refusal)
    else:
        place.consent_ends_at = None
    session.commit()
    before = ends(session)
    bought(take_in, "2026-01-15")
    assert ends(session) == before
    assert session.scalars(sa.select(sa.func.count(ConsentEvent.id))).one() == 1


def bought(take_in: TakeIn, day: str, basis: Basis = Basis.customer) -> Import:
    content = f"email,bought\nrosa@example.org,{day}\n".encode()
    return take_in(content, basis=basis, mapping=COLUMNS)


@pytest.mark.usefixtures("single")
def test_the_declared_day_counts_for_rows_that_name_none_and_for_no_other(
    session: Session, take_in: TakeIn
) -> None:
    content = (
        b"email,bought\nrosa@example.org,\ntom@example.org,2025-12-24\nines@example.org,soon\n"
    )
    batch = take_in(content, basis=Basis.customer, mapping=COLUMNS, began_on=date(2025, 5, 4))
    assert {email: until for email, (_, until) in ends(session).items()} == {
        "rosa@example.org": at(2027, 5, 4),
        "tom@example.org": at(2027, 12, 24),
    }
    assert reasons(session, batch) == [(4, Outcome.refused, terms.NO_DAY)]


@pytest.mark.usefixtures("single")
def test_a_day_that_is_missing_unreadable_ahead_or_over_is_told_row_by_row(
    session: Session, take_in: TakeIn
) -> None:
    days = ["", "03/04/2025", "2026-03-03", "9999-12-31", "2024-03-02", "2024-03-03"]
    rows = "".join(f"reader{n}@example.org,{day}\n" for n, day in enumerate(days))
    batch = take_in(f"email,bought\n{rows}".encode(), basis=Basis.customer, mapping=COLUMNS)
    over = terms.OVER.format(at(2026, 3, 2))
    found = [terms.NO_DAY, terms.NO_DAY, terms.AHEAD, terms.AHEAD, over]
    assert reasons(session, batch) == [
        (line, Outcome.refused, reason) for line, reason in enumerate(found, start=2)
    ]
    assert batch.forecast == batch.counts == {Outcome.refused: 5, Outcome.added: 1}
    assert list(ends(session)) == ["reader5@example.org"]


@pytest.mark.usefixtures("single")
def test_who_left_at_the_source_is_suppressed_whatever_the_day(
    session: Session, take_in: TakeIn
) -> None:
    content = b"email,bought,status\nrosa@example.org,1999-01-01,unsubscribed\n"
    mapping = {**COLUMNS, "status": Target.status}
    batch = take_in(content, basis=Basis.customer, mapping=mapping)
    assert batch.counts == {Outcome.opted_out: 1}
    assert session.scalars(sa.select(Suppression.reason)).all() == ["unsubscribed"]


@pytest.mark.parametrize("basis", [Basis.customer, Basis.inquiry])
def test_implied_consent_without_any_day_is_not_even_checked(
    upload: Upload, arrange: Arrange, basis: Basis
) -> None:
    batch = upload(PEOPLE)
    with pytest.raises(BadChoice, match="R31"):
        arrange(batch, basis=basis)
    with pytest.raises(BadChoice, match="still to come"):
        arrange(batch, basis=basis, began_on=date(2026, 3, 3))


def test_where_consent_grows_old_an_imported_yes_needs_its_day(
    session: Session, single: MailingList, take_in: TakeIn
) -> None:
    """The reader's own list keeps a yes for a year; the moment of an import is none."""
    single.consent_months = 12
    content = (
        b"email,optin_time\nrosa@example.org,2025-06-01\ntom@example.org,\n"
        b"ines@example.org,2025-03-02\n"
    )
    batch = take_in(content)
    assert ends(session) == {"rosa@example.org": (at(2025, 6, 1), None)}
    assert reasons(session, batch) == [
        (3, Outcome.refused, terms.NO_DAY),
        (4, Outcome.refused, terms.OVER.format(at(2026, 3, 2))),
    ]
    declared = take_in(b"email\ntom@example.org\n", began_on=date(2025, 7, 1))
    assert declared.counts == {Outcome.added: 1}
    assert ends(session)["tom@example.org"] == (at(2025, 7, 1), None)


@pytest.mark.usefixtures("single")
def test_she_comes_on_those_lists_alone_where_her_consent_holds(
    session: Session, letters: MailingList, take_in: TakeIn
) -> None:
    tides = lists.create(session, NOW, letters.sender_id, Details("Tides", optin=Optin.single))
    letters.consent_months = 12
    content = b"email,optin_time\nrosa@example.org,2024-06-01\n"
    batch = take_in(content, list_ids=(letters.id, tides.id))
    assert session.scalars(sa.select(Subscription.list_id)).all() == [tides.id]
    assert reasons(session, batch) == [(2, Outcome.added, terms.OVER.format(at(2025, 6, 1)))]


def test_a_yes_that_is_still_to_be_given_needs_no_day(
    letters: MailingList, take_in: TakeIn
) -> None:
    letters.consent_months = 12
    assert take_in(PEOPLE, basis=Basis.opt_in).counts == {Outcome.added: 1}


def test_months_end_with_the_last_day_of_a_shorter_one() -> None:
    assert lapse.months_after(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert lapse.last_day(inputs.Basis.unknown, date(2025, 1, 15)) == date(2025, 7, 15)
