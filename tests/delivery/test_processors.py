"""The register of processors: who gets readers' data, and what the gate makes of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList
from mailer.compliance.readiness import Transfer
from mailer.delivery import audience, checks, relays
from mailer.delivery.processors import register
from mailer.delivery.processors.models import Role
from mailer.links import Site
from tests import world

CELLAR = register.Details(
    name="Cellar",
    role=Role.processor,
    services="keeps our backups",
    legal_entity="Cellar Inc",
    country="US",
    transfer=Transfer.scc,
    transfer_checked_on=None,
    contract="DPA of 2026",
    contract_on=None,
    review_days=180,
)
RELAY_HOST = "127.0.0.1"


def test_a_relay_in_use_stands_in_the_register_by_its_own_record(
    session: Session, letters: MailingList
) -> None:
    [unknown] = register.entries(session, [RELAY_HOST, RELAY_HOST, ""])
    assert (unknown.name, unknown.legal_entity, unknown.relay_id) == (RELAY_HOST, "", None)
    session.add(world.relay(letters))
    session.flush()
    [known] = register.entries(session, [RELAY_HOST])
    assert (known.name, known.legal_entity, known.seen) == (
        *("Postbote", "Postbote GmbH"),
        "no copy has come back yet",
    )
    relay = relays.of_host(session, RELAY_HOST)
    assert relay is not None
    relay.is_own = True
    assert register.entries(session, [RELAY_HOST]) == []


def test_a_review_counts_for_as_long_as_its_record_says(session: Session, now: datetime) -> None:
    made = register.enter(session, now, CELLAR)
    assert register.entries(session, [])[0].is_overdue(now.date())
    register.review(made, "alice@example.com", now)
    [one] = register.entries(session, [])
    assert one.due_on == (now + timedelta(days=180)).date()
    assert not one.is_overdue(now.date() + timedelta(days=180))
    assert one.is_overdue(now.date() + timedelta(days=181))


def test_what_a_review_had_read_of_is_read_anew_once_it_changes(
    session: Session, now: datetime
) -> None:
    made = register.enter(session, now, CELLAR)
    register.review(made, "alice@example.com", now)
    register.edit(session, made, replace(CELLAR, transfer=Transfer.dpf))
    assert made.reviewed_by == "alice@example.com"
    for changes in ({"country": "CA"}, {"review_days": 366}):
        register.review(made, "alice@example.com", now)
        register.edit(session, made, replace(CELLAR, **changes))
        assert (made.reviewed_on, made.reviewed_by) == (None, "")


def test_two_services_do_not_share_a_name(session: Session, now: datetime) -> None:
    made = register.enter(session, now, CELLAR)
    with pytest.raises(register.NameTaken):
        register.enter(session, now, CELLAR)
    register.edit(session, made, CELLAR)


def test_what_ended_is_kept_and_no_longer_judged(session: Session, now: datetime) -> None:
    made = register.enter(session, now, CELLAR)
    register.end(made, now)
    register.end(made, now + timedelta(days=1))
    assert made.ended_on == now.date()
    assert (register.entries(session, []), register.known(session)) == ([], ())
    assert [one.name for one in register.index(session)] == ["Cellar"]
    register.review(made, "alice@example.com", now)
    register.edit(session, made, CELLAR)
    assert [one.reviewed_on for one in register.entries(session, [])] == [None]


def test_only_who_decides_alone_needs_no_contract_on_processing(
    session: Session, now: datetime
) -> None:
    made = register.enter(session, now, CELLAR)
    assert register.known(session)[0].contract == "DPA of 2026"
    made.role = Role.controller
    assert register.known(session)[0].contract is None


def test_an_overdue_review_stops_a_campaign(
    session: Session, site: Site, letters: MailingList, now: datetime
) -> None:
    draft = world.campaign(letters)
    session.add(draft)
    made = register.enter(session, now, CELLAR)
    register.review(made, "alice@example.com", now)

    def refused(at: datetime) -> list[str]:
        found = checks.examined(session, replace(site, development=False), draft, at).refusals
        return [one.evidence for one in found if one.part == "processor"]

    assert refused(now + timedelta(days=180)) == []
    assert refused(now + timedelta(days=181)) == [
        "The last review of Cellar was 181 days ago; 180 are allowed."
    ]


def test_a_list_that_addresses_europe_is_not_sent_through_a_relay_without_basis(
    session: Session, site: Site, letters: MailingList, now: datetime
) -> None:
    relay, draft = world.relay(letters), world.campaign(letters)
    relay.country, relay.transfer = "US", Transfer.none
    session.add_all([relay, draft])
    session.flush()
    live = replace(site, development=False).through(RELAY_HOST)

    def refusals() -> list[str]:
        return [one.evidence for one in checks.examined(session, live, draft, now).refusals]

    told = "Postbote is in US, and no basis for a transfer there is noted."
    letters.countries = "US"
    assert told not in refusals()
    letters.countries = "US DE"
    assert told in refusals()
    relay.transfer, relay.transfer_checked_on = Transfer.dpf, now.date()
    assert told not in refusals()


def test_a_list_says_whom_it_addresses(
    session: Session, letters: MailingList, now: datetime
) -> None:
    draft = world.campaign(letters)
    session.add(draft)
    session.flush()
    assert audience.countries(session, draft, now) is None
    letters.countries = "DE US"
    assert audience.countries(session, draft, now) == frozenset({"DE", "US"})
