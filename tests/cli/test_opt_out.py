"""``mailer try-opt-out``: what it prints, and its exit code."""

from collections.abc import Iterator

import pytest
from flask import Flask

from mailer.audience.models import MailingList, Sender
from mailer.links import Site
from tests import strangers
from tests.browser import serving
from tests.cli.conftest import Mailer
from tests.strangers import says


@pytest.fixture
def served(app: Flask, site: Site) -> Iterator[str]:
    with serving(app) as address:
        app.extensions["site"] = Site(address, site.keys, development=True)
        yield address


def test_a_link_that_works_is_told_step_by_step(
    mailer: Mailer, letters: MailingList, served: str
) -> None:
    result = mailer("try-opt-out", str(letters.sender_id))
    assert result.exit_code == 0, result.output
    assert f"Harbor Press LLC at {served}" in result.output
    assert "    yes One click in a mail program (form-encoded)" in result.output
    assert "Not judged here" in result.output


def test_a_link_that_is_broken_ends_with_one(
    app: Flask, mailer: Mailer, site: Site, letters: MailingList
) -> None:
    assert letters
    with strangers.serving(lambda handler: says(handler, 404)) as address:
        app.extensions["site"] = Site(address, site.keys, development=True)
        result = mailer("try-opt-out")
    assert result.exit_code == 1
    assert "    NO  The page opens for somebody without cookies" in result.output
    assert "Nothing would be sent until this is mended." in result.output


def test_a_sender_without_a_list_has_nothing_to_try(mailer: Mailer, sender: Sender) -> None:
    result = mailer("try-opt-out", str(sender.id))
    assert (result.exit_code, "no list yet" in result.output) == (0, True)


def test_an_unknown_sender_is_unusable(mailer: Mailer) -> None:
    assert mailer("try-opt-out", "999").exit_code == 2


def test_nobody_to_try_is_no_error(mailer: Mailer) -> None:
    assert mailer("try-opt-out").exit_code == 0
