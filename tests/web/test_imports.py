"""The import pages: upload, columns, dry run, run, report, undo; and files that are none."""

import io
import zipfile
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer import importing
from mailer.accounts.models import AuditEntry, User
from mailer.audience.imports.models import Import, State
from mailer.audience.models import MailingList, Subscriber
from tests.visitors import TOKEN_FIELD, form_token, post, sign_in

PEOPLE = b"email,name\nrosa@example.org,Rosa\nbroken,Tom\n"


@pytest.fixture
def bob_client(client: FlaskClient, bob: User) -> FlaskClient:
    sign_in(client, bob)
    return client


def uploaded(client: FlaskClient, content: bytes, name: str = "people.csv") -> TestResponse:
    return post(client, "/imports/new", {"file": (io.BytesIO(content), name)})


def sent(client: FlaskClient, content: bytes) -> TestResponse:
    """Upload as ``uploaded`` does, but without the test client's temporary file."""
    token = f'name="{TOKEN_FIELD}"\r\n\r\n{form_token(client)}'
    parts = (
        b"Content-Disposition: form-data; " + token.encode(),
        b'Content-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n' + content,
    )
    body = b"".join(b"--part\r\n" + part + b"\r\n" for part in parts) + b"--part--\r\n"
    kind = "multipart/form-data; boundary=part"
    return client.post("/imports/new", data=body, content_type=kind)


def said(letters: MailingList, **changes: object) -> dict[str, object]:
    return {
        "column-0": "email",
        "column-1": "name",
        "lists": str(letters.id),
        "provenance": "own_form",
        "basis": "double_opt_in",
        "evidence": "our form",
        **changes,
    }


def work(app: Flask, import_id: int = 1) -> None:
    with app.app_context():
        importing.take_in(import_id)


def test_a_file_goes_from_upload_to_report_and_back(
    app: Flask, session: Session, bob_client: FlaskClient, letters: MailingList
) -> None:
    answer = uploaded(bob_client, PEOPLE)
    assert answer.location == "/imports/1/columns"
    assert "rosa@example.org" in bob_client.get("/imports/1/columns").text
    assert post(bob_client, "/imports/1/columns", said(letters)).location == "/imports/1"
    assert "Looking at every row" in bob_client.get("/imports/1").text
    work(app)
    page = bob_client.get("/imports/1").text
    assert "What would happen" in page
    assert session.scalars(sa.select(Subscriber)).all() == []
    post(bob_client, "/imports/1/begin")
    work(app)
    page = bob_client.get("/imports/1").text
    assert "What happened" in page
    assert bob_client.get("/imports/1/progress").headers["HX-Refresh"] == "true"
    assert session.scalars(sa.select(Subscriber.email)).all() == ["rosa@example.org"]
    report = bob_client.get("/imports/1/faults")
    assert report.mimetype == "text/csv"
    assert report.text.splitlines()[1].startswith("people.csv,3,invalid,")
    post(bob_client, "/imports/1/undo")
    work(app)
    assert "1 places" in bob_client.get("/imports/1").text
    assert session.scalars(sa.select(Subscriber)).all() == []
    acts = session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.subject == "import 1").order_by(AuditEntry.id)
    )
    assert list(acts) == ["imports.upload", "imports.check", "imports.begin", "imports.undo"]


@pytest.mark.parametrize("provenance", ["purchased", "scraped", "appended", "unknown"])
def test_what_the_law_forbids_is_refused_with_its_citation(
    session: Session, bob_client: FlaskClient, letters: MailingList, provenance: str
) -> None:
    uploaded(bob_client, PEOPLE)
    answer = post(bob_client, "/imports/1/columns", said(letters, provenance=provenance))
    assert answer.status_code == 422
    assert "15 U.S.C. 7704(b)(1)(A)" in answer.text
    assert session.get_one(Import, 1).state is State.uploaded


def test_made_up_addresses_are_refused_before_anybody_is_added(
    app: Flask, bob_client: FlaskClient, letters: MailingList
) -> None:
    made_up = b"email,name\n" + b"".join(b"a%d@example.org,x\n" % n for n in range(500))
    uploaded(bob_client, made_up)
    post(bob_client, "/imports/1/columns", said(letters))
    work(app)
    assert "The law forbids this import" in bob_client.get("/imports/1").text
    assert post(bob_client, "/imports/1/begin").status_code == 422


def test_a_warning_wants_a_reason_that_is_kept(
    app: Flask, session: Session, bob_client: FlaskClient, letters: MailingList
) -> None:
    at_once = b"email,name,confirm_time\n" + b"".join(
        b"p%s@example.org,x,\n" % name.encode() for name in ("ada", "ben")
    )
    uploaded(bob_client, at_once)
    post(bob_client, "/imports/1/columns", said(letters))
    work(app)
    batch = session.get_one(Import, 1)
    batch.findings = [
        {"rule": "R38", "severity": "warn", "title": "t", "evidence": "e", "fix": "f"}
    ]
    session.commit()
    answer = post(bob_client, "/imports/1/begin")
    assert answer.status_code == 422
    assert "Say why this is right" in answer.text
    post(bob_client, "/imports/1/begin", {"reason": "They asked at our stand."})
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "imports.begin")).one()
    assert entry.reason == "They asked at our stand."


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"column-0": "name"}, "Say which column holds the email address."),
        ({"column-1": "email"}, "is chosen for two columns"),
        ({"lists": "99"}, "Choose at least one list that is in use."),
        ({"evidence": ""}, "This field cannot be empty."),
        ({"basis": "none"}, "Choose one of these."),
    ],
)
def test_what_makes_no_sense_is_said_beside_the_question(
    bob_client: FlaskClient, letters: MailingList, change: dict[str, str], words: str
) -> None:
    uploaded(bob_client, PEOPLE)
    answer = post(bob_client, "/imports/1/columns", said(letters, **change))
    assert answer.status_code == 422
    assert words in answer.text


def test_a_column_of_sensitive_data_cannot_be_kept(
    bob_client: FlaskClient, letters: MailingList
) -> None:
    uploaded(bob_client, b"email,Blood type,iban\nrosa@example.org,A,DE1\n")
    page = bob_client.get("/imports/1/columns").text
    assert "Seems to hold health" in page
    answer = post(bob_client, "/imports/1/columns", said(letters, **{"column-1": "attribute"}))
    assert answer.status_code == 422
    assert "leave the column out" in answer.text


def test_only_an_administrator_vouches_for_the_parents_of_a_childrens_list(
    client: FlaskClient, session: Session, letters: MailingList, bob: User, alice: User
) -> None:
    letters.least_age = 9
    session.commit()
    sign_in(client, bob)
    uploaded(client, PEOPLE)
    assert "by an administrator alone" in client.get("/imports/1/columns").text
    answer = post(client, "/imports/1/columns", said(letters, parents="yes"))
    assert (answer.status_code, "nobody has vouched" in answer.text) == (422, True)
    sign_in(client, alice)
    assert post(client, "/imports/1/columns", said(letters, parents="yes")).status_code == 302
    batch = session.get_one(Import, 1, populate_existing=True)
    assert (batch.state, batch.parents_by) == (State.checking, alice.email)


def archive(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return file.getvalue()


def spoiled() -> bytes:
    """Return an archive whose bytes are other than its sums say."""
    whole = archive(people_dot_csv=PEOPLE * 20)
    return whole[:50] + bytes([whole[50] ^ 0x55]) + whole[51:]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (spoiled(), "The archive is damaged."),
        (archive(**{f"{n:x>200}": b"" for n in range(900)}), "more than 50 files"),
        (b"PK\x03\x04PK\x06\x07" + b"0" * 16 + b"PK\x05\x06" + b"0" * 18, "more than 50 files"),
        (b"\n\n \n", "The file is empty."),
        (archive(xl__workbook_dot_xml=b"<x/>"), "This is an Excel workbook."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an Excel workbook."),
        (b"%PDF-1.7", "This is no text file"),
        (bytes(range(256)) * 50, "This is no text file"),
        (b"PK\x03\x04 and then nothing", "The archive is damaged."),
        (archive(readme_dot_md=b"x"), "The archive holds no CSV file."),
        (archive(bomb_dot_csv=b"a" * 5_000_000), "grows beyond measure"),
        (archive(**{f"f{n}_dot_csv": b"email\n" for n in range(60)}), "more than 50 files"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_clear_words(
    session: Session, bob_client: FlaskClient, content: bytes, words: str
) -> None:
    answer = uploaded(bob_client, content)
    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalars(sa.select(Import)).all() == []


def test_a_list_may_be_larger_than_a_form(
    session: Session, bob_client: FlaskClient, client: FlaskClient
) -> None:
    large = b"email,name\n" + b"rosa@example.org,Rosa\n" * 300_000
    assert sent(bob_client, large).location == "/imports/1/columns"
    assert session.get_one(Import, 1).size == len(large)
    with client.session_transaction() as cookie:
        cookie.clear()
    assert sent(client, large).status_code == 413


def test_a_step_that_comes_too_late_says_so(bob_client: FlaskClient) -> None:
    uploaded(bob_client, PEOPLE)
    answer = post(bob_client, "/imports/1/pause", follow_redirects=True)
    assert "the import has moved on" in answer.text


def test_implied_consent_is_asked_for_its_day(
    session: Session, bob_client: FlaskClient, letters: MailingList
) -> None:
    uploaded(bob_client, PEOPLE)
    customers = said(letters, basis="customer")
    answer = post(bob_client, "/imports/1/columns", customers)
    assert (answer.status_code, "Consent from a purchase" in answer.text) == (422, True)
    answer = post(bob_client, "/imports/1/columns", {**customers, "began_on": "yesterday"})
    assert (answer.status_code, "Choose a day" in answer.text) == (422, True)
    answer = post(bob_client, "/imports/1/columns", {**customers, "began_on": "2026-01-31"})
    assert answer.status_code == 302
    assert session.scalars(sa.select(Import.began_on)).one() == date(2026, 1, 31)
    assert 'value="2026-01-31"' in bob_client.get("/imports/1/columns").text
