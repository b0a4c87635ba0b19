"""What staff and the person herself see where a legal hold stops an erasure."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock, tokens
from mailer.accounts.models import User
from mailer.audience.models import Subscriber, Suppression
from mailer.links import Site
from mailer.privacy.clocks import Desk, Regime
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.holds import Wanted
from mailer.privacy.keeping.models import Held, Hold
from mailer.privacy.requests import challenges, register
from mailer.privacy.requests.models import Notice, Request
from mailer.privacy.requests.register import Asked
from mailer.privacy.requests.words import About, Channel, Kind, State
from tests.cli.conftest import Mailer, mailer  # noqa: F401 - a fixture
from tests.visitors import look_at, post, sign_in
from tests.web.test_your_data import VISIT

SURE = {"confirmation": "rosa@example.org", "reason": "her request"}


@pytest.fixture
def hold(session: Session, rosa: Subscriber) -> Hold:
    wanted = Wanted(Held.person, "a lawsuit about tides", rosa.address_key)
    made = holds.place(session, clock.now(), "alice", wanted)
    session.commit()
    return made


@pytest.fixture
def asked(session: Session, rosa: Subscriber) -> Request:
    now, about = clock.now(), (rosa.address_key, rosa.email)
    wanted = Asked(Kind.erasure, Regime.gdpr, Channel.letter, now, *about)
    made = register.receive(session, now, Desk(), wanted, "desk")
    session.commit()
    return made


@pytest.fixture
def unharmed(session: Session, rosa: Subscriber) -> Iterator[None]:
    """She is here still when all is done."""
    number = rosa.id
    yield
    session.expire_all()
    assert session.get(Subscriber, number) is not None


@pytest.mark.usefixtures("unharmed", "hold")
def test_staff_see_the_hold_in_place_of_the_form_and_let_the_request_wait(
    client: FlaskClient, session: Session, adam: User, rosa: Subscriber, asked: Request
) -> None:
    sign_in(client, adam)
    path, number = f"/subscribers/{rosa.id}/erase", asked.id
    look_at(client, rosa.id)
    page = client.get(path).text
    assert "a lawsuit about tides" in page
    assert "Erase for good" not in page
    assert post(client, path, SURE).headers["Location"] == f"/requests/{number}"
    session.expire_all()
    assert (asked.state, rosa.restricted_at is not None) == (State.held, True)
    assert "It waits for a legal hold" in client.get(f"/requests/{number}").text
    assert "waits already" in client.get(path).text
    assert "1 erasure waits" in client.get("/retention/").text


@pytest.mark.usefixtures("unharmed", "hold")
def test_what_nobody_has_asked_for_is_refused(
    client: FlaskClient, session: Session, adam: User, rosa: Subscriber
) -> None:
    sign_in(client, adam)
    look_at(client, rosa.id)
    answer = post(client, f"/subscribers/{rosa.id}/erase", SURE)
    assert (answer.status_code, "Nobody has asked" in answer.text) == (409, True)
    session.refresh(rosa)
    assert rosa.restricted_at is None


@pytest.mark.usefixtures("unharmed", "hold")
def test_she_is_told_on_her_own_page_and_left_in_peace(
    client: FlaskClient, session: Session, site: Site, rosa: Subscriber
) -> None:
    now, about = clock.now(), (rosa.address_key, rosa.email)
    one = Asked(Kind.access, Regime.gdpr, Channel.page, now, *about)
    link = challenges.owe(session, now, register.receive(session, now, Desk(), one, "x"), rosa.id)
    session.commit()
    token = tokens.signed(
        site.keys, tokens.Purpose.challenge, (link.id,), expires=now + challenges.LIFE
    )
    visit = VISIT.search(client.post(f"/d/{token}").text)
    assert visit is not None
    form = {"visit": visit[1], "kind": "erasure", "sure": "yes"}
    for _ in range(2):
        page = client.post("/your-data/act", data=form).text
        assert "cannot be erased yet" in page
        assert "authority" in page
    session.expire_all()
    (request,) = session.scalars(sa.select(Request).where(Request.kind == Kind.erasure))
    assert request.state is State.held
    assert rosa.restricted_at is not None
    assert session.scalars(sa.select(Suppression)).all() != []
    (told,) = session.scalars(sa.select(Notice))
    assert (told.about, told.due_at is not None) == (About.hold, True)


@pytest.mark.usefixtures("unharmed", "hold")
def test_the_command_line_refuses_and_lets_the_request_wait(
    mailer: Mailer,  # noqa: F811 - the fixture
    session: Session,
    rosa: Subscriber,
) -> None:
    words = ("erase", rosa.email, "--reason", "her request", "--yes")
    answer = mailer(*words)
    assert (answer.exit_code, "Nobody has asked" in answer.stderr) == (2, True)
    about = (rosa.address_key, rosa.email)
    wanted = Asked(Kind.erasure, Regime.gdpr, Channel.letter, clock.now(), *about)
    asked = register.receive(session, clock.now(), Desk(), wanted, "desk")
    session.commit()
    assert "waits for its end" in mailer(*words).stderr
    session.refresh(asked)
    assert asked.state is State.held
