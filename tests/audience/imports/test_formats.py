"""Files of other systems: known by their headings, opt-outs first, nobody above the source."""

import io
import zipfile

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.imports import arrivals
from mailer.audience.imports.models import ForeignId, Outcome
from mailer.audience.imports.reading import formats
from mailer.audience.imports.reading.targets import Standing, Target
from mailer.audience.models import MailingList, Subscriber, Subscription, Suppression
from mailer.audience.standing import MAILABLE, refusal
from mailer.audience.words import SubscriberStatus, SubscriptionStatus
from tests.audience.imports.conftest import TakeIn

CHIMP = (
    "MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,"
    "TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
)
UNSUB = "UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER"
VALUES = (
    '2,2019-04-02 10:11:12,,2019-04-02 10:12:13,203.0.113.9,,,,,,US,IL,2020-01-01,1,{},,"""a"""'
)


def chimp(language: str) -> bytes:
    """Return Mailchimp's archive as an account in a language writes it."""
    heading = {"en": "Email Address,First Name", "nl": "Emailadres,Voornaam"}[language]
    files = {
        "subscribed_email_audience_export_1.csv": (
            f"{heading},{CHIMP}",
            f"rosa@example.org,Rosa,{VALUES}",
            f"left@example.org,Leo,{VALUES}",
        ),
        "unsubscribed_email_audience_export_1.csv": (
            f"{heading},{CHIMP},{UNSUB}",
            f"left@example.org,Leo,{VALUES},2021-01-01 10:00:00,,,,",
        ),
        "cleaned_email_audience_export_1.csv": (
            f"{heading},{CHIMP},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID",
            f"gone@example.org,Gus,{VALUES},2021-01-01 10:00:00,,",
        ),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for number, (name, lines) in enumerate(files.items()):
            text = "\n".join(line.replace("{}", f"e{number}") for line in lines)
            packed.writestr(f"export/{name}", text)
        packed.writestr("__MACOSX/export/._x.csv", b"\0")
    return file.getvalue()


def mailable(session: Session) -> list[str]:
    chosen = sa.select(Subscriber.email).join(Subscription).join(MailingList)
    return list(session.scalars(chosen.where(refusal() == MAILABLE)))


@pytest.mark.parametrize("language", ["en", "nl"])
def test_mailchimps_unsubscribed_and_cleaned_are_suppressed_first(
    session: Session, take_in: TakeIn, database: str, language: str
) -> None:
    """listmonk issues 688 and 2363: those files were imported as subscribers."""
    assert database
    batch = take_in(chimp(language), "audience.zip")
    assert batch.counts == {Outcome.added: 1, Outcome.opted_out: 2, Outcome.duplicate: 1}
    assert mailable(session) == ["rosa@example.org"]
    reasons = session.scalars(sa.select(Suppression.reason).order_by(Suppression.id)).all()
    assert sorted(reasons) == ["bounced", "unsubscribed"]
    rosa = session.scalars(sa.select(Subscriber)).one()
    assert (rosa.name, rosa.attributes) == ("Rosa", {"TAGS": '"a"'})
    place = rosa.subscriptions[0]
    assert str(place.confirmed_at) == "2019-04-02 10:12:13+00:00"


UUID = "0F9B2F0C-8a61-4c5e-9d0e-2a8f6c1f3f6e"
FILES = {
    "listmonk": (
        "uuid,email,name,attributes,status,created_at,updated_at\n"
        f'{UUID},rosa@example.org,Rosa,"{{""city"": ""Bath""}}",enabled,2020-01-01,2020-01-01\n'
        "2,block@example.org,B,{},blocklisted,2020-01-01,2020-01-01\n"
        "3,off@example.org,O,{},disabled,2020-01-01,2020-01-01\n"
    ),
    "Keila": (
        "Email;First name;Last name;Data;Status;External ID\n"
        'rosa@example.org;Rosa;Luz;"{""city"": ""Bath""}";active;7\n'
        "left@example.org;L;;;unsubscribed;\ngone@example.org;G;;;unreachable;\n"
    ),
    "phpList": (
        "id,email,confirmed,blacklisted,optedin,bouncecount,entered,modified,uniqid,uuid,"
        "htmlemail,subscribepage,rssfrequency,password,disabled,extradata,foreignkey,city\n"
        "1,rosa@example.org,1,0,0,0,2020,2020,AB12,u,1,,,x,0,,,Bath\n"
        "2,block@example.org,1,1,0,0,2020,2020,cd34,u,1,,,x,0,,,\n"
        "3,wait@example.org,0,0,0,0,2020,2020,ef56,u,1,,,x,0,,,\n"
    ),
    "Mailtrain": (
        "cid,email,first_name,status,opt_in_ip,created,city\n"
        "aBcD,rosa@example.org,Rosa,1,203.0.113.9,2020-01-01 00:00:00,Bath\n"
        "x2,left@example.org,L,2,,,\nx3,gone@example.org,G,3,,,\nx4,spam@example.org,S,4,,,\n"
    ),
    "Ghost": (
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,"
        "deleted_at,labels,tiers\n"
        "1,rosa@example.org,Rosa,secret,true,false,,2020-01-01T00:00:00.000Z,,vip,\n"
        "2,left@example.org,L,,false,false,,2020-01-01T00:00:00.000Z,,,\n"
    ),
    "Substack": (
        "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment\n"
        "rosa@example.org,false,,free,false,2020-01-01T00:00:00.000Z,\n"
        "left@example.org,true,,paid,true,2020-01-01T00:00:00.000Z,\n"
    ),
    "Buttondown": (
        "email,notes,metadata,tags,type,creation_date\n"
        'rosa@example.org,secret,"{""city"": ""Bath""}",vip,regular,2020-01-01\n'
        "wait@example.org,,{},,unactivated,2020-01-01\nleft@example.org,,{},,removed,2020-01-01\n"
        "spam@example.org,,{},,complained,2020-01-01\n"
    ),
}
OUT = {
    "listmonk": 1,
    "Keila": 2,
    "phpList": 1,
    "Mailtrain": 3,
    "Ghost": 1,
    "Substack": 1,
    "Buttondown": 2,
}


@pytest.mark.parametrize("system", list(FILES))
def test_a_peers_file_is_known_and_nobody_in_it_rises(
    session: Session, take_in: TakeIn, system: str
) -> None:
    """Rows of peers' own states: who had left, bounced or waited there is not mailed here."""
    batch = take_in(FILES[system].encode())
    assert batch.reading["sheets"][0]["format"] == system  # type: ignore[index]
    assert batch.counts.get(Outcome.opted_out, 0) == OUT[system]
    assert Outcome.invalid not in batch.counts
    assert mailable(session) == ["rosa@example.org"]
    rosa = session.scalars(sa.select(Subscriber).filter_by(email="rosa@example.org")).one()
    assert "secret" not in str(rosa.attributes)
    assert rosa.attributes.get("city", "Bath") == "Bath"


@pytest.mark.parametrize(
    ("system", "known"),
    [("listmonk", UUID.lower()), ("phpList", "ab12"), ("Mailtrain", "abcd")],
)
def test_ids_of_old_links_are_kept(
    session: Session, take_in: TakeIn, letters: MailingList, system: str, known: str
) -> None:
    take_in(FILES[system].encode())
    kept = session.get(ForeignId, (system.lower(), known))
    assert kept is not None
    assert kept.list_id == letters.id
    assert session.get_one(Subscriber, kept.subscriber_id).email == "rosa@example.org"
    assert take_in(FILES[system].encode()).counts[Outcome.already_there] >= 1


def test_who_is_disabled_at_the_source_is_disabled_here(session: Session, take_in: TakeIn) -> None:
    take_in(FILES["listmonk"].encode())
    off = session.scalars(sa.select(Subscriber).filter_by(email="off@example.org")).one()
    assert off.status is SubscriberStatus.disabled
    assert off.subscriptions[0].status is not SubscriptionStatus.confirmed


def test_what_a_column_is_can_be_guessed_in_other_languages() -> None:
    headings = ("Vorname", "Nachname", "E-Mail-Adresse", "Geburtsdatum", "IBAN", "Ort", "")
    assert formats.proposed(headings, formats.detected(headings)) == [
        Target.first_name,
        Target.last_name,
        Target.email,
        Target.birth,
        Target.nothing,
        Target.attribute,
        Target.nothing,
    ]


def test_people_who_left_come_first_whatever_their_files_are_called() -> None:
    sheets = arrivals.read(io.BytesIO(chimp("nl")), "x.zip")
    assert [sheet.standing for sheet in sheets] == [
        Standing.bounced,
        Standing.unsubscribed,
        Standing.confirmed,
    ]
