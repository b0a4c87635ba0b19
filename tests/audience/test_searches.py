"""Readers searched and paged: everybody once, in order, by an index, in few statements."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience import searches
from mailer.audience.models import MailingList, Subscriber, Subscription
from mailer.audience.searches import PAGE_SIZE, Search
from mailer.audience.words import SubscriberStatus, SubscriptionStatus
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), ["una", "rosa", "bea", "abe"]),
        (Search("ROS"), ["rosa"]),
        (Search("osa"), []),
        (Search("OSA", anywhere=True), ["rosa"]),
        (Search("@Example.org", status="unconfirmed"), ["una"]),
        (Search("%"), []),
        (Search("_", anywhere=True), []),
        (Search("Bea"), ["bea"]),
        (Search(status="disabled"), ["abe"]),
        (Search(status="confirmed"), ["rosa", "bea", "abe"]),
        (Search(list_id=1), ["una", "rosa", "bea", "abe"]),
        (Search(list_id=2), []),
        (Search(list_id=1, status="unconfirmed"), ["una"]),
        (Search(list_id=1, status="disabled"), ["abe"]),
        (Search("a", list_id=1, status="disabled"), ["abe"]),
        (Search(also=Subscriber.name == "Bea"), ["bea"]),
    ],
)
def test_readers_are_found_by_how_an_address_or_a_name_begins(
    session: Session, make_reader: MakeReader, search: Search, found: list[str]
) -> None:
    make_reader("abe").status = SubscriberStatus.disabled
    make_reader("bea")
    make_reader("rosa")
    make_reader("una", SubscriptionStatus.unconfirmed)
    session.commit()
    page = searches.page(session, search)
    assert [row.name.lower() for row in page.rows] == found
    assert page.total == len(found)
    assert searches.count(session, search) == len(found)


@pytest.fixture
def crowd(session: Session, letters: MailingList, now: datetime) -> None:
    """Two pages and one reader, all on a list, every third of them unconfirmed."""
    kinds = (SubscriptionStatus.unconfirmed, SubscriptionStatus.confirmed)
    session.add_all(
        Subscriber(
            email=f"{one}@example.org",
            address_key=b"%032d" % one,
            created_at=now,
            updated_at=now,
            subscriptions=[
                Subscription(list_id=letters.id, status=kinds[one % 3 > 0], created_at=now)
            ],
        )
        for one in range(2 * PAGE_SIZE + 1)
    )
    session.commit()


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("search", [Search(), Search(list_id=1), Search("", None, "enabled")])
def test_pages_hold_everybody_once_there_and_back(session: Session, search: Search) -> None:
    first = searches.page(session, search)
    second = searches.page(session, search, before=first.older)
    third = searches.page(session, search, before=second.older)
    seen = [row.id for one in (first, second, third) for row in one.rows]
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 2 * PAGE_SIZE + 1
    assert (first.newer, third.older, first.total) == (None, None, 101)
    back = searches.page(session, search, after=third.newer)
    assert [row.id for row in back.rows] == [row.id for row in second.rows]
    assert searches.page(session, search, after=back.newer) == first


@pytest.mark.usefixtures("crowd")
def test_pages_beyond_what_is_counted_are_the_same(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def walk() -> list[list[int]]:
        first = searches.page(session, Search())
        second = searches.page(session, Search(), before=first.older)
        third = searches.page(session, Search(), before=second.older)
        back = searches.page(session, Search(), after=third.newer)
        begun = searches.page(session, Search(), after=back.newer)
        return [[row.id for row in one.rows] for one in (first, second, third, back, begun)]

    near = walk()
    for counted in (PAGE_SIZE, PAGE_SIZE + 9, 2 * PAGE_SIZE):
        monkeypatch.setattr(searches, "COUNTED", counted)
        assert walk() == near
        assert searches.page(session, Search()).is_more


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("edge", [-5, 0, 10**12])
def test_an_edge_that_nobody_has_shows_a_page(session: Session, edge: int) -> None:
    assert len(searches.page(session, Search(), after=edge).rows) in {0, PAGE_SIZE}
    assert len(searches.page(session, Search(), before=edge).rows) in {0, PAGE_SIZE}


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(
    "search",
    [Search("77"), Search(list_id=1, status="unconfirmed"), Search(list_id=1), Search()],
)
def test_no_page_reads_all_readers(session: Session, search: Search) -> None:
    """The plan is asked for with sequential scans made dear, as they are among a million."""
    compiled = searches.ordered(search, 50, PAGE_SIZE).compile(
        session.connection(), compile_kwargs={"literal_binds": True}
    )
    plan = explained(session, str(compiled))
    assert "Seq Scan" not in plan
    assert "SCAN subscribers\n" not in plan
    assert "SCAN subscriptions\n" not in plan


def explained(session: Session, statement: str) -> str:
    text = statement.replace(":", "\\:")
    if session.get_bind().dialect.name == "sqlite":
        rows = session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))
        return "".join(f"{row[3]}\n" for row in rows)
    session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    return "\n".join(session.scalars(sa.text(f"EXPLAIN {text}")))


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(
    "search", [Search(), Search("1"), Search(list_id=1), Search("@example.org")]
)
def test_a_page_takes_the_same_few_statements_however_many_it_shows(
    session: Session, search: Search
) -> None:
    statements: list[str] = []
    session.rollback()
    session.expunge_all()
    connection = session.connection()

    def note(*given: object) -> None:
        statements.append(str(given[2]))

    sa.event.listen(connection, "before_cursor_execute", note)
    page = searches.page(session, search)
    names = {place.list.name for row in page.rows for place in row.subscriptions}
    sa.event.remove(connection, "before_cursor_execute", note)
    assert names == {"Harbor Letters"}
    assert len(statements) == 3
