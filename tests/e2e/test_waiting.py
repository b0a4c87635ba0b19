"""An erasure that a legal hold stops, and a disclosure that waits for a second yes, by eye."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts import cases, disclosures
from mailer.accounts.cases import Case, Ground, Why
from mailer.accounts.models import User
from mailer.audience.models import Subscriber
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.holds import Wanted
from mailer.privacy.keeping.models import Held
from mailer.privacy.requests import register
from mailer.privacy.requests.register import Asked
from mailer.privacy.requests.words import Channel, Kind
from mailer.tokens import Purpose
from tests.e2e import judging
from tests.visitors import look_at
from tests.world import World


@dataclass(frozen=True)
class Scene:
    """Rosa is held and has asked for erasure; alice asks adam about ruth, and he her about rosa."""

    made: World
    rosa: int
    ruth: int


@pytest.fixture
def scene(session: Session, made: World, alice: User, adam: User) -> Scene:
    now = clock.now()
    people = sa.select(Subscriber).order_by(Subscriber.id).limit(2)
    rosa, ruth = session.scalars(people)
    held = Wanted(Held.person, "Lawsuit 4 K 1/26 about a lottery", rosa.address_key)
    holds.place(session, now, alice, held)
    about = (rosa.address_key, rosa.email)
    wanted = Asked(Kind.erasure, Regime.gdpr, Channel.letter, now, *about)
    register.receive(session, now, Desk(), wanted, alice)
    session.execute(sa.delete(Case))
    court = ("Order of the court", "4 K 1/26")
    for actor, reader, approver in ((alice, ruth, adam), (adam, rosa, alice)):
        why = Why(Ground.disclosure, *court, approver.email)
        cases.begin(session, now, actor, f"subscriber {reader.id}", why)
    session.commit()
    return Scene(made, rosa.id, ruth.id)


@pytest.mark.timeout(120)
def test_what_waits_says_so_to_staff_and_to_the_person(
    tab: Page,
    client: FlaskClient,
    address: str,
    session: Session,
    scene: Scene,
    alice: User,
) -> None:
    look_at(client, scene.rosa)
    tab.goto(f"{address}/subscribers/{scene.ruth}")
    judging.judge(tab, "look-waits")
    tab.goto(f"{address}/requests/")
    judging.judge(tab, "disclosure")
    tab.get_by_role("button", name="Approve case").click()
    expect(tab.get_by_text("It is approved")).to_be_visible()
    assert disclosures.waiting_for(session, clock.now(), alice) == []
    session.rollback()  # what reads holds the database, too
    tab.goto(f"{address}/subscribers/{scene.rosa}/erase")
    judging.judge(tab, "on-hold")
    tab.get_by_role("button", name="Let it wait").click()
    expect(tab.get_by_role("heading", name="It waits for a legal hold")).to_be_visible()
    judging.judge(tab, "request-waits")
    tab.goto(f"{address}/retention/")
    expect(tab.get_by_text("1 erasure waits")).to_be_visible()
    judging.judge(tab, "retention-waits")
    tab.goto(f"{address}/d/{scene.made.tokens[Purpose.challenge]}")
    tab.get_by_role("button").first.click()
    tab.get_by_label("Erase all of it").check()
    tab.get_by_role("button", name="Erase my data").click()
    expect(tab.get_by_role("heading", name="cannot be erased yet")).to_be_visible()
    judging.judge(tab, "your-data-held")
