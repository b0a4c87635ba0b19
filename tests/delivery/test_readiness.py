"""What is known of the sending side, and the checklist that the gate itself fills in."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from mailer.accounts import audit
from mailer.accounts.models import User
from mailer.audience.models import Sender, Subscriber
from mailer.audience.words import SubscriptionStatus
from mailer.campaigns.models import Campaign
from mailer.campaigns.rendering import Reader
from mailer.compliance import gate
from mailer.compliance.finding import Severity
from mailer.compliance.readiness import Readiness, Transfer
from mailer.delivery import audience, checklist, checks, launch, readiness, relays, seeds, signing
from mailer.delivery.checklist import Checklist, State
from mailer.delivery.office import Office, country
from mailer.delivery.relay_models import SeedResult, SeedState
from mailer.links import Site
from tests.conftest import ConfigFor, MakeReader, MakeUser

HOST = "relay.parcel.example"
DAY = timedelta(days=1)


@pytest.fixture
def config(database: str, config_for: ConfigFor) -> Config:
    """An installation in production; its mail would go to Parcel."""
    return config_for(
        database,
        production=True,
        public_url="https://news.harbor.example.com",
        smtp_url=f"smtps://user:secret@{HOST}",
    )


@pytest.fixture
def signed(session: Session, site: Site, sender: Sender, now: datetime) -> Sender:
    signing.create(session, site.keys, sender, signing.ED25519, "march", now)
    session.commit()
    return sender


def parcel(**changes: Any) -> relays.Details:  # noqa: ANN401 - any field
    given = {
        "name": "Parcel",
        "host": HOST,
        "legal_entity": "Parcel Inc",
        "country": "US",
        "is_own": False,
        "transfer": Transfer.domestic,
        "transfer_checked_on": None,
        "contract": "agreement of 2 March 2026",
    }
    return relays.Details(**{**given, **changes})


def came_back(session: Session, campaign: Campaign, at: datetime, *found: str) -> SeedResult:
    """Note a copy that came back, with these refusals."""
    one = seeds.queue(session, HOST, campaign, at)
    one.state = SeedState.failed if found else SeedState.passed
    one.received_at, one.next_at = at, None
    one.findings = [{"severity": "refuse", "evidence": text} for text in found]
    session.commit()
    return one


def by_key(found: Checklist) -> dict[str, State]:
    return {item.need.key: item.state for item in found.items}


def rules(session: Session, site: Site, campaign: Campaign, now: datetime) -> list[str]:
    verdict = checks.examined(session, site, campaign, now)
    return [f"{f.rule} {f.severity.value} {f.part}" for f in verdict.findings if f.rule == "R05"]


def test_a_fresh_installation_is_asked_and_later_refused(
    session: Session, site: Site, tides: Campaign, rosa: Subscriber, signed: Sender, now: datetime
) -> None:
    assert rosa.id
    assert signed.id
    early, late = now + 13 * DAY, now + 14 * DAY
    assert rules(session, site, tides, early) == ["R05 note relay", "R05 note seed copy"]
    with pytest.raises(checks.Refused):
        launch.start(session, site, tides, late)
    session.rollback()
    assert rules(session, site, tides, late) == ["R05 refuse relay", "R05 refuse seed copy"]
    row = relays.register(session, late, parcel())
    relays.review(row, "alice@example.com", late)
    came_back(session, tides, late)
    assert rules(session, site, tides, late) == []


def test_a_relay_whose_terms_are_read_more_often_is_refused_sooner(
    session: Session, site: Site, tides: Campaign, rosa: Subscriber, signed: Sender, now: datetime
) -> None:
    assert rosa.id
    assert signed.id
    row = relays.register(session, now, parcel(review_days=20))
    relays.review(row, "alice@example.com", now)
    came_back(session, tides, now + 15 * DAY)
    assert rules(session, site, tides, now + 20 * DAY) == []
    assert rules(session, site, tides, now + 21 * DAY) == ["R05 refuse relay"]
    relays.edit(session, row, parcel(review_days=30))
    assert row.reviewed_on is None


def test_a_seed_copy_that_came_back_broken_refuses_from_the_first_day(
    session: Session, site: Site, tides: Campaign, signed: Sender, now: datetime
) -> None:
    assert signed
    relays.register(session, now, parcel())
    came_back(session, tides, now, "The relay took List-Unsubscribe-Post away.")
    assert rules(session, site, tides, now) == ["R05 note relay", "R05 refuse seed copy"]


def test_a_list_that_changes_its_name_is_told_apart_from_one_that_keeps_it(
    session: Session, site: Site, tides: Campaign, signed: Sender, now: datetime
) -> None:
    one = came_back(session, tides, now)
    one.list_header = f"<{tides.lists[0].public_id}.harbor.example.com>"
    session.commit()

    def warned() -> bool:
        return "R43" in {f.rule for f in checks.examined(session, site, tides, now).warnings}

    assert not warned()
    signed.from_address = "letters@news.harbor.example.com"
    session.commit()
    assert warned()


def test_a_lapsed_review_stops_the_next_start_but_no_copy_under_way(
    session: Session, site: Site, tides: Campaign, signed: Sender, now: datetime
) -> None:
    assert signed
    row = relays.register(session, now, parcel())
    relays.review(row, "alice@example.com", now)
    later = now + 91 * DAY
    came_back(session, tides, later)
    assert rules(session, site, tides, later) == ["R05 refuse relay"]
    office = checks.office_of(session, site, tides, later)
    reader, url = Reader("rosa@example.org"), site.unsubscribe(0, 0, 0)
    raw = office.message(office.copy(reader, url), reader.email, url, "letters", 1)
    candidate = office.candidate(raw, url, reader, later, later)
    assert gate.judge(candidate, gate.OF_THE_MESSAGE).is_lawful
    assert not gate.judge(candidate).is_lawful


def test_a_turn_of_sending_does_not_look_up_what_only_a_start_needs(
    session: Session, site: Site, tides: Campaign, signed: Sender, now: datetime
) -> None:
    relays.register(session, now, parcel())
    at_start = checks.office_of(session, site, tides, now)
    assert at_start.readiness == readiness.readiness(session, site, signed, now)
    assert at_start.readiness.relay is not None
    assert Office.of(session, site, tides, now).readiness == Readiness()


def test_the_grace_does_not_begin_anew_when_rows_are_deleted(
    session: Session, make_user: MakeUser, now: datetime
) -> None:
    alice = make_user("alice", "owner")
    until = readiness.grace_until(session, now + 20 * DAY)
    assert until == (now + readiness.GRACE).date()
    audit.record(session, now, alice, "users.add", "user 1")
    session.execute(sa.delete(User))
    session.commit()
    assert readiness.grace_until(session, now + 20 * DAY) == until


def test_an_installation_where_nothing_was_done_begins_now(session: Session, now: datetime) -> None:
    assert readiness.birth(session, now) == now


def test_a_changed_relay_needs_a_new_review(session: Session, now: datetime) -> None:
    row = relays.register(session, now, parcel())
    relays.review(row, "alice@example.com", now)
    relays.edit(session, row, parcel(name="Parcel Post"))
    assert row.reviewed_by == "alice@example.com"
    relays.edit(session, row, parcel(country="IN"))
    assert (row.reviewed_by, row.reviewed_on) == ("", None)


def test_a_host_is_registered_once(session: Session, now: datetime) -> None:
    relays.register(session, now, parcel())
    with pytest.raises(relays.RelayKnown):
        relays.register(session, now, parcel(name="Again"))
    other = relays.register(session, now, parcel(host="mx.example"))
    with pytest.raises(relays.RelayKnown):
        relays.edit(session, other, parcel())
    assert {one.host for one in relays.index(session)} == {HOST, "mx.example"}


def test_the_countries_of_an_audience_are_those_that_readers_attributes_name(
    session: Session, tides: Campaign, make_reader: MakeReader, now: datetime
) -> None:
    assert audience.countries(session, tides, now) is None
    make_reader("rosa")
    assert audience.countries(session, tides, now) is None
    make_reader("anna", attributes={"country": " at"})
    make_reader("bill", attributes={"country": "US"})
    assert audience.countries(session, tides, now) == frozenset({"", "AT", "US"})


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("near", [1, 2, 9])
def test_no_country_is_missed_however_few_readers_are_looked_at_first(
    session: Session,
    tides: Campaign,
    make_reader: MakeReader,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    near: int,
) -> None:
    monkeypatch.setattr(audience, "NEAR", near)
    left = SubscriptionStatus.unsubscribed
    make_reader("ann", attributes={"country": "AT"})
    make_reader("bob", left, attributes={"country": "BE"})
    make_reader("cleo", attributes={"country": "AT"})
    make_reader("dora", attributes={})
    make_reader("emma", attributes={"country": "FR"})
    make_reader("finn", left, attributes={"country": "ES"})
    assert audience.countries(session, tides, now) == frozenset({"", "AT", "FR"})


@pytest.mark.parametrize(
    ("told", "expected"),
    [(" at", "AT"), ("DE", "DE"), ("Austria", ""), (7, ""), (None, ""), ("ÄÖ", ""), ("1A", "")],
)
def test_a_readers_country_is_two_letters_or_not_known(told: object, expected: str) -> None:
    assert country(Reader("a@b.example", "", {"country": told})) == expected


def test_europeans_data_goes_to_no_relay_without_a_basis(
    session: Session, site: Site, tides: Campaign, make_reader: MakeReader, now: datetime
) -> None:
    row = relays.register(session, now, parcel(transfer=Transfer.none))
    relays.review(row, "alice@example.com", now)
    came_back(session, tides, now)
    make_reader("anna", attributes={"country": "AT"})
    assert rules(session, site, tides, now) == ["R05 refuse relay"]
    relays.edit(session, row, parcel(transfer=Transfer.dpf, transfer_checked_on=now.date()))
    assert rules(session, site, tides, now) == []


def test_the_checklist_says_what_the_gate_says(
    session: Session, site: Site, tides: Campaign, sender: Sender, now: datetime
) -> None:
    early = checklist.checklist(session, site, sender, now)
    assert by_key(early) | {"dns": 0, "replies": 0, "trial": 0} == {
        "sender": State.done,
        "address": State.done,
        "dns": 0,
        "key": State.broken,
        "replies": 0,
        "relay": State.later,
        "processors": State.done,
        "seed": State.later,
        "trial": 0,
        "public": State.done,
    }
    assert not early.is_complete
    signing.create(session, site.keys, sender, signing.RSA, "march", now)
    late = now + 30 * DAY
    missing = by_key(checklist.checklist(session, site, sender, late))
    assert (missing["key"], missing["relay"], missing["seed"]) == (
        State.done,
        State.broken,
        State.broken,
    )
    relays.review(relays.register(session, late, parcel()), "alice@example.com", late)
    came_back(session, tides, late)
    ready = by_key(checklist.checklist(session, site, sender, late))
    assert (ready["relay"], ready["seed"]) == (State.done, State.done)


def test_a_relay_that_signs_does_for_a_key(
    session: Session, site: Site, tides: Campaign, sender: Sender, now: datetime
) -> None:
    came_back(session, tides, now).relay_signs = True
    session.commit()
    assert by_key(checklist.checklist(session, site, sender, now))["key"] is State.done


def test_without_a_sender_there_is_one_thing_to_do(
    session: Session, site: Site, now: datetime
) -> None:
    found = checklist.checklist(session, site, None, now)
    assert (found.done, len(found.judged), found.is_broken) == (0, 1, True)


def test_an_item_with_a_warning_is_done_with_a_remark(
    session: Session, site: Site, tides: Campaign, sender: Sender, now: datetime
) -> None:
    one = came_back(session, tides, now)
    one.findings = [{"severity": Severity.warn.value, "evidence": "The relay added a footer."}]
    session.commit()
    assert by_key(checklist.checklist(session, site, sender, now))["seed"] is State.remark
