"""Readers who leave by their links at the same moment: in one transaction, each for herself."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from time import monotonic

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from mailer import ledger
from mailer.audience.consent import Evidence
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription, Suppression
from mailer.audience.subscriptions import OptOut, Wish
from mailer.audience.words import ConsentMethod, Scope
from mailer.db import db
from mailer.links import Site
from mailer.web import departures
from mailer.web.departures import Press
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")
PEOPLE = 12


def wish(one: Subscriber, letters: MailingList, scope: Scope = Scope.list) -> Wish:
    proof = Evidence(shown="One click", page="https://news.example.com/u/")
    return Wish(OptOut(letters.id, one.id, 70 + one.id, scope), ConsentMethod.one_click, proof)


@pytest.fixture
def crowd(make_reader: MakeReader) -> list[Subscriber]:
    return [make_reader(f"reader{number}") for number in range(PEOPLE)]


def together(wishes: Sequence[Wish]) -> dict[Wish, int | None]:
    """Let all press at once."""
    answers = departures.together([Press(one, monotonic()) for one in wishes])
    return {press.wish: answer for press, answer in answers.items()}


def statements(session: Session, wishes: Sequence[Wish]) -> int:
    """Return how many statements it takes to take off these readers."""
    found: list[str] = []
    session.rollback()
    sa.event.listen(db.engine, "before_cursor_execute", lambda *given: found.append(given[2]))
    together(wishes)
    return sum(not text.startswith("PRAGMA") for text in found)


def test_all_of_a_round_leave_in_the_same_few_statements(
    session: Session, crowd: list[Subscriber], letters: MailingList
) -> None:
    assert statements(session, [wish(one, letters) for one in crowd]) == 7


def test_each_of_a_round_has_a_refusal_an_entry_and_a_line_on_the_disk_of_her_own(
    session: Session, config: Config, crowd: list[Subscriber], letters: MailingList
) -> None:
    scopes = [Scope.list, Scope.sender, Scope.everything]
    wishes = [wish(one, letters, scopes[one.id % 3]) for one in crowd]
    keys = [one.address_key for one in crowd]
    answers = together(wishes)
    held = {one.id: one for one in session.query(Suppression)}
    assert len(held) == PEOPLE
    for key, asked in zip(keys, wishes, strict=True):
        number = answers[asked]
        assert number is not None
        one, opt_out = held[number], asked.opt_out
        assert (one.address_key, one.scope, one.delivery_id) == (
            key,
            opt_out.scope,
            opt_out.delivery_id,
        )
        (event,) = session.query(ConsentEvent).filter_by(address_key=key)
        assert (event.action, event.delivery_id) == ("unsubscribed", opt_out.delivery_id)
    assert {one.status.value for one in session.query(Subscription)} == {"unsubscribed"}
    journal = (config.data_dir / "refusals.jsonl").read_text()
    assert all(journal.count(key.hex()) == 1 for key in keys)
    assert ledger.seal_waiting(session, ConsentEvent) == PEOPLE
    session.commit()
    assert ledger.first_broken(session, ConsentEvent) is None


def test_whoever_left_before_is_in_no_ledger_twice_and_her_newer_link_is_void(
    session: Session, crowd: list[Subscriber], letters: MailingList
) -> None:
    first, second = (wish(one, letters) for one in crowd[:2])
    together([first])
    (place,) = session.query(Subscription).filter_by(subscriber_id=first.opt_out.subscriber_id)
    serial = place.confirmation_serial
    session.rollback()
    answers = together([first, second])
    assert answers[first] is None
    assert answers[second] is not None
    assert session.query(ConsentEvent).count() == 2
    session.refresh(place)
    assert place.confirmation_serial == serial + 1


def test_of_two_wishes_of_one_reader_the_second_is_heard_by_herself(
    session: Session, rosa: Subscriber, letters: MailingList
) -> None:
    only, more = wish(rosa, letters), wish(rosa, letters, Scope.sender)
    assert set(together([only, more])) == {only}
    assert departures.take_off(more) is not None
    assert sorted(one.scope for one in session.query(Suppression)) == ["list", "sender"]


def test_a_reader_who_is_gone_has_left(
    session: Session, rosa: Subscriber, letters: MailingList
) -> None:
    nobody = Wish(OptOut(letters.id, rosa.id + 999), ConsentMethod.one_click, Evidence())
    nowhere = Wish(OptOut(letters.id + 999, rosa.id), ConsentMethod.one_click, Evidence())
    session.commit()
    assert departures.take_off(nobody) is departures.take_off(nowhere) is None
    assert session.query(Suppression).count() == 0


@pytest.mark.parametrize("form", [{}, {"from": "page", "scope": "list"}])
def test_a_dozen_clicks_at_once_are_all_on_the_disk_when_they_are_answered(
    app: Flask,
    session: Session,
    site: Site,
    crowd: list[Subscriber],
    letters: MailingList,
    form: dict[str, str],
) -> None:
    paths = [site.unsubscribe(letters.id, one.id, 5) for one in crowd] * 2
    session.commit()

    def click(path: str) -> int:
        answer = app.test_client().post(path.removeprefix(site.public_url), data=form)
        return answer.status_code

    with ThreadPoolExecutor(PEOPLE) as pool:
        codes = list(pool.map(lambda path: Context().run(click, path), paths))
    assert set(codes) == {200}
    assert session.query(Suppression).count() == PEOPLE
    assert session.query(ConsentEvent).count() == PEOPLE
