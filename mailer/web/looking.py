"""Looks at people: none without a reason, asked once a day for each person, and each one logged.

What is a look: every page that stands under one reader's number; her copy of a campaign before
it is sent; a letter; a request. A list of
readers is none, for it shows masked addresses to whoever has not named them in full. A letter and
a request are a reason in themselves, so that nobody is asked; the look is logged all the same.
"""

from flask import Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from mailer import clock
from mailer.accounts import cases, disclosures
from mailer.accounts.cases import Ground, Why
from mailer.accounts.models import User
from mailer.audience.models import Subscriber
from mailer.db import db
from mailer.privacy import reasons
from mailer.web.access import PUBLIC, access, needed
from mailer.web.reader_pages import masked
from mailer.web.subscribers import bp

# What an address of ours holds about a person, and how the audit log calls it.
READER = "subscriber_id"
SUBJECTS = {READER: "subscriber", "letter_id": "letter", "request_id": "request"}
ASKING = "subscribers.look"
PAGES = frozenset({200, 422})
GROUNDS = (
    (Ground.problem.value, "A problem to be solved", "A question, a complaint, mail that is lost"),
    (Ground.violation.value, "A suspected violation", "Abuse, a forged sign-up, a spam trap"),
    (Ground.request.value, "A request of hers", "Give its number below"),
    (
        Ground.disclosure.value,
        "A legal disclosure",
        "Needs its reference and a colleague's yes",
    ),
)


def subject() -> str:
    """Return whom the page at hand is about, as the audit log names it; empty for all others."""
    given = request.view_args or {}
    if "reader" in g:
        return f"{SUBJECTS[READER]} {g.reader}"
    return next((f"{word} {given[name]}" for name, word in SUBJECTS.items() if name in given), "")


def is_staff_page() -> bool:
    endpoint = request.endpoint
    return endpoint is not None and needed(current_app, endpoint) not in {PUBLIC, None}


def demand() -> ResponseReturnValue | None:
    """Ask why, instead of showing a reader's page; runs after it is known who may see it."""
    number = (request.view_args or {}).get(READER)
    if number is None or request.endpoint == ASKING or not is_staff_page():
        return None
    db.get_or_404(Subscriber, number)
    case = cases.current(db.session(), clock.now(), current_user.id, subject())
    g.case_id = case.id if case else None
    # What is done is logged as such; of what that answers, `log` takes care.
    return None if case or request.method == "POST" else asking()


def is_open(number: int) -> bool:
    """Tell whether a reader may be shown on a page about something else, as a look at her."""
    case = cases.current(db.session(), clock.now(), current_user.id, f"{SUBJECTS[READER]} {number}")
    g.reader, g.case_id = number, case.id if case else None
    return case is not None


def asking(errors: dict[str, str] | None = None) -> str:
    """Return the page that asks; it says nothing of the person."""
    return render_template(
        "subscribers/look.html",
        number=(request.view_args or {})[READER],
        grounds=GROUNDS,
        approvers=cases.approvers(db.session(), current_user),
        asked=disclosures.asked(db.session(), clock.now(), current_user.id, subject()),
        values={**request.args, **request.form},
        errors=errors or {},
    )


@bp.route("/<int:subscriber_id>/look", methods=["POST"])
@access("subscribers:get")
def look(subscriber_id: int) -> ResponseReturnValue:
    """Open a case: from now on her pages are shown to this member of staff, for a day."""
    session, subscriber = db.session(), db.get_or_404(Subscriber, subscriber_id)
    try:
        why = read(subscriber)
        cases.begin(session, clock.now(), current_user, subject(), why)
    except cases.BadCase as error:
        session.rollback()
        return asking({error.where: str(error)}), 422
    session.commit()
    return redirect(url_for("subscribers.show", subscriber_id=subscriber_id))


def read(subscriber: Subscriber) -> Why:
    """Return the reason as typed; raises BadCase, also where it holds an address."""
    given = {name: request.form.get(name, "").strip() for name in ("reason", "reference")}
    if request.form.get("ground") not in set(Ground):
        raise cases.BadCase("ground", "Choose one of these.")
    for name, text in given.items():
        try:
            given[name] = reasons.reason(text, subscriber) if text else ""
        except reasons.BadReason as error:
            raise cases.BadCase(name, str(error)) from error
    ground = Ground(request.form["ground"])
    approver = request.form.get("approver", "") if ground is Ground.disclosure else ""
    return Why(ground, given["reason"], given["reference"], approver)


def log(response: Response) -> Response:
    """Log a look before its page leaves; what cannot be logged is not shown.

    The page was read in a transaction that only reads. The entry is no state of the program: it
    is written apart, by a session of its own.
    """
    if not is_shown(response):
        return response
    case_id, about = g.get("case_id"), subject()
    if case_id is None and READER in (request.view_args or {}):
        if request.method == "POST":  # a form that comes back with what she is
            response.set_data(asking())
        return response
    now, actor_id = clock.now(), current_user.id
    db.session.rollback()
    with Session(db.engine) as session:
        actor = session.get_one(User, actor_id)
        cases.look(session, now, actor, about, str(request.endpoint), case_id)
        session.commit()
    return response


def is_shown(response: Response) -> bool:
    """Tell whether a page about a person goes out: no redirect, no file, no error page."""
    if not subject() or not is_staff_page() or request.endpoint == ASKING:
        return False
    is_page = response.mimetype in {"text/html", "text/plain"} and response.status_code in PAGES
    return is_page and request.method in {"GET", "POST"}


def is_clear(subscriber_id: int, email: str, text: str = "") -> bool:
    """Tell whether a list may name a reader: by the address that was typed, or under a case."""
    if "open_cases" not in g:
        g.open_cases = cases.subjects(db.session(), clock.now(), current_user.id)
    return email.casefold() == text.casefold() or f"subscriber {subscriber_id}" in g.open_cases


def initials(name: str) -> str:
    return " ".join(f"{word[0]}." for word in name.split())


@bp.app_context_processor
def words() -> dict[str, object]:
    return {"masked": masked, "initials": initials, "is_clear": is_clear}
