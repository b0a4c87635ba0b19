"""Versions of the policy: one for each change, and none without."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList
from mailer.campaigns.models import Campaign
from mailer.compliance.candidate import Kind
from mailer.delivery import checks
from mailer.links import Site
from mailer.privacy.policy import notices, pages, versions
from mailer.privacy.policy.models import Page, PolicyVersion
from tests.privacy.policy.test_pages import SETTINGS

LATER = timedelta(days=3)


def noted(session: Session, now: datetime) -> list[tuple[str, int]]:
    found = versions.follow(session, SETTINGS, now)
    return [(one.page.value, one.number) for one in found]


def test_a_changed_setting_makes_a_version_of_that_page_alone(
    session: Session, letters: MailingList, now: datetime
) -> None:
    assert noted(session, now) == [("privacy", 1), ("cookies", 1)]
    assert noted(session, now) == []
    letters.name = "Rain Letters"
    assert noted(session, now + LATER) == [("privacy", 2)]
    last = versions.latest(session, Page.privacy)
    assert last is not None
    assert (last.at, last.actor) == (now + LATER, "")
    assert [one.number for one in versions.index(session, Page.privacy)] == [2, 1]


def test_a_version_shows_what_became_different(
    session: Session, letters: MailingList, now: datetime
) -> None:
    versions.follow(session, SETTINGS, now)
    letters.description = "Tides"
    [second] = versions.follow(session, SETTINGS, now)
    found = versions.changes(versions.before(session, second), second)
    lines = [(one.kind, one.line) for one in found if one.kind != "kept"]
    assert [kind for kind, _ in lines] == ["removed", "added"]
    assert "Harbor Letters | Tides |" in lines[1][1]
    first = versions.before(session, second)
    assert first is not None
    assert versions.before(session, first) is None
    assert {one.kind for one in versions.changes(None, first)} == {"added"}


@pytest.mark.usefixtures("database")
def test_of_two_who_note_the_same_change_one_does(session: Session, now: datetime) -> None:
    document = pages.document(session, Page.privacy, SETTINGS)
    assert versions.note(session, Page.privacy, document, now) is not None
    engine = session.get_bind()

    def slower() -> PolicyVersion | None:
        with Session(engine) as other:
            found = versions.note(other, Page.privacy, document, now)
            other.commit()
        return found

    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(slower)
        wait([second], timeout=0.5)
        session.commit()
        assert second.result() is None
    assert [one.number for one in versions.index(session, Page.privacy)] == [1]


def test_a_notice_is_a_lawful_draft_without_advertising(
    session: Session, site: Site, letters: MailingList, now: datetime
) -> None:
    versions.follow(session, SETTINGS, now)
    letters.name = "Rain {{ Letters }} *"
    [version] = versions.follow(session, SETTINGS, now)
    [made] = notices.draft(session, "https://news.example.com", version, now)
    assert (made.kind, made.lists) == (Kind.service, [letters])
    assert "- Rain Letters" in made.body
    assert "https://news.example.com/privacy" in made.body
    assert [
        (one.evidence, one.fix) for one in checks.examined(session, site, made, now).refusals
    ] == []


def test_a_long_line_of_a_notice_ends_in_dots(
    session: Session, letters: MailingList, now: datetime
) -> None:
    versions.follow(session, SETTINGS, now)
    letters.description = "Tides " * 100
    [version] = versions.follow(session, SETTINGS, now)
    [made] = notices.draft(session, "https://news.example.com", version, now)
    assert max(len(line) for line in made.body.splitlines()) == notices.LONGEST_LINE + 2


def test_without_a_list_there_is_nobody_to_tell(session: Session, now: datetime) -> None:
    [version, _] = versions.follow(session, SETTINGS, now)
    assert notices.draft(session, "https://news.example.com", version, now) == []
    assert session.query(Campaign).count() == 0
