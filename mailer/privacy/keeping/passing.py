"""What is kept for days or months whoever it is about: letters, requests, sign-ups, files."""

from typing import Any

import sqlalchemy as sa

from mailer.audience import enrolment
from mailer.audience.affected import AffectedPerson
from mailer.audience.imports import batches
from mailer.audience.imports.models import Import
from mailer.audience.joining import limits
from mailer.audience.joining.models import AskedMail
from mailer.audience.models import Subscriber, Subscription
from mailer.privacy.incidents.models import Incident
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.classes import Class
from mailer.privacy.keeping.leavers import gone
from mailer.privacy.keeping.models import Held
from mailer.privacy.keeping.sweep import Ground, Step, Sweep
from mailer.privacy.letters import post
from mailer.privacy.letters.models import Letter
from mailer.privacy.requests import register
from mailer.privacy.requests.models import Request

Test = sa.ColumnElement[bool]
PEOPLE = 5000


def number(ground: Ground, model: Any, *which: Test) -> int:  # noqa: ANN401 - any table
    counted = sa.select(sa.func.count()).select_from(model).where(*which)
    return ground.session.scalar(counted) or 0


def stepped(table: str, taken: int, most: int) -> Step:
    """Return what a portion took; fewer than it may take means that nothing is left."""
    return Step({table: taken} if taken else {}, 0 if taken >= most else None)


def free_letter(ground: Ground) -> Test:
    keys = (Letter.from_key, Letter.about_key)
    return sa.and_(*(holds.none_on_key(key, ground.now) for key in keys))


def letters(ground: Ground, after: int) -> Step:
    del after
    taken = post.forget(ground.session, ground.edge, free_letter(ground))
    return stepped("letters", taken, post.AT_ONCE)


def free_place(ground: Ground) -> Test:
    hers = sa.select(Subscriber.id).where(
        Subscriber.id == Subscription.subscriber_id,
        Subscriber.restricted_at.is_(None),
        holds.none_on_key(Subscriber.address_key, ground.now),
    )
    free = holds.none_on(Held.list, Subscription.list_id, ground.now)
    return sa.and_(hers.correlate(Subscription).exists(), free)


def sign_ups(ground: Ground, after: int) -> Step:
    del after
    taken = enrolment.forget_unconfirmed(ground.session, ground.edge, free_place(ground))
    return stepped("subscriptions", taken, enrolment.MOST_AT_ONCE)


def requests(ground: Ground, after: int) -> Step:
    del after
    free = holds.none_on_key(Request.address_key, ground.now)
    taken = register.pseudonymise(ground.session, ground.edge, free)
    return stepped("privacy_requests", taken, register.AT_ONCE)


def files(ground: Ground, after: int) -> Step:
    del after
    return stepped(
        "imports", batches.tidy(ground.session, ground.now, ground.edge), batches.AT_ONCE
    )


def asked(ground: Ground, after: int) -> Step:
    del after
    taken = limits.forget_asked(ground.session, ground.edge)
    return Step({"asked_mails": taken} if taken else {}, None)


def is_of_old(ground: Ground) -> Test:
    """Ask, in SQL, for people of incidents that were closed before the edge."""
    old = sa.select(Incident.id).where(Incident.closed_at < ground.edge)
    free = holds.none_on_key(AffectedPerson.address_key, ground.now)
    return sa.and_(AffectedPerson.incident_id.in_(old), free)


def affected(ground: Ground, after: int) -> Step:
    del after
    some = sa.select(AffectedPerson.id).where(is_of_old(ground)).limit(PEOPLE)
    taken = gone(ground.session, sa.delete(AffectedPerson).where(AffectedPerson.id.in_(some)))
    return stepped("affected_people", taken, PEOPLE)


SWEEPS = (
    Sweep(
        Class.unconfirmed,
        lambda on: {
            "subscriptions": number(
                on, Subscription, enrolment.is_unconfirmed(on.edge), free_place(on)
            )
        },
        sign_ups,
    ),
    Sweep(
        Class.imports,
        lambda on: {"imports": number(on, Import, batches.is_resting(on.edge))},
        files,
    ),
    Sweep(
        Class.security,
        lambda on: {
            "asked_mails": number(on, AskedMail, AskedMail.at < on.edge),
        },
        asked,
    ),
    Sweep(
        Class.correspondence,
        lambda on: {"letters": number(on, Letter, post.is_old(on.edge), free_letter(on))},
        letters,
    ),
    Sweep(
        Class.requests,
        lambda on: {
            "privacy_requests": number(
                on,
                Request,
                register.is_old(on.edge),
                holds.none_on_key(Request.address_key, on.now),
            )
        },
        requests,
    ),
    Sweep(
        Class.incidents,
        lambda on: {"affected_people": number(on, AffectedPerson, is_of_old(on))},
        affected,
    ),
)
