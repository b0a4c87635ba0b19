"""The way of a file through the pages, in a real browser: a bad one first, then a good one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from mailer import importing
from mailer.accounts.models import User
from mailer.audience.models import MailingList, Subscriber
from tests.e2e import judging
from tests.e2e.conftest import Tone, signed_in
from tests.visitors import sign_in

PEOPLE = (
    "Email;Vorname;Ort;Geburtstag;Blutgruppe\nrosa@example.org;Rosa;Salem;1990-01-01;A\n"
    "no address;Tom;;;\nROSA@example.org;Rosa;;;\nkim@example.org;Kim;;2020-01-01;\n"
)


@pytest.fixture
def tab(
    browser: Browser, client: FlaskClient, bob: User, address: str, tone: Tone
) -> Iterator[Page]:
    """A tab in which a marketer is signed in; axe is let past the policy for scripts."""
    sign_in(client, bob)
    with signed_in(browser, client, address, tone) as page:
        yield page


@pytest.mark.timeout(120)
def test_a_bad_file_is_explained_and_a_good_one_taken_in(
    app: Flask,
    session: Session,
    tab: Page,
    address: str,
    letters: MailingList,
    tmp_path: Path,
) -> None:
    name = letters.name
    session.commit()
    tab.goto(f"{address}/subscribers/")
    tab.get_by_role("link", name="Import", exact=True).click()
    tab.get_by_role("link", name="Import a file").first.click()
    bring(tab, tmp_path / "people.xlsx", b"\xd0\xcf\x11\xe0 a workbook")
    expect(tab.get_by_text("This is an Excel workbook.")).to_be_visible()
    judging.approve(tab, "bad")
    bring(tab, tmp_path / "people.csv", PEOPLE.encode())
    expect(tab.get_by_text("Seems to hold health")).to_be_visible()
    tell(tab, name)
    judging.approve(tab, "columns")
    press(tab, "Check the file", "Looking at every row")
    judging.approve(tab, "checking")
    work(app)
    expect(tab.get_by_role("heading", name="What would happen")).to_be_visible()
    judging.approve(tab, "checked")
    press(tab, "Import now", "Taking people in")
    work(app)
    expect(tab.get_by_role("heading", name="What happened")).to_be_visible()
    judging.approve(tab, "finished")
    assert session.scalars(sa.select(Subscriber.email)).all() == ["rosa@example.org"]
    session.commit()
    tab.get_by_role("link", name="Undo").click()
    judging.approve(tab, "undo")
    press(tab, "Undo the import", "Taking out what was added")
    work(app)
    expect(tab.get_by_text("No opt-out and no suppression was touched.")).to_be_visible()


def bring(tab: Page, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    tab.get_by_label("The file").set_input_files(path)
    tab.get_by_role("button", name="Upload").click()


def tell(tab: Page, list_name: str) -> None:
    """Say what the file is."""
    for label in (list_name, "Our former newsletter system", "They confirmed by a link in a mail"):
        tab.get_by_label(label).check()
    tab.get_by_label("What proves it?").fill("The form at harbor.example.com")


def press(tab: Page, button: str, answer: str) -> None:
    tab.get_by_role("button", name=button).click()
    expect(tab.get_by_text(answer)).to_be_visible()


def work(app: Flask) -> None:
    """Do what a worker process would."""
    with app.app_context():
        importing.take_in(1)
