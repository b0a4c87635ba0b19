"""A file is taken in after the suppression key was turned: nobody who was refused comes back."""

from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from mailer import tokens
from mailer.audience import domain_keys, suppressions
from mailer.audience.imports.models import Basis, Outcome
from mailer.audience.models import MailingList, Subscriber
from mailer.audience.suppressions import Refusal
from mailer.audience.words import Scope
from mailer.links import Site
from tests.audience.imports.conftest import TakeIn
from tests.conftest import MakeReader

pytestmark = pytest.mark.usefixtures("database")
SECOND_KEY = "2:" + "7c1e90b3d5f2a846" * 4
PEOPLE = b"email\nrosa@example.org\ntom@harbor.example\numa@example.net\n"


@pytest.fixture
def turned(app: Flask, site: Site) -> Site:
    """The site after the key was turned, with the former key still there."""
    keys = replace(site.keys, suppression=SECOND_KEY, former=(site.keys.suppression,))
    found = app.extensions["site"] = replace(site, keys=keys)
    return found


@pytest.mark.usefixtures("turned")
@pytest.mark.parametrize("basis", Basis)
def test_who_was_refused_under_the_former_key_is_not_imported(
    session: Session, site: Site, now: datetime, take_in: TakeIn, basis: Basis
) -> None:
    rosa = tokens.fingerprint(site.keys, "rosa@example.org")
    harbor = domain_keys.domain_key(site.keys, "tom@harbor.example")
    suppressions.suppress(session, now, rosa, Refusal(Scope.everything, reason="erased"))
    suppressions.suppress(session, now, harbor, Refusal(Scope.domain, reason="blocked"))
    session.commit()
    batch = take_in(PEOPLE, basis=basis, began_on=now.date())
    assert batch.counts[Outcome.suppressed] == 2
    assert session.scalars(sa.select(Subscriber.email)).all() == ["uma@example.net"]


def test_a_reader_under_the_former_key_is_known(
    session: Session, turned: Site, letters: MailingList, take_in: TakeIn, make_reader: MakeReader
) -> None:
    rosa = make_reader("rosa")
    batch = take_in(b"email\nrosa@example.org\n", overwrite=True)
    assert letters.id
    assert batch.counts == {Outcome.already_there: 1}
    session.refresh(rosa)
    assert rosa.address_key == tokens.fingerprint(turned.keys, rosa.email)
