"""Suppressions for staff: found without being stored, added, uploaded, and ended if our own."""

import io
import logging
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.models import AuditEntry, User
from mailer.audience import effects, suppressions
from mailer.audience.effects import Channel
from mailer.audience.models import MailingList, Subscriber, Suppression
from mailer.links import Site
from tests.visitors import post, sign_in

ALL = "/suppressions/"


@pytest.fixture
def marketer(client: FlaskClient, bob: User) -> FlaskClient:
    sign_in(client, bob)
    return client


@pytest.fixture
def owner(client: FlaskClient, alice: User) -> FlaskClient:
    sign_in(client, alice)
    return client


def add(client: FlaskClient, target: str, reason: str = "blocked", **further: str) -> str:
    form: dict[str, object] = {"target": target, "reason": reason, "note": "test", **further}
    return said(client, "/suppressions/new", form)


def said(client: FlaskClient, path: str, form: dict[str, object]) -> str:
    """Return the page that a form led to."""
    answer = post(client, path, form)
    return client.get(ALL).text if answer.status_code == 302 else answer.text


def reasons(session: Session, reader: Subscriber) -> list[str]:
    session.expire_all()
    return [one.reason for one in suppressions.in_force(session, reader.address_key)]


def test_an_address_is_suppressed_by_name_and_shown(
    marketer: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    assert "No suppressions" in marketer.get(ALL).text
    assert "It is suppressed" in add(marketer, "Rosa@EXAMPLE.org")
    assert reasons(session, rosa) == ["blocked"]
    page = marketer.get(ALL).text
    assert "Blocked by us" in page
    assert "by bob@example.com" in page
    assert session.query(AuditEntry).filter_by(action="suppressions.add").count() == 1
    assert "It was suppressed before" in add(marketer, "rosa@example.org")


def test_a_domain_reaches_readers_who_were_there_before(
    marketer: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    assert rosa.domain_key is None
    add(marketer, "mail.example.org")
    assert reasons(session, rosa) == ["blocked"]
    assert "A domain" in marketer.get(ALL).text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"target": "nobody"}, "not valid"),
        ({"target": "example.org", "reason": "objected"}, "nobody can object for a domain"),
        ({"reason": "complaint"}, "Choose one of the reasons"),
        ({"reason": "objected", "last_day": "2099-01-01"}, "has no end"),
        ({"last_day": "2001-01-01"}, "must lie ahead"),
        ({"last_day": "soon"}, "YYYY-MM-DD"),
    ],
)
def test_what_makes_no_sense_is_told(
    marketer: FlaskClient, session: Session, form: dict[str, str], words: str
) -> None:
    given = {"target": "rosa@example.org", "reason": "blocked", **form}
    answer = post(marketer, "/suppressions/new", given)
    assert answer.status_code == 422
    assert words in answer.text
    assert session.query(Suppression).count() == 0


def test_somebody_is_found_by_address_which_stands_nowhere_afterwards(
    marketer: FlaskClient,
    session: Session,
    rosa: Subscriber,
    caplog: pytest.LogCaptureFixture,
) -> None:
    add(marketer, "gone@example.net", note="")
    with caplog.at_level(logging.DEBUG):
        answer = post(marketer, "/suppressions/search", {"target": "gone@example.net"})
    assert "Blocked by us" in answer.text
    assert "gone@example.net" not in caplog.text
    told = " ".join(str(vars(one)) for one in session.query(Suppression))
    assert "gone@" not in told
    assert (
        "Nothing stands against it"
        in post(marketer, "/suppressions/search", {"target": rosa.email}).text
    )
    assert post(marketer, "/suppressions/search", {"target": "x"}).status_code == 422


def test_an_admin_ends_our_own_with_a_reason(
    owner: FlaskClient, session: Session, rosa: Subscriber
) -> None:
    add(owner, rosa.email)
    held = session.query(Suppression).one()
    path = f"/suppressions/{held.id}/end"
    assert "Why was it wrong" in owner.get(path).text
    assert post(owner, path, {"why": ""}).status_code == 422
    assert "It is ended" in said(owner, path, {"why": "wrong Rosa"})
    assert reasons(session, rosa) == []
    act = session.query(AuditEntry).filter_by(action="suppressions.end").one()
    assert act.reason == "wrong Rosa"
    assert "Nobody here can end it" in owner.get(path).text


def test_nobody_ends_a_persons_own(owner: FlaskClient, session: Session, rosa: Subscriber) -> None:
    add(owner, rosa.email, "objected")
    held = session.query(Suppression).one()
    path = f"/suppressions/{held.id}/end"
    assert "Nobody here can end it" in owner.get(path).text
    assert "Only she takes it back" in said(owner, path, {"why": "please"})
    assert reasons(session, rosa) == ["objected"]


def test_a_file_of_addresses_is_taken_in(
    marketer: FlaskClient, session: Session, rosa: Subscriber, letters: MailingList
) -> None:
    """Mailchimp's cleaned and unsubscribed files never become mailable (listmonk #688, #2363)."""
    assert letters
    text = "Adresse,Grund\r\nROSA@example.org,x\r\n\r\nnobody\r\nzoe@example.net\r\n"
    data: dict[str, object] = {
        "file": (io.BytesIO(b"\xef\xbb\xbf" + text.encode()), "x.csv"),
        "reason": "imported",
    }
    page = marketer.get("/suppressions/upload")
    assert "CSV file" in page.text
    answer = said(marketer, "/suppressions/upload", data)
    assert "2 newly suppressed, 0 were before." in answer
    assert "1 lines hold no address, such as: 4." in answer
    assert reasons(session, rosa) == ["imported"]
    assert post(marketer, "/suppressions/upload", {"reason": "imported"}).status_code == 422


def test_the_list_is_filtered_and_paged(marketer: FlaskClient, session: Session) -> None:
    lines = "".join(f"reader{number}@example.net\n" for number in range(60)).encode()
    post(
        marketer,
        "/suppressions/upload",
        {"file": (io.BytesIO(b"address\n" + lines), "x.csv"), "reason": "invalid"},
    )
    add(marketer, "example.com")
    first = marketer.get(ALL).text
    assert first.count('scope="row"') == 50
    last = session.query(Suppression).order_by(Suppression.id.desc()).offset(49).first()
    assert last is not None
    second = marketer.get(f"{ALL}?before={last.id}").text
    assert second.count('scope="row"') == 11
    assert "Older ones" not in second
    assert marketer.get(f"{ALL}?scope=domain").text.count('scope="row"') == 1
    assert marketer.get(f"{ALL}?reason=blocked").text.count('scope="row"') == 1
    assert marketer.get(f"{ALL}?reason=nonsense&scope=nonsense&before=x").status_code == 200


def test_a_domain_of_other_letters_is_found_by_any_address_in_it(marketer: FlaskClient) -> None:
    add(marketer, "bücher.example")
    answer = post(marketer, "/suppressions/search", {"target": "Rosa@mail.BÜCHER.example"})
    assert "Blocked by us" in answer.text


def test_the_page_tells_how_soon_opt_outs_held_by_the_way_they_came(
    marketer: FlaskClient, client: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    assert "How soon an opt-out holds" not in marketer.get(ALL).text
    link = site.unsubscribe(rosa.subscriptions[0].list_id, rosa.id, 0)
    session.rollback()
    for _ in range(2):  # the second press finds nothing left to do
        client.post(link.removeprefix(site.public_url))
    today = clock.now().date()
    effects.note(session, today, [(Channel.letter, 3.4), (Channel.desk, 40_000.0)])
    effects.note(session, today - timedelta(days=31), [(Channel.complaint, 1.0)])
    session.commit()
    rows = [
        " ".join(row.text().split()) for row in LexborHTMLParser(marketer.get(ALL).text).css("tr")
    ]
    letter = "A letter by mail 1 0 1 3 s"
    desk = "A letter or a call, entered by hand 1 0 0 about 11 h 7 min"
    assert rows[-2:] == [letter, desk]
    assert rows[-3].startswith("One click in the mail program 1 1 1 0.0")
