"""Seed copies on their way: sent ahead of the audience, found again, judged as they arrived.

Its commits stand between the database and the network: no transaction waits for a relay or for a
mailbox.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mailer.campaigns import lifecycle
from mailer.campaigns.models import Campaign, CampaignStatus
from mailer.campaigns.rendering import Reader
from mailer.campaigns.templating import BadTemplate
from mailer.compliance import dkim, gate
from mailer.compliance.acts import Receipt
from mailer.compliance.domains import is_aligned
from mailer.compliance.gate import Verdict
from mailer.compliance.mime import reading
from mailer.delivery import approval, launch, seals, seeds
from mailer.delivery.approval import Approved, Unlawful
from mailer.delivery.composing import Unsendable
from mailer.delivery.office import Office
from mailer.delivery.relay_models import SeedResult, SeedState
from mailer.delivery.seed_mailbox import Seed, Sought, Unreadable
from mailer.delivery.smtp import door
from mailer.delivery.smtp.relay import Relay
from mailer.delivery.smtp.reply import Lost, Refused, Reply
from mailer.links import Site

Clock = Callable[[], datetime]

# What a seed copy is sent to find out cannot be asked of it before.
ASKED = tuple(rule for rule in gate.OF_THE_MESSAGE if rule.id != "R41")
RETRY = timedelta(minutes=1)
MOST_TRIES = 8
FIRST_LOOK = timedelta(seconds=3)
LONGEST_PAUSE = timedelta(minutes=10)
# Mail that is a day late has not passed: readers' copies would be as late.
PATIENCE = timedelta(days=1)
PERMANENT = 500  # RFC 5321 section 4.2.1
LIST_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post")


def go_ahead(
    session: Session, site: Site, relay: Relay, seed: Seed, campaign_id: int, clock: Clock
) -> None:
    """Send a seed copy before the first reader's, once for each campaign. Commits as it goes.

    Whatever becomes of it, the audience follows: its result counts for the next start.
    """
    campaign = session.get_one(Campaign, campaign_id)
    is_owed = campaign.status is CampaignStatus.running and seeds.is_owed(session, campaign)
    if not is_owed:
        session.rollback()
        return
    try:
        made = seeds.queue(session, relay.host, campaign, clock(), campaign.started_at).id
        session.commit()
    except IntegrityError:  # another turn was quicker
        session.rollback()
        return
    send(session, site, relay, seed, made, clock)


def step(
    session: Session, site: Site, relay: Relay, seed: Seed, result_id: int, clock: Clock
) -> None:
    """Do what is due of one seed copy: send it, or look for it. Commits as it goes."""
    state = session.get_one(SeedResult, result_id).state
    session.rollback()
    if state is SeedState.due:
        send(session, site, relay, seed, result_id, clock)
    elif state is SeedState.sent:
        look(session, site, seed, result_id, clock)


def send(
    session: Session, site: Site, relay: Relay, seed: Seed, result_id: int, clock: Clock
) -> None:
    """Hand one seed copy to the relay, through the gate; a lost connection is tried again."""
    now = clock()
    one = taken(session, result_id, SeedState.due, now)
    if one is None:
        return
    sender = one.campaign.sender.from_address
    letter = composed(session, site, seed, one, now)
    session.commit()
    if letter is None:
        return
    try:
        reply = door.send(relay, site.host, sender, seed.address, letter)
    except Lost as loss:
        settle(session, result_id, f"The relay did not take it: {loss}", is_final=False)
    except Refused as refused:
        answered(session, result_id, refused.reply, clock())
    else:
        answered(session, result_id, reply, clock())


def taken(session: Session, result_id: int, state: SeedState, now: datetime) -> SeedResult | None:
    """Take what is due, so that nobody else does; it comes due again by itself."""
    one = session.get(SeedResult, result_id, with_for_update=True, populate_existing=True)
    if one is None or one.state is not state or one.next_at is None or one.next_at > now:
        session.rollback()
        return None
    first = RETRY if state is SeedState.due else FIRST_LOOK
    one.next_at = now + min(first * 2**one.tries, LONGEST_PAUSE)
    one.tries += 1
    session.flush()
    return one


def composed(
    session: Session, site: Site, seed: Seed, one: SeedResult, now: datetime
) -> Approved | None:
    """Return the copy as any reader's is made, and keep it; None if it may not leave."""
    reader, url = Reader(seed.address), link(site, one)
    try:
        office = Office.of(session, site, one.campaign, now)
        words = office.copy(reader, url)
        raw = office.message(words, seed.address, url, office.list_public_id, -one.id)
        letter = approval.approved(office.candidate(raw, url, reader, now, now), ASKED)
    except (BadTemplate, Unsendable, Unlawful) as error:
        end(one, SeedState.unsent, str(error))
        return None
    read = reading.read(raw)
    one.raw, one.sent_hash = raw, hashlib.sha256(raw).hexdigest()
    one.list_header = next((header.value for header in read.named("List-Id")), "")[:300]
    return letter


def link(site: Site, one: SeedResult) -> str:
    """Return the seed's own link: nobody's subscription, so that it opts out nobody."""
    return site.unsubscribe(0, 0, one.id)


def end(one: SeedResult, state: SeedState, note: str = "") -> None:
    one.state, one.note, one.next_at, one.raw = state, note[:300], None, None


def answered(session: Session, result_id: int, reply: Reply, now: datetime) -> None:
    """Write what the relay answered; a refusal for good ends it, any other is tried again."""
    if not reply.is_positive:
        # Without the relay's own words: they may quote what nobody else should read.
        why = f"The relay answered {reply.code} to {reply.phase.upper()}."
        settle(session, result_id, why, is_final=reply.code >= PERMANENT)
        return
    one = session.get_one(SeedResult, result_id)
    one.state, one.sent_at, one.note = SeedState.sent, now, ""
    one.next_at, one.tries = now + FIRST_LOOK, 0
    session.commit()


def settle(session: Session, result_id: int, why: str, *, is_final: bool) -> None:
    one = session.get_one(SeedResult, result_id)
    one.note = why[:300]
    if is_final or one.tries >= MOST_TRIES:
        end(one, SeedState.unsent, why)
    session.commit()


def look(session: Session, site: Site, seed: Seed, result_id: int, clock: Clock) -> None:
    """Look for one seed copy in the mailbox; judge it if it has come."""
    one = taken(session, result_id, SeedState.sent, clock())
    if one is None or one.raw is None or one.sent_at is None:
        return
    sought = Sought(identity(one.raw), link(site, one), one.sent_at)
    is_late = clock() - one.sent_at > PATIENCE
    session.commit()
    try:
        raw, trouble = seed.mailbox.find(sought), ""
    except Unreadable as error:
        raw, trouble = None, f"The seed mailbox cannot be read. {error}"
    one = session.get_one(SeedResult, result_id)
    one.note = trouble[:300]
    if raw is not None:
        judge(session, site, one, raw, clock())
    elif is_late:
        end(one, SeedState.lost, trouble or "It has not arrived within a day.")
    session.commit()


def identity(raw: bytes) -> str:
    return next(header.value for header in reading.read(raw).named("Message-ID"))


def judge(session: Session, site: Site, one: SeedResult, raw: bytes, now: datetime) -> None:
    """Write what the gate says of a copy as it arrived; a fault stops all mail through the relay.

    Until the relay is set right every further copy would arrive as broken as this one.
    """
    sender, sent_at = one.campaign.sender, one.sent_at or now
    domain = sender.from_address.rpartition("@")[2]
    found = seals.seals(raw, domain, seals.published(session, sender))
    office = Office.of(session, site, one.campaign, now)
    to = Reader("")
    candidate = office.candidate(one.raw or b"", link(site, one), to, sent_at, sent_at)
    verdict = gate.judge_receipt(Receipt(candidate, raw, found))
    one.findings = [finding.as_dict() for finding in verdict.findings]
    one.received_at, one.received_hash = now, hashlib.sha256(raw).hexdigest()
    note_signature(one, raw, domain, {seal.selector for seal in found if seal.holds is None})
    end(one, SeedState.passed if verdict.is_lawful else SeedState.failed)
    if not verdict.is_lawful:
        hold(session, one, verdict, now)


def note_signature(one: SeedResult, raw: bytes, domain: str, foreign: set[str]) -> None:
    """Keep h= of the best signature of the From domain, and whether the relay made it."""
    read = reading.read(raw)
    mine = [s for s in dkim.signatures(read) if not s.fault and is_aligned(s.domain, domain)]
    full = [s for s in mine if all(s.covers(read, name) for name in ("From", *LIST_HEADERS))]
    best = next(iter((*full, *mine)), None)
    one.covered = "".join(best.tags["h"].split())[:1000] if best else ""
    one.relay_signs = any(s.tags["s"] in foreign for s in full)


def hold(session: Session, one: SeedResult, verdict: Verdict, now: datetime) -> None:
    rules = ", ".join(sorted({finding.rule for finding in verdict.refusals}))
    why = f"A seed copy came back broken from the relay {one.host}: {rules}. See the report."
    running = sa.select(Campaign).where(Campaign.status == CampaignStatus.running)
    held = session.scalars(running.order_by(Campaign.id)).all()
    # All campaigns before the first entry: whoever pauses one takes the audit log after it, too.
    for campaign in held:
        lifecycle.pause(session, campaign, now, why=why)
    for campaign in held:
        launch.record(session, campaign, now, "pause", why)
