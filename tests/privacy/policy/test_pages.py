"""Each fact of the policy is what the setting says that the code itself obeys."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from mailer.audience import lists
from mailer.audience.models import MailingList, Sender
from mailer.audience.segments import fields
from mailer.audience.segments.models import FieldKind
from mailer.audience.words import ListStatus, Optin
from mailer.compliance.readiness import Transfer
from mailer.delivery.processors import register
from mailer.delivery.processors.models import Role
from mailer.privacy.clocks import Desk
from mailer.privacy.keeping import periods as keeping
from mailer.privacy.keeping import runs
from mailer.privacy.keeping.classes import RULES, Class
from mailer.privacy.policy import pages, periods, texts
from mailer.privacy.policy.cookies import COOKIES
from mailer.privacy.policy.models import Page
from mailer.privacy.policy.settings import Settings
from tests import world

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SETTINGS = Settings("https://news.example.com", (), Desk(ZoneInfo("UTC"), "", 45))

Change = Callable[[Session, MailingList, Settings], Settings]


def content(session: Session, settings: Settings = SETTINGS, page: Page = Page.privacy) -> str:
    return pages.document(session, page, settings).content


def test_each_sender_stands_there_with_its_address_and_mailbox(
    session: Session, sender: Sender
) -> None:
    told = content(session)
    for fact in (sender.legal_name, sender.address_lines, sender.postcode, sender.reply_to):
        assert fact in told


def test_without_a_sender_it_says_that_nobody_is_mailed(session: Session) -> None:
    assert "nobody is mailed" in content(session)
    assert "No other firm gets it from us." in content(session)


def named(**changes: object) -> Change:
    def change(session: Session, letters: MailingList, settings: Settings) -> Settings:
        assert session
        for name, value in changes.items():
            setattr(letters, name, value)
        return settings

    return change


def moved(session: Session, letters: MailingList, settings: Settings) -> Settings:
    assert session
    letters.sender.city = "Vienna"
    return settings


def asked(session: Session, letters: MailingList, settings: Settings) -> Settings:
    made = fields.Details("shoe", "Size of shoe", FieldKind.number, is_hers=True)
    fields.create(session, NOON, made)
    letters.asked_fields = "shoe"
    return settings


def reached(session: Session, letters: MailingList, settings: Settings) -> Settings:
    assert session
    sender = letters.sender
    sender.reply_to, sender.phone, sender.website = (
        "ask@harbor.example.com",
        "+1 5",
        "https://h.example",
    )
    return settings


def housed(session: Session, letters: MailingList, settings: Settings) -> Settings:
    assert session
    assert letters
    return replace(settings, public_url="https://letters.example.net")


def kept(session: Session, letters: MailingList, settings: Settings) -> Settings:
    assert letters
    keeping.change(session, NOON, "alice@example.com", Class.unconfirmed, 9)
    return settings


def answered(session: Session, letters: MailingList, settings: Settings) -> Settings:
    assert session
    assert letters
    return replace(settings, desk=replace(settings.desk, days=30))


def relayed(session: Session, letters: MailingList, settings: Settings) -> Settings:
    session.add(world.relay(letters))
    session.flush()
    return replace(settings, relays=("127.0.0.1",))


def handed(session: Session, letters: MailingList, settings: Settings) -> Settings:
    details = register.Details(
        name="Cellar",
        role=Role.joint,
        services="keeps our backups",
        legal_entity="Cellar Inc",
        country="US",
        transfer=Transfer.dpf,
        transfer_checked_on=None,
        contract="DPA",
        contract_on=None,
    )
    register.enter(session, letters.created_at, details)
    return settings


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (named(name="Rain Letters"), "Rain Letters |  | Harbor"),
        (named(description="Tides, weekly"), "| Tides, weekly |"),
        (named(optin=Optin.single), "after you sent the form"),
        (named(consent_months=18), "Your consent to “Harbor Letters” | 18 months after"),
        (named(least_age=16), "“Harbor Letters” asks you to state: I am at least 16"),
        (moved, "Vienna"),
        (reached, "Reach us at ask@harbor.example.com, +1 5, https://h.example."),
        (asked, "What our forms ask for, if you answer: Size of shoe."),
        (housed, "https://letters.example.net/your-data"),
        (kept, "Sign-ups that nobody confirmed | 9 days"),
        (answered, "We answer within 30 days"),
        (relayed, "Postbote GmbH | Carries our mail | DE | on our instructions alone | the data"),
        (handed, "Cellar Inc | keeps our backups | US | together with us | Data Privacy Framework"),
    ],
)
def test_a_changed_setting_changes_the_page(
    session: Session, letters: MailingList, change: Change, fact: str
) -> None:
    before = pages.document(session, Page.privacy, SETTINGS)
    assert fact not in before.content
    after = pages.document(session, Page.privacy, change(session, letters, SETTINGS))
    assert fact in after.content
    assert after.digest != before.digest


@pytest.mark.parametrize("name", periods.TOLD)
def test_each_period_on_the_page_is_the_setting_that_moves_the_edge(
    session: Session, letters: MailingList, name: Class
) -> None:
    assert letters
    before, told = runs.edges_now(session, ZoneInfo("UTC"), NOON)[name], content(session)
    rule = RULES[name]
    wanted = next(
        length
        for length in (rule.least.length, rule.most.length)
        if length != keeping.in_force(session)[name]
    )
    keeping.change(session, NOON, "alice@example.com", name, wanted)
    fact = f"{rule.title} | {rule.spelled(wanted)} from {rule.since}"
    assert fact not in told
    assert fact in content(session)
    assert runs.edges_now(session, ZoneInfo("UTC"), NOON)[name] != before


def test_an_archived_list_is_told_of_no_more(session: Session, letters: MailingList) -> None:
    assert letters.name in content(session)
    lists.set_status(letters, ListStatus.archived, NOON)
    session.flush()
    assert letters.name not in content(session)


def test_each_period_is_the_one_that_the_nightly_run_throws_away_by(session: Session) -> None:
    told = {one.what: one.how_long for one in periods.in_force(session)}
    edges = runs.edges_now(session, ZoneInfo("UTC"), NOON)
    assert edges[Class.correspondence] == datetime(2025, 11, 23, tzinfo=UTC)
    assert told["Letters"] == "12 months from the day it came"
    for what, how_long in told.items():
        assert f"{what} | {how_long}" in content(session)


def test_every_cookie_stands_in_the_table(session: Session) -> None:
    told = content(session, page=Page.cookies)
    for one in COOKIES:
        assert (
            f"{one.name} | news.example.com | {one.purpose} | {one.when} | {one.duration}" in told
        )


def test_the_words_of_staff_stand_behind_the_facts_and_replace_none(
    session: Session, letters: MailingList, now: datetime
) -> None:
    assert letters.created_at == now
    bare = pages.document(session, Page.privacy, SETTINGS)
    texts.keep(session, Page.privacy, {"rights": "# Rights\nNone at all.", "strange": "Lost"})
    written = pages.document(session, Page.privacy, SETTINGS)
    assert [one.blocks for one in written.sections] == [one.blocks for one in bare.sections]
    assert "> # Rights\n> None at all." in written.content
    assert "Lost" not in written.content
    assert "None at all." not in content(session, page=Page.cookies)
    texts.keep(session, Page.privacy, {"rights": ""})
    assert pages.document(session, Page.privacy, SETTINGS) == bare
