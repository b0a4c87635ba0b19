"""An archive in a real browser: promised by staff, fetched by its reader, and read without us."""

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from mailer import clock
from mailer.audience.models import Subscriber
from mailer.links import Site
from mailer.privacy import access
from mailer.privacy.handover import orders, sealing
from tests.e2e import judging
from tests.visitors import look_at
from tests.world import World


@pytest.fixture
def case(tab: Page, client: FlaskClient, made: World) -> None:
    """The owner has said why she looks at the reader."""
    assert tab
    look_at(client, int(str(made.parts["subscriber_id"])))


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("case")
def test_an_archive_is_promised_fetched_once_and_readable_by_itself(
    tab: Page, address: str, made: World, session: Session, site: Site, tmp_path: Path
) -> None:
    is_dark = tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    scheme = "dark" if is_dark else "light"
    reader = session.get_one(Subscriber, made.parts["subscriber_id"])
    number, secret = sealing.read(str(made.parts["carried"])) or (0, b"")
    content = access.archive(session, site, reader, reader.created_at, ("relay.example.net",))
    orders.keep(session, number, secret, content, clock.now(), timedelta(7))
    session.commit()
    tab.goto(f"{address}/archive/{made.parts['carried']}")
    judging.approve(tab, f"archive-{scheme}")
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download my data").click()
    download.value.save_as(tmp_path / "hers.zip")
    zipfile.ZipFile(tmp_path / "hers.zip").extract("README.html", tmp_path)
    tab.goto(f"{address}/your-data")
    tab.wait_for_timeout(500)  # the last byte is here before its leaving is written down
    tab.goto(f"{address}/archive/{made.parts['carried']}")
    assert tab.get_by_role("heading", name="This link has run out").is_visible()
    tab.goto(f"{address}/subscribers/{made.parts['subscriber_id']}/export")
    tab.get_by_label("Reason").fill("request of 3 May")
    tab.get_by_role("button", name="Export the data").click()
    assert tab.get_by_role("rowheader", name="Fetched").is_visible()
    judging.approve(tab, f"export-{scheme}")
    tab.goto(f"{address}/subscribers/{made.parts['subscriber_id']}/erase")
    judging.approve(tab, f"erase-{scheme}")
    tab.goto((tmp_path / "README.html").as_uri())
    judging.approve(tab, f"readme-{scheme}")
