"""One's own second factor, and what owners do about those of others."""

import html
import re
from base64 import b32decode
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts.factor import demand, enrolment, recovery, totp
from mailer.accounts.factor.mails import About, FactorMail
from mailer.accounts.models import AuditEntry, User
from mailer.links import Site
from mailer.web.access import FRESH, SIGNED_IN_AT
from tests.visitors import post, sign_in
from tests.web.test_accounts import is_signed_in
from tests.web.test_fresh import age
from tests.web.test_second_step import SECRET, code

SET_UP = "/account/factor"


@pytest.fixture
def bobs(client: FlaskClient, bob: User) -> FlaskClient:
    sign_in(client, bob)
    return client


def enrolled(session: Session, site: Site, user: User) -> list[str]:
    """Give somebody a phone, an hour ago."""
    at = clock.now() - timedelta(hours=1)
    codes = enrolment.set_up(session, site.keys, user, SECRET, code(at), at)
    session.commit()
    return codes


def acts(session: Session) -> list[tuple[str, str]]:
    return [(one.action, one.subject) for one in session.query(AuditEntry).order_by(AuditEntry.id)]


def owed(session: Session) -> list[tuple[int, str]]:
    return [(one.user_id, one.about) for one in session.query(FactorMail)]


def secret_on(page: str) -> tuple[str, bytes]:
    """Return what the form carries, and the key as a person would type it off the page."""
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)
    key = re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert sealed
    assert key
    return html.unescape(sealed[1]), b32decode(key[1].replace(" ", ""))


def test_it_is_set_up_with_a_first_code(bobs: FlaskClient, session: Session, bob: User) -> None:
    page = bobs.get(SET_UP).text
    assert re.search(r'<svg[^>]*class="qr"', page)
    sealed, secret = secret_on(page)
    wrong = post(bobs, SET_UP, {"sealed": sealed, "code": "000000"})
    assert wrong.status_code == 422
    assert secret_on(wrong.text)[1] == secret  # the phone need not scan anew
    session.refresh(bob)
    assert bob.factor_at is None
    given = totp.code(secret, totp.step_of(clock.now()))
    done = post(bobs, SET_UP, {"sealed": sealed, "code": given})
    assert done.status_code == 200
    codes = re.findall(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", done.text.partition("</pre>")[0])
    assert len(set(codes)) == recovery.NUMBER
    assert codes[0] not in bobs.get("/account/").text
    session.refresh(bob)
    assert recovery.use(session, bob, codes[0], clock.now())
    assert acts(session) == [("factor.set_up", f"user {bob.id}")]
    assert owed(session) == [(bob.id, About.set_up.name)]
    assert is_signed_in(bobs)


def test_setting_up_signs_out_every_other_place(
    bobs: FlaskClient, app: Flask, bob: User, site: Site
) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, bob)
    sealed = enrolment.sealed(site.keys, bob, SECRET)
    post(bobs, SET_UP, {"sealed": sealed, "code": code()})
    assert is_signed_in(bobs)
    assert not is_signed_in(elsewhere)


def test_a_secret_sealed_for_somebody_else_is_none(
    bobs: FlaskClient, session: Session, site: Site, bob: User, alice: User
) -> None:
    for sealed in (enrolment.sealed(site.keys, alice, SECRET), "nonsense", ""):
        answer = post(bobs, SET_UP, {"sealed": sealed, "code": code()})
        assert (answer.status_code, answer.location) == (303, SET_UP)
    session.refresh(bob)
    assert bob.factor_at is None


def test_another_phone_takes_the_place_of_the_first(
    bobs: FlaskClient, session: Session, site: Site, bob: User
) -> None:
    codes = enrolled(session, site, bob)
    sign_in(bobs, bob)
    sealed, secret = secret_on(bobs.get(SET_UP).text)
    given = totp.code(secret, totp.step_of(clock.now()))
    assert post(bobs, SET_UP, {"sealed": sealed, "code": given}).status_code == 200
    session.refresh(bob)
    assert not enrolment.accept(session, site.keys, bob, code(), clock.now())
    assert not recovery.use(session, bob, codes[0], clock.now())


def test_new_recovery_codes_and_removing_are_logged(
    bobs: FlaskClient, session: Session, site: Site, bob: User
) -> None:
    codes = enrolled(session, site, bob)
    sign_in(bobs, bob)
    assert "10 of 10 recovery codes are left" in bobs.get("/account/").text
    assert codes[0] not in post(bobs, "/account/factor/codes").text
    assert post(bobs, "/account/factor/remove").status_code == 303
    session.refresh(bob)
    assert bob.factor_at is None
    assert is_signed_in(bobs)
    about = f"user {bob.id}"
    assert acts(session) == [("factor.renew_codes", about), ("factor.remove", about)]
    assert owed(session) == [(bob.id, About.renewed.name), (bob.id, About.removed.name)]


def test_removing_makes_no_sign_in_fresher(
    bobs: FlaskClient, session: Session, site: Site, bob: User
) -> None:
    enrolled(session, site, bob)
    sign_in(bobs, bob)
    age(bobs, FRESH.total_seconds() - 60)
    with bobs.session_transaction() as cookie:
        before = cookie[SIGNED_IN_AT]
    assert post(bobs, "/account/factor/remove").location == "/account/"
    with bobs.session_transaction() as cookie:
        assert cookie[SIGNED_IN_AT] == before


def test_without_a_second_factor_there_is_nothing_to_renew_or_remove(
    bobs: FlaskClient, session: Session
) -> None:
    for path in ("/account/factor/codes", "/account/factor/remove"):
        assert post(bobs, path).location == "/account/"
    assert acts(session) == []


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/account/factor", "/account/factor"),
        ("/account/factor/codes", "/account/"),
        ("/account/factor/remove", "/account/"),
        ("/people/second-factor", "/people/"),
        ("/people/{number}/second-factor", "/people/{number}"),
    ],
)
def test_each_change_takes_a_fresh_sign_in(
    client: FlaskClient, session: Session, site: Site, alice: User, bob: User, path: str, back: str
) -> None:
    enrolled(session, site, bob)
    sign_in(client, alice)
    age(client, FRESH.total_seconds() + 1)
    answer = post(client, path.format(number=bob.id), {"demand": "yes"})
    assert answer.location == f"/account/confirm?next={back.format(number=bob.id)}"
    session.refresh(bob)
    assert bob.factor_at is not None
    assert acts(session) == []


def test_an_owner_removes_the_factor_of_who_lost_it(
    client: FlaskClient, app: Flask, session: Session, site: Site, alice: User, bob: User
) -> None:
    enrolled(session, site, bob)
    thief = app.test_client()
    sign_in(thief, bob)
    sign_in(client, alice)
    page = client.get(f"/people/{bob.id}").text
    assert "Remove second factor" in page
    path = f"/people/{bob.id}/second-factor"
    assert "is told so by mail" in post(client, path, follow_redirects=True).text
    session.refresh(bob)
    assert bob.factor_at is None
    assert not is_signed_in(thief)
    assert acts(session) == [("factor.reset", f"user {bob.id}")]
    assert owed(session) == [(bob.id, About.reset.name)]
    assert "has no second factor" in post(client, path, follow_redirects=True).text
    assert len(acts(session)) == 1


def test_an_admin_removes_none_and_an_owner_not_her_own_there(
    client: FlaskClient, session: Session, site: Site, alice: User, adam: User, bob: User
) -> None:
    for user in (alice, bob):
        enrolled(session, site, user)
    sign_in(client, adam)
    assert post(client, f"/people/{bob.id}/second-factor").status_code == 403
    assert "Remove second factor" not in client.get(f"/people/{bob.id}").text
    sign_in(client, alice)
    path = f"/people/{alice.id}/second-factor"
    assert "stands under Your sign-in" in post(client, path, follow_redirects=True).text
    session.refresh(alice)
    assert alice.factor_at is not None


def test_an_owner_demands_it_once_she_has_her_own(
    client: FlaskClient, session: Session, site: Site, alice: User
) -> None:
    sign_in(client, alice)
    on, off = {"demand": "yes"}, {"demand": "no"}
    path = "/people/second-factor"
    assert "Set up your own" in post(client, path, on, follow_redirects=True).text
    assert not demand.is_on(session)
    enrolled(session, site, alice)
    sign_in(client, alice)
    assert "Everybody must have one" in post(client, path, on, follow_redirects=True).text
    session.expire_all()
    assert demand.is_on(session)
    post(client, path, off)
    session.expire_all()
    assert not demand.is_on(session)
    assert acts(session) == [
        ("factor.demand", "installation"),
        ("factor.demand_no_more", "installation"),
    ]
