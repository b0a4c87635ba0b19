"""Campaigns that ask for consent again: whom they reach, by which link, and whom never."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import expiry, renewals, standing, suppressions
from mailer.audience.consent import Evidence
from mailer.audience.models import ConsentEvent, MailingList, Subscriber, Subscription
from mailer.audience.renewals import Asked, HasLeft
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope, SubscriberStatus, SubscriptionStatus
from mailer.campaigns import drafts
from mailer.campaigns.facts import Facts
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.compliance.candidate import Kind
from mailer.delivery import asking, audience, checks, masks, statistics
from mailer.delivery.approval import Unlawful
from mailer.delivery.inspection import Inspector
from mailer.delivery.models import Delivery, DeliveryStatus
from mailer.delivery.office import Office
from mailer.tokens import Purpose
from tests.conftest import MakeReader
from tests.delivery.conftest import Clock, MakeCampaign, Yard
from tests.relays import Sink

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
AGAIN = Facts(is_asking=True)
BODY = (
    "You have been reading us for a while. Shall the letter go on?\n\n"
    "[Yes, keep sending it]({{ renewal_url }})\n\n{{ legal_footer }}\n"
)


@pytest.fixture
def question(make_campaign: MakeCampaign) -> Campaign:
    return make_campaign(name="Again", subject="Shall the letter go on?", body=BODY, facts=AGAIN)


def said_yes(session: Session, reader: Subscriber, at: datetime) -> Subscription:
    place = reader.subscriptions[0]
    place.confirmed_at = at
    session.commit()
    return place


def long_ago(now: datetime) -> datetime:
    return expiry.before(now, asking.OLD)


def test_those_alone_are_asked_whose_consent_holds_and_is_old_or_ends_soon(
    session: Session, make_reader: MakeReader, question: Campaign, now: datetime
) -> None:
    said_yes(session, make_reader("old"), long_ago(now))
    said_yes(session, make_reader("recent"), long_ago(now) + DAY)
    soon = expiry.after(now, asking.SOON)
    for name, ends_at in (
        ("soon", soon),
        ("later", soon + DAY),
        ("over", now),
        ("last", now + DAY),
    ):
        said_yes(session, make_reader(name), now).consent_ends_at = ends_at
    assert audience.arithmetic(session, question, now) == {
        "": 3,
        asking.RECENT: 2,
        standing.EXPIRED: 1,
    }
    audience.freeze(session, question, now)
    found = session.query(Delivery).filter_by(status=DeliveryStatus.pending)
    assert {one.email.partition("@")[0] for one in found} == {"old", "soon", "last"}
    assert audience.unwilling(session, question, now) == (0, 0)


def test_on_a_list_where_consent_ages_it_is_asked_before_the_end_and_never_after(
    session: Session,
    letters: MailingList,
    make_reader: MakeReader,
    question: Campaign,
    now: datetime,
) -> None:
    letters.consent_months = 9
    for name, months in (("fresh", 5), ("due", 6), ("last", 8), ("over", 9), ("gone", 30)):
        said_yes(session, make_reader(name), expiry.before(now, months))
    assert audience.arithmetic(session, question, now) == {
        "": 2,
        asking.RECENT: 1,
        standing.EXPIRED: 2,
    }


def test_nobody_who_left_or_never_confirmed_is_asked(
    session: Session, make_reader: MakeReader, question: Campaign, now: datetime
) -> None:
    """ICO against Flybe and Honda: a mail about preferences to those who had opted out."""
    then = long_ago(now)
    for name, status in (("left", "unsubscribed"), ("never", "unconfirmed")):
        said_yes(session, make_reader(name, status), then)
    blocked, objector = make_reader("blocked"), make_reader("objector")
    for reader in (blocked, objector):
        said_yes(session, reader, then)
    blocked.status = SubscriberStatus.blocklisted
    suppressions.suppress(session, now, objector.address_key, Refusal(Scope.everything))
    session.commit()
    told = audience.arithmetic(session, question, now)
    assert told == {"unsubscribed": 1, "unconfirmed": 1, "blocklisted": 1, "suppressed": 1}


def test_nobody_is_asked_twice_within_six_months(
    yard: Yard,
    session: Session,
    make_reader: MakeReader,
    make_campaign: MakeCampaign,
    question: Campaign,
    now: datetime,
) -> None:
    said_yes(session, make_reader("rosa"), long_ago(now))
    yard.start(make_campaign())  # which does not ask
    said_yes(session, make_reader("ines"), long_ago(now))
    yard.start(question)
    for one in session.query(Delivery):
        one.status, one.sending_at = DeliveryStatus.accepted, now
    session.commit()
    second = make_campaign(name="Once more", body=BODY, facts=AGAIN)
    half_a_year = expiry.after(now, asking.APART)
    assert audience.arithmetic(session, second, half_a_year - DAY) == {asking.ASKED: 2}
    assert audience.arithmetic(session, second, half_a_year) == {"": 2}
    assert audience.arithmetic(session, question, now) == {"": 2}


def test_her_own_link_to_say_yes_leaves_in_both_parts(
    yard: Yard, session: Session, make_reader: MakeReader, question: Campaign, smtp_sink: Sink
) -> None:
    readers = {name: make_reader(name) for name in ("rosa", "ines")}
    for reader in readers.values():
        said_yes(session, reader, long_ago(yard.clock()))
    yard.start(question)
    yard.run(question)
    assert len(smtp_sink.caught) == 2
    for mail, copy in zip(smtp_sink.caught, yard.deliveries(question), strict=True):
        raw = mail.content.replace(b"=\r\n", b"").replace(b"=3D", b"=")
        numbers = (copy.list_id, copy.subscriber_id, copy.id)
        link = f"{yard.site.public_url}/k/{tokens.signed(yard.site.keys, Purpose.renewal, numbers)}"
        assert raw.count(link.encode()) == 2
        assert raw.count(b"/k/") == 2


def test_a_plain_campaign_has_no_such_link(
    yard: Yard, session: Session, rosa: Subscriber, make_campaign: MakeCampaign
) -> None:
    said_yes(session, rosa, long_ago(yard.clock()))
    with pytest.raises(checks.Refused) as refusal:
        yard.start(make_campaign(body=BODY))
    assert [one.rule for one in refusal.value.verdict.refusals] == ["R11"]


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "Shall the letter go on?\n\n{{ legal_footer }}\n"},
        {"text": "Shall the letter go on?\n\n{{ legal_footer }}\n"},
        {"kind": Kind.service, "facts": replace(AGAIN, kind_reason="It concerns the letter.")},
    ],
)
def test_the_gate_refuses_a_question_that_cannot_be_answered_or_is_called_a_service(
    yard: Yard,
    session: Session,
    rosa: Subscriber,
    make_campaign: MakeCampaign,
    changes: dict[str, object],
) -> None:
    said_yes(session, rosa, long_ago(yard.clock()))
    asked = make_campaign(**{"body": BODY, "facts": AGAIN, **changes})
    with pytest.raises(checks.Refused) as refusal:
        yard.start(asked)
    assert "R37" in {one.rule for one in refusal.value.verdict.refusals}
    assert session.query(Delivery).count() == 0


def test_a_condition_that_takes_the_link_from_one_reader_excludes_her(
    yard: Yard,
    session: Session,
    make_reader: MakeReader,
    make_campaign: MakeCampaign,
    smtp_sink: Sink,
) -> None:
    """Her copy has a link of the same host and shape in its place, and is judged all the same."""
    other = "https://news.example.com/k/1"
    for number in range(20):
        code = {"code": "abc" if number == 10 else "", "other": other}
        reader = make_reader(f"reader{number}", attributes=code)
        said_yes(session, reader, long_ago(yard.clock()))
    chosen = (
        "{% assign long = subscriber.attributes.code | default: '' | size %}{% if long == 3 %}"
        "{{ subscriber.attributes.other }}{% else %}{{ renewal_url }}{% endif %}"
    )
    asked = make_campaign(
        subject="Shall the letter go on?",
        body=f"Shall the letter go on?\n\n[Yes]({chosen})\n\n{{{{ legal_footer }}}}\n",
        facts=AGAIN,
    )
    yard.start(asked)
    yard.run(asked)
    assert "reader10@example.org" not in {mail.rcpt_to[0] for mail in smtp_sink.caught}
    assert len(smtp_sink.caught) == 19
    assert "R37" in next(iter(statistics.report(session, asked).reasons))


def test_copies_that_differ_in_their_links_alone_are_judged_once(
    yard: Yard, session: Session, question: Campaign
) -> None:
    inspector = Inspector(Office.of(session, yard.site, question, yard.clock()), yard.clock)
    for number in (1, 2, 3):
        approve(inspector, number, Reader(f"reader{number}@example.org"))
    assert len(inspector.kinds) == 1


def test_each_single_copy_is_searched_for_the_link(
    yard: Yard, session: Session, make_campaign: MakeCampaign
) -> None:
    """Her value is what stands for the link where kinds of copies are told apart."""
    chosen = "{% if subscriber.attributes.own %}{{ subscriber.attributes.own }}{% else %}"
    body = f"[Yes]({chosen}{{{{ renewal_url }}}}{{% endif %}})\n\n{{{{ legal_footer }}}}\n"
    asked = make_campaign(body=body, facts=AGAIN)
    inspector = Inspector(Office.of(session, yard.site, asked, yard.clock()), yard.clock)
    approve(inspector, 1, Reader("rosa@example.org"))
    sly = Reader("ines@example.org", attributes={"own": masks.OWN_RENEWAL})
    with pytest.raises(Unlawful, match="lacks"):
        approve(inspector, 2, sly)
    assert len(inspector.kinds) == 1


def approve(inspector: Inspector, number: int, reader: Reader) -> None:
    office = inspector.office
    url = office.site.unsubscribe(1, number, number)
    copy = office.copy(reader, url)
    raw = office.message(copy, reader.email, url, "letters", number)
    inspector.approved(raw, copy, reader, url)


def test_whose_consent_ends_while_the_queue_waits_is_not_asked_any_more(
    yard: Yard, session: Session, rosa: Subscriber, question: Campaign, smtp_sink: Sink
) -> None:
    end = yard.clock() + DAY
    said_yes(session, rosa, yard.clock()).consent_ends_at = end
    yard.start(question)
    yard.clock.wait(days=1)
    expiry.expire(session, yard.clock())
    session.commit()
    yard.run(question)
    assert smtp_sink.caught == []


def test_her_yes_restarts_her_consent_with_one_receipt(
    session: Session, rosa: Subscriber, letters: MailingList, clock: Clock
) -> None:
    letters.consent_months = 12
    place = said_yes(session, rosa, long_ago(clock()))
    place.consent_ends_at = clock() + DAY
    expiry.expire(session, clock())
    session.expire_all()
    assert place.consent_expired_at is not None
    asked = Asked(letters.id, rosa.id, 77)
    for _ in range(2):
        renewals.renew(session, clock(), asked, Evidence(shown="Yes", source=renewals.SOURCE))
        session.commit()
        clock.wait(days=3)
    place = session.query(Subscription).one()
    assert place.confirmed_at == datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    assert (place.consent_ends_at, place.consent_expired_at) == (None, None)
    (event,) = session.query(ConsentEvent)
    assert (event.action, event.method, event.delivery_id) == ("confirmed", "link", 77)
    assert renewals.is_done(session, asked, rosa.address_key)
    assert not renewals.is_done(session, asked._replace(delivery_id=78), rosa.address_key)


@pytest.mark.parametrize("how", ["left", "suppressed", "disabled", "unconfirmed", "elsewhere"])
def test_a_link_in_an_old_mail_brings_nobody_back(
    session: Session, rosa: Subscriber, letters: MailingList, now: datetime, how: str
) -> None:
    place, asked = rosa.subscriptions[0], Asked(letters.id, rosa.id, 77)
    if how in {"left", "unconfirmed"}:
        left = how == "left"
        status = SubscriptionStatus.unsubscribed if left else SubscriptionStatus.unconfirmed
        place.status = status
    elif how == "suppressed":
        suppressions.suppress(session, now, rosa.address_key, Refusal(Scope.sender, 1))
    elif how == "disabled":
        rosa.status = SubscriberStatus.disabled
    else:
        asked = asked._replace(list_id=letters.id + 1)
    session.commit()
    with pytest.raises(HasLeft):
        renewals.renew(session, now, asked, Evidence())
    assert session.query(ConsentEvent).count() == 0


def test_a_copy_of_a_question_is_a_question(
    session: Session, question: Campaign, now: datetime
) -> None:
    assert drafts.duplicate(session, question, now).is_asking
