"""What is kept for days or months whoever it is about: letters, requests, sign-ups, files."""

from typing import Any

import sqlalchemy as sa

from mailer.audience import enrolment
from mailer.audience.affected import AffectedPerson
from mailer.audience.imports import batches, naming
from mailer.audience.imports.models import Import
from mailer.audience.joining import limits
from mailer.audience.joining.models import AskedMail
from mailer.audience.models import Subscriber, Subscription
from mailer.privacy.archive import leftovers
from mailer.privacy.archive.models import Archive
from mailer.privacy.incidents.models import Incident
from mailer.privacy.keeping import holds
from mailer.privacy.keeping.classes import Class
from mailer.privacy.keeping.models import Held
from mailer.privacy.keeping.sweeps.leavers import gone
from mailer.privacy.keeping.sweeps.sweep import Ground, Step, Sweep
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


def old_files(ground: Ground) -> Test:
    """Ask, in SQL, for uploads that may go: for no list on hold, and naming nobody who is.

    An upload is looked through for the address; of who is no reader, only her key is known here.
    """
    resting = batches.is_resting(ground.edge)
    if not holds.is_any(ground.session, ground.now):
        return resting
    lists, emails = (
        holds.lists(ground.session, ground.now),
        holds.emails(ground.session, ground.now),
    )
    kept = [
        one.id
        for one in ground.session.scalars(sa.select(Import).where(resting))
        if lists.intersection(one.list_ids) or naming.is_any_named(ground.session, one.id, emails)
    ]
    return sa.and_(resting, Import.id.not_in(kept))


def files(ground: Ground, after: int) -> Step:
    del after
    taken = batches.tidy(ground.session, ground.now, old_files(ground))
    return stepped("imports", taken, batches.AT_ONCE)


def old_asked(ground: Ground) -> Test:
    free = holds.none_on_key(AskedMail.mailbox_key, ground.now)
    on_list = holds.none_on(Held.list, AskedMail.list_id, ground.now)
    return sa.and_(AskedMail.at < ground.edge, free, on_list)


def asked(ground: Ground, after: int) -> Step:
    del after
    taken = limits.forget_asked(ground.session, old_asked(ground))
    return Step({"asked_mails": taken} if taken else {}, None)


def old_archives(ground: Ground) -> Test:
    hers = sa.select(Subscriber.id).where(
        Subscriber.id == Archive.subscriber_id,
        holds.none_on_key(Subscriber.address_key, ground.now),
    )
    return sa.and_(leftovers.is_over(ground.edge, ground.now), hers.correlate(Archive).exists())


def archives(ground: Ground, after: int) -> Step:
    del after
    taken = leftovers.drop(ground.session, old_archives(ground))
    return Step({"archives": taken} if taken else {}, None)


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
        lambda on: {"imports": number(on, Import, old_files(on))},
        files,
    ),
    Sweep(
        Class.security,
        lambda on: {
            "asked_mails": number(on, AskedMail, old_asked(on)),
        },
        asked,
    ),
    Sweep(
        Class.archives,
        lambda on: {"archives": number(on, Archive, old_archives(on))},
        archives,
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
