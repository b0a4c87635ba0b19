"""The opt-out is tried before the first recipient: each sender's link, opened and pressed.

A trial takes the way of a reader's mail program and browser: over DNS, TLS and whatever stands in
front of the server, to the public address and back. What came of it is judged by R18, R19, R20
and R42.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mailer.audience.models import MailingList, Sender
from mailer.campaigns.models import Campaign
from mailer.compliance import opt_out_page
from mailer.compliance.readiness import Fetched, OptOutTrial, Posted
from mailer.compliance.visible.allowance import TooComplex
from mailer.delivery import trial_facts, visits
from mailer.delivery.models import Delivery, DeliveryStatus, OptOutTrialRow
from mailer.links import Site
from mailer.tokens import Keys

# Long enough for one look at the clock to serve the starts of one sitting, short enough that a
# server which broke since is hardly met: most break when they are changed.
FRESH = timedelta(hours=1)
DAILY = timedelta(hours=24)
# Links must work for 60 days after the last send (CASL s.11(2)), and trials tell which keys were
# in use then.
KEPT = timedelta(days=90)
KEY_WATCH = timedelta(days=60)

ONE_CLICK = (("List-Unsubscribe", "One-Click"),)


def known(session: Session, site: Site, sender: Sender, now: datetime) -> OptOutTrial | None:
    """Return the latest finished trial of a sender's opt-out at the present public address.

    ``is_recent`` says whether a start may rest on it: it is at most FRESH old.
    """
    latest = (
        sa.select(OptOutTrialRow)
        .where(
            OptOutTrialRow.sender_id == sender.id,
            OptOutTrialRow.public_url == site.public_url,
            OptOutTrialRow.facts.is_not(None),
        )
        .order_by(OptOutTrialRow.tried_at.desc(), OptOutTrialRow.id.desc())
        .limit(1)
    )
    row = session.scalar(latest)
    if row is None or row.facts is None:
        return None
    return trial_facts.read(
        row.facts,
        url=f"{row.public_url}/u/{trial_facts.INSTEAD_OF_TOKEN}",
        public_url=row.public_url,
        tried_at=row.tried_at,
        is_recent=now - row.tried_at <= FRESH,
    )


def has_passed(session: Session, site: Site, sender_id: int, now: datetime) -> bool:
    """Tell whether a start may rest on the latest trial without another."""
    sender = session.get(Sender, sender_id)
    latest = known(session, site, sender, now) if sender else None
    return latest is not None and latest.is_recent and latest.has_passed


def untried(session: Session, site: Site, now: datetime) -> list[int]:
    """Return the senders whose opt-out nobody has begun to try for a day."""
    lately = sa.select(OptOutTrialRow.sender_id).where(
        OptOutTrialRow.tried_at > now - DAILY, OptOutTrialRow.public_url == site.public_url
    )
    mailing = sa.select(MailingList.sender_id).where(MailingList.sender_id.not_in(lately))
    return list(session.scalars(mailing.distinct().order_by(MailingList.sender_id)))


def attempt(session: Session, site: Site, sender_id: int, now: datetime) -> Iterator[None]:
    """Try a sender's opt-out, step by step. The caller commits at each step.

    Each step ends before something is asked over the network: nothing stays open meanwhile, and
    the server that answers sees what was written. A sender without a list has no link to try.
    """
    trial = begun(session, site, sender_id, now)
    if trial is None:
        return
    url = site.unsubscribe(trial.list_id, 0, trial.id)
    sender = session.get_one(Sender, sender_id)
    found = Findings(url, site, sender.legal_name, now)
    yield
    found.page = found.fetched()
    if found.page is not None:
        found.was_harmless = left(session, trial) is None
        for form in ("urlencoded", "multipart", "page"):
            trial.lists_left = None
            yield
            found.press(form)
            if found.answer is None:
                break
            found.note(form, left(session, trial) or 0)
        else:
            yield
            found.again = found.fetched()
    session.refresh(trial)
    trial.facts = trial_facts.written(found.trial(session, trial))
    yield


class Findings:
    """What a trial has found so far."""

    def __init__(self, url: str, site: Site, sender_name: str, now: datetime) -> None:
        self.url, self.site, self.sender_name, self.now = url, site, sender_name, now
        self.way = visits.Way(site.public_url)
        self.page: Fetched | None = None
        self.again: Fetched | None = None
        self.answer: Fetched | None = None
        self.chosen = ""
        self.posts: list[Posted] = []
        self.was_harmless = False

    def fetched(self) -> Fetched | None:
        return self.way.get(self.url)

    def press(self, form: str) -> None:
        """Post in one form; ``answer`` stays None when nobody answered or nothing can be sent."""
        self.answer, self.chosen = None, ""
        if form != "page":
            self.answer = self.way.post(self.url, ONE_CLICK, is_multipart=form == "multipart")
            return
        press = pressed(self.page, self.sender_name)
        if press is not None:
            self.chosen = press.chosen
            self.answer = self.way.post(self.url, press.fields)

    def note(self, form: str, lists_left: int) -> None:
        if self.answer is not None:
            self.posts.append(Posted(form, self.answer, lists_left, self.chosen))

    def trial(self, session: Session, row: OptOutTrialRow) -> OptOutTrial:
        return OptOutTrial(
            url=self.url,
            public_url=self.site.public_url,
            tried_at=self.now,
            page=self.page,
            posts=tuple(self.posts),
            again=self.again,
            was_harmless=self.was_harmless,
            fault=self.way.fault,
            certificate_from=self.way.certificate_from,
            certificate_until=self.way.certificate_until,
            peer=self.way.peer,
            key_days=key_days(session, self.site.keys, row.sender_id, self.now),
            sender_lists=len(lists_of(session, row.sender_id)),
            sender_name=self.sender_name,
        )


def pressed(page: Fetched | None, sender_name: str) -> opt_out_page.Press | None:
    """Return what a reader would post from the page, None if she cannot."""
    try:
        read = None if page is None else opt_out_page.read(page, sender_name)
        return None if read is None else opt_out_page.press(read)
    except (TooComplex, ValueError):
        return None


def begun(session: Session, site: Site, sender_id: int, now: datetime) -> OptOutTrialRow | None:
    """Write down that a trial begins, and forget those that are no longer needed."""
    lists = lists_of(session, sender_id)
    if not lists:
        return None
    old = OptOutTrialRow.sender_id == sender_id, OptOutTrialRow.tried_at < now - KEPT
    session.execute(sa.delete(OptOutTrialRow).where(*old))
    trial = OptOutTrialRow(
        sender_id=sender_id,
        list_id=lists[0],
        public_url=site.public_url,
        key_name=key_names(site.keys)[0],
        tried_at=now,
    )
    session.add(trial)
    session.flush()
    return trial


def lists_of(session: Session, sender_id: int) -> list[int]:
    mine = sa.select(MailingList.id).where(MailingList.sender_id == sender_id)
    return list(session.scalars(mine.order_by(MailingList.id)))


def left(session: Session, trial: OptOutTrialRow) -> int | None:
    """Return how many lists the canary was taken off meanwhile, None if nobody pressed."""
    session.refresh(trial)
    return trial.lists_left


def key_names(keys: Keys) -> list[str]:
    """Return a name for each secret of the ring, from which the secret cannot be told."""
    return [key.hex()[:16] for key in keys.derived("key-name")]


def key_days(session: Session, keys: Keys, sender_id: int, now: datetime) -> int | None:
    """Return for how many days after the last send with it a key was kept that is now gone.

    None when every key that signed links of the last KEY_WATCH is still there.
    """
    mine = OptOutTrialRow.sender_id == sender_id, OptOutTrialRow.tried_at > now - KEY_WATCH
    is_lost = OptOutTrialRow.key_name.not_in(key_names(keys))
    lost = session.scalar(sa.select(sa.func.max(OptOutTrialRow.tried_at)).where(*mine, is_lost))
    if lost is None:
        return None
    last_sent = session.scalar(
        sa.select(sa.func.max(Delivery.finished_at))
        .join(Campaign, Delivery.campaign_id == Campaign.id)
        .where(
            Campaign.sender_id == sender_id,
            Delivery.status == DeliveryStatus.accepted,
            Campaign.started_at <= lost + FRESH,
        )
    )
    return None if last_sent is None else max((now - last_sent).days, 0)
